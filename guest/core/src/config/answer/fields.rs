//! The published fields of a type, and ours that are like them.

use std::collections::BTreeSet;

use super::rows::{Row, rows};
use super::{Answer, US};
use crate::config::STRANGERS;
use crate::config::check::{compatible, is_choice, is_person, name};
use crate::config::layout::{self, Lines};
use crate::config::likeness::{self, OPTION_SCALE, best, matched, slug};
use crate::config::text::Direction;
use crate::mapping::{By, alike, value_of};
use crate::model::{FieldKind, FieldSchema, Markup};
use crate::scope::{FieldScope, Ways};

pub(super) fn write(answer: &Answer<'_>, first: bool, text: &mut String) {
    let (published, ours) = (&answer.scope.fields, &answer.local.fields);
    let pairs = pairs(published, ours);
    let mut lines = Lines::default();
    let mut homeless = Vec::new();
    for (scope, place) in published.iter().zip(&pairs) {
        match place.and_then(|place| ours.get(place)) {
            Some(local) => entry(scope, local, first, &mut lines),
            None if !missing(scope, ours, &pairs, &mut lines) => {
                homeless.push(format!("{} ({})", scope.alias, name(scope.kind)));
            }
            None => {}
        }
    }
    if !homeless.is_empty() {
        let words = layout::words(homeless.iter().map(String::as_str));
        lines.comment(&format!("not shared, as we have no field that could hold it: {words}"));
    }
    made(answer, &pairs, &mut lines);
    if !lines.is_empty() {
        text.push_str("\n[types.fields]\n");
        lines.write(text);
    }
}

/// Ours for each published field: by name, then what is required here by the
/// only one that could fill it.
fn pairs(published: &[FieldScope], ours: &[FieldSchema]) -> Vec<Option<usize>> {
    let score = |l: usize, r: usize| match (published.get(l), ours.get(r)) {
        (Some(scope), Some(local)) => fitness(scope, local),
        _ => 0.0,
    };
    let mut pairs = matched(published.len(), ours.len(), score);
    for (place, local) in ours.iter().enumerate().filter(|(_, local)| local.required) {
        if pairs.contains(&Some(place)) {
            continue;
        }
        let receives = |scope: &FieldScope| ways(scope, local).is_some_and(|ways| ways.from_side(US.other()));
        let mut free = published.iter().enumerate().filter(|(at, scope)| {
            pairs.get(*at) == Some(&None) && scope.kind == local.kind && receives(scope) && fits(scope, local)
        });
        if let (Some((at, _)), None) = (free.next(), free.next())
            && let Some(pair) = pairs.get_mut(at)
        {
            *pair = Some(place);
        }
    }
    pairs
}

fn fitness(scope: &FieldScope, local: &FieldSchema) -> f64 {
    let Some(ways) = ways(scope, local) else { return 0.0 };
    if !fits(scope, local) {
        return 0.0;
    }
    let alike = best(&scope.alias.0, &[&local.name, &local.label], likeness::FIELDS);
    let other_kind = if scope.kind == local.kind { 0.0 } else { 0.05 };
    let less = if ways == scope.ways { 0.0 } else { 0.2 };
    if alike == 0.0 { 0.0 } else { (alike - other_kind - less).max(0.01) }
}

/// The most that may travel between the two; none where nothing can.
fn ways(scope: &FieldScope, local: &FieldSchema) -> Option<Ways> {
    let sends = scope.ways.from_side(US);
    let receives = scope.ways.from_side(US.other()) && local.writable;
    [(sends, receives), (false, receives), (sends, false)].into_iter().find_map(|(sends, receives)| {
        let possible = (sends || receives) && compatible(scope.kind, local.kind, sends, receives);
        possible.then_some(Ways { to_primary: sends, to_secondary: receives })
    })
}

/// Whether options of both are alike, where both have a closed set.
fn fits(scope: &FieldScope, local: &FieldSchema) -> bool {
    !is_choice(scope.kind)
        || scope.options.is_empty()
        || local.options.is_empty()
        || options(scope, local).iter().any(|row| !row.locals.is_empty())
}

fn options<'a>(scope: &'a FieldScope, local: &'a FieldSchema) -> Vec<Row<'a>> {
    let aliases: Vec<&str> = scope.options.iter().map(|alias| alias.0.as_str()).collect();
    let ours: Vec<&str> = local.options.iter().map(|option| option.label.as_str()).collect();
    rows(&aliases, &ours, &OPTION_SCALE)
}

