//! What is to be written to our tracker for one pair. Computed from the pair
//! alone, so that after a crash it comes out the same.

use super::super::work::Work;
use super::way;
use crate::fault::Fault;
use crate::ids::{Alias, EffectKey, PairId, Revision};
use crate::mapping::{Inward, Unmapped};
use crate::model::{
    Content, Effect, Field, NewAttachment, NewComment, NewIssue, RichText, Target, TypeSchema, User, Value,
};
use crate::pair::{Copy, ItemKind, ItemName, Pair, Wanted, change_key, creation_key, print_raw};
use crate::planted::{Bug, planted};
use crate::shared::{STATUS, Shared, TYPE};
use crate::store::Draft;
use crate::time::Time;

/// What is to be written, and what can't be.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub effects: Vec<Effect>,
    /// What each effect stands for.
    pub steps: Vec<Step>,
    pub unmapped: Vec<(Alias, Unmapped)>,
    /// Items whose content is not to be had, and why.
    pub broken: Vec<(Alias, String)>,
    /// Something of the mapping can't be asked now.
    pub passing: Option<String>,
}

/// What an effect stands for.
#[derive(Debug)]
pub(crate) enum Step {
    Create(Vec<Written>),
    Fields(Vec<Written>),
    Type(Written),
    Status(Written),
    /// A status on the way to the one that is to be shown.
    Way(Written),
    Item(ItemName, ItemStep),
}

impl Step {
    /// The fields that it sets.
    pub fn written(&self) -> &[Written] {
        match self {
            Self::Create(written) | Self::Fields(written) => written,
            Self::Type(written) | Self::Status(written) | Self::Way(written) => std::slice::from_ref(written),
            Self::Item(..) => &[],
        }
    }
}

/// What is done with the copy of a comment or an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemStep {
    Add,
    Edit,
    Delete,
}

/// A field's value as it is written.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub alias: Alias,
    /// Its name at our tracker.
    pub field: String,
    pub raw: [u8; 16],
}

/// Plans the writes of one pair.
pub(crate) fn of(work: &Work<'_, '_>, draft: &Draft<'_>, id: PairId, pair: &Pair) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    let issue_type = match pair.target(&Alias::from(TYPE)) {
        Shared::Option(alias) => alias.clone(),
        _ => return Ok(plan),
    };
    let target = match &pair.issue {
        Some(issue) => Target::Existing(issue.id.clone()),
        None => Target::MadeBy(creation_key(work.state.sync, pair.origin, id, generation(pair))),
    };
    let expected = pair.issue.as_ref().map(|issue| issue.revision.clone());
    let mut parts = Parts { id, version: pair.version, target, expected, effects: Vec::new(), steps: Vec::new() };
    let mut values = Values::default();
    for alias in pair.due_fields() {
        match work.mapping()?.incoming(&issue_type, alias, pair.target(alias), work) {
            Ok(inward) => values.add(alias, inward),
            Err(unmapped) if unmapped.kind == Unmapped::PASSING => plan.passing = Some(unmapped.reason),
            Err(unmapped) => plan.unmapped.push((alias.clone(), unmapped)),
        }
    }
    if plan.passing.is_some() {
        return Ok(plan);
    }
    match &pair.issue {
        Some(_) => parts.change(work, pair, values),
        None => {
            let made = work.mapping()?.derived(&issue_type, &pair.agreed, pair.partner.as_ref());
            parts.create(work, pair, values, made.into_iter().map(|made| made.field).collect());
        }
    }
    if !parts.steps.is_empty() || pair.issue.is_some() {
        for (item, copy) in in_order_of_time(pair) {
            if let Some(reason) = broken(draft, copy)? {
                plan.broken.push((item.part(), reason));
                continue;
            }
            parts.item(work, draft, item, copy)?;
        }
    }
    plan.effects = parts.effects;
    plan.steps = parts.steps;
    Ok(plan)
}

