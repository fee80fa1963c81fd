//! From our tracker's terms to shared ones.

use std::collections::BTreeSet;

use super::{FieldMapping, How, Mapping, Outward, TypeMapping, Unmapped};
use crate::ids::Alias;
use crate::model::{FieldKind, Issue, Markup, OptionValue, RichText, User, Value};
use crate::shared::{STATUS, Shared, TYPE};

impl Mapping {
    /// Every part of an issue that is mapped and known, in both terms: its
    /// type, its status, its fields. What the issue could not show this time
    /// is left out; what is empty is `Absent`.
    pub fn outgoing(&self, issue: &Issue) -> Vec<Outward> {
        self.of(issue).map(|of| self.parts(of, issue)).unwrap_or_default()
    }

    /// The same for an issue of a pair, whose type both sides know by that
    /// alias: where one type of ours answers several aliases, it keeps its own.
    pub fn outgoing_as(&self, issue_type: &Alias, issue: &Issue) -> Vec<Outward> {
        let own = self.by_alias(issue_type).filter(|of| of.local == issue.issue_type);
        own.or_else(|| self.of(issue)).map(|of| self.parts(of, issue)).unwrap_or_default()
    }

    fn parts(&self, of: &TypeMapping, issue: &Issue) -> Vec<Outward> {
        let mut parts = Vec::with_capacity(of.fields.len() + 2);
        parts.push(self.part(of, Alias::from(TYPE), Value::Text(issue.issue_type.clone())));
        if !of.statuses.table.is_empty() && !issue.lacks(STATUS) {
            parts.push(self.part(of, Alias::from(STATUS), Value::Text(issue.status.clone())));
        }
        for field in &of.fields {
            let raw = match &field.how {
                How::Constant(text) => Value::Text(text.clone()),
                _ if issue.lacks(&field.local) => continue,
                _ => match issue.field(&field.local) {
                    Some(value) => value.clone(),
                    None => continue,
                },
            };
            let shared = field.outgoing(&raw);
            let (sends, receives) = self.directions(of, &field.scope.alias);
            parts.push(Outward { alias: field.scope.alias.clone(), raw, shared, sends, receives });
        }
        parts
    }

    /// A raw value of ours in shared terms, `TYPE` and `STATUS` included.
    ///
    /// # Errors
    /// Where it has no counterpart, and what to add to the configuration.
    pub fn to_shared(&self, issue_type: &Alias, alias: &Alias, raw: &Value) -> Result<Shared, Unmapped> {
        let of = self
            .by_alias(issue_type)
            .ok_or_else(|| Unmapped::value(format!("the type \"{issue_type}\" is not in our configuration")))?;
        self.shared_of(of, alias, raw)
    }

    fn shared_of(&self, of: &TypeMapping, alias: &Alias, raw: &Value) -> Result<Shared, Unmapped> {
        match (alias.0.as_str(), raw) {
            (TYPE, Value::Text(local)) if *local == of.local => Ok(Shared::Option(of.alias.clone())),
            (TYPE, Value::Text(local)) => match self.issue_type(local) {
                Some(other) => Ok(Shared::Option(other.alias.clone())),
                None => Err(Unmapped::value(format!(
                    "the issue type \"{local}\" is not shared: add it as one of the [[types]]"
                ))),
            },
            (STATUS, Value::Text(local)) => match of.statuses.alias_of(local) {
                Some(alias) => Ok(Shared::Option(alias.clone())),
                None => Err(Unmapped::value(format!(
                    "the status \"{local}\" has no alias: add it to one of [types.statuses] of \"{}\"",
                    of.alias
                ))),
            },
            _ => match of.field(alias) {
                Some(field) => field.outgoing(raw),
                None => Err(Unmapped::value(format!("\"{alias}\" is not in our configuration of \"{}\"", of.alias))),
            },
        }
    }

    fn part(&self, of: &TypeMapping, alias: Alias, raw: Value) -> Outward {
        let shared = self.shared_of(of, &alias, &raw);
        let (sends, receives) = self.directions(of, &alias);
        Outward { alias, raw, shared, sends, receives }
    }

    fn directions(&self, of: &TypeMapping, alias: &Alias) -> (bool, bool) {
        let ways = of.scope.ways_of(alias);
        (ways.from_side(self.side), ways.from_side(self.side.other()))
    }
}

