//! The fields of a type.

use std::collections::BTreeMap;

use super::{Against, compatible, is_choice, is_person, name};
use crate::config::nearest;
use crate::config::problem::Problems;
use crate::config::scopes;
use crate::config::text::{Direction, FieldText, Several, TypeText};
use crate::mapping::{By, Template, value_of};
use crate::model::{FieldKind, FieldSchema, Markup, TypeSchema};
use crate::scope::{FieldScope, TypeScope};

/// Names that messages use for parts of an issue that are no fields.
const RESERVED: [&str; 5] = ["type", "status", "issue", "comment", "attachment"];

/// A field with what it is checked against.
struct Field<'a> {
    text: &'a FieldText,
    /// Ours; none for a constant that is sent.
    schema: Option<&'a FieldSchema>,
    /// What the partner published; none for the primary's own.
    scope: Option<&'a FieldScope>,
    direction: Direction,
}

impl Against<'_> {
    pub(super) fn fields(
        &self,
        of: &TypeText,
        schema: &TypeSchema,
        scope: Option<&TypeScope>,
        problems: &mut Problems<'_>,
    ) {
        let mut written: BTreeMap<&str, &str> = BTreeMap::new();
        for text in &of.fields {
            let Some(field) = self.field(text, schema, scope, problems) else { continue };
            if !field.direction.receives() {
                continue;
            }
            if let Some(local) = &text.local
                && let Some(earlier) = written.insert(&local.value, &text.alias.value)
            {
                let message = format!("our field \"{}\" is already written from \"{earlier}\"", local.value);
                problems.error(&local.at, message, "set direction = \"send\" for one of them, or name another field");
            }
        }
        if self.type_direction(of, scope).receives() {
            self.required(of, schema, &written, problems);
        }
        if scope.is_none_or(|scope| !scope.fields.is_empty()) && of.fields.is_empty() {
            let message = format!("\"{}\" shares no fields", of.alias.value);
            problems.warn(&of.alias.at, message, "add [types.fields] below it");
        }
    }

    fn field<'a>(
        &self,
        text: &'a FieldText,
        of: &'a TypeSchema,
        scope: Option<&'a TypeScope>,
        problems: &mut Problems<'_>,
    ) -> Option<Field<'a>> {
        let alias = &text.alias;
        if RESERVED.contains(&alias.value.as_str()) {
            let help = match alias.value.as_str() {
                "status" => "statuses go below [types.statuses]",
                "type" => "the type's alias stands at the head of [[types]]",
                _ => "use another alias",
            };
            problems.error(&alias.at, format!("`{}` can't be a field's alias", alias.value), help);
            return None;
        }
        let schema = match &text.local {
            None => None,
            Some(local) => match of.field(&local.value) {
                Some(schema) => Some(schema),
                None => {
                    let known = of.fields.iter().map(|field| field.name.as_str());
                    let message = format!("our \"{}\" has no field \"{}\"", of.name, local.value);
                    problems.error(&local.at, message, nearest::hint(&local.value, known));
                    return None;
                }
            },
        };
        if text.is_made() {
            let field = Field { text, schema, scope: None, direction: Direction::Receive };
            made(&field, scope, problems);
            return Some(field);
        }
        let published = match scope {
            None => None,
            Some(scope) => match scope.fields.iter().find(|field| field.alias.0 == alias.value) {
                Some(field) => Some(field),
                None => {
                    let known = scope.fields.iter().map(|field| field.alias.0.as_str());
                    let message = format!("the partner doesn't publish a field \"{}\"", alias.value);
                    problems.error(&alias.at, message, nearest::hint(&alias.value, known));
                    return None;
                }
            },
        };
        if let Some(published) = published {
            self.within(&alias.value, &text.direction, published.ways, problems);
        }
        let ways = scopes::ways(&text.direction, self.side, published.map(|field| field.ways));
        let field = Field { text, schema, scope: published, direction: Direction::of(ways, self.side) };
        self.one(&field, problems);
        Some(field)
    }

    fn one(&self, field: &Field<'_>, problems: &mut Problems<'_>) {
        let Some(schema) = field.schema else {
            return constant(field, problems);
        };
        let at = field.text.direction.as_ref().map_or(&field.text.alias.at, |direction| &direction.at);
        if field.direction.receives() && !schema.writable {
            let message = format!("the synchronization user may not write our field \"{}\"", schema.name);
            let help = if field.direction.sends() { "direction = \"send\"" } else { "leave it out" };
            problems.error(at, message, help);
        }
        if let Some(scope) = field.scope {
            let (sends, receives) = (field.direction.sends(), field.direction.receives());
            if !compatible(scope.kind, schema.kind, sends, receives) {
                let local = field.text.local.as_ref().map_or(&field.text.alias.at, |local| &local.at);
                let message = format!(
                    "the partner's \"{}\" is {}, our \"{}\" is {}",
                    scope.alias,
                    name(scope.kind),
                    schema.name,
                    name(schema.kind)
                );
                problems.error(local, message, misfit_help(scope.kind, schema.kind));
            }
        }
        let choice = is_choice(schema.kind) || field.scope.is_some_and(|scope| is_choice(scope.kind));
        if choice {
            field.options(problems);
        } else if let Some(Several { alias, .. }) = field.text.options.first() {
            let message = format!("our field \"{}\" is {} and has no options", schema.name, name(schema.kind));
            problems.error(&alias.at, message, "leave `options` out");
        } else if let Some(default) = &field.text.default {
            let help = "leave it out; people have users = { default = \"…\" }";
            problems.error(&default.at, "only a field with options has a `default`", help);
        }
        let person = is_person(schema.kind) || field.scope.is_some_and(|scope| is_person(scope.kind));
        if let Some(users) = &field.text.users {
            if !person {
                let message = format!("our field \"{}\" is {} and holds no people", schema.name, name(schema.kind));
                problems.error(&users.at, message, "leave `users` out");
            } else if users.value.by == By::Table && users.value.table.is_empty() {
                let help = "users = { by = \"table\", table = { alias = \"our account\" } }";
                problems.error(&users.at, "people are found by a table that is empty", help);
            }
        }
    }

    /// An issue can't be created here while a required field has no value.
    fn required(
        &self,
        of: &TypeText,
        schema: &TypeSchema,
        written: &BTreeMap<&str, &str>,
        problems: &mut Problems<'_>,
    ) {
        for field in schema.fields.iter().filter(|field| field.required && !written.contains_key(field.name.as_str())) {
            let message = format!(
                "our tracker creates no \"{}\" without \"{}\", and nothing that comes is written there",
                schema.name, field.name
            );
            let value = field.options.first().map_or("…", |option| option.label.as_str());
            let help = format!(
                "map it, or add to [types.fields]: our-{0} = {{ local = \"{0}\", constant = \"{value}\" }}",
                field.name
            );
            problems.error(&of.local.at, message, help);
        }
    }
}

