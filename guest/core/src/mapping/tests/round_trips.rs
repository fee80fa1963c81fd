//! Values of every kind, there and back.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// The people of both trackers.
fn people() -> People {
    People(vec![user("anna", Some("anna@acme.example")), user("bert", None), user("carl", Some("carl@x.example"))])
}

fn words() -> impl Strategy<Value = String> {
    "\\PC{1,40}|[a-z \n\r*_]{1,60}"
}

/// A value for a field of the folder's schema, as its adapter would give it.
fn value(schema: &FieldSchema) -> BoxedStrategy<Value> {
    use FieldKind as Kind;
    let options = schema.options.clone();
    let rich = |source| Value::RichText(RichText { markup: Markup::Markdown, source });
    let some = match schema.kind {
        Kind::Text => words().prop_map(Value::Text).boxed(),
        Kind::RichText => words().prop_map(rich).boxed(),
        Kind::Number => "-?[0-9]{1,20}(\\.[0-9]{1,9})?".prop_map(Value::Number).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        Kind::Date => "20[0-9]{2}-0[1-9]-[12][0-9]".prop_map(Value::Date).boxed(),
        Kind::DateTime => {
            "20[0-9]{2}-0[1-9]-[12][0-9]T12:34:56(\\.[0-9]{3})?Z".prop_map(|t| Value::DateTime(Timestamp(t))).boxed()
        }
        Kind::Duration => any::<u64>().prop_map(Value::DurationSeconds).boxed(),
        Kind::Choice | Kind::Version | Kind::Component => select(options).prop_map(Value::Choice).boxed(),
        Kind::Choices | Kind::Versions | Kind::Components => {
            btree_set(select(options), 1..3).prop_map(|set| Value::Choices(set.into_iter().collect())).boxed()
        }
        Kind::User => select(people().0).prop_map(Value::User).boxed(),
        Kind::Users => {
            btree_set(select(people().0), 1..4).prop_map(|set| Value::Users(set.into_iter().collect())).boxed()
        }
        Kind::Labels => btree_set("[a-z-]{1,9}", 1..5).prop_map(|set| Value::Labels(set.into_iter().collect())).boxed(),
        Kind::Other => words().prop_map(Value::Other).boxed(),
    };
    prop_oneof![1 => Just(Value::Absent), 9 => some].boxed()
}

/// Sets have no order.
fn ordered(value: Value) -> Value {
    match value {
        Value::Choices(mut set) => {
            set.sort();
            Value::Choices(set)
        }
        Value::Users(mut set) => {
            set.sort();
            Value::Users(set)
        }
        other => other,
    }
}

/// The folder's example with everything in it, fields of unknown kind too.
fn everything() -> String {
    example("x", &folder()).replace("# raw =", "raw =")
}

/// A value for each field of the folder's bugs.
fn values() -> impl Strategy<Value = Vec<Value>> {
    folder().types[1].fields.iter().map(value).collect::<Vec<_>>()
}

fn field_of(inward: Inward) -> Field {
    match inward {
        Inward::Field(field) => field,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_and_comes_back_is_what_it_was(values in values()) {
        let schema = folder();
        let mapping = primary(&everything(), &schema);
        let bug = Alias::from("bug");
        let names = schema.types[1].fields.iter().map(|field| field.name.as_str());
        let fields: Vec<(&str, Value)> = names.zip(values).collect();
        let parts = mapping.outgoing(&issue("Bug", "Done", &fields));
        prop_assert_eq!(parts.len(), fields.len() + 2);
        for part in parts.iter().skip(2) {
            let shared = part.shared.clone().unwrap();
            let back = field_of(mapping.incoming(&bug, &part.alias, &shared, &people()).unwrap());
            prop_assert_eq!(ordered(back.value), ordered(part.raw.clone()));
        }
    }

    #[test]
    fn what_another_tracker_can_hold_it_says_back_alike(values in values()) {
        let schema = folder();
        let ours = primary(&everything(), &schema);
        let bug = Alias::from("bug");
        for other in [bought(), plain(), folder()] {
            let theirs = secondary(&answer("x", ours.scope(), &other), ours.scope(), &other);
            let narrowed = theirs.scope().issue_type(&bug).unwrap();
            for (field, value) in schema.types[1].fields.iter().zip(&values) {
                let alias = Alias(field.name.clone());
                if narrowed.field(&alias).is_none_or(|field| field.ways != Ways::BOTH) {
                    continue;
                }
                let shared = ours.to_shared(&bug, &alias, value).unwrap();
                let written = field_of(theirs.incoming(&bug, &alias, &shared, &people()).unwrap());
                let said = theirs.to_shared(&bug, &alias, &written.value).unwrap();
                // Their rich text has another markup, their text none: the words stay.
                prop_assert_eq!(said.to_text(), shared.to_text(), "{} at {:?}", alias, written);
            }
        }
    }

    #[test]
    fn hostile_texts_are_refused_without_a_panic(
        text in "\\PC{0,200}",
        lines in vec("[a-z\\[\\]=\"'{}., \n]{0,30}", 0..9),
    ) {
        use crate::config::{Against, check};
        let schema = folder();
        let against = Against { side: Side::Primary, schema: &schema, published: None };
        let lines = lines.join("\n");
        let _ = Filter::read(&text);
        let _ = check(&text, against);
        let _ = check(&lines, against);
        let _ = check(&format!("[[types]]\nalias = \"a\"\nlocal = \"Bug\"\n{lines}"), against);
    }
}
