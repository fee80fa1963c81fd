//! An issue as the interface has it, from its file and its row.

use ferry_adapter::model::{Comment, Field, FieldSchema, Issue, TypeSchema, User, Value};

use crate::attachments::{self, File};
use crate::document::Document;
use crate::front::{Broken, FrontValue};
use crate::index::{Loose, Row, short};
use crate::marker::Marker;
use crate::numbers::COUNTED_MAX;
use crate::project::Project;
use crate::values::{self, markdown, time_of};

/// What an issue's file says of its type and status.
pub struct Kind<'p> {
    /// Its type.
    pub issue_type: &'p TypeSchema,
    /// Its status.
    pub status: String,
}

/// The type and the status, checked.
pub fn kind<'p>(document: &Document<'_>, project: &'p Project) -> Result<Kind<'p>, Broken> {
    let broken = |key: &str, reason: String| Broken::at(document.front_line + document.front.line(key), reason);
    let text = |key: &str| match document.front.get(key) {
        None => Ok(None),
        Some(FrontValue::Text(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(broken(key, format!("{key} has to be a text in quotation marks"))),
    };
    let name = text("type")?.unwrap_or_else(|| project.default_type());
    let issue_type = project.issue_type(name).ok_or_else(|| {
        let all: Vec<_> = project.schema.types.iter().map(|t| t.name.as_str()).collect();
        broken("type", format!("there is no type {name:?}: it is one of {}", all.join(", ")))
    })?;
    let status = match text("status")? {
        None => issue_type.statuses.first().cloned().unwrap_or_default(),
        Some(status) if issue_type.statuses.iter().any(|known| known == status) => status.to_owned(),
        Some(status) => {
            let all = issue_type.statuses.join(", ");
            return Err(broken("status", format!("there is no status {status:?}: it is one of {all}")));
        }
    };
    Ok(Kind { issue_type, status })
}

/// A field's value in the file; the error says what would be right.
pub fn field(field: &FieldSchema, document: &Document<'_>, project: &Project) -> Result<Value, String> {
    Ok(match field.name.as_str() {
        "title" => Value::Text(document.title().to_owned()),
        "description" => document.description().map_or(Value::Absent, |text| Value::RichText(markdown(text))),
        name => match document.front.get(name) {
            None => Value::Absent,
            Some(value) => values::read(field, value, project)?,
        },
    })
}

/// The whole issue. `row` gets the numbers of comments that have none yet.
pub fn issue(
    number: u64,
    document: &Document<'_>,
    files: &[File],
    row: &mut Row,
    modified_ns: u64,
    project: &Project,
) -> Result<Issue, Broken> {
    let kind = kind(document, project)?;
    let mut fields = Vec::with_capacity(kind.issue_type.fields.len());
    for schema in &kind.issue_type.fields {
        let value = field(schema, document, project)
            .map_err(|reason| Broken::at(document.front_line + document.front.line(&schema.name), reason))?;
        fields.push(Field { name: schema.name.clone(), value });
    }
    let created = document.front.text("created").and_then(values::utc);
    let comments = comments(document, row, modified_ns, project);
    Ok(Issue {
        id: number.to_string(),
        key: project.issue_key(number),
        url: None,
        revision: row.revision.clone(),
        created: created.unwrap_or_else(|| time_of(row.created_ns)),
        updated: time_of(modified_ns),
        issue_type: kind.issue_type.name.clone(),
        status: kind.status,
        parent: None,
        fields,
        comments,
        attachments: files.iter().map(|file| attachments::attachment(file, &document.attachments, project)).collect(),
        links: Vec::new(),
        worklogs: Vec::new(),
        incomplete: Vec::new(),
        effect: document.front.text("effect").filter(|_| document.front.get("key").is_some()).map(str::to_owned),
    })
}

fn comments(document: &Document<'_>, row: &mut Row, modified_ns: u64, project: &Project) -> Vec<Comment> {
    row.comment_count = document.comments.len() as u64;
    number_loose(document, row, modified_ns);
    let mut loose = row.loose.iter();
    let comment = |comment: &crate::document::Comment<'_>| {
        let marker = comment.marker();
        let (id, seen_ns) = match comment.id() {
            Some(id) => (id.to_owned(), modified_ns),
            None => loose.next().map_or((String::new(), modified_ns), |loose| (loose.id.to_string(), loose.seen_ns)),
        };
        let created = marker.value("at").and_then(values::utc).unwrap_or_else(|| time_of(seen_ns));
        let author = author(marker, project);
        Comment {
            id,
            author,
            updated: marker.value("edited").and_then(values::utc).unwrap_or_else(|| created.clone()),
            created,
            body: markdown(comment.text()),
            visibility: attachments::visibility(marker),
            effect: marker.value("effect").map(str::to_owned),
        }
    };
    document.comments.iter().map(comment).collect()
}

fn author(marker: &Marker, project: &Project) -> User {
    let name = marker.value("by").unwrap_or(&project.author);
    let id = marker.value("user").unwrap_or(name);
    let listed = (!project.people.is_empty()).then(|| project.known(id)).flatten();
    listed.unwrap_or_else(|| User {
        id: id.to_owned(),
        name: name.to_owned(),
        email: marker.value("mail").map(str::to_owned),
    })
}

/// Gives comments without a number one that stays: by their text, then by
/// their order, so that an edit is an edit and a new one is new. What a marker
/// says above all counting is a name like any other.
pub fn number_loose(document: &Document<'_>, row: &mut Row, now_ns: u64) {
    let number = |id: &str| id.parse().ok().filter(|number| *number <= COUNTED_MAX);
    let numbered: Vec<u64> = document.comments.iter().filter_map(|comment| number(comment.id()?)).collect();
    row.comments = numbered.iter().copied().max().unwrap_or(0).max(row.comments);
    // The file says its number by now, and a crash kept us from knowing.
    row.loose.retain(|loose| !numbered.contains(&loose.id));
    let found: Vec<u64> = document.comments.iter().filter(|c| c.id().is_none()).map(|c| short(c.text())).collect();
    let mut known: Vec<Option<Loose>> = std::mem::take(&mut row.loose).into_iter().map(Some).collect();
    let mut numbered: Vec<Option<Loose>> = found
        .iter()
        .map(|digest| known.iter_mut().find(|slot| slot.as_ref().is_some_and(|loose| loose.digest == *digest))?.take())
        .collect();
    let mut rest = known.into_iter().flatten();
    for (slot, digest) in numbered.iter_mut().zip(&found) {
        if slot.is_none() {
            *slot = Some(match rest.next() {
                Some(known) => Loose { digest: *digest, ..known },
                None => {
                    row.comments += 1;
                    Loose { id: row.comments, digest: *digest, seen_ns: now_ns }
                }
            });
        }
    }
    row.loose = numbered.into_iter().flatten().collect();
}