impl FieldMapping {
    fn outgoing(&self, raw: &Value) -> Result<Shared, Unmapped> {
        let shared = match raw {
            Value::Absent => Shared::Absent,
            Value::Text(text) => self.text(text, None)?,
            Value::RichText(text) => self.text(&text.source, Some(text.markup))?,
            Value::Number(number) => Shared::Number(number.clone()),
            Value::Boolean(yes) => Shared::Boolean(*yes),
            Value::Date(day) => Shared::Date(day.clone()),
            Value::DateTime(time) => Shared::DateTime(time.clone()),
            Value::DurationSeconds(seconds) => Shared::Duration(*seconds),
            Value::Choice(option) => Shared::Option(self.alias(option)?),
            Value::Choices(options) => {
                Shared::Options(options.iter().map(|o| self.alias(o)).collect::<Result<BTreeSet<_>, _>>()?)
            }
            Value::User(user) => Shared::Person(self.person(user)?),
            Value::Users(users) => {
                Shared::People(users.iter().map(|user| self.person(user)).collect::<Result<BTreeSet<_>, _>>()?)
            }
            Value::Labels(labels) => Shared::Labels(labels.iter().cloned().collect()),
            Value::Other(json) => Shared::Other(json.clone()),
        };
        self.shaped(shared)
    }

    /// Text in the shape that the scope gives it; what is empty is absent.
    fn text(&self, text: &str, markup: Option<Markup>) -> Result<Shared, Unmapped> {
        if text.is_empty() {
            return Ok(Shared::Absent);
        }
        Ok(match self.scope.kind {
            FieldKind::RichText => {
                Shared::Rich(RichText { markup: markup.unwrap_or(Markup::Plain), source: text.to_owned() })
            }
            FieldKind::Choice | FieldKind::Version | FieldKind::Component => {
                let option = OptionValue { id: text.to_owned(), label: text.to_owned() };
                Shared::Option(self.alias(&option)?)
            }
            _ => Shared::Text(text.to_owned()),
        })
    }

    /// Sets in the shape that the scope gives them; other kinds that go into a
    /// text become it.
    fn shaped(&self, shared: Shared) -> Result<Shared, Unmapped> {
        let set = |words: BTreeSet<String>| match self.scope.kind {
            FieldKind::Labels => Shared::Labels(words),
            _ => Shared::Options(words.into_iter().map(Alias).collect()),
        };
        if shared.is_empty() {
            return Ok(Shared::Absent);
        }
        if self.fits(&shared) {
            return Ok(shared);
        }
        match (self.scope.kind, shared) {
            (FieldKind::Text, shared) => Ok(Shared::Text(shared.to_text())),
            (FieldKind::RichText, shared) => {
                Ok(Shared::Rich(RichText { markup: Markup::Plain, source: shared.to_text() }))
            }
            (FieldKind::Labels, Shared::Options(options)) => Ok(set(options.into_iter().map(|o| o.0).collect())),
            (FieldKind::Choices | FieldKind::Versions | FieldKind::Components, Shared::Labels(labels)) => {
                let alias = |label: String| self.alias(&OptionValue { id: label.clone(), label });
                Ok(Shared::Options(labels.into_iter().map(alias).collect::<Result<_, _>>()?))
            }
            _ => Err(Unmapped::value(format!(
                "our field \"{}\" no longer holds what \"{}\" was agreed to hold: publish or adopt the configuration \
                 anew",
                self.local, self.scope.alias
            ))),
        }
    }

    fn fits(&self, shared: &Shared) -> bool {
        match self.scope.kind {
            FieldKind::Text => matches!(shared, Shared::Text(_)),
            FieldKind::RichText => matches!(shared, Shared::Rich(_)),
            FieldKind::Number => matches!(shared, Shared::Number(_)),
            FieldKind::Boolean => matches!(shared, Shared::Boolean(_)),
            FieldKind::Date => matches!(shared, Shared::Date(_)),
            FieldKind::DateTime => matches!(shared, Shared::DateTime(_)),
            FieldKind::Duration => matches!(shared, Shared::Duration(_)),
            FieldKind::Choice | FieldKind::Version | FieldKind::Component => matches!(shared, Shared::Option(_)),
            FieldKind::Choices | FieldKind::Versions | FieldKind::Components => matches!(shared, Shared::Options(_)),
            FieldKind::User => matches!(shared, Shared::Person(_)),
            FieldKind::Users => matches!(shared, Shared::People(_)),
            FieldKind::Labels => matches!(shared, Shared::Labels(_)),
            FieldKind::Other => matches!(shared, Shared::Other(_)),
        }
    }

    fn alias(&self, option: &OptionValue) -> Result<Alias, Unmapped> {
        match &self.how {
            How::Options(options) => options.outgoing(option, &self.scope),
            _ => Ok(Alias(option.label.clone())),
        }
    }

    fn person(&self, user: &User) -> Result<crate::shared::Person, Unmapped> {
        match &self.how {
            How::People(people) => people.outgoing(user),
            _ => super::People::default().outgoing(user),
        }
    }
}