fn misfit_help(shared: FieldKind, local: FieldKind) -> String {
    if matches!(local, FieldKind::Text | FieldKind::RichText) {
        return "a text can only take it in: direction = \"receive\"".to_owned();
    }
    if matches!(shared, FieldKind::Text | FieldKind::RichText) {
        return "a text can only be given it: direction = \"send\"".to_owned();
    }
    format!("map it to a field that is {}", name(shared))
}

/// A constant that is sent.
fn constant(field: &Field<'_>, problems: &mut Problems<'_>) {
    let at = &field.text.alias.at;
    if field.direction.receives() {
        let message = format!("\"{}\" is a constant and can't be received", field.text.alias.value);
        problems.error(at, message, "direction = \"send\"; or name the field that it is written to: local = \"…\"");
    }
    if field.scope.is_some_and(|scope| scope.kind != FieldKind::Text && scope.kind != FieldKind::RichText) {
        problems.error(at, "a constant that is sent is text, and the partner's field isn't", "leave it out");
    }
}

/// What is made here of what comes.
fn made(field: &Field<'_>, scope: Option<&TypeScope>, problems: &mut Problems<'_>) {
    let (text, Some(schema)) = (field.text, field.schema) else { return };
    if let Some(direction) = text.direction.as_ref().filter(|direction| direction.value != Direction::Receive) {
        problems.error(&direction.at, "what is made here is never sent", "direction = \"receive\"");
    }
    if !schema.writable {
        let message = format!("the synchronization user may not write our field \"{}\"", schema.name);
        problems.error(&text.alias.at, message, "name another field");
    }
    if let (Some(template), Some(constant)) = (&text.template, &text.constant) {
        let at = if template.at.start > constant.at.start { &template.at } else { &constant.at };
        problems.error(at, "a field is made of a template or a constant, not both", "leave one of them out");
    }
    if let Some(constant) = &text.constant
        && value_of(schema, &constant.value, Markup::Plain).is_none()
    {
        let known = schema.options.iter().map(|option| option.label.as_str());
        let help = match is_choice(schema.kind) {
            true => nearest::hint(&constant.value, known),
            false => format!("it is {}", name(schema.kind)),
        };
        problems.error(&constant.at, format!("our field \"{}\" can't hold \"{}\"", schema.name, constant.value), help);
    }
    if let Some(template) = &text.template {
        if !matches!(schema.kind, FieldKind::Text | FieldKind::RichText) {
            let message = format!("a template makes text, and our field \"{}\" is {}", schema.name, name(schema.kind));
            problems.error(&template.at, message, "name a text field");
        }
        let Some(scope) = scope else { return };
        for alias in Template::read(&template.value).aliases() {
            if scope.field(alias).is_none() && !["type", "status"].contains(&alias.0.as_str()) {
                let own = ["partner.key", "partner.url", "type", "status"].into_iter();
                let known = scope.fields.iter().map(|field| field.alias.0.as_str()).chain(own);
                problems.error(&template.at, format!("there is no ${{{alias}}}"), nearest::hint(&alias.0, known));
            }
        }
    }
}

