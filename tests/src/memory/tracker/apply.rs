//! How the tracker carries out effects.

use std::collections::{BTreeMap, BTreeSet};

use ferry_core::ids::{EffectKey, IssueId, ItemId};
use ferry_core::model::{
    Applied, Attachment, Comment, Content, Effect, Field, FieldKind, FieldProblem, FieldSchema, Issue, NewAttachment,
    NewComment, NewIssue, RichText, Target, TypeSchema, Value, Visibility,
};
use ferry_core::ports::TrackerFault;

use super::Tracker;
use crate::Call;

/// What one effect left behind.
#[derive(Default)]
struct Outcome {
    replaced: Vec<Field>,
    item: Option<ItemId>,
    dropped: Vec<FieldProblem>,
}

impl Tracker {
    pub(super) fn carry_out(&self, effects: &[Effect]) -> Vec<Result<Applied, TrackerFault>> {
        let mut made: BTreeMap<EffectKey, Result<IssueId, TrackerFault>> = BTreeMap::new();
        let mut touched = BTreeSet::new();
        let mut stale = BTreeSet::new();
        let mut results = Vec::new();
        for effect in effects {
            // A process may die with half a batch carried out.
            self.fuse.before(Call::Effect);
            if self.is_throttled() {
                results.push(Err(TrackerFault::RetryLater(Some(1))));
                continue;
            }
            let result = self.target(effect, &made).and_then(|target| {
                if let Some(id) = &target {
                    let first = touched.insert(id.clone());
                    if stale.contains(id) || (first && self.is_stale(effect, id)) {
                        stale.insert(id.clone());
                        return Err(TrackerFault::Stale);
                    }
                }
                self.one(effect, target.as_ref())
            });
            if matches!(effect.content, Content::Create(_)) {
                if let Ok(applied) = &result {
                    touched.insert(applied.issue.clone());
                }
                made.insert(effect.key.clone(), result.as_ref().map(|a| a.issue.clone()).map_err(Clone::clone));
            }
            results.push(result);
        }
        results
    }

    fn is_throttled(&self) -> bool {
        let mut misbehaviour = self.misbehaviour.borrow_mut();
        let Some(left) = &mut misbehaviour.throttle_after else { return false };
        let throttled = *left == 0;
        *left = left.saturating_sub(1);
        throttled
    }

    fn target(
        &self,
        effect: &Effect,
        made: &BTreeMap<EffectKey, Result<IssueId, TrackerFault>>,
    ) -> Result<Option<IssueId>, TrackerFault> {
        match &effect.target {
            Target::Nothing => Ok(None),
            Target::Existing(id) => Ok(Some(id.clone())),
            Target::MadeBy(key) => match made.get(key) {
                Some(made) => made.clone().map(Some),
                None => Err(TrackerFault::Other(format!("no effect {key} in this batch"))),
            },
        }
    }

    fn is_stale(&self, effect: &Effect, id: &IssueId) -> bool {
        let current = self.issue(id).map(|issue| issue.revision);
        self.abilities.get().optimistic_writes
            && effect.expected.is_some()
            && current.is_some()
            && effect.expected != current
    }

    fn one(&self, effect: &Effect, target: Option<&IssueId>) -> Result<Applied, TrackerFault> {
        let there = self.search(effect);
        if let Some(there) = there.first() {
            if matches!(effect.content, Content::Create(_)) {
                return Err(TrackerFault::UnknownOutcome("it was made before".to_owned()));
            }
            return self.applied(&there.issue, Outcome { item: there.item.clone(), ..Outcome::default() });
        }
        self.state.borrow_mut().made_at.insert(effect.key.clone(), self.clock.now());
        let Some(id) = target else {
            return match &effect.content {
                Content::Create(new) => self.create(new, &effect.key),
                _ => Err(TrackerFault::Other("an effect without a target".to_owned())),
            };
        };
        let known = self.remembered.borrow().as_ref().and_then(|known| known.get(&effect.key).cloned());
        if let Some(item) = known {
            return self.applied(id, Outcome { item, ..Outcome::default() });
        }
        let issue = self.issue(id).ok_or(TrackerFault::NotFound)?;
        if self.misbehaviour.borrow().unreadable.contains_key(id) {
            return Err(TrackerFault::Unreadable("a person has to mend it".to_owned()));
        }
        let outcome = match &effect.content {
            Content::Create(_) => return Err(TrackerFault::Other("a creation has no target".to_owned())),
            Content::SetFields(fields) => self.set_fields(&issue, fields)?,
            Content::Transition(status, fields) => self.transition(&issue, status, fields)?,
            Content::SetType(issue_type) => self.set_type(&issue, issue_type)?,
            Content::AddComment(comment) => self.add_comment(id, comment, &effect.key),
            Content::EditComment(comment, body) => self.edit_comment(&issue, comment, body)?,
            Content::DeleteComment(comment) => self.on(id, |record| {
                record.issue.comments.retain(|there| there.id != *comment);
                Outcome { item: Some(comment.clone()), ..Outcome::default() }
            }),
            Content::AddAttachment(attachment) => self.attach(id, attachment, &effect.key)?,
            Content::DeleteAttachment(attachment) => self.on(id, |record| {
                record.issue.attachments.retain(|there| there.id != *attachment);
                record.contents.remove(attachment);
                Outcome { item: Some(attachment.clone()), ..Outcome::default() }
            }),
        };
        if let Some(known) = self.remembered.borrow_mut().as_mut() {
            known.insert(effect.key.clone(), outcome.item.clone());
        }
        let now = self.timestamp();
        self.state.borrow_mut().touch(id, now);
        self.applied(id, outcome)
    }

