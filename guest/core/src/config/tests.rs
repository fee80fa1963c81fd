#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::sample::{bought, folder, plain};
use super::*;
use crate::model::ProjectSchema;
use crate::scope::{Side, Ways};

fn parsed(text: &str) -> Text {
    read(&mut Problems::of(text))
}

fn published(text: &str, schema: &ProjectSchema) -> Scope {
    publication(&parsed(text), schema, 1)
}

fn errors(text: &str, against: Against<'_>) -> Vec<Problem> {
    check(text, against).into_iter().filter(|problem| problem.severity == Severity::Error).collect()
}

fn schemas() -> [(&'static str, ProjectSchema); 3] {
    [("folder", folder()), ("bought", bought()), ("plain", plain())]
}

#[test]
fn the_example_is_good_as_it_is_for_every_pair_of_trackers() {
    for (one, primary) in schemas() {
        let text = example("globex", &primary);
        let against = Against { side: Side::Primary, schema: &primary, published: None };
        assert_eq!(errors(&text, against), [], "{one}:\n{text}");
        let scope = published(&text, &primary);
        for (other, secondary) in schemas() {
            let text = answer("acme", &scope, &secondary);
            let against = Against { side: Side::Secondary, schema: &secondary, published: Some(&scope) };
            assert_eq!(errors(&text, against), [], "{one} answered by {other}:\n{text}");
            let narrowed = narrowing(&parsed(&text), &scope);
            assert_eq!(narrowed.types.len(), scope.types.len(), "{one} answered by {other}:\n{text}");
            for of in &narrowed.types {
                assert!(of.fields.iter().any(|field| field.ways == Ways::BOTH), "{one} by {other}: {}", of.alias);
            }
        }
    }
}

#[test]
fn print() {
    let text = example("globex", &folder());
    println!("{text}\n=======");
    let scope = published(&text, &folder());
    println!("{}\n=======", answer("acme", &scope, &bought()));
    println!("{}\n=======", answer("acme", &scope, &plain()));
    println!("{}\n=======", example("acme", &bought()));
    println!("{}\n=======", answer("x", &published(&example("acme", &bought()), &bought()), &folder()));
}
