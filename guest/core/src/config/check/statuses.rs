//! The statuses of a type.

use std::collections::BTreeSet;

use super::Against;
use crate::config::nearest;
use crate::config::problem::Problems;
use crate::config::scopes;
use crate::config::text::{Direction, TypeText};
use crate::model::TypeSchema;
use crate::scope::TypeScope;

impl Against<'_> {
    pub(super) fn statuses(
        &self,
        of: &TypeText,
        schema: &TypeSchema,
        scope: Option<&TypeScope>,
        problems: &mut Problems<'_>,
    ) {
        let mut read: BTreeSet<&str> = BTreeSet::new();
        let names: Vec<&str> = schema.statuses.iter().map(String::as_str).collect();
        for status in &of.statuses {
            if let Some(scope) = scope
                && !scope.statuses.iter().any(|alias| alias.0 == status.alias.value)
            {
                let known = scope.statuses.iter().map(|alias| alias.0.as_str());
                let message = format!("the partner doesn't publish a status \"{}\"", status.alias.value);
                problems.error(&status.alias.at, message, nearest::hint(&status.alias.value, known));
            }
            for local in &status.locals {
                if !names.contains(&local.value.as_str()) {
                    let message = format!("our \"{}\" has no status \"{}\"", schema.name, local.value);
                    problems.error(&local.at, message, nearest::hint(&local.value, names.iter().copied()));
                } else if !read.insert(&local.value) {
                    let message = format!("our status \"{}\" answers an earlier alias already", local.value);
                    problems.warn(&local.at, message, "it is written for both, and read as the earlier one");
                }
            }
        }
        if of.statuses.is_empty() {
            return;
        }
        let ways = scopes::ways(&of.status_direction, self.side, scope.map(|scope| scope.status_ways));
        let direction = Direction::of(ways, self.side);
        let unread: Vec<&str> = names.iter().filter(|name| !read.contains(**name)).copied().collect();
        let at = of.statuses.first().map_or(&of.alias.at, |first| &first.alias.at);
        if direction.sends() && !unread.is_empty() {
            let message = format!("statuses of \"{}\" without an alias: {}", schema.name, nearest::list(&unread));
            problems.warn(at, message, "add each to the list of an alias; they are parked otherwise");
        }
        let Some(scope) = scope.filter(|_| direction.receives()) else { return };
        let answered = |alias: &str| of.statuses.iter().any(|status| status.alias.value == alias);
        let theirs: Vec<&str> = scope.statuses.iter().map(|a| a.0.as_str()).filter(|alias| !answered(alias)).collect();
        if !theirs.is_empty() {
            let message = format!("the partner's statuses without an answer: {}", nearest::list(&theirs));
            problems.warn(at, message, "name a status of ours for each; they are parked otherwise");
        }
    }
}
