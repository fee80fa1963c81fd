//! Which of our options or statuses answer which aliases.

use crate::config::layout;
use crate::config::likeness::{Scale, likeness, matched, nearness};

/// What of ours answers an alias: the first is written, all are read.
pub(super) struct Row<'a> {
    pub alias: &'a str,
    pub locals: Vec<&'a str>,
}

impl Row<'_> {
    /// As the value of a key.
    pub(super) fn value(&self) -> Option<String> {
        let quoted: Vec<String> = self.locals.iter().map(|local| layout::string(local)).collect();
        match quoted.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(format!("[{}]", several.join(", "))),
        }
    }
}

/// Each alias gets the most alike of ours; ours that are left are read as the
/// alias they are most like; an alias that is left shares one of ours.
pub(super) fn rows<'a>(aliases: &[&'a str], ours: &[&'a str], scale: &Scale) -> Vec<Row<'a>> {
    let alike = |alias: &str, local: &str| likeness(alias, local, scale.groups);
    let at = |l: usize, r: usize| aliases.get(l).zip(ours.get(r)).map_or(0.0, |(alias, local)| alike(alias, local));
    let found = matched(aliases.len(), ours.len(), at);
    let local = |place: Option<usize>| place.and_then(|place| ours.get(place)).copied();
    let mut rows: Vec<Row<'_>> = aliases
        .iter()
        .zip(&found)
        .map(|(alias, place)| Row { alias, locals: local(*place).into_iter().collect() })
        .collect();
    let answered: Vec<&str> = rows.iter().filter(|row| !row.locals.is_empty()).map(|row| row.alias).collect();
    let left = ours.iter().enumerate().filter(|(place, _)| !found.contains(&Some(*place))).map(|(_, name)| *name);
    for name in left {
        let near = |alias: &str| alike(alias, name).max(nearness(name, alias, scale));
        let best = most(answered.iter().map(|alias| (near(alias), *alias)));
        if let Some(row) = best.and_then(|alias| rows.iter_mut().find(|row| row.alias == alias)) {
            row.locals.push(name);
        }
    }
    for row in rows.iter_mut().filter(|row| row.locals.is_empty()) {
        let near = |name: &str| alike(row.alias, name).max(nearness(row.alias, name, scale));
        row.locals.extend(most(ours.iter().map(|name| (near(name), *name))));
    }
    rows
}

/// The first of those with the highest score above 0.
fn most<'a>(scored: impl Iterator<Item = (f64, &'a str)>) -> Option<&'a str> {
    let found = scored.filter(|(score, _)| *score > 0.0);
    found.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, name)| name)
}
