//! The way through a workflow, from one status to another.

use std::collections::{BTreeMap, VecDeque};

use crate::model::{TypeSchema, Value};
use crate::pair::print_raw;

/// The statuses to go through, the last one included, by the fewest steps. One
/// step where the tracker has no workflow, or where no way is known: then it
/// says itself what is wrong.
pub(super) fn statuses(schema: Option<&TypeSchema>, from: Option<&str>, to: &str) -> Vec<String> {
    let direct = vec![to.to_owned()];
    let (Some(schema), Some(from)) = (schema, from) else { return direct };
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(status) = queue.pop_front() {
        for step in schema.transitions.iter().filter(|step| step.source == status) {
            if !came_from.contains_key(step.target.as_str()) {
                came_from.insert(&step.target, status);
                queue.push_back(&step.target);
            }
        }
    }
    let mut way = Vec::new();
    let mut at = to;
    while at != from {
        way.push(at.to_owned());
        match came_from.get(at) {
            Some(before) => at = before,
            None => return direct,
        }
    }
    way.reverse();
    if way.is_empty() { direct } else { way }
}

/// The name among these whose value was seen.
pub(super) fn named<'n>(mut names: impl Iterator<Item = &'n String>, seen: &[u8; 16]) -> Option<&'n str> {
    names.find(|name| print_raw(&Value::Text((*name).clone())) == *seen).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Transition;

    fn schema(steps: &[(&str, &str)]) -> TypeSchema {
        let step = |(source, target): &(&str, &str)| Transition {
            name: String::new(),
            source: (*source).to_owned(),
            target: (*target).to_owned(),
            required: Vec::new(),
        };
        TypeSchema {
            name: "Bug".to_owned(),
            fields: Vec::new(),
            statuses: Vec::new(),
            transitions: steps.iter().map(step).collect(),
        }
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let schema = schema(&[("New", "Open"), ("Open", "Done"), ("Open", "Test"), ("Test", "Done"), ("Done", "New")]);
        assert_eq!(statuses(Some(&schema), Some("New"), "Done"), ["Open", "Done"]);
        assert_eq!(statuses(Some(&schema), Some("Test"), "Open"), ["Done", "New", "Open"]);
    }

    #[test]
    fn without_a_workflow_or_a_way_it_is_one_step() {
        assert_eq!(statuses(Some(&schema(&[])), Some("New"), "Done"), ["Done"]);
        assert_eq!(statuses(Some(&schema(&[("New", "Open")])), Some("New"), "Done"), ["Done"]);
        assert_eq!(statuses(Some(&schema(&[("New", "Open")])), None, "Open"), ["Open"]);
        assert_eq!(statuses(Some(&schema(&[("New", "Open")])), Some("Open"), "Open"), ["Open"]);
    }
}
