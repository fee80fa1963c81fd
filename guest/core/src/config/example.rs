//! A configuration for the primary, made from its tracker's real schema.

use std::collections::BTreeSet;

use super::STRANGERS;
use super::check::{is_person, name};
use super::layout::{self, Lines};
use super::likeness::slug;
use crate::mapping::By;
use crate::model::{FieldKind, FieldSchema, ProjectSchema, TypeSchema};

/// A configuration that shares every type, every sensible field and every
/// status, good as it is.
pub(crate) fn example(name: &str, schema: &ProjectSchema) -> String {
    let mut text = head(name);
    if schema.types.is_empty() {
        text.push_str(
            "\n# Our tracker shows no issue types in this project: check the synchronization user's rights.\n",
        );
    }
    let mut used = BTreeSet::new();
    for (place, of) in schema.types.iter().enumerate() {
        issue_type(of, &unique(&of.name, &mut used), place == 0, &mut text);
    }
    text
}

fn head(name: &str) -> String {
    format!(
        "# What \"{}\" shares: made from our project as it is today, and good as it is.
# Read it, change what you like, then:
#   ferry config check NAME FILE      says what is wrong, where, and what would be right
#   ferry config publish NAME FILE    offers it to the partner, who can narrow it but not widen it
#
# The partner sees the aliases, never our own names beside them.
# Directions are from our point of view: both | send | receive | none
# The partner's key can be kept in a text field of ours, with a line in [types.fields] such as
#   partner-key = {{ local = \"our field\", template = \"${{partner.key}}\" }}

[share]
comments    = \"both\"          # comments that are internal or restricted never leave
attachments = \"both\"          # or {{ direction = \"both\", max_bytes = 50_000_000, media_types = [\"image/*\"] }}
links       = \"none\"
worklogs    = \"none\"
conflicts   = \"primary-wins\"  # where both change the same field; the value that lost is recorded
",
        layout::word(name)
    )
}

fn issue_type(of: &TypeSchema, alias: &str, first: bool, text: &mut String) {
    text.push_str("\n[[types]]\n");
    let mut lines = Lines::default();
    lines.entry("alias", layout::string(alias), if first { "what the partner sees" } else { "" });
    lines.entry("local", layout::string(&of.name), if first { "what our tracker calls it" } else { "" });
    lines.entry("direction", "\"both\"", if first { "whose new issues are shared" } else { "" });
    lines.write(text);
    if first {
        text.push_str(&format!("# which issues of ours take part; all without it:\n# when = '{}'\n", filter(of)));
    }
    let mut used = BTreeSet::new();
    let mut lines = Lines::default();
    for schema in &of.fields {
        field(schema, first, &mut used, &mut lines);
    }
    if !lines.is_empty() {
        text.push_str("\n[types.fields]\n");
        lines.write(text);
    }
    if !of.statuses.is_empty() {
        text.push_str("\n[types.statuses]\n");
        if first {
            text.push_str(
                "# several of ours may answer one alias, the first is written: done = [\"Closed\", \"Resolved\"]\n",
            );
        }
        let mut used = BTreeSet::new();
        let mut lines = Lines::default();
        for status in &of.statuses {
            lines.entry(&unique(status, &mut used), layout::string(status), "");
        }
        lines.write(text);
    }
}

/// A filter that works with the fields that there are.
fn filter(of: &TypeSchema) -> String {
    let labels = of.fields.iter().find(|field| field.kind == FieldKind::Labels);
    let choice = of.fields.iter().find(|field| field.kind == FieldKind::Choice && !field.options.is_empty());
    let operand = |name: &str| match name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        true => name.to_owned(),
        false => format!("`{}`", layout::word(name)),
    };
    let mut tests: Vec<String> = Vec::new();
    tests.extend(labels.map(|field| format!("{} contains \"partner\"", operand(&field.name))));
    tests.extend(choice.and_then(|field| {
        let label = field.options.last().map(|option| layout::word(&option.label))?;
        Some(format!("{} in [\"{label}\"]", operand(&field.name)))
    }));
    if tests.is_empty() {
        let status = of.statuses.first().map_or("New", String::as_str);
        tests.push(format!("status != \"{}\"", layout::word(status)));
    }
    tests.join(" and ")
}

fn field(of: &FieldSchema, first: bool, used: &mut BTreeSet<String>, lines: &mut Lines) {
    let label = if of.label.trim().is_empty() { &of.name } else { &of.label };
    let alias = match slug(label).as_str() {
        "type" | "status" | "issue" | "comment" | "attachment" => unique(&format!("field-{}", slug(label)), used),
        _ => unique(label, used),
    };
    let mut parts = vec![format!("local = {}", layout::string(&of.name))];
    if !of.writable {
        parts.push("direction = \"send\"".to_owned());
    }
    if is_person(of.kind) {
        parts.push(format!("users = {{ by = \"{}\" }}", By::default().word()));
    }
    let value = format!("{{ {} }}", parts.join(", "));
    let line = format!("{} = {value}", layout::key(&alias));
    if of.kind == FieldKind::Other {
        lines.comment(&format!("{line}  # only for a tracker that keeps the same kind of data"));
    } else if !of.writable && of.kind == FieldKind::DateTime {
        lines.comment(&format!("{line}  # our tracker sets it by itself"));
    } else {
        lines.entry(&alias, value, remark(of, first));
    }
}

fn remark(of: &FieldSchema, first: bool) -> String {
    let mut remark = name(of.kind).to_owned();
    if matches!(of.kind, FieldKind::Choice | FieldKind::Choices) && !of.options.is_empty() {
        let labels = layout::words(of.options.iter().map(|option| option.label.as_str()));
        remark = format!("{remark} of {labels}");
        if first {
            let label = of.options.first().map_or("", |option| option.label.as_str());
            let renamed = layout::inline([(slug(label).as_str(), label)]).replace(" }", ", … }");
            remark = format!("{remark}; under other names with options = {renamed}");
        }
    }
    if is_person(of.kind) && first {
        remark = format!("{remark}; {STRANGERS}");
    }
    if !of.writable {
        remark.push_str("; we may not write it");
    } else if of.required {
        remark.push_str("; no issue is created here without it");
    }
    remark
}

/// An alias made of a name, another than those before.
fn unique(name: &str, used: &mut BTreeSet<String>) -> String {
    let base = match slug(name) {
        empty if empty.is_empty() => "unnamed".to_owned(),
        slug => slug,
    };
    let mut alias = base.clone();
    let mut number = 2;
    while !used.insert(alias.clone()) {
        alias = format!("{base}-{number}");
        number += 1;
    }
    alias
}
