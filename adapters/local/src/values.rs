//! Values of fields, between front matter and the interface.

use chrono::{DateTime, SecondsFormat, Utc};
use ferry_adapter::model::{FieldKind, FieldSchema, Markup, OptionValue, RichText, User, Value};

use crate::front::FrontValue;
use crate::project::Project;

/// What front matter says, as the field's kind has it; the error says what
/// would be right.
pub fn read(field: &FieldSchema, value: &FrontValue, project: &Project) -> Result<Value, String> {
    let wrong = |right: &str| format!("{} has to be {right}", field.name);
    match (field.kind, value) {
        (FieldKind::Text, FrontValue::Text(text)) => Ok(Value::Text(text.clone())),
        (FieldKind::Text, FrontValue::Number(text) | FrontValue::Time(text)) => Ok(Value::Text(text.clone())),
        (FieldKind::Text, _) => Err(wrong("a text in quotation marks")),
        (FieldKind::RichText, FrontValue::Text(text)) => Ok(Value::RichText(markdown(text))),
        (FieldKind::RichText, _) => Err(wrong("a text in quotation marks")),
        (FieldKind::Number, FrontValue::Number(text) | FrontValue::Text(text)) if is_decimal(text) => {
            Ok(Value::Number(text.clone()))
        }
        (FieldKind::Number, _) => Err(wrong("a decimal number such as 12 or 12.5")),
        (FieldKind::Boolean, FrontValue::Boolean(yes)) => Ok(Value::Boolean(*yes)),
        (FieldKind::Boolean, _) => Err(wrong("true or false")),
        (FieldKind::Date, FrontValue::Time(date) | FrontValue::Text(date)) if is_date(date) => {
            Ok(Value::Date(date.clone()))
        }
        (FieldKind::Date, _) => Err(wrong("a day such as 2026-03-01")),
        (FieldKind::DateTime, FrontValue::Time(time) | FrontValue::Text(time)) => {
            utc(time).map(Value::DateTime).ok_or_else(|| wrong("a time such as 2026-03-01T09:00:00Z"))
        }
        (FieldKind::DateTime, _) => Err(wrong("a time such as 2026-03-01T09:00:00Z")),
        (FieldKind::Duration, FrontValue::Number(seconds) | FrontValue::Text(seconds)) => {
            seconds.parse().map(Value::DurationSeconds).map_err(|_| wrong("a number of seconds"))
        }
        (FieldKind::Duration, _) => Err(wrong("a number of seconds")),
        (FieldKind::Choice | FieldKind::Version | FieldKind::Component, FrontValue::Text(label)) => {
            option(field, label).map(Value::Choice)
        }
        (FieldKind::Choice | FieldKind::Version | FieldKind::Component, _) => {
            Err(wrong("one option in quotation marks"))
        }
        (FieldKind::Choices | FieldKind::Versions | FieldKind::Components, value) => {
            let labels = list(value).ok_or_else(|| wrong("a list of options: [\"a\", \"b\"]"))?;
            labels.iter().map(|label| option(field, label)).collect::<Result<_, _>>().map(Value::Choices)
        }
        (FieldKind::User, FrontValue::Text(name)) => user(field, name, project).map(Value::User),
        (FieldKind::User, _) => Err(wrong("somebody's name in quotation marks")),
        (FieldKind::Users, value) => {
            let names = list(value).ok_or_else(|| wrong("a list of names: [\"anna\", \"otto\"]"))?;
            names.iter().map(|name| user(field, name, project)).collect::<Result<_, _>>().map(Value::Users)
        }
        (FieldKind::Labels, value) => {
            list(value).map(Value::Labels).ok_or_else(|| wrong("a list of words: [\"a\", \"b\"]"))
        }
        (FieldKind::Other, FrontValue::Text(json)) => Ok(Value::Other(json.clone())),
        (FieldKind::Other, _) => Err(wrong("JSON in quotation marks")),
    }
}

