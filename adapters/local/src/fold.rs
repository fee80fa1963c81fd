//! Effects on one issue, made on its document in memory: all of a batch are one
//! write of the file.

use ferry_adapter::model::{Content, Fault, Field, FieldProblem, NewAttachment, NewComment, NewIssue, RichText};

use crate::attachments::{self, File};
use crate::document::{Comment, Document};
use crate::front::FrontValue;
use crate::index::{Row, short};
use crate::issue;
use crate::marker::Marker;
use crate::project::Project;
use crate::values::{self, readable};

/// What an effect did, but for the write.
#[derive(Clone, Debug, Default)]
pub struct Done {
    /// The values that it replaced.
    pub replaced: Vec<Field>,
    /// The comment or attachment that it made.
    pub item: Option<String>,
}

/// A file to write into the issue's folder, once its mark is in the issue.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its name there.
    pub name: String,
    /// The blob that holds its content.
    pub blob: String,
    /// Its length in bytes.
    pub size: u64,
}

/// One issue on its way.
pub struct Draft<'a, 't> {
    /// Its file.
    pub document: Document<'t>,
    /// Its row; numbers of comments are taken from it.
    pub row: Row,
    /// The files in its folder.
    pub files: Vec<File>,
    /// Files to write.
    pub arrivals: Vec<Arrival>,
    /// Files to remove.
    pub removals: Vec<String>,
    /// What the project allows.
    pub project: &'a Project,
    /// The account that Ferry writes with.
    pub user: &'a str,
    /// The time of the call, RFC 3339.
    pub now: &'a str,
}

impl Draft<'_, '_> {
    /// Makes an effect on the document, or leaves it as it is.
    pub fn make(&mut self, effect: &str, content: &Content) -> Result<Done, Fault> {
        match content {
            Content::Create(new) => self.create(effect, new),
            Content::SetFields(fields) => self.set_fields(fields),
            Content::Transition((status, fields)) => self.transition(status, fields),
            Content::SetType(name) => self.set_type(name),
            Content::AddComment(new) => self.add_comment(effect, new),
            Content::EditComment((id, body)) => self.edit_comment(id, body),
            Content::DeleteComment(id) => {
                if let Some(at) = self.comment(id) {
                    self.document.comments.remove(at);
                    self.row.loose.retain(|loose| loose.id.to_string() != *id);
                }
                Ok(Done::default())
            }
            Content::AddAttachment(new) => self.add_attachment(effect, new),
            Content::DeleteAttachment(id) => {
                self.delete_attachment(id);
                Ok(Done::default())
            }
            Content::CreateOption((field, label)) => Err(Fault::Unsupported(format!(
                "options of a folder's fields are what tracker.toml says: add {label:?} to {field:?} there"
            ))),
            Content::SetParent(_) | Content::AddLink(_) | Content::RemoveLink(_) => {
                Err(Fault::Unsupported("issues in a folder have no parents and no links".to_owned()))
            }
            Content::AddWorklog(_) | Content::EditWorklog(_) | Content::DeleteWorklog(_) => {
                Err(Fault::Unsupported("issues in a folder have no work logs".to_owned()))
            }
        }
    }

    fn create(&mut self, effect: &str, new: &NewIssue) -> Result<Done, Fault> {
        let Some(kind) = self.project.issue_type(&new.issue_type) else {
            return Err(problem("type", format!("there is no type {:?}", new.issue_type)));
        };
        if new.parent.is_some() {
            return Err(Fault::Unsupported("issues in a folder have no parents".to_owned()));
        }
        let given = |name: &str| new.fields.iter().any(|field| field.name == name);
        let lacking: Vec<FieldProblem> = kind
            .fields
            .iter()
            .filter(|field| field.required && !given(&field.name))
            .map(|field| FieldProblem { field: field.name.clone(), reason: "is required".to_owned() })
            .collect();
        if !lacking.is_empty() {
            return Err(Fault::Invalid(lacking));
        }
        let text = |text: &str| Some(FrontValue::Text(text.to_owned()));
        self.document.front.set("type", text(&kind.name));
        self.document.front.set("status", text(kind.statuses.first().map_or("", String::as_str)));
        self.put_fields(&new.fields)?;
        self.document.front.set("created", Some(FrontValue::Time(self.now.to_owned())));
        self.document.front.set("effect", text(effect));
        Ok(Done::default())
    }

    fn set_fields(&mut self, fields: &[Field]) -> Result<Done, Fault> {
        let replaced = self.put_fields(fields)?;
        Ok(Done { replaced, item: None })
    }

