//! Reading a configuration's text: its form, not yet its sense.

use toml::de::{DeTable, DeValue};

use super::nearest;
use super::problem::{Problems, Severity};
use super::table::{Node, Table, direction, owned, start_of, text};
use super::text::{At, FieldText, Several, Share, Text, TypeText, Users, When};
use crate::limits::CONFIGURATION_BYTES_MAX;
use crate::mapping::{By, Filter};

/// Reads a text; what can't be understood is a problem and left out.
pub(crate) fn read(problems: &mut Problems<'_>) -> Text {
    let source = problems.text();
    if source.len() > CONFIGURATION_BYTES_MAX {
        let message = format!("the configuration is longer than {CONFIGURATION_BYTES_MAX} bytes");
        problems.whole(Severity::Error, message, "shorten it: options that both sides call alike need no table");
        return Text::default();
    }
    let (document, errors) = DeTable::parse_recoverable(source);
    if !errors.is_empty() {
        for error in errors {
            let at = error.span().unwrap_or(0..0);
            problems.error(&at, format!("this is not TOML: {}", error.message()), "see https://toml.io for its form");
        }
        return Text::default();
    }
    let mut table = Table::new("the configuration", document.get_ref());
    let share = table.take("share").map(|node| share(node, problems)).unwrap_or_default();
    let types = table.take("types").map(|node| types(node, problems)).unwrap_or_default();
    table.finish(problems);
    Text { share, types }
}

fn table<'a, 't>(node: &'a Node<'t>, what: &'static str, problems: &mut Problems<'_>) -> Option<Table<'a, 't>> {
    let table = node.get_ref().as_table();
    if table.is_none() {
        problems.error(&node.span(), format!("{what} is not a table"), format!("write {what} and its keys below"));
    }
    Some(Table::new(what, table?))
}

fn share(node: &Node<'_>, problems: &mut Problems<'_>) -> Share {
    let mut share = Share::default();
    let Some(mut table) = table(node, "[share]", problems) else { return share };
    share.comments = table.direction("comments", problems);
    if let Some(node) = table.take("attachments") {
        attachments(node, &mut share, problems);
    }
    for (key, what) in [("links", "links between issues"), ("worklogs", "work logs")] {
        if let Some(word) = table.text(key, problems)
            && word.value != "none"
        {
            problems.error(
                &word.at,
                format!("{what} can't be shared by this version yet"),
                format!("{key} = \"none\""),
            );
        }
    }
    if let Some(policy) = table.text("conflicts", problems)
        && policy.value != "primary-wins"
    {
        let message = format!("conflicts can't be settled by \"{}\" in this version", policy.value);
        problems.error(&policy.at, message, "conflicts = \"primary-wins\"");
    }
    table.finish(problems);
    share
}

fn attachments(node: &Node<'_>, share: &mut Share, problems: &mut Problems<'_>) {
    if node.get_ref().is_str() {
        share.attachments = direction(node, "attachments", problems);
        return;
    }
    let Some(inner) = node.get_ref().as_table() else {
        let help = "attachments = \"both\", or { direction = \"both\", max_bytes = 50_000_000 }";
        problems.error(&node.span(), "`attachments` is neither a direction nor a table", help);
        return;
    };
    let mut table = Table::new("attachments", inner);
    share.attachments = table.direction("direction", problems);
    if let Some(node) = table.take("max_bytes") {
        let number = node.get_ref().as_integer().and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok());
        match number {
            Some(value) => share.max_bytes = Some(At { value, at: node.span() }),
            None => problems.error(&node.span(), "`max_bytes` is not a number of bytes", "max_bytes = 50_000_000"),
        }
    }
    if let Some(node) = table.take("media_types") {
        share.media_types = texts(node, "media_types", problems);
        if share.media_types.is_empty() {
            let help = "name some: [\"image/*\", \"text/*\"]; leave the key out for all; direction = \"none\" for none";
            problems.error(&node.span(), "`media_types` names none", help);
        }
        for pattern in share.media_types.iter().filter(|pattern| pattern.value != "*" && !pattern.value.contains('/')) {
            let help = format!("write \"{}/*\"", pattern.value);
            problems.error(&pattern.at, format!("\"{}\" is not a media type", pattern.value), help);
        }
    }
    table.finish(problems);
}

/// A text, or several.
fn texts(node: &Node<'_>, key: &str, problems: &mut Problems<'_>) -> Vec<At<String>> {
    match node.get_ref() {
        DeValue::Array(array) => array.iter().filter_map(|node| text(node, key, problems)).collect(),
        _ => text(node, key, problems).into_iter().collect(),
    }
}

fn types(node: &Node<'_>, problems: &mut Problems<'_>) -> Vec<TypeText> {
    match node.get_ref() {
        DeValue::Array(array) => array.iter().filter_map(|node| issue_type(node, problems)).collect(),
        _ => {
            problems.error(&node.span(), "`types` is a single table", "write [[types]] with double brackets");
            Vec::new()
        }
    }
}