    fn on<T>(&self, id: &IssueId, change: impl FnOnce(&mut super::state::Record) -> T) -> T {
        change(self.state.borrow_mut().issues.get_mut(id).expect("looked up before"))
    }

    fn applied(&self, id: &IssueId, outcome: Outcome) -> Result<Applied, TrackerFault> {
        let issue = self.issue(id).ok_or(TrackerFault::NotFound)?;
        Ok(Applied {
            issue: issue.id,
            issue_key: issue.key,
            url: issue.url,
            revision: issue.revision,
            replaced: outcome.replaced,
            item: outcome.item,
            dropped: outcome.dropped,
        })
    }

    fn create(&self, new: &NewIssue, key: &EffectKey) -> Result<Applied, TrackerFault> {
        let schema = self.state.borrow().schema.issue_type(&new.issue_type).cloned();
        let schema = schema.ok_or_else(|| problem("type", &format!("there is no type {}", new.issue_type)))?;
        self.check(&schema, &new.fields)?;
        let filled = |name: &str| new.fields.iter().any(|field| field.name == name && field.value != Value::Absent);
        if let Some(missing) = schema.fields.iter().find(|field| field.required && !filled(&field.name)) {
            return Err(problem(&missing.name, "is required"));
        }
        let now = self.timestamp();
        let id = self.state.borrow_mut().create(&new.issue_type, now).expect("the type is in the schema");
        let outcome = self.set_checked(&id, &new.fields);
        self.on(&id, |record| {
            record.issue.effect = Some(key.clone());
            record.issue.parent.clone_from(&new.parent);
        });
        self.applied(&id, Outcome { replaced: Vec::new(), ..outcome })
    }

    fn set_fields(&self, issue: &Issue, fields: &[Field]) -> Result<Outcome, TrackerFault> {
        let state = self.state.borrow();
        let schema = state.type_of(issue).cloned();
        drop(state);
        self.check(&schema.ok_or_else(|| problem("type", "is no type of this project"))?, fields)?;
        Ok(self.set_checked(&issue.id, fields))
    }

    fn set_checked(&self, id: &IssueId, fields: &[Field]) -> Outcome {
        let mut outcome = Outcome::default();
        for field in fields {
            if self.misbehaviour.borrow().drop_silently.contains(&field.name) {
                let reason = "the tracker left it out".to_owned();
                outcome.dropped.push(FieldProblem { field: field.name.clone(), reason });
                continue;
            }
            let value = self.normalised(field.value.clone());
            let before = self.on(id, |record| record.set(&field.name, value)).expect("checked before");
            outcome.replaced.push(Field { name: field.name.clone(), value: before });
        }
        outcome
    }

    fn normalised(&self, value: Value) -> Value {
        let Some(normalise) = self.misbehaviour.borrow().normalise else { return value };
        match value {
            Value::Text(text) => Value::Text(normalise(&text)),
            Value::RichText(text) => Value::RichText(RichText { source: normalise(&text.source), ..text }),
            other => other,
        }
    }

    fn check(&self, schema: &TypeSchema, fields: &[Field]) -> Result<(), TrackerFault> {
        let refused = &self.misbehaviour.borrow().refuse;
        let wrong = |field: &Field| {
            let reason = match (refused.get(&field.name), schema.field(&field.name)) {
                (Some(reason), _) => reason.clone(),
                (None, None) => "there is no such field".to_owned(),
                (None, Some(known)) => self.misfit(known, &field.value)?,
            };
            Some(FieldProblem { field: field.name.clone(), reason })
        };
        let problems: Vec<FieldProblem> = fields.iter().filter_map(wrong).collect();
        if problems.is_empty() { Ok(()) } else { Err(TrackerFault::Invalid(problems)) }
    }

