//! Options of fields with a closed or growing set of values, as aliases.

use super::Unmapped;
use crate::ids::Alias;
use crate::model::{FieldSchema, OptionValue};
use crate::scope::FieldScope;

/// Which of our options answer which aliases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    /// An alias and the labels of our options: the first is written, all are
    /// read. Empty: labels are the aliases.
    pub table: Vec<(Alias, Vec<String>)>,
    /// Stands for what has no counterpart, either way.
    pub default: Option<Alias>,
}

impl Options {
    /// The alias of an option of ours.
    pub(crate) fn outgoing(&self, option: &OptionValue, scope: &FieldScope) -> Result<Alias, Unmapped> {
        self.alias_of(option, scope).or_else(|| self.default.clone()).ok_or_else(|| {
            Unmapped::value(format!(
                "the option \"{}\" is not among those that are shared as \"{}\": add it to its options, or set a \
                 default there",
                option.label, scope.alias
            ))
        })
    }

    fn alias_of(&self, option: &OptionValue, scope: &FieldScope) -> Option<Alias> {
        if !self.table.is_empty() {
            let known =
                |(_, labels): &&(Alias, Vec<String>)| labels.iter().any(|l| *l == option.label || *l == option.id);
            return self.table.iter().find(known).map(|(alias, _)| alias.clone());
        }
        if scope.options.is_empty() {
            return Some(Alias(option.label.clone()));
        }
        let exact = scope.options.iter().find(|alias| alias.0 == option.label);
        exact.or_else(|| scope.options.iter().find(|alias| alike(&alias.0, &option.label))).cloned()
    }

    /// Our option of an alias.
    pub(crate) fn incoming(&self, alias: &Alias, schema: &FieldSchema) -> Result<OptionValue, Unmapped> {
        let found = self.option_of(alias, schema);
        found.or_else(|| self.option_of(self.default.as_ref()?, schema)).ok_or_else(|| {
            Unmapped::value(format!(
                "the partner's option \"{alias}\" has no counterpart in our field \"{}\": add it to its options, or \
                 set a default there",
                schema.name
            ))
        })
    }

    fn option_of(&self, alias: &Alias, schema: &FieldSchema) -> Option<OptionValue> {
        let label = match self.table.iter().find(|(known, _)| known == alias) {
            Some((_, labels)) => labels.first()?,
            None if self.table.is_empty() => &alias.0,
            None => return None,
        };
        option(schema, label)
    }
}

/// A field's option by its label or id; where the set is open, a new one.
pub(crate) fn option(schema: &FieldSchema, label: &str) -> Option<OptionValue> {
    if schema.options.is_empty() {
        return Some(OptionValue { id: label.to_owned(), label: label.to_owned() });
    }
    let exact = schema.options.iter().find(|option| option.label == label || option.id == label);
    exact.or_else(|| schema.options.iter().find(|option| alike(&option.label, label))).cloned()
}

/// Whether two labels differ in case or surrounding blanks only.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}
