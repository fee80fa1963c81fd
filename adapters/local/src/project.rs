//! `tracker.toml`: what the project's issues look like, and what they look like
//! without it.

mod people;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ferry_adapter::model::{FieldKind, FieldSchema, OptionValue, ProjectSchema, Transition, TypeSchema, User};
use serde::Deserialize;

/// Its name in the folder.
pub const FILE: &str = "tracker.toml";

/// Keys of front matter that aren't fields.
pub const OWN_KEYS: [&str; 5] = ["key", "type", "status", "created", "effect"];

/// A project, as `tracker.toml` describes it.
#[derive(Clone, Debug)]
pub struct Project {
    /// What issue keys begin with.
    pub key: String,
    /// Files that aren't issues.
    pub ignore: Vec<String>,
    /// Who wrote what names no author.
    pub author: String,
    /// Types, fields, statuses, transitions.
    pub schema: ProjectSchema,
    /// Known people; empty: anybody.
    pub people: Vec<User>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    key: Option<String>,
    author: Option<String>,
    ignore: Option<Vec<String>>,
    statuses: Option<Vec<String>>,
    versions: Option<Vec<String>>,
    components: Option<Vec<String>>,
    #[serde(default)]
    types: Vec<TypeEntry>,
    fields: Option<Vec<FieldEntry>>,
    #[serde(default)]
    transitions: Vec<TransitionEntry>,
    #[serde(default)]
    people: Vec<PersonEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeEntry {
    name: String,
    fields: Option<Vec<String>>,
    statuses: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldEntry {
    name: String,
    label: Option<String>,
    kind: Kind,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    options: Vec<String>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Text,
    RichText,
    Number,
    Boolean,
    Date,
    DateTime,
    Duration,
    Choice,
    Choices,
    User,
    Users,
    Labels,
    Version,
    Versions,
    Component,
    Components,
    Other,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransitionEntry {
    name: String,
    from: String,
    to: String,
    #[serde(default)]
    required: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonEntry {
    id: Option<String>,
    name: String,
    email: Option<String>,
}

impl Project {
    /// Reads `tracker.toml`; without one, the defaults. `key` is the
    /// operator's, where the file names none. The error says which line and
    /// what to do.
    pub fn parse(text: Option<&str>, key: &str) -> Result<Self, String> {
        let file: File = match text {
            None => File::default(),
            Some(text) => toml::from_str(text).map_err(|error| {
                let line =
                    error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or("").matches('\n').count());
                let what = error.message().lines().collect::<Vec<_>>().join("; ");
                format!("{FILE}, line {line}: {what}. Mend it; issues wait until then")
            })?,
        };
        Self::build(file, key).map_err(|what| format!("{FILE}: {what}. Mend it; issues wait until then"))
    }

    fn build(file: File, key: &str) -> Result<Self, String> {
        let key = file.key.clone().unwrap_or_else(|| key.to_owned());
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if key.is_empty() || !key.bytes().all(fits) {
            return Err(format!("the key {key:?} must be letters, digits, _ and -, since files are named by it"));
        }
        let people = people::list(&file.people)?;
        let fields = fields(&file)?;
        let statuses = file.statuses.clone().unwrap_or_else(|| words(&["open", "in progress", "done"]));
        let mut types = Vec::new();
        let default_types = [("Task", None, None), ("Bug", None, None)];
        let given = file.types.iter().map(|t| (t.name.as_str(), t.fields.as_ref(), t.statuses.as_ref()));
        let named: Vec<_> = if file.types.is_empty() { default_types.to_vec() } else { given.collect() };
        for (name, own_fields, own_statuses) in named {
            let statuses = own_statuses.unwrap_or(&statuses).clone();
            if statuses.is_empty() {
                return Err(format!("the type {name:?} has no statuses: give at least one"));
            }
            let fields = own_fields.map_or_else(|| Ok(fields.clone()), |own| chosen(name, own, &fields))?;
            types.push(TypeSchema {
                name: name.to_owned(),
                fields,
                transitions: transitions(&file, &statuses),
                statuses,
            });
        }
        distinct("types", types.iter().map(|t| t.name.as_str()))?;
        known_statuses(&file, &types)?;
        Ok(Self {
            key,
            ignore: file
                .ignore
                .unwrap_or_else(|| words(&["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE.md"])),
            author: file.author.unwrap_or_else(|| "unknown".to_owned()),
            schema: ProjectSchema { types, link_kinds: Vec::new(), complete: true },
            people,
        })
    }

    /// The type of that name.
    pub fn issue_type(&self, name: &str) -> Option<&TypeSchema> {
        self.schema.types.iter().find(|issue_type| issue_type.name == name)
    }

    /// The type of issues that name none.
    pub fn default_type(&self) -> &str {
        self.schema.types.first().map_or("", |issue_type| &issue_type.name)
    }

    /// What people call an issue.
    pub fn issue_key(&self, number: u64) -> String {
        format!("{}-{number}", self.key)
    }

    /// The number in an issue's key.
    pub fn number(&self, key: &str) -> Option<u64> {
        let digits = key.strip_prefix(&self.key)?.strip_prefix('-')?;
        let canonical = !digits.starts_with(['0', '+']) && digits.len() <= 18;
        canonical.then(|| digits.parse().ok()).flatten()
    }

    /// Whether a file is one of the project's issues.
    pub fn is_issue(&self, file: &str) -> bool {
        file.ends_with(".md") && !file.starts_with('.') && !self.ignore.iter().any(|ignored| ignored == file)
    }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn distinct<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || !seen.insert(name) {
            return Err(format!("{what}: {name:?} is empty or stands there twice"));
        }
    }
    Ok(())
}

fn options(labels: &[String]) -> Vec<OptionValue> {
    labels.iter().map(|label| OptionValue { id: label.clone(), label: label.clone() }).collect()
}

fn field(name: &str, label: &str, kind: FieldKind, required: bool) -> FieldSchema {
    FieldSchema { name: name.to_owned(), label: label.to_owned(), kind, required, writable: true, options: Vec::new() }
}

/// Title and description, which every issue has, and the others.
fn fields(file: &File) -> Result<Vec<FieldSchema>, String> {
    let mut fields = vec![
        field("title", "Title", FieldKind::Text, true),
        field("description", "Description", FieldKind::RichText, false),
    ];
    match &file.fields {
        None => {
            fields.push(field("labels", "Labels", FieldKind::Labels, false));
            fields.push(field("assignee", "Assignee", FieldKind::User, false));
            let options = options(&words(&["low", "normal", "high"]));
            fields.push(FieldSchema { options, ..field("priority", "Priority", FieldKind::Choice, false) });
        }
        Some(given) => {
            for entry in given {
                fields.push(custom(entry, file)?);
            }
        }
    }
    distinct("fields", fields.iter().map(|field| field.name.as_str()))?;
    Ok(fields)
}

fn custom(entry: &FieldEntry, file: &File) -> Result<FieldSchema, String> {
    let name = &entry.name;
    if OWN_KEYS.contains(&name.as_str()) {
        return Err(format!("a field can't be called {name:?}: every issue has that already"));
    }
    let list = match entry.kind {
        Kind::Version | Kind::Versions => file.versions.as_deref().unwrap_or_default(),
        Kind::Component | Kind::Components => file.components.as_deref().unwrap_or_default(),
        _ => &entry.options,
    };
    let kind = kind(entry.kind);
    if list.is_empty() && matches!(kind, FieldKind::Choice | FieldKind::Choices) {
        return Err(format!("the field {name:?} has no options: give it a list of them"));
    }
    distinct("options", list.iter().map(String::as_str))?;
    Ok(FieldSchema {
        options: options(list),
        writable: !entry.read_only,
        ..field(name, entry.label.as_deref().unwrap_or(name), kind, entry.required)
    })
}

fn kind(kind: Kind) -> FieldKind {
    match kind {
        Kind::Text => FieldKind::Text,
        Kind::RichText => FieldKind::RichText,
        Kind::Number => FieldKind::Number,
        Kind::Boolean => FieldKind::Boolean,
        Kind::Date => FieldKind::Date,
        Kind::DateTime => FieldKind::DateTime,
        Kind::Duration => FieldKind::Duration,
        Kind::Choice => FieldKind::Choice,
        Kind::Choices => FieldKind::Choices,
        Kind::User => FieldKind::User,
        Kind::Users => FieldKind::Users,
        Kind::Labels => FieldKind::Labels,
        Kind::Version => FieldKind::Version,
        Kind::Versions => FieldKind::Versions,
        Kind::Component => FieldKind::Component,
        Kind::Components => FieldKind::Components,
        Kind::Other => FieldKind::Other,
    }
}

fn chosen(issue_type: &str, own: &[String], fields: &[FieldSchema]) -> Result<Vec<FieldSchema>, String> {
    if let Some(strange) = own.iter().find(|name| !fields.iter().any(|field| field.name == **name)) {
        return Err(format!("the type {issue_type:?} has a field {strange:?}, which is not among the fields"));
    }
    let own =
        |field: &&FieldSchema| matches!(field.name.as_str(), "title" | "description") || own.contains(&field.name);
    Ok(fields.iter().filter(own).cloned().collect())
}

/// The steps between a type's statuses.
fn transitions(file: &File, statuses: &[String]) -> Vec<Transition> {
    let fits = |entry: &&TransitionEntry| statuses.contains(&entry.from) && statuses.contains(&entry.to);
    let transition = |entry: &TransitionEntry| Transition {
        name: entry.name.clone(),
        source: entry.from.clone(),
        target: entry.to.clone(),
        required: entry.required.clone(),
    };
    file.transitions.iter().filter(fits).map(transition).collect()
}

fn known_statuses(file: &File, types: &[TypeSchema]) -> Result<(), String> {
    let known = |status: &String| types.iter().any(|issue_type| issue_type.statuses.contains(status));
    for entry in &file.transitions {
        if let Some(strange) = [&entry.from, &entry.to].into_iter().find(|status| !known(status)) {
            return Err(format!("the transition {:?} names the status {strange:?}, which no type has", entry.name));
        }
        let field = |name: &&String| !types.iter().any(|t| t.fields.iter().any(|field| field.name == **name));
        if let Some(strange) = entry.required.iter().find(field) {
            return Err(format!("the transition {:?} requires {strange:?}, which is no field", entry.name));
        }
    }
    Ok(())
}
