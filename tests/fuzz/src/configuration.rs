//! Configurations as people write them, and the filters in them.

use std::sync::OnceLock;

use ferry_core::config::{Against, check, has_errors};
use ferry_core::mapping::{Filter, Mapping};
use ferry_core::model::{Issue, ProjectSchema};
use ferry_core::scope::{Scope, Side};
use ferry_core::tables;
use ferry_tests::World;
use ferry_tests::memory::example_schema;

/// A tracker, what is shared of it, an issue in it, and both sides' texts.
struct Sample {
    schema: ProjectSchema,
    scope: Scope,
    issue: Issue,
    texts: [String; 2],
}

fn sample() -> &'static Sample {
    static SAMPLE: OnceLock<Sample> = OnceLock::new();
    SAMPLE.get_or_init(|| {
        let world = World::connected(1);
        let id = world.alice().tracker.person_creates("Pump");
        let issue = world.alice().tracker.issues().into_iter().find(|issue| issue.id == id).unwrap();
        let adoption = |side: &ferry_tests::Side| {
            side.engine(|engine| {
                ferry_core::store::Draft::new(engine.ports.store).get(&tables::ADOPTIONS, &1).unwrap().unwrap()
            })
        };
        let (ours, theirs) = (adoption(world.alice()), adoption(world.bob()));
        Sample { schema: example_schema(), scope: ours.scope, issue, texts: [ours.text, theirs.text] }
    })
}

/// The first byte says which side's configuration it is, or that it is a
/// filter.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(body) else { return };
    let sample = sample();
    if door % 3 == 2 {
        match Filter::read(text) {
            Ok(filter) => drop(filter.holds(&sample.issue)),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
        return;
    }
    let side = if door % 3 == 0 { Side::Primary } else { Side::Secondary };
    let published = (side == Side::Secondary).then_some(&sample.scope);
    let problems = check(text, Against { side, schema: &sample.schema, published });
    let lines = u32::try_from(text.split('\n').count()).unwrap();
    for problem in &problems {
        assert!(problem.line <= lines && !problem.message.is_empty(), "{problem:?}");
    }
    match Mapping::compile(text, &sample.scope, side, &sample.schema) {
        Ok(mapping) => drop(mapping.outgoing(&sample.issue)),
        Err(problems) => assert!(has_errors(&problems)),
    }
}

/// Both sides' examples, and filters.
pub fn seeds() -> Vec<Vec<u8>> {
    let filters = [
        r#"labels contains "partner" and priority in ["high", "urgent"]"#,
        r#"not (title matches "*pump?" or points = 3)"#,
        "((((blocked = true))))",
    ];
    let texts = (0..2u8).zip(sample().texts.iter().map(String::as_str));
    let filters = filters.iter().map(|filter| (2, *filter));
    texts.chain(filters).map(|(door, text)| [&[door], text.as_bytes()].concat()).collect()
}