impl Field<'_> {
    fn options(&self, problems: &mut Problems<'_>) {
        let Some(schema) = self.schema else { return };
        let labels: Vec<&str> = schema.options.iter().map(|option| option.label.as_str()).collect();
        let shared: Vec<&str> =
            self.scope.map(|scope| scope.options.iter().map(|alias| alias.0.as_str()).collect()).unwrap_or_default();
        for Several { alias, locals } in &self.text.options {
            for label in locals {
                let known = schema.options.is_empty()
                    || schema.options.iter().any(|option| option.label == label.value || option.id == label.value);
                if !known {
                    let message = format!("our field \"{}\" has no option \"{}\"", schema.name, label.value);
                    problems.error(&label.at, message, nearest::hint(&label.value, labels.iter().copied()));
                }
            }
            if !shared.is_empty() && !shared.contains(&alias.value.as_str()) {
                let message = format!("the partner's \"{}\" has no option \"{}\"", self.text.alias.value, alias.value);
                problems.error(&alias.at, message, nearest::hint(&alias.value, shared.iter().copied()));
            }
        }
        self.default(&labels, &shared, problems);
        if self.text.default.is_none() {
            self.missing(&labels, &shared, problems);
        }
    }

    fn default(&self, labels: &[&str], shared: &[&str], problems: &mut Problems<'_>) {
        let Some(default) = &self.text.default else { return };
        let aliases: Vec<&str> = match self.text.options.as_slice() {
            [] if shared.is_empty() => labels.to_vec(),
            [] => shared.to_vec(),
            table => table.iter().map(|of| of.alias.value.as_str()).collect(),
        };
        if !aliases.is_empty() && !aliases.contains(&default.value.as_str()) {
            let message = format!("the default \"{}\" is not one of the shared options", default.value);
            problems.error(&default.at, message, nearest::hint(&default.value, aliases));
        }
    }

    /// Options that would be parked.
    fn missing(&self, labels: &[&str], shared: &[&str], problems: &mut Problems<'_>) {
        use crate::mapping::alike;
        let at = &self.text.alias.at;
        let table = &self.text.options;
        let has = |label: &str| table.iter().flat_map(|of| &of.locals).any(|own| own.value == label);
        let answered = |alias: &str| table.iter().any(|of| of.alias.value == alias);
        let ours: Vec<&str> = match table.is_empty() {
            true => {
                labels.iter().filter(|l| !shared.is_empty() && !shared.iter().any(|s| alike(s, l))).copied().collect()
            }
            false => labels.iter().filter(|label| !has(label)).copied().collect(),
        };
        let theirs: Vec<&str> = match table.is_empty() {
            true => {
                shared.iter().filter(|s| !labels.is_empty() && !labels.iter().any(|l| alike(s, l))).copied().collect()
            }
            false => shared.iter().filter(|alias| !answered(alias)).copied().collect(),
        };
        let help = "add them to `options`, or set a `default`; their values are parked otherwise";
        if self.direction.sends() && !ours.is_empty() {
            problems.warn(at, format!("options of ours without an alias: {}", nearest::list(&ours)), help);
        }
        if self.direction.receives() && !theirs.is_empty() {
            problems.warn(at, format!("the partner's options without an answer: {}", nearest::list(&theirs)), help);
        }
    }
}
