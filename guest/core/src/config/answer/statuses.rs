//! The published statuses of a type, and ours that are like them.

use super::{Answer, US};
use crate::config::layout::{self, Lines};
use crate::config::likeness::{self, likeness, matched};
use crate::config::text::Direction;
use crate::scope::Ways;

/// What of ours answers an alias: the first is written, all are read.
struct Row<'a> {
    alias: &'a str,
    locals: Vec<&'a str>,
}

pub(super) fn write(answer: &Answer<'_>, text: &mut String) {
    let aliases: Vec<&str> = answer.scope.statuses.iter().map(|alias| alias.0.as_str()).collect();
    let ours: Vec<&str> = answer.local.statuses.iter().map(String::as_str).collect();
    if aliases.is_empty() || answer.scope.status_ways == Ways::NONE {
        return;
    }
    let rows = rows(&aliases, &ours);
    let mut lines = Lines::default();
    for row in &rows {
        let quoted: Vec<String> = row.locals.iter().map(|local| layout::string(local)).collect();
        match quoted.as_slice() {
            [] => lines.comment(&format!(
                "{} = \"…\"  # none of ours is like it; a status that has no answer waits for a person",
                layout::key(row.alias)
            )),
            [one] => lines.entry(row.alias, one.clone(), ""),
            several => {
                lines.entry(row.alias, format!("[{}]", several.join(", ")), "the first is written, all are read")
            }
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

/// Each alias gets the most alike of ours, then what is still unanswered may
/// share one, then ours that are left are read as the alias they are most
/// like.
fn rows<'a>(aliases: &[&'a str], ours: &[&'a str]) -> Vec<Row<'a>> {
    let score = |alias: &str, local: &str| likeness(alias, local, likeness::STATUSES);
    let at = |l: usize, r: usize| aliases.get(l).zip(ours.get(r)).map_or(0.0, |(alias, local)| score(alias, local));
    let found = matched(aliases.len(), ours.len(), at);
    let local = |place: Option<usize>| place.and_then(|place| ours.get(place)).copied();
    let mut rows: Vec<Row<'_>> = aliases
        .iter()
        .zip(&found)
        .map(|(alias, place)| Row { alias, locals: local(*place).into_iter().collect() })
        .collect();
    let left: Vec<&str> =
        ours.iter().enumerate().filter(|(place, _)| !found.contains(&Some(*place))).map(|(_, name)| *name).collect();
    for name in left {
        let best = rows.iter_mut().map(|row| (score(row.alias, name), row)).filter(|(score, _)| *score > 0.0);
        if let Some((_, row)) = best.reduce(|best, next| if next.0 > best.0 { next } else { best }) {
            row.locals.push(name);
        }
    }
    for row in rows.iter_mut().filter(|row| row.locals.is_empty()) {
        let best = ours.iter().map(|name| (score(row.alias, name), *name)).filter(|(score, _)| *score > 0.0);
        row.locals.extend(best.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, name)| name));
    }
    ends(&mut rows, ours);
    rows
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
