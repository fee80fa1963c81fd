//! Whether a configuration makes sense: against our tracker's schema, and for
//! the secondary against what the primary published.

mod fields;
mod kinds;
mod statuses;

use std::collections::BTreeMap;

use super::nearest;
use super::problem::{Problem, Problems, Severity};
use super::text::{At, Direction, Share, Text, TypeText, When};
use super::{read, scopes};
use crate::mapping::Operator;
use crate::model::{ProjectSchema, TypeSchema};
use crate::scope::{Scope, Side, TypeScope, Ways};
use crate::shared::{STATUS, TYPE};

pub(crate) use kinds::{compatible, is_choice, is_person, name};

/// What a configuration is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// Which end we are.
    pub side: Side,
    /// Our tracker's.
    pub schema: &'a ProjectSchema,
    /// What the primary published, for the secondary.
    pub published: Option<&'a Scope>,
}

/// Everything that is wrong with a configuration, in the order of its text.
pub fn check(text: &str, against: Against<'_>) -> Vec<Problem> {
    let mut problems = Problems::of(text);
    let text = read::read(&mut problems);
    // What can't be read would look like something missing.
    if !problems.has_errors() {
        against.all(&text, &mut problems);
    }
    problems.into_sorted()
}

impl Against<'_> {
    fn all(&self, text: &Text, problems: &mut Problems<'_>) {
        self.share(&text.share, problems);
        let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
        for (place, of) in text.types.iter().enumerate() {
            if seen.insert(&of.alias.value, ()).is_some() {
                let help = "give each of [[types]] its own alias";
                problems.error(&of.alias.at, format!("the alias \"{}\" is used twice", of.alias.value), help);
            }
            let others = text.types.get(..place).unwrap_or_default();
            self.issue_type(of, others, problems);
        }
        if text.types.is_empty() {
            let help = "add [[types]], as `ferry config example` writes them";
            problems.whole(Severity::Error, "no issue type is shared", help);
        }
        if !self.schema.complete {
            let message = "the synchronization user may not see all of the project's types and fields";
            problems.whole(Severity::Warning, message, "let it see them, or leave out what it can't see");
        }
    }

    fn share(&self, share: &Share, problems: &mut Problems<'_>) {
        let Some(published) = self.published else { return };
        self.within("comments", &share.comments, published.comments, problems);
        self.within("attachments", &share.attachments, published.attachments.ways, problems);
        for pattern in &share.media_types {
            if !published.attachments.takes(&pattern.value) {
                let known: Vec<&str> = published.attachments.media_types.iter().map(String::as_str).collect();
                let message = format!("the partner doesn't share attachments of \"{}\"", pattern.value);
                problems.error(&pattern.at, message, format!("it shares {}", nearest::list(&known)));
            }
        }
        if let Some(bytes) = share.max_bytes.as_ref().filter(|bytes| bytes.value > published.attachments.max_bytes) {
            let message = "the partner shares no attachments as large as that";
            problems.warn(&bytes.at, message, format!("its limit is {} bytes", published.attachments.max_bytes));
        }
    }

    /// A narrowing may take ways away, never add one.
    fn within(&self, what: &str, ours: &Option<At<Direction>>, published: Ways, problems: &mut Problems<'_>) {
        let Some(ours) = ours else { return };
        let wanted = ours.value.ways(self.side);
        if self.published.is_none() || wanted.and(published) == wanted {
            return;
        }
        let allowed = Direction::of(published, self.side).word();
        let message = format!("`{what}` can't go \"{}\": the partner published less", ours.value.word());
        problems.error(&ours.at, message, format!("direction = \"{allowed}\" is the most that it allows"));
    }

    fn issue_type(&self, of: &TypeText, before: &[TypeText], problems: &mut Problems<'_>) {
        let scope = match self.published {
            None => None,
            Some(published) => match published.types.iter().find(|scope| scope.alias.0 == of.alias.value) {
                Some(scope) => Some(scope),
                None => {
                    let known = published.types.iter().map(|scope| scope.alias.0.as_str());
                    let message = format!("the partner doesn't publish a type \"{}\"", of.alias.value);
                    problems.error(&of.alias.at, message, nearest::hint(&of.alias.value, known));
                    return;
                }
            },
        };
        if let Some(scope) = scope {
            self.within("direction", &of.direction, scope.ways, problems);
            self.within("status_direction", &of.status_direction, scope.status_ways, problems);
        }
        let Some(schema) = self.schema.issue_type(&of.local.value) else {
            let known = self.schema.types.iter().map(|schema| schema.name.as_str());
            let message = format!("our tracker has no issue type \"{}\"", of.local.value);
            problems.error(&of.local.at, message, nearest::hint(&of.local.value, known));
            return;
        };
        self.ambiguous(of, before, scope, problems);
        if let Some(when) = &of.when {
            self.filter(when, of, schema, scope, problems);
        }
        self.fields(of, schema, scope, problems);
        self.statuses(of, schema, scope, problems);
    }

    /// Which ways issues of a type come.
    fn type_direction(&self, of: &TypeText, scope: Option<&TypeScope>) -> Direction {
        Direction::of(scopes::ways(&of.direction, self.side, scope.map(|scope| scope.ways)), self.side)
    }

    /// An issue of ours must have one alias only.
    fn ambiguous(&self, of: &TypeText, before: &[TypeText], scope: Option<&TypeScope>, problems: &mut Problems<'_>) {
        let published = |alias: &str| self.published.and_then(|p| p.types.iter().find(|scope| scope.alias.0 == alias));
        let earlier = before.iter().find(|other| {
            other.local.value == of.local.value
                && other.when.is_none()
                && self.type_direction(other, published(&other.alias.value)).sends()
        });
        if let Some(earlier) = earlier.filter(|_| self.type_direction(of, scope).sends()) {
            let message =
                format!("our \"{}\" already goes to the partner as \"{}\"", of.local.value, earlier.alias.value);
            let help = "set direction = \"receive\" here, or tell them apart with `when` in the earlier one";
            problems.error(&of.local.at, message, help);
        }
    }

    fn filter(
        &self,
        when: &When,
        of: &TypeText,
        schema: &TypeSchema,
        scope: Option<&TypeScope>,
        problems: &mut Problems<'_>,
    ) {
        if !self.type_direction(of, scope).sends() {
            let message = "this filter has no effect: issues of this type only come from the partner";
            problems.warn(&when.at, message, "leave `when` out; the partner decides which issues it shares");
        }
        for test in when.filter.comparisons() {
            let place = when.place(test.at);
            let known = match test.field.as_str() {
                TYPE | "key" => continue,
                STATUS => schema.statuses.iter().map(String::as_str).collect(),
                name => match schema.field(name) {
                    Some(field) => field.options.iter().flat_map(|o| [o.label.as_str(), o.id.as_str()]).collect(),
                    None => {
                        let own = [TYPE, STATUS, "key"].into_iter();
                        let known = schema.fields.iter().map(|field| field.name.as_str()).chain(own);
                        let message = format!("\"{}\" has no field \"{name}\"", schema.name);
                        problems.error(&place, message, nearest::hint(name, known));
                        continue;
                    }
                },
            };
            let known: Vec<&str> = known;
            let exact = matches!(test.operator, Operator::Equals | Operator::In);
            for word in test.words.iter().filter(|word| exact && !known.is_empty() && !word.is_empty()) {
                if !known.contains(&word.as_str()) {
                    let message = format!("`{}` is never \"{word}\"", test.field);
                    problems.warn(&place, message, nearest::hint(word, known.iter().copied()));
                }
            }
        }
    }
}
