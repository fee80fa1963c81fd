//! The published statuses of a type, and ours that are like them.

use super::rows::{Row, rows};
use super::{Answer, US};
use crate::config::layout::{self, Lines};
use crate::config::likeness::STATUS_SCALE;
use crate::config::text::Direction;
use crate::scope::Ways;

pub(super) fn write(answer: &Answer<'_>, text: &mut String) {
    let aliases: Vec<&str> = answer.scope.statuses.iter().map(|alias| alias.0.as_str()).collect();
    let ours: Vec<&str> = answer.local.statuses.iter().map(String::as_str).collect();
    if aliases.is_empty() || answer.scope.status_ways == Ways::NONE {
        return;
    }
    let mut rows = rows(&aliases, &ours, &STATUS_SCALE);
    ends(&mut rows, &ours);
    let mut lines = Lines::default();
    for row in &rows {
        let remark = if row.locals.len() > 1 { "the first is written, all are read" } else { "" };
        match row.value() {
            Some(value) => lines.entry(row.alias, value, remark),
            None => lines.comment(&format!(
                "{} = \"…\"  # none of ours is like it; a status that has no answer waits for a person",
                layout::key(row.alias)
            )),
        }
    }
    let read = |name: &&str| rows.iter().any(|row| row.locals.contains(name));
    let unread: Vec<&str> = ours.iter().filter(|name| !read(name)).copied().collect();
    if !unread.is_empty() && answer.scope.status_ways.from_side(US) {
        lines.comment(&format!("ours without an alias: {}; add each to the list of one", layout::words(unread)));
    }
    let heading =
        if rows.iter().all(|row| row.locals.is_empty()) { "\n# [types.statuses]\n" } else { "\n[types.statuses]\n" };
    text.push_str(heading);
    if answer.scope.status_ways != Ways::BOTH {
        let word = Direction::of(answer.scope.status_ways, US).word();
        text.push_str(&format!("# the partner published it for \"{word}\" only\n"));
    }
    lines.write(text);
}

/// A new issue is a new issue whatever its first status is called.
fn ends<'a>(rows: &mut [Row<'a>], ours: &[&'a str]) {
    let used = |rows: &[Row<'_>], name: &str| rows.iter().any(|row| row.locals.contains(&name));
    for (row, name) in [(0, ours.first()), (rows.len().saturating_sub(1), ours.last())] {
        let Some(name) = name.filter(|name| !used(rows, name)) else { continue };
        if let Some(row) = rows.get_mut(row).filter(|row| row.locals.is_empty()) {
            row.locals.push(name);
        }
    }
}