fn issue_type(node: &Node<'_>, problems: &mut Problems<'_>) -> Option<TypeText> {
    let mut table = table(node, "[[types]]", problems)?;
    let head = node.span();
    let alias = table.text("alias", problems);
    let local = table.text("local", problems);
    let direction = table.direction("direction", problems);
    let status_direction = table.direction("status_direction", problems);
    let when = table.text("when", problems).and_then(|text| when(text, problems));
    let fields = table.take("fields").map(|node| fields(node, problems)).unwrap_or_default();
    let statuses = table.take("statuses").map(|node| several(node, "[types.statuses]", problems)).unwrap_or_default();
    table.finish(problems);
    for (missing, key, help) in [
        (alias.is_none(), "alias", "alias = \"defect\": the name that the partner sees"),
        (local.is_none(), "local", "local = \"Bug\": the name of our issue type"),
    ] {
        if missing {
            problems.error(&head, format!("this type has no `{key}`"), help);
        }
    }
    Some(TypeText { alias: alias?, local: local?, direction, status_direction, when, fields, statuses })
}

fn when(text: At<String>, problems: &mut Problems<'_>) -> Option<When> {
    let start = start_of(problems.text(), &text.at, &text.value);
    match Filter::read(&text.value) {
        Ok(filter) => Some(When { filter, at: text.at, start }),
        Err(error) => {
            let at = start.map_or(text.at.clone(), |start| start + error.at..text.at.end);
            problems.error(&at, error.message, error.help);
            None
        }
    }
}

fn fields(node: &Node<'_>, problems: &mut Problems<'_>) -> Vec<FieldText> {
    let Some(table) = table(node, "[types.fields]", problems) else { return Vec::new() };
    table.rest().into_iter().filter_map(|(alias, node)| field(owned(&alias), node, problems)).collect()
}

fn field(alias: At<String>, node: &Node<'_>, problems: &mut Problems<'_>) -> Option<FieldText> {
    let bare = |local| FieldText {
        alias: alias.clone(),
        local,
        direction: None,
        options: Vec::new(),
        default: None,
        users: None,
        template: None,
        constant: None,
    };
    if node.get_ref().is_str() {
        return text(node, &alias.value, problems).map(|local| bare(Some(local)));
    }
    let Some(inner) = node.get_ref().as_table() else {
        let help = format!("write {} = {{ local = \"our field\" }}", alias.value);
        problems.error(&node.span(), format!("`{}` is not a field", alias.value), help);
        return None;
    };
    let mut table = Table::new("a field", inner);
    let mut field = bare(table.text("local", problems));
    field.direction = table.direction("direction", problems);
    field.options = table.take("options").map(|node| several(node, "options", problems)).unwrap_or_default();
    field.default = table.text("default", problems);
    field.users = table.take("users").and_then(|node| users(node, problems));
    field.template = table.text("template", problems);
    field.constant = table.text("constant", problems);
    table.finish(problems);
    if field.local.is_none() && field.constant.is_none() {
        let help = "local = \"our field\", or constant = \"always this\"";
        problems.error(&alias.at, format!("`{}` names no field of ours", alias.value), help);
        return None;
    }
    Some(field)
}

fn users(node: &Node<'_>, problems: &mut Problems<'_>) -> Option<At<Users>> {
    let Some(inner) = node.get_ref().as_table() else {
        let help = "users = { by = \"email\", default = \"somebody\" }";
        problems.error(&node.span(), "`users` is not a table", help);
        return None;
    };
    let mut table = Table::new("users", inner);
    let mut users = Users::default();
    if let Some(word) = table.text("by", problems) {
        match By::WORDS.iter().find(|(known, _)| *known == word.value) {
            Some((_, by)) => users.by = *by,
            None => {
                let help = nearest::hint(&word.value, By::WORDS.iter().map(|(known, _)| *known));
                problems.error(&word.at, format!("people can't be found by \"{}\"", word.value), help);
            }
        }
    }
    users.table = table.pairs("table", problems).unwrap_or_default();
    users.default = table.text("default", problems);
    table.finish(problems);
    Some(At { value: users, at: node.span() })
}

/// Aliases, and for each what of ours answers it.
fn several(node: &Node<'_>, what: &'static str, problems: &mut Problems<'_>) -> Vec<Several> {
    let Some(table) = table(node, what, problems) else { return Vec::new() };
    let mut answers = Vec::new();
    for (alias, node) in table.rest() {
        let locals = texts(node, alias.value, problems);
        if locals.is_empty() {
            let help = format!("write {} = \"ours\", or [\"is written and read\", \"is read\"]", alias.value);
            problems.error(&alias.at, format!("`{}` names nothing of ours", alias.value), help);
        } else {
            answers.push(Several { alias: owned(&alias), locals });
        }
    }
    answers
}