fn entry(scope: &FieldScope, local: &FieldSchema, first: bool, lines: &mut Lines) {
    let mut parts = vec![format!("local = {}", layout::string(&local.name))];
    let mut remarks = Vec::new();
    let ways = ways(scope, local).unwrap_or(Ways::NONE);
    if ways != scope.ways {
        let direction = Direction::of(ways, US);
        parts.push(format!("direction = {}", layout::string(direction.word())));
        remarks.push(match local.writable {
            false => "we may not write it".to_owned(),
            true => format!("theirs is {}, ours is {}", name(scope.kind), name(local.kind)),
        });
    }
    if is_person(scope.kind) && is_person(local.kind) {
        parts.push(format!("users = {{ by = \"{}\" }}", By::default().word()));
        if first {
            remarks.push(STRANGERS.to_owned());
        }
    }
    if is_choice(scope.kind) && !scope.options.is_empty() && !local.options.is_empty() {
        table(scope, local, &mut parts, &mut remarks);
    }
    lines.entry(&scope.alias.0, format!("{{ {} }}", parts.join(", ")), remarks.join("; "));
}

/// A table, unless both call all options alike.
fn table(scope: &FieldScope, local: &FieldSchema, parts: &mut Vec<String>, remarks: &mut Vec<String>) {
    let found = options(scope, local);
    let same = |row: &Row<'_>| matches!(row.locals.as_slice(), [label] if alike(row.alias, label));
    if !found.iter().all(same) {
        let pairs: Vec<String> =
            found.iter().filter_map(|row| Some(format!("{} = {}", layout::key(row.alias), row.value()?))).collect();
        parts.push(format!("options = {{ {} }}", pairs.join(", ")));
    }
    let theirs: Vec<&str> = found.iter().filter(|row| row.locals.is_empty()).map(|row| row.alias).collect();
    if !theirs.is_empty() {
        remarks.push(format!("no option of ours is like {}: add them, or a default", layout::words(theirs)));
    }
    let unused = |label: &&str| !found.iter().any(|row| row.locals.contains(label));
    let ours: Vec<&str> = local.options.iter().map(|option| option.label.as_str()).filter(unused).collect();
    if !ours.is_empty() {
        remarks.push(format!("ours without an alias: {}", layout::words(ours)));
    }
}

/// A published field that nothing of ours is like: says what could hold it,
/// where something could.
fn missing(scope: &FieldScope, ours: &[FieldSchema], pairs: &[Option<usize>], lines: &mut Lines) -> bool {
    let free: Vec<&str> = ours
        .iter()
        .enumerate()
        .filter(|(place, local)| !pairs.contains(&Some(*place)) && ways(scope, local) == Some(scope.ways))
        .map(|(_, local)| local.name.as_str())
        .collect();
    if !free.is_empty() {
        let (alias, kind) = (layout::key(&scope.alias.0), name(scope.kind));
        let could = layout::words(free);
        lines.comment(&format!("{alias} = {{ local = \"…\" }}  # it is {kind}; of ours could hold it: {could}"));
        return true;
    }
    false
}

/// What has to have a value here, and doesn't come; and where the partner's
/// key could be kept.
fn made(answer: &Answer<'_>, pairs: &[Option<usize>], lines: &mut Lines) {
    const KEYS: [&str; 6] =
        ["partner key", "partner issue", "external id", "external key", "remote key", "external reference"];
    if !answer.ways.from_side(US.other()) {
        return;
    }
    let mut taken: BTreeSet<String> = answer.scope.fields.iter().map(|field| field.alias.0.clone()).collect();
    let mut alias = |wanted: &str| {
        let mut alias = wanted.to_owned();
        while !taken.insert(alias.clone()) {
            alias.push_str("-here");
        }
        alias
    };
    let comes = |place: usize| {
        let scope = pairs.iter().position(|pair| *pair == Some(place)).and_then(|at| answer.scope.fields.get(at));
        scope.zip(answer.local.fields.get(place)).and_then(|(scope, local)| ways(scope, local))
    };
    for (place, local) in answer.local.fields.iter().enumerate() {
        let received = comes(place).is_some_and(|ways| ways.from_side(US.other()));
        let mapped = comes(place).is_some();
        if local.required && local.writable && !received {
            let first = local.options.first().map(|option| option.label.as_str());
            let value = [first.unwrap_or("-"), "0", "false"]
                .into_iter()
                .find(|value| value_of(local, value, Markup::Plain).is_some());
            let Some(value) = value else { continue };
            let entry = format!("{{ local = {}, constant = {} }}", layout::string(&local.name), layout::string(value));
            lines.entry(&alias(&format!("our-{}", slug(&local.name))), entry, "no issue is created here without it");
        } else if !mapped && local.writable && local.kind == FieldKind::Text && best_key(local, &KEYS) >= 0.75 {
            let entry = format!("{{ local = {}, template = \"${{partner.key}}\" }}", layout::string(&local.name));
            lines.entry(&alias("partner-key"), entry, "the issue's key at the partner");
        }
    }
}

fn best_key(local: &FieldSchema, keys: &[&str]) -> f64 {
    keys.iter().map(|key| best(key, &[&local.name, &local.label], &[])).fold(0.0, f64::max)
}