    /// All of the fields or none; answers what they held.
    fn put_fields(&mut self, fields: &[Field]) -> Result<Vec<Field>, Fault> {
        let kind = issue::kind(&self.document, self.project).map_err(|broken| Fault::Unreadable(broken.reason))?;
        let (mut problems, mut values, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        for given in fields {
            let refused = |reason: String| FieldProblem { field: given.name.clone(), reason };
            let Some(schema) = kind.issue_type.fields.iter().find(|field| field.name == given.name) else {
                problems.push(refused(format!("issues of type {:?} have no such field", kind.issue_type.name)));
                continue;
            };
            if !schema.writable {
                problems.push(refused("is read only, as tracker.toml says".to_owned()));
                continue;
            }
            match values::write(schema, &given.value, self.project) {
                Ok(value) => {
                    if let Ok(value) = issue::field(schema, &self.document, self.project) {
                        replaced.push(Field { name: given.name.clone(), value });
                    }
                    values.push((given.name.as_str(), value));
                }
                Err(reason) => problems.push(refused(reason)),
            }
        }
        if !problems.is_empty() {
            return Err(Fault::Invalid(problems));
        }
        for (name, value) in values {
            match (name, &value) {
                ("title", Some(FrontValue::Text(text))) => self.document.set_title(text),
                ("description", Some(FrontValue::Text(text))) => self.document.set_description(Some(text)),
                ("description", _) => self.document.set_description(None),
                _ => self.document.front.set(name, value),
            }
        }
        Ok(replaced)
    }

    fn transition(&mut self, target: &str, fields: &[Field]) -> Result<Done, Fault> {
        let kind = issue::kind(&self.document, self.project).map_err(|broken| Fault::Unreadable(broken.reason))?;
        if !kind.issue_type.statuses.iter().any(|status| status == target) {
            return Err(problem("status", format!("{:?} has no status {target:?}", kind.issue_type.name)));
        }
        let steps = &kind.issue_type.transitions;
        if kind.status != target && !steps.is_empty() {
            let Some(step) = steps.iter().find(|step| step.source == kind.status && step.target == target) else {
                return Err(problem("status", format!("no transition leads from {:?} to {target:?}", kind.status)));
            };
            let given = |name: &String| {
                let value = fields.iter().find(|field| field.name == *name).map(|field| &field.value);
                value.is_some_and(|value| *value != ferry_adapter::model::Value::Absent)
            };
            if let Some(lacking) = step.required.iter().find(|name| !given(name)) {
                return Err(problem(lacking, format!("the transition {:?} requires it", step.name)));
            }
        }
        let replaced = self.put_fields(fields)?;
        self.document.front.set("status", Some(FrontValue::Text(target.to_owned())));
        Ok(Done { replaced, item: None })
    }

    fn set_type(&mut self, name: &str) -> Result<Done, Fault> {
        let kind = issue::kind(&self.document, self.project).map_err(|broken| Fault::Unreadable(broken.reason))?;
        let Some(new) = self.project.issue_type(name) else {
            return Err(problem("type", format!("there is no type {name:?}")));
        };
        if !new.statuses.contains(&kind.status) {
            return Err(problem("type", format!("{name:?} has no status {:?}: change the status first", kind.status)));
        }
        self.document.front.set("type", Some(FrontValue::Text(name.to_owned())));
        Ok(Done::default())
    }

    fn add_comment(&mut self, effect: &str, new: &NewComment) -> Result<Done, Fault> {
        if let Some(at) = self.document.comments.iter().position(|c| c.marker().value("effect") == Some(effect)) {
            let item = self.document.comments.get(at).and_then(Comment::id).map(str::to_owned);
            return Ok(Done { item, replaced: Vec::new() });
        }
        let body = readable(&new.body).map_err(|reason| problem("comments", reason))?;
        self.row.comments += 1;
        let id = self.row.comments.to_string();
        let mut marker = Marker::new("comment");
        marker.words.push(id.clone());
        attachments::set_visibility(&mut marker, &new.visibility);
        match &new.author {
            Some(author) => {
                marker.set("by", Some(&author.name));
                marker.set("user", (author.id != author.name).then_some(author.id.as_str()));
                marker.set("mail", author.email.as_deref());
            }
            None => marker.set("by", Some(self.user)),
        }
        marker.set("at", Some(new.created.as_deref().unwrap_or(self.now)));
        marker.set("effect", Some(effect));
        self.document.comments.push(Comment::new(marker, body));
        Ok(Done { item: Some(id), replaced: Vec::new() })
    }

    fn edit_comment(&mut self, id: &str, body: &RichText) -> Result<Done, Fault> {
        let body = readable(body).map_err(|reason| problem("comments", reason))?;
        let at = self.comment(id).ok_or(Fault::NotFound)?;
        let comment = self.document.comments.get_mut(at).ok_or(Fault::NotFound)?;
        if comment.text() != body {
            let before = short(comment.text());
            comment.set_text(body);
            comment.marker_mut().set("edited", Some(self.now));
            for loose in &mut self.row.loose {
                if loose.id.to_string() == id && loose.digest == before {
                    loose.digest = short(body);
                }
            }
        }
        Ok(Done { item: Some(id.to_owned()), replaced: Vec::new() })
    }

    /// Where a comment stands among the comments.
    fn comment(&self, id: &str) -> Option<usize> {
        let mut loose = self.row.loose.iter();
        self.document.comments.iter().position(|comment| match comment.id() {
            Some(own) => own == id,
            None => loose.next().is_some_and(|loose| loose.id.to_string() == id),
        })
    }

    fn add_attachment(&mut self, effect: &str, new: &NewAttachment) -> Result<Done, Fault> {
        let size = new.size.to_string();
        let written = self.document.attachments.iter().find(|mark| mark.value("effect") == Some(effect));
        if let Some(mark) = written {
            let name = mark.words.first().cloned().unwrap_or_default();
            let item = mark.value("id").map(str::to_owned);
            let there = self.files.iter().any(|file| file.name == name && file.size == new.size);
            if !there && mark.value("size") == Some(size.as_str()) {
                self.arrivals.push(Arrival { name, blob: new.blob.clone(), size: new.size });
            }
            return Ok(Done { item, replaced: Vec::new() });
        }
        let name = self.free_name(&attachments::safe_name(&new.name));
        let id = format!("{:016x}", short(effect));
        let mut marker = Marker::new("attachment");
        marker.words.push(name.clone());
        marker.set("id", Some(&id));
        marker.set("name", (new.name != name).then_some(new.name.as_str()));
        marker.set("type", Some(&new.media_type));
        marker.set("size", Some(&size));
        marker.set("by", Some(self.user));
        marker.set("at", Some(self.now));
        marker.set("effect", Some(effect));
        self.document.attachments_mut().push(marker);
        self.arrivals.push(Arrival { name, blob: new.blob.clone(), size: new.size });
        Ok(Done { item: Some(id), replaced: Vec::new() })
    }

    /// A name that no file has, in upper or lower case.
    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| {
            let name = name.to_lowercase();
            let same = |other: &str| other.to_lowercase() == name;
            self.files.iter().any(|file| same(&file.name))
                || self.arrivals.iter().any(|arrival| same(&arrival.name))
                || self.document.attachments.iter().any(|mark| mark.words.first().is_some_and(|word| same(word)))
        };
        let mut name = wanted.to_owned();
        let mut number = 1;
        while taken(&name) {
            number += 1;
            name = attachments::numbered_name(wanted, number);
        }
        name
    }

