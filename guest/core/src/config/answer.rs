//! A configuration for the secondary: what the primary published, answered
//! with what of ours is like it. What has no answer is said in a comment, with
//! what could be chosen.

mod fields;
mod rows;
mod statuses;

use super::layout::{self, Lines};
use super::likeness::{self, likeness, matched};
use super::text::Direction;
use crate::model::{ProjectSchema, TypeSchema};
use crate::scope::{Scope, Side, TypeScope, Ways};

/// We are the secondary here.
const US: Side = Side::Secondary;

/// How one published type is answered.
struct Answer<'a> {
    scope: &'a TypeScope,
    local: &'a TypeSchema,
    ways: Ways,
    remark: String,
}

/// A configuration that can be adopted unchanged wherever there is a sensible
/// answer.
pub(crate) fn answer(name: &str, published: &Scope, schema: &ProjectSchema) -> String {
    let mut text = head(name, published);
    for (place, (scope, answer)) in published.types.iter().zip(types(published, schema)).enumerate() {
        match answer {
            Some(answer) => issue_type(&answer, place == 0, &mut text),
            None => unanswered(scope, schema, &mut text),
        }
    }
    if published.types.is_empty() {
        text.push_str("\n# The partner published no issue type: nothing would be shared.\n");
    }
    text
}

fn head(name: &str, published: &Scope) -> String {
    let word = |ways: Ways| layout::string(Direction::of(ways, US).word());
    let mut text = format!(
        "# Our answer to what the partner published for \"{}\" (version {}), good as far as it goes:
# what is alike on both sides is filled in, what isn't is in a comment.
# Read it, change what you like, then:
#   ferry config check NAME FILE      says what is wrong, where, and what would be right
#   ferry config adopt NAME FILE      sends the answer; both sides work by it from then on
#
# Aliases are what the partner calls things, `local` is what we call them. Leave out what
# you don't want to share. Directions are from our point of view: both | send | receive | none

[share]
",
        layout::word(name),
        published.version
    );
    let mut lines = Lines::default();
    lines.entry("comments", word(published.comments), "comments that are internal or restricted never leave");
    let attachments = &published.attachments;
    let mut limit = format!("up to {} bytes", attachments.max_bytes);
    if !attachments.media_types.is_empty() {
        limit = format!("{limit}, {}", layout::words(attachments.media_types.iter().map(String::as_str)));
    }
    lines.entry("attachments", word(attachments.ways), limit);
    lines.write(&mut text);
    text
}

/// The type of ours that answers each published one. One may answer several:
/// issues of ours go out under one alias only.
fn types<'a>(published: &'a Scope, schema: &'a ProjectSchema) -> Vec<Option<Answer<'a>>> {
    let alike = |l: usize, r: usize| match (published.types.get(l), schema.types.get(r)) {
        (Some(scope), Some(local)) => likeness(&scope.alias.0, &local.name, likeness::TYPES),
        _ => 0.0,
    };
    let found = matched(published.types.len(), schema.types.len(), alike);
    let taken: Vec<usize> = found.iter().flatten().copied().collect();
    let mut sent: Vec<usize> = taken.clone();
    let mut answers = Vec::new();
    for (scope, found) in published.types.iter().zip(found) {
        answers.push(match found.and_then(|place| schema.types.get(place)) {
            Some(local) => Some(Answer { scope, local, ways: scope.ways, remark: String::new() }),
            None => fallback(scope, schema, &mut sent),
        });
    }
    answers
}

/// Nothing is called alike: a type that takes anything, received only where
/// issues of it already go out under another alias.
fn fallback<'a>(scope: &'a TypeScope, schema: &'a ProjectSchema, sent: &mut Vec<usize>) -> Option<Answer<'a>> {
    let general = |of: &TypeSchema| {
        ["issue", "task"].iter().map(|word| likeness(word, &of.name, likeness::TYPES)).fold(0.0, f64::max)
    };
    let (place, local) = schema
        .types
        .iter()
        .enumerate()
        .max_by(|one, other| general(one.1).total_cmp(&general(other.1)).then(other.0.cmp(&one.0)))?;
    let others: Vec<&str> = schema.types.iter().map(|of| of.name.as_str()).filter(|of| *of != local.name).collect();
    let mut remark = "none of our types is called like it".to_owned();
    if !others.is_empty() {
        remark = format!("{remark}; there are also {}", layout::words(others));
    }
    let ways = match sent.contains(&place) {
        true => scope.ways.and(Direction::Receive.ways(US)),
        false => scope.ways,
    };
    sent.push(place);
    (ways != Ways::NONE).then_some(Answer { scope, local, ways, remark })
}

fn unanswered(scope: &TypeScope, schema: &ProjectSchema, text: &mut String) {
    let names = layout::words(schema.types.iter().map(|of| of.name.as_str()));
    text.push_str(&format!(
        "\n# \"{0}\": the partner takes such issues from us, and none of our types is like it. Ours are\n# {names}.\n\
         # [[types]]\n# alias = {1}\n# local = \"…\"\n",
        layout::word(&scope.alias.0),
        layout::string(&scope.alias.0)
    ));
}

fn issue_type(answer: &Answer<'_>, first: bool, text: &mut String) {
    text.push_str("\n[[types]]\n");
    let mut lines = Lines::default();
    lines.entry("alias", layout::string(&answer.scope.alias.0), "");
    lines.entry("local", layout::string(&answer.local.name), answer.remark.clone());
    let direction = Direction::of(answer.ways, US);
    let remark = match (direction, answer.ways == answer.scope.ways) {
        (Direction::Receive, false) => "ours go out under another alias already",
        (Direction::Receive, true) => "the partner's new issues come; ours don't leave",
        (Direction::Send, _) => "our new issues leave; the partner's don't come",
        _ if first => "whose new issues are shared",
        _ => "",
    };
    lines.entry("direction", layout::string(direction.word()), remark);
    lines.write(text);
    fields::write(answer, first, text);
    statuses::write(answer, text);
}
