//! Reading an issue's file by its documentation.

use std::collections::BTreeMap;

/// An issue's file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// TOML between two lines `+++`.
    pub front: BTreeMap<String, toml::Value>,
    /// The first line after it, without its `#`; or `title` of the front
    /// matter.
    pub title: String,
    /// What follows up to the first comment.
    pub description: Option<String>,
    /// The comments, in the order of the file.
    pub comments: Vec<Comment>,
}

/// A comment.
#[derive(Clone, Debug, Default)]
pub struct Comment {
    /// Who wrote it.
    pub author: String,
    /// When.
    pub created: String,
    /// What it says.
    pub text: String,
    /// Whether it is for colleagues only.
    pub is_internal: bool,
}

struct Marker<'a> {
    kind: String,
    words: Vec<String>,
    values: BTreeMap<String, String>,
    text: &'a str,
}

/// Reads a file's content.
///
/// # Errors
/// What can't be understood.
pub fn parse(text: &str) -> Result<Document, String> {
    let (front, body) = front(text)?;
    let mut document = Document { front, ..Document::default() };
    let (opening, markers) = sections(body)?;
    let mut titled = document.front.get("title").and_then(toml::Value::as_str).map(str::to_owned);
    let mut open = |text: &str, document: &mut Document| {
        if text.trim().is_empty() {
            return;
        }
        let rest = match titled.take() {
            Some(title) => {
                document.title = title;
                text.to_owned()
            }
            None => {
                let text = text.trim_start();
                let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
                line.trim_end().strip_prefix('#').unwrap_or(line).trim().clone_into(&mut document.title);
                rest.to_owned()
            }
        };
        document.description = Some(core(&rest)).filter(|text| !text.is_empty());
    };
    open(opening, &mut document);
    for marker in markers {
        let value = |name: &str| marker.values.get(name).cloned().unwrap_or_default();
        let text = || [value("head"), core(marker.text), value("tail")].concat();
        match marker.kind.as_str() {
            "attachment" => open(marker.text, &mut document),
            "description" => document.description = Some(text()),
            "comment" => document.comments.push(Comment {
                author: value("by"),
                created: value("at"),
                text: text(),
                is_internal: marker.words.iter().any(|word| word == "internal"),
            }),
            other => return Err(format!("a marker of kind {other:?}")),
        }
    }
    if document.title.is_empty() {
        document.title = titled.unwrap_or_default();
    }
    Ok(document)
}

/// Where the title line begins and ends, without its line end.
pub(super) fn title_line(text: &str) -> Option<(usize, usize)> {
    let (_, body) = front(text).ok()?;
    let mut at = text.len() - body.len();
    for line in body.split_inclusive('\n') {
        if line.starts_with("# ") {
            return Some((at, at + line.trim_end_matches(['\r', '\n']).len()));
        }
        at += line.len();
    }
    None
}

fn front(text: &str) -> Result<(BTreeMap<String, toml::Value>, &str), String> {
    let Some(rest) = text.strip_prefix("+++\n") else { return Ok((BTreeMap::new(), text)) };
    let (front, body) = match rest.strip_prefix("+++\n") {
        Some(body) => ("", body),
        None => rest.split_once("\n+++\n").ok_or("the front matter has no end")?,
    };
    Ok((toml::from_str(front).map_err(|error| error.to_string())?, body))
}

/// What stands before the first marker, and the markers with what follows each.
fn sections(body: &str) -> Result<(&str, Vec<Marker<'_>>), String> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let inner = line.strip_prefix("<!--").map(|rest| rest.trim_start_matches([' ', '\t']));
        if inner.is_some_and(|inner| inner.starts_with("ferry ")) {
            starts.push((at, at + line.len()));
        }
        at += line.len();
    }
    let opening = &body[..starts.first().map_or(body.len(), |(start, _)| *start)];
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([body.len()]);
    let markers = starts.iter().zip(ends).map(|((start, text), end)| marker(&body[*start..*text], &body[*text..end]));
    Ok((opening, markers.collect::<Result<_, _>>()?))
}

fn marker<'a>(line: &str, text: &'a str) -> Result<Marker<'a>, String> {
    let inner = line.trim_end().strip_suffix("-->").ok_or_else(|| format!("no end: {line}"))?;
    let mut rest = inner.trim_start_matches("<!--").trim().trim_start_matches("ferry").trim_start();
    let mut words = Vec::new();
    let mut values = BTreeMap::new();
    while !rest.is_empty() {
        let (word, after) = word(rest)?;
        rest = after;
        if let Some(quoted) = rest.strip_prefix('=') {
            let (value, after) = self::word(quoted)?;
            values.insert(word, value);
            rest = after;
        } else {
            words.push(word);
        }
        rest = rest.trim_start();
    }
    if words.is_empty() {
        return Err(format!("no kind: {line}"));
    }
    Ok(Marker { kind: words.remove(0), words, values, text })
}

fn word(text: &str) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '=']).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    };
    let mut word = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((word, &quoted[at + 1..])),
            '\\' => match chars.next().map(|(_, escaped)| escaped) {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('u') => {
                    let code: String = chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                    let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
                    word.push(code.ok_or("not a character")?);
                }
                Some(same) => word.push(same),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err(format!("a quotation mark isn't closed: {text}"))
}

/// A text without the blank lines around it, and without the backslashes that
/// keep lines from being markers.
fn core(text: &str) -> String {
    let blanks = [' ', '\t', '\r', '\n'];
    let text = text.trim_end_matches(blanks);
    let start = text.len() - text.trim_start_matches(blanks).len();
    let start = text[..start].rfind('\n').map_or(0, |end| end + 1);
    text[start..].split_inclusive('\n').map(unescaped).collect()
}

fn unescaped(line: &str) -> String {
    let Some(rest) = line.strip_prefix("<!--") else { return line.to_owned() };
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let (blanks, name) = rest.split_at(blanks);
    let escaped = name.starts_with('\\') && name.trim_start_matches('\\').starts_with("ferry");
    if escaped { format!("<!--{blanks}{}", &name[1..]) } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_documented() {
        let text = "+++\nkey = \"ACME-1\"\nlabels = [\"b\", \"a\"]\n+++\n\
                    <!-- ferry attachment \"a.png\" size=\"3\" -->\n\
                    # It leaks\n\nSince Monday.\n\n<!-- \\ferry no -->\n\n\
                    <!-- ferry comment 3 internal by=\"An\\\"na\" at=\"2026-03-01T09:00:00Z\" tail=\"\\r\\n\" -->\n\
                    Yes.\n";
        let document = parse(text).unwrap();
        assert_eq!(document.title, "It leaks");
        assert_eq!(document.description.unwrap(), "Since Monday.\n\n<!-- ferry no -->");
        let comment = &document.comments[0];
        assert_eq!((comment.author.as_str(), comment.text.as_str()), ("An\"na", "Yes.\r\n"));
        assert!(comment.is_internal);
    }

    #[test]
    fn a_hand_made_file_is_its_title() {
        let document = parse("# The build is red on Mondays\n").unwrap();
        assert_eq!((document.title.as_str(), document.description), ("The build is red on Mondays", None));
    }
}