    fn misfit(&self, schema: &FieldSchema, value: &Value) -> Option<String> {
        if !schema.writable {
            return Some("can't be written".to_owned());
        }
        let state = self.state.borrow();
        let fits = match (schema.kind, value) {
            (_, Value::Absent) => !schema.required,
            (FieldKind::Text, Value::Text(_))
            | (FieldKind::RichText, Value::RichText(_))
            | (FieldKind::Number, Value::Number(_))
            | (FieldKind::Boolean, Value::Boolean(_))
            | (FieldKind::Date, Value::Date(_))
            | (FieldKind::DateTime, Value::DateTime(_))
            | (FieldKind::Duration, Value::DurationSeconds(_))
            | (FieldKind::Labels, Value::Labels(_))
            | (FieldKind::Other, Value::Other(_)) => true,
            (FieldKind::User, Value::User(user)) => state.people.contains(user),
            (FieldKind::Users, Value::Users(users)) => users.iter().all(|user| state.people.contains(user)),
            (FieldKind::Choice | FieldKind::Version | FieldKind::Component, Value::Choice(option)) => {
                schema.options.contains(option)
            }
            (FieldKind::Choices | FieldKind::Versions | FieldKind::Components, Value::Choices(options)) => {
                options.iter().all(|option| schema.options.contains(option))
            }
            _ => false,
        };
        (!fits).then(|| format!("{value:?} does not fit"))
    }

    fn transition(&self, issue: &Issue, status: &str, fields: &[Field]) -> Result<Outcome, TrackerFault> {
        let schema = self.state.borrow().type_of(issue).cloned();
        let schema = schema.ok_or_else(|| problem("type", "is no type of this project"))?;
        if !schema.statuses.iter().any(|known| known == status) {
            return Err(problem("status", &format!("there is no status {status}")));
        }
        let step = schema.transitions.iter().find(|step| step.source == issue.status && step.target == status);
        if !schema.transitions.is_empty() && issue.status != status {
            let step = step.ok_or_else(|| problem("status", &format!("no step from {} to {status}", issue.status)))?;
            let given = |name: &String| fields.iter().any(|field| field.name == *name);
            if let Some(missing) = step.required.iter().find(|name| !given(name)) {
                return Err(problem(missing, "is required by this step"));
            }
        }
        if let Some(reason) = self.misbehaviour.borrow().refuse.get("status") {
            return Err(problem("status", reason));
        }
        self.check(&schema, fields)?;
        let outcome = self.set_checked(&issue.id, fields);
        self.on(&issue.id, |record| status.clone_into(&mut record.issue.status));
        Ok(outcome)
    }

    fn set_type(&self, issue: &Issue, issue_type: &str) -> Result<Outcome, TrackerFault> {
        let known = self.state.borrow().schema.issue_type(issue_type).is_some();
        if !known {
            return Err(problem("type", &format!("there is no type {issue_type}")));
        }
        self.on(&issue.id, |record| issue_type.clone_into(&mut record.issue.issue_type));
        Ok(Outcome::default())
    }

    fn add_comment(&self, id: &IssueId, new: &NewComment, key: &EffectKey) -> Outcome {
        let now = self.timestamp();
        let account = self.state.borrow().account.clone();
        let can_set = self.abilities.get().authorship;
        let author = new.author.clone().filter(|_| can_set).unwrap_or(account);
        let created = new.created.clone().filter(|_| can_set).unwrap_or_else(|| now.clone());
        let body = self.normalised(Value::RichText(new.body.clone()));
        let Value::RichText(body) = body else { unreachable!("normalising keeps the kind") };
        let item = self.on(id, |record| {
            let item = record.comment_id();
            record.issue.comments.push(Comment {
                id: item.clone(),
                author,
                created,
                updated: now,
                body,
                visibility: Visibility::Public,
                effect: Some(key.clone()),
            });
            item
        });
        Outcome { item: Some(item), ..Outcome::default() }
    }

    fn edit_comment(&self, issue: &Issue, id: &ItemId, body: &RichText) -> Result<Outcome, TrackerFault> {
        let now = self.timestamp();
        self.on(&issue.id, |record| {
            let comment = record.issue.comments.iter_mut().find(|there| there.id == *id);
            let comment = comment.ok_or(TrackerFault::NotFound)?;
            comment.body = body.clone();
            comment.updated = now;
            Ok(Outcome { item: Some(id.clone()), ..Outcome::default() })
        })
    }

    fn attach(&self, id: &IssueId, new: &NewAttachment, key: &EffectKey) -> Result<Outcome, TrackerFault> {
        let content = self.blobs.content(&new.blob);
        let content = content.ok_or_else(|| TrackerFault::Other("the blob is gone".to_owned()))?;
        if content.len() as u64 != new.size {
            return Err(problem("attachments", "its size is not what was announced"));
        }
        let (now, author) = (self.timestamp(), self.state.borrow().account.clone());
        let item = self.on(id, |record| {
            let item = record.attachment_id();
            record.contents.insert(item.clone(), content);
            record.issue.attachments.push(Attachment {
                id: item.clone(),
                name: new.name.clone(),
                media_type: new.media_type.clone(),
                size: new.size,
                created: now,
                author,
                visibility: Visibility::Public,
                effect: Some(key.clone()),
            });
            item
        });
        Ok(Outcome { item: Some(item), ..Outcome::default() })
    }
}

fn problem(field: &str, reason: &str) -> TrackerFault {
    TrackerFault::Invalid(vec![FieldProblem { field: field.to_owned(), reason: reason.to_owned() }])
}
