//! The parts of a type's mapping that are not one field: statuses, and what is
//! made here of what comes.

use super::Mapping;
use crate::ids::Alias;
use crate::message::Reference;
use crate::model::{Field, FieldKind, FieldSchema, Markup, OptionValue, RichText, Value};
use crate::shared::View;

/// Which statuses answer which aliases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statuses {
    /// An alias and our statuses: the first is written, all are read.
    pub table: Vec<(Alias, Vec<String>)>,
}

impl Statuses {
    pub(crate) fn alias_of(&self, local: &str) -> Option<&Alias> {
        self.table.iter().find(|(_, names)| names.iter().any(|name| name == local)).map(|(alias, _)| alias)
    }

    pub(crate) fn local_of(&self, alias: &Alias) -> Option<&str> {
        let (_, names) = self.table.iter().find(|(known, _)| known == alias)?;
        names.first().map(String::as_str)
    }
}

/// A local field that is written here of what comes, and never sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub alias: Alias,
    pub local: String,
    pub schema: Option<FieldSchema>,
    pub of: Template,
}

/// What a local field is made of; a constant is a template of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub pieces: Vec<Piece>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Field(Alias),
    PartnerKey,
    PartnerUrl,
}

impl Template {
    pub(crate) fn constant(text: &str) -> Self {
        Self { pieces: vec![Piece::Text(text.to_owned())] }
    }

    /// Reads `Reported by ${reporter} as ${partner.key}`; where a placeholder
    /// isn't closed it is text.
    pub(crate) fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, next)) = after.split_once('}') else { break };
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(match name.trim() {
                "partner.key" => Piece::PartnerKey,
                "partner.url" => Piece::PartnerUrl,
                alias => Piece::Field(Alias::from(alias)),
            });
            rest = next;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self { pieces }
    }

    /// The aliases that it is made of.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = &Alias> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(alias) => Some(alias),
            _ => None,
        })
    }

    fn render(&self, view: &View, partner: Option<&Reference>) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Field(alias) => text.push_str(&view.get(alias).map(|v| v.to_text()).unwrap_or_default()),
                Piece::PartnerKey => text.push_str(partner.map_or("", |of| of.key.as_str())),
                Piece::PartnerUrl => text.push_str(partner.and_then(|of| of.url.as_deref()).unwrap_or_default()),
            }
        }
        text
    }
}

/// A local field that is made of what came: written when an issue is created
/// here, and again when its value becomes another. Our people's edits of it
/// are overwritten then; it never leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// Its name in the configuration; not shared.
    pub alias: Alias,
    /// What to write.
    pub field: Field,
}

impl Mapping {
    /// What is made here of an issue of the partner's: templates and constants.
    pub fn derived(&self, issue_type: &Alias, view: &View, partner: Option<&Reference>) -> Vec<Derived> {
        let Some(of) = self.by_alias(issue_type) else { return Vec::new() };
        of.made
            .iter()
            .filter_map(|made| {
                let schema = made.schema.as_ref()?;
                let value = value_of(schema, &made.of.render(view, partner), self.markup)?;
                Some(Derived { alias: made.alias.clone(), field: Field { name: made.local.clone(), value } })
            })
            .collect()
    }
}

/// A value that was written as text in a configuration, in a field's kind; none
/// where it isn't one.
pub(crate) fn value_of(schema: &FieldSchema, text: &str, markup: Markup) -> Option<Value> {
    let option = || match schema.options.iter().find(|o| o.label.eq_ignore_ascii_case(text) || o.id == text) {
        Some(option) => Some(option.clone()),
        None if schema.options.is_empty() => Some(OptionValue { id: text.to_owned(), label: text.to_owned() }),
        None => None,
    };
    Some(match schema.kind {
        FieldKind::Text => Value::Text(text.to_owned()),
        FieldKind::RichText => Value::RichText(RichText { markup, source: text.to_owned() }),
        FieldKind::Number => Value::Number(text.parse::<f64>().ok().map(|_| text.to_owned())?),
        FieldKind::Boolean => Value::Boolean(text.parse().ok()?),
        FieldKind::Duration => Value::DurationSeconds(text.parse().ok()?),
        FieldKind::Date => Value::Date(chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.to_string()),
        FieldKind::Choice | FieldKind::Version | FieldKind::Component => Value::Choice(option()?),
        FieldKind::Choices | FieldKind::Versions | FieldKind::Components => Value::Choices(vec![option()?]),
        FieldKind::Labels => Value::Labels(vec![text.to_owned()]),
        FieldKind::DateTime | FieldKind::User | FieldKind::Users | FieldKind::Other => return None,
    })
}
