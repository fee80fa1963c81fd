//! From shared terms to our tracker's.

use super::{Directory, FieldMapping, How, Inward, Mapping, People, TypeMapping, Unmapped, options};
use crate::ids::Alias;
use crate::model::{Field, FieldKind, FieldSchema, Markup, OptionValue, RichText, User, Value};
use crate::shared::{Person, STATUS, Shared, TYPE};

impl Mapping {
    /// What to write here for a part of an issue of that type, `TYPE` and
    /// `STATUS` included.
    ///
    /// # Errors
    /// Where it has no counterpart, and what to add to the configuration; or
    /// somebody could not be looked up now.
    pub fn incoming(
        &self,
        issue_type: &Alias,
        alias: &Alias,
        shared: &Shared,
        people: &dyn Directory,
    ) -> Result<Inward, Unmapped> {
        let of = self.by_alias(issue_type).ok_or_else(|| {
            Unmapped::value(format!("our configuration has no [[types]] with alias = \"{issue_type}\""))
        })?;
        match alias.0.as_str() {
            TYPE => self.type_of(shared),
            STATUS => of.status(shared),
            _ => match of.field(alias) {
                Some(field) => field.incoming(shared, self.markup, people),
                None => Err(Unmapped::value(format!(
                    "our configuration has no \"{alias}\" under [types.fields] of \"{}\"",
                    of.alias
                ))),
            },
        }
    }

    fn type_of(&self, shared: &Shared) -> Result<Inward, Unmapped> {
        match shared {
            Shared::Option(alias) => match self.by_alias(alias) {
                Some(of) => Ok(Inward::Type(of.local.clone())),
                None => Err(Unmapped::value(format!("our configuration has no [[types]] with alias = \"{alias}\""))),
            },
            _ => Err(Unmapped::value("the partner sent an issue type that is none")),
        }
    }
}

impl TypeMapping {
    fn status(&self, shared: &Shared) -> Result<Inward, Unmapped> {
        match shared {
            Shared::Option(alias) => match self.statuses.local_of(alias) {
                Some(name) => Ok(Inward::Status(name.to_owned())),
                None => Err(Unmapped::value(format!(
                    "the partner's status \"{alias}\" has no counterpart: add it to [types.statuses] of \"{}\"",
                    self.alias
                ))),
            },
            _ => Err(Unmapped::value("the partner sent a status that is none")),
        }
    }
}

impl FieldMapping {
    fn incoming(&self, shared: &Shared, markup: Markup, people: &dyn Directory) -> Result<Inward, Unmapped> {
        let Some(schema) = &self.schema else {
            return Err(Unmapped::value(format!(
                "our tracker has no field \"{}\" any more: correct the configuration of \"{}\"",
                self.local, self.scope.alias
            )));
        };
        if !schema.writable {
            return Err(Unmapped::value(format!(
                "the synchronization user may not write our field \"{}\": set direction = \"send\" for \"{}\"",
                schema.name, self.scope.alias
            )));
        }
        let value = self.value(shared, schema, markup, people)?;
        Ok(Inward::Field(Field { name: schema.name.clone(), value }))
    }

    fn value(
        &self,
        shared: &Shared,
        schema: &FieldSchema,
        markup: Markup,
        people: &dyn Directory,
    ) -> Result<Value, Unmapped> {
        use FieldKind as Kind;
        if shared.is_empty() {
            return Ok(self.absent(schema));
        }
        Ok(match (schema.kind, shared) {
            (Kind::RichText, Shared::Rich(text)) => Value::RichText(labelled(text, markup)),
            (Kind::RichText, other) => Value::RichText(RichText { markup, source: other.to_text() }),
            (Kind::Text, Shared::Option(alias)) => Value::Text(self.option(alias, schema)?.label),
            (Kind::Text, other) => Value::Text(other.to_text()),
            (Kind::Number, Shared::Number(number)) => Value::Number(number.clone()),
            (Kind::Boolean, Shared::Boolean(yes)) => Value::Boolean(*yes),
            (Kind::Date, Shared::Date(day)) => Value::Date(day.clone()),
            (Kind::DateTime, Shared::DateTime(time)) => Value::DateTime(time.clone()),
            (Kind::Duration, Shared::Duration(seconds)) => Value::DurationSeconds(*seconds),
            (Kind::Choice | Kind::Version | Kind::Component, Shared::Option(alias)) => {
                Value::Choice(self.option(alias, schema)?)
            }
            (Kind::Choice | Kind::Version | Kind::Component, Shared::Text(text)) => {
                Value::Choice(self.option(&Alias(text.clone()), schema)?)
            }
            (Kind::Choices | Kind::Versions | Kind::Components, Shared::Options(aliases)) => {
                Value::Choices(aliases.iter().map(|a| self.option(a, schema)).collect::<Result<_, _>>()?)
            }
            (Kind::Choices | Kind::Versions | Kind::Components, Shared::Labels(labels)) => {
                let option = |label: &String| self.option(&Alias(label.clone()), schema);
                Value::Choices(labels.iter().map(option).collect::<Result<_, _>>()?)
            }
            (Kind::Labels, Shared::Labels(labels)) => Value::Labels(labels.iter().cloned().collect()),
            (Kind::Labels, Shared::Options(aliases)) => {
                let label = |alias| self.option(alias, schema).map(|option| option.label);
                Value::Labels(aliases.iter().map(label).collect::<Result<_, _>>()?)
            }
            (Kind::User, Shared::Person(person)) => Value::User(self.account(person, people)?),
            (Kind::Users, Shared::People(persons)) => {
                Value::Users(persons.iter().map(|p| self.account(p, people)).collect::<Result<_, _>>()?)
            }
            (Kind::Other, Shared::Other(json)) => Value::Other(json.clone()),
            _ => return Err(self.misfit(schema)),
        })
    }

    /// Empty; a required choice takes the default that the table names.
    fn absent(&self, schema: &FieldSchema) -> Value {
        match &self.how {
            How::Options(table) if schema.required && schema.kind == FieldKind::Choice => {
                let option = table.default.as_ref().and_then(|alias| table.incoming(alias, schema).ok());
                option.map_or(Value::Absent, Value::Choice)
            }
            _ => Value::Absent,
        }
    }

    fn option(&self, alias: &Alias, schema: &FieldSchema) -> Result<OptionValue, Unmapped> {
        match &self.how {
            How::Options(table) => table.incoming(alias, schema),
            _ => options::option(schema, &alias.0)
                .ok_or_else(|| Unmapped::value(format!("our field \"{}\" has no option \"{alias}\"", schema.name))),
        }
    }

    fn account(&self, person: &Person, people: &dyn Directory) -> Result<User, Unmapped> {
        match &self.how {
            How::People(rule) => rule.incoming(person, people),
            _ => People::default().incoming(person, people),
        }
    }

    fn misfit(&self, schema: &FieldSchema) -> Unmapped {
        Unmapped::value(format!(
            "our field \"{}\" can't hold what the partner sends as \"{}\": map it to a field of the same kind",
            schema.name, self.scope.alias
        ))
    }
}

/// Text that came without markup is labelled with ours, so that it reads back
/// as it was written.
fn labelled(text: &RichText, ours: Markup) -> RichText {
    let markup = if text.markup == Markup::Plain { ours } else { text.markup };
    RichText { markup, source: text.source.clone() }
}