/// What front matter is to say; none where the field becomes empty. The error
/// says what the tracker refuses.
pub fn write(field: &FieldSchema, value: &Value, project: &Project) -> Result<Option<FrontValue>, String> {
    let label = |given: &OptionValue| {
        let known = field
            .options
            .iter()
            .find(|own| own.id == given.id)
            .or_else(|| field.options.iter().find(|own| own.label == given.label));
        match known {
            Some(own) => Ok(own.label.clone()),
            None if field.options.is_empty() => Ok(given.label.clone()),
            None => Err(format!("{:?} isn't one of its options; add it to tracker.toml", given.label)),
        }
    };
    let name = |given: &User| match project.known(&given.id) {
        Some(own) => Ok(own.id),
        None => Err(format!("{:?} isn't among the people of tracker.toml", given.id)),
    };
    let written = match (field.kind, value) {
        (_, Value::Absent) => return if field.required { Err("can't be empty".to_owned()) } else { Ok(None) },
        (FieldKind::Text, Value::Text(text)) | (FieldKind::Other, Value::Other(text)) => FrontValue::Text(text.clone()),
        (FieldKind::RichText, Value::RichText(text)) => FrontValue::Text(readable(text)?.to_owned()),
        (FieldKind::Number, Value::Number(number)) if is_decimal(number) => FrontValue::Number(number.clone()),
        (FieldKind::Boolean, Value::Boolean(yes)) => FrontValue::Boolean(*yes),
        (FieldKind::Date, Value::Date(date)) if is_date(date) => FrontValue::Time(date.clone()),
        (FieldKind::DateTime, Value::DateTime(time)) if utc(time).is_some() => FrontValue::Time(time.clone()),
        (FieldKind::Duration, Value::DurationSeconds(seconds)) => FrontValue::Number(seconds.to_string()),
        (FieldKind::Choice | FieldKind::Version | FieldKind::Component, Value::Choice(given)) => {
            FrontValue::Text(label(given)?)
        }
        (FieldKind::Choices | FieldKind::Versions | FieldKind::Components, Value::Choices(given)) => {
            FrontValue::Words(given.iter().map(label).collect::<Result<_, _>>()?)
        }
        (FieldKind::User, Value::User(given)) => FrontValue::Text(name(given)?),
        (FieldKind::Users, Value::Users(given)) => FrontValue::Words(given.iter().map(name).collect::<Result<_, _>>()?),
        (FieldKind::Labels, Value::Labels(words)) => FrontValue::Words(words.clone()),
        _ => return Err("the value is of another kind than the field".to_owned()),
    };
    // An empty set and an empty field are one thing.
    Ok(Some(written).filter(|written| !matches!(written, FrontValue::Words(words) if words.is_empty())))
}

/// The source of a text in a markup that Markdown readers can show.
pub fn readable(text: &RichText) -> Result<&str, String> {
    match text.markup {
        Markup::Markdown | Markup::GithubMarkdown | Markup::GitlabMarkdown | Markup::Plain => Ok(&text.source),
        _ => Err("the text has to be Markdown".to_owned()),
    }
}

/// Markdown.
pub fn markdown(text: &str) -> RichText {
    RichText { markup: Markup::Markdown, source: text.to_owned() }
}

/// A time in UTC; one that is already is left as it was written.
pub fn utc(time: &str) -> Option<String> {
    let parsed = DateTime::parse_from_rfc3339(time).ok()?;
    let already = time.ends_with('Z') && time.as_bytes().get(10) == Some(&b'T');
    Some(if already { time.to_owned() } else { parsed.to_utc().to_rfc3339_opts(SecondsFormat::AutoSi, true) })
}

/// Nanoseconds since 1970 as RFC 3339, to the millisecond.
pub fn time_of(ns: u64) -> String {
    let time = DateTime::<Utc>::from_timestamp_nanos(i64::try_from(ns).unwrap_or(i64::MAX));
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn option(field: &FieldSchema, label: &str) -> Result<OptionValue, String> {
    if field.options.is_empty() {
        return Ok(OptionValue { id: label.to_owned(), label: label.to_owned() });
    }
    let known = field.options.iter().find(|option| option.label == label).cloned();
    known.ok_or_else(|| {
        let all: Vec<_> = field.options.iter().map(|option| option.label.as_str()).collect();
        format!("{} can't be {label:?}: it is one of {}", field.name, all.join(", "))
    })
}

fn user(field: &FieldSchema, name: &str, project: &Project) -> Result<User, String> {
    project.known(name).ok_or_else(|| format!("{}: {name:?} isn't among the people of tracker.toml", field.name))
}

fn list(value: &FrontValue) -> Option<Vec<String>> {
    match value {
        FrontValue::Words(words) => Some(words.clone()),
        FrontValue::Text(word) => Some(vec![word.clone()]),
        _ => None,
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut parts = digits.splitn(2, '.');
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next().is_some_and(all_digits) && parts.next().is_none_or(all_digits)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}