/// The values to write, by the kind of effect that writes them.
#[derive(Default)]
struct Values {
    issue_type: Option<(Written, String)>,
    status: Option<(Written, String)>,
    fields: Vec<Field>,
    written: Vec<Written>,
}

impl Values {
    fn add(&mut self, alias: &Alias, inward: Inward) {
        let written = |field: &str, value: &Value| Written {
            alias: alias.clone(),
            field: field.to_owned(),
            raw: print_raw(value),
        };
        match inward {
            Inward::Field(field) => {
                self.written.push(written(&field.name, &field.value));
                self.fields.push(field);
            }
            Inward::Status(name) => self.status = Some((written(STATUS, &Value::Text(name.clone())), name)),
            Inward::Type(name) => self.issue_type = Some((written(TYPE, &Value::Text(name.clone())), name)),
        }
    }
}

struct Parts {
    id: PairId,
    version: u64,
    target: Target,
    expected: Option<Revision>,
    effects: Vec<Effect>,
    steps: Vec<Step>,
}

impl Parts {
    /// The first effect on an issue names its revision; the adapter chains the
    /// rest.
    fn push(&mut self, key: EffectKey, step: Step, content: Content) {
        let target = if matches!(step, Step::Create(_)) { Target::Nothing } else { self.target.clone() };
        self.effects.push(Effect { key, target, expected: self.expected.take(), content });
        self.steps.push(step);
    }

    fn key(&self, part: &str) -> EffectKey {
        change_key(self.id, self.version, part)
    }

    fn create(&mut self, work: &Work<'_, '_>, pair: &Pair, mut values: Values, made: Vec<Field>) {
        let Some((written, issue_type)) = values.issue_type else { return };
        values.written.push(written);
        values.fields.extend(made);
        let initial = work.initial_status(&issue_type);
        let (already, status) = match values.status {
            Some((written, name)) if Some(&name) == initial.as_ref() => (Some(written), None),
            status => (None, status),
        };
        values.written.extend(already);
        let key = creation_key(work.state.sync, pair.origin, self.id, generation(pair));
        let type_name = issue_type.clone();
        let content = Content::Create(NewIssue { issue_type, parent: None, fields: values.fields });
        self.push(key, Step::Create(values.written), content);
        if let Some(status) = status {
            self.status(work.type_schema(&type_name), initial.as_deref(), status);
        }
    }

    fn change(&mut self, work: &Work<'_, '_>, pair: &Pair, values: Values) {
        let seen = |alias: &str| pair.seen.get(&Alias::from(alias)).map(|seen| seen.raw);
        let schemas = || work.schema().map(|schema| schema.types.as_slice()).unwrap_or_default();
        let kept = || seen(TYPE).and_then(|seen| way::named(schemas().iter().map(|schema| &schema.name), &seen));
        let type_name = values.issue_type.as_ref().map(|(_, name)| name.as_str()).or_else(kept);
        let schema = type_name.and_then(|name| work.type_schema(name));
        if let Some((written, name)) = values.issue_type {
            self.push(self.key(TYPE), Step::Type(written), Content::SetType(name));
        }
        if !values.fields.is_empty() {
            self.push(self.key("fields"), Step::Fields(values.written), Content::SetFields(values.fields));
        }
        if let Some(status) = values.status {
            let statuses = schema.map(|schema| schema.statuses.as_slice()).unwrap_or_default();
            let from = seen(STATUS).and_then(|seen| way::named(statuses.iter(), &seen));
            self.status(schema, from, status);
        }
    }

    /// The steps of the workflow that lead to a status.
    fn status(&mut self, schema: Option<&TypeSchema>, from: Option<&str>, (written, to): (Written, String)) {
        let mut way = way::statuses(schema, from, &to);
        way.pop();
        for name in way {
            let between = Written { raw: print_raw(&Value::Text(name.clone())), ..written.clone() };
            self.push(self.key(&format!("{STATUS}:{name}")), Step::Way(between), Content::Transition(name, Vec::new()));
        }
        self.push(self.key(STATUS), Step::Status(written), Content::Transition(to, Vec::new()));
    }