    fn delete_attachment(&mut self, id: &str) {
        let marks = &self.document.attachments;
        let is = |file: &&File| attachments::attachment(file, marks, self.project).id == id;
        let Some(file) = self.files.iter().find(is) else { return };
        let name = file.name.clone();
        if self.document.attachments.iter().any(|mark| mark.words.first() == Some(&name)) {
            self.document.attachments_mut().retain(|mark| mark.words.first() != Some(&name));
        }
        self.files.retain(|file| file.name != name);
        self.removals.push(name);
    }

    /// What the file is to hold: comments without a number get theirs.
    pub fn finish(&mut self, key: &str) -> String {
        self.document.set_key(key);
        let mut loose = std::mem::take(&mut self.row.loose).into_iter();
        for comment in self.document.comments.iter_mut().filter(|comment| comment.id().is_none()) {
            if let Some(loose) = loose.next() {
                let marker = comment.marker_mut();
                marker.words.insert(0, loose.id.to_string());
                if marker.value("at").is_none() {
                    marker.set("at", Some(&values::time_of(loose.seen_ns)));
                }
            }
        }
        self.row.comment_count = self.document.comments.len() as u64;
        self.document.render()
    }
}

fn problem(field: &str, reason: impl Into<String>) -> Fault {
    Fault::Invalid(vec![FieldProblem { field: field.to_owned(), reason: reason.into() }])
}
