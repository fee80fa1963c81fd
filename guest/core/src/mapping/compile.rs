//! From a configuration's text to a mapping.

use super::{FieldMapping, How, Made, Mapping, Options, People, Statuses, Template, TypeMapping};
use crate::config::{FieldText, Problem, Problems, Several, Text, TypeText, is_choice, is_person, read};
use crate::ids::Alias;
use crate::model::{Markup, ProjectSchema, TypeSchema};
use crate::scope::{Scope, Side, TypeScope};

impl Mapping {
    /// Reads a configuration as one side's answer to a scope, on that tracker.
    /// What isn't in the scope is left out; what the tracker lost since it was
    /// adopted is unmapped, not an error.
    ///
    /// # Errors
    /// Where it isn't a configuration; `config::check` finds the rest.
    pub fn compile(text: &str, scope: &Scope, side: Side, schema: &ProjectSchema) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::of(text);
        let text = read(&mut problems);
        if problems.has_errors() {
            return Err(problems.into_sorted());
        }
        Ok(Self::of_text(&text, scope, side, schema))
    }

    pub(crate) fn of_text(text: &Text, scope: &Scope, side: Side, schema: &ProjectSchema) -> Self {
        let compiled = |of: &TypeText| {
            let scope = scope.types.iter().find(|scope| scope.alias.0 == of.alias.value)?;
            Some(issue_type(of, scope, schema.issue_type(&of.local.value)))
        };
        let types = text.types.iter().filter_map(compiled).collect();
        Self { side, scope: scope.clone(), markup: Markup::Plain, types }
    }
}

fn issue_type(of: &TypeText, scope: &TypeScope, schema: Option<&TypeSchema>) -> TypeMapping {
    let made = of.fields.iter().filter(|field| field.is_made()).filter_map(|field| made(field, schema)).collect();
    let shared = of.fields.iter().filter(|field| !field.is_made());
    let statuses = match scope.statuses.is_empty() {
        true => Vec::new(),
        false => table(&of.statuses),
    };
    TypeMapping {
        alias: scope.alias.clone(),
        local: of.local.value.clone(),
        scope: scope.clone(),
        when: of.when.as_ref().map(|when| when.filter.clone()),
        fields: shared.filter_map(|text| field(text, scope, schema)).collect(),
        statuses: Statuses { table: statuses },
        made,
    }
}

fn field(text: &FieldText, of: &TypeScope, schema: Option<&TypeSchema>) -> Option<FieldMapping> {
    let scope = of.fields.iter().find(|field| field.alias.0 == text.alias.value)?;
    let Some(local) = &text.local else {
        let constant = How::Constant(text.constant.as_ref()?.value.clone());
        return Some(FieldMapping { scope: scope.clone(), local: String::new(), schema: None, how: constant });
    };
    let schema = schema.and_then(|of| of.field(&local.value));
    let kinds = [Some(scope.kind), schema.map(|schema| schema.kind)];
    let how = if kinds.into_iter().flatten().any(is_person) {
        How::People(people(text))
    } else if kinds.into_iter().flatten().any(is_choice) {
        How::Options(options(text))
    } else {
        How::Pass
    };
    Some(FieldMapping { scope: scope.clone(), local: local.value.clone(), schema: schema.cloned(), how })
}

fn table(rows: &[Several]) -> Vec<(Alias, Vec<String>)> {
    let words = |of: &Several| of.locals.iter().map(|word| word.value.clone()).collect();
    rows.iter().map(|of| (Alias(of.alias.value.clone()), words(of))).collect()
}

fn options(text: &FieldText) -> Options {
    Options { table: table(&text.options), default: text.default.as_ref().map(|default| Alias(default.value.clone())) }
}

fn people(text: &FieldText) -> People {
    let Some(users) = &text.users else { return People::default() };
    let users = &users.value;
    People {
        by: users.by,
        table: users.table.iter().map(|(alias, local)| (alias.value.clone(), local.value.clone())).collect(),
        default: users.default.as_ref().map(|default| default.value.clone()),
    }
}

fn made(text: &FieldText, schema: Option<&TypeSchema>) -> Option<Made> {
    let local = text.local.as_ref()?;
    let of = match (&text.template, &text.constant) {
        (Some(template), _) => Template::read(&template.value),
        (None, Some(constant)) => Template::constant(&constant.value),
        (None, None) => return None,
    };
    Some(Made {
        alias: Alias(text.alias.value.clone()),
        local: local.value.clone(),
        schema: schema.and_then(|schema| schema.field(&local.value)).cloned(),
        of,
    })
}