    fn item(&mut self, work: &Work<'_, '_>, draft: &Draft<'_>, item: &ItemName, copy: &Copy) -> Result<(), Fault> {
        let content = match (&copy.wanted, &copy.local) {
            (Wanted::Comment(comment), None) => {
                let author = User {
                    id: comment.author.email.clone().unwrap_or_else(|| comment.author.name.clone()),
                    name: comment.author.name.clone(),
                    email: comment.author.email.clone(),
                };
                let body = comment_body(work, comment);
                Content::AddComment(NewComment { body, author: Some(author), created: Some(comment.created.clone()) })
            }
            (Wanted::Comment(comment), Some(local)) => Content::EditComment(local.clone(), comment_body(work, comment)),
            (Wanted::Attachment(attachment), None) => {
                let blob = crate::delivery::arrived(draft, &attachment.digest, attachment.size)?;
                let Some(blob) = blob else { return Ok(()) };
                Content::AddAttachment(NewAttachment {
                    name: attachment.name.clone(),
                    media_type: attachment.media_type.clone(),
                    size: attachment.size,
                    blob,
                })
            }
            // Another content under the same id: the old one goes first.
            (Wanted::Attachment(_), Some(local)) => Content::DeleteAttachment(local.clone()),
            (Wanted::Gone, Some(local)) if item.kind == ItemKind::Attachment => {
                Content::DeleteAttachment(local.clone())
            }
            (Wanted::Gone, Some(local)) => Content::DeleteComment(local.clone()),
            (Wanted::Gone, None) | (Wanted::Done, _) => return Ok(()),
        };
        let step = match &content {
            Content::AddComment(_) | Content::AddAttachment(_) => ItemStep::Add,
            Content::EditComment(..) => ItemStep::Edit,
            _ => ItemStep::Delete,
        };
        // A key takes effect once: only what makes the copy has the copy's.
        let key = match step {
            ItemStep::Add => copy.key.clone(),
            ItemStep::Edit => self.key(&format!("edit:{}:{item}", copy.again)),
            ItemStep::Delete => self.key(&format!("gone:{}:{item}", copy.again)),
        };
        self.push(key, Step::Item(item.clone(), step), content);
        Ok(())
    }
}

/// Which of the issues that were made for a pair is to be there.
fn generation(pair: &Pair) -> u32 {
    if planted(Bug::KeyOfVersion) { u32::try_from(pair.version).unwrap_or(0) } else { pair.generation }
}

/// The items that are to be written, as they were made: people read comments
/// from the first to the last.
fn in_order_of_time(pair: &Pair) -> Vec<(&ItemName, &Copy)> {
    let made = |copy: &Copy| match &copy.wanted {
        Wanted::Comment(comment) => Time::parse(&comment.created.0),
        Wanted::Attachment(attachment) => Time::parse(&attachment.created.0),
        Wanted::Gone | Wanted::Done => None,
    };
    let mut items: Vec<_> = pair.due_items().collect();
    // Where the time is the same, 9 comes before 10.
    items.sort_by_key(|(item, copy)| (made(copy), item.id.0.len(), *item));
    items
}

/// Why an attachment's content is not to be had, where it isn't.
fn broken(draft: &Draft<'_>, copy: &Copy) -> Result<Option<String>, Fault> {
    match &copy.wanted {
        Wanted::Attachment(attachment) => crate::delivery::broken(draft, &attachment.digest),
        _ => Ok(None),
    }
}

/// What the copy of a comment says: verbatim, or led by a readable line where
/// the tracker can't set the author and the time.
fn comment_body(work: &Work<'_, '_>, comment: &crate::message::SharedComment) -> RichText {
    let source = if work.identity.abilities.authorship {
        comment.body.source.clone()
    } else {
        format!("{}, {}:\n\n{}", comment.author.name, comment.created, comment.body.source)
    };
    RichText { markup: work.identity.markup, source }
}
