//! Marker lines: HTML comments on a line of their own that carry what Markdown
//! can't, `<!-- ferry comment 3 by="Anna" at="2026-03-01T09:00:00Z" -->`. No
//! renderer shows them.

use std::fmt::Write as _;

/// What a marker line says: a kind, words, and named values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marker {
    /// What it marks: `comment`, `attachment`, `description`.
    pub kind: String,
    /// Bare or quoted words after the kind.
    pub words: Vec<String>,
    /// Named values, in the order written.
    pub values: Vec<(String, String)>,
}

/// Whether a line is a marker, or would be one without the backslashes that
/// [`escape`](crate::text::escape) puts before its name: how many those are.
pub fn backslashes(line: &str) -> Option<usize> {
    let rest = line.strip_prefix("<!--")?.trim_start_matches([' ', '\t']);
    let name = rest.trim_start_matches('\\');
    let rest_of_name = name.strip_prefix("ferry")?;
    let ends = rest_of_name.is_empty() || rest_of_name.starts_with([' ', '\t', '\r', '-']);
    ends.then(|| rest.len() - name.len())
}

/// Whether a line is a marker.
pub fn is_marker(line: &str) -> bool {
    backslashes(line) == Some(0)
}

impl Marker {
    /// A marker of that kind.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), ..Self::default() }
    }

    /// Reads a marker line; the error says what is wrong with it.
    pub fn parse(line: &str) -> Result<Self, &'static str> {
        let inner = line.trim_end().strip_suffix("-->").ok_or("a marker has to end with --> on its own line")?;
        let inner = inner.strip_prefix("<!--").unwrap_or(inner).trim_start_matches([' ', '\t']);
        let mut rest = inner.strip_prefix("ferry").unwrap_or(inner).trim();
        let mut marker = Self::default();
        while !rest.is_empty() {
            let (word, after) = take_word(rest)?;
            match after.strip_prefix('=') {
                Some(quoted) => {
                    let (value, after) = take_word(quoted)?;
                    marker.values.push((word, value));
                    rest = after.trim_start();
                }
                None if marker.kind.is_empty() => {
                    marker.kind = word;
                    rest = after.trim_start();
                }
                None => {
                    marker.words.push(word);
                    rest = after.trim_start();
                }
            }
        }
        if marker.kind.is_empty() {
            Err("a marker needs a kind: comment, attachment or description")
        } else {
            Ok(marker)
        }
    }

    /// A named value.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Sets or removes a named value.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let place = self.values.iter().position(|(given, _)| given == name);
        match (place.and_then(|place| self.values.get_mut(place)), value) {
            (Some(slot), Some(value)) => value.clone_into(&mut slot.1),
            (None, Some(value)) => self.values.push((name.to_owned(), value.to_owned())),
            (Some(_), None) => self.values.retain(|(given, _)| given != name),
            (None, None) => {}
        }
    }

    /// Writes the line, without its end.
    pub fn render(&self, out: &mut String) {
        out.push_str("<!-- ferry ");
        out.push_str(&self.kind);
        for word in &self.words {
            out.push(' ');
            if is_bare(word) { out.push_str(word) } else { quote(word, out) }
        }
        for (name, value) in &self.values {
            out.push(' ');
            out.push_str(name);
            out.push('=');
            quote(value, out);
        }
        out.push_str(" -->");
    }
}

fn is_bare(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
}

/// A bare or quoted word, and what follows it.
fn take_word(text: &str) -> Result<(String, &str), &'static str> {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', '=', '"']).unwrap_or(text.len());
        let (word, after) = text.split_at_checked(end).unwrap_or((text, ""));
        return if word.is_empty() { Err("a value is missing") } else { Ok((word.to_owned(), after)) };
    };
    let mut word = String::new();
    loop {
        let stop = rest.find(['"', '\\']).ok_or("a quotation mark isn't closed")?;
        let (plain, special) = rest.split_at_checked(stop).unwrap_or((rest, ""));
        word.push_str(plain);
        if let Some(after) = special.strip_prefix('"') {
            return Ok((word, after));
        }
        rest = unescape(special.strip_prefix('\\').unwrap_or(special), &mut word)?;
    }
}

fn unescape<'a>(text: &'a str, word: &mut String) -> Result<&'a str, &'static str> {
    const BAD: &str = r#"after a backslash only \ " n r t or u{…} may stand"#;
    let mut chars = text.chars();
    match chars.next() {
        Some('n') => word.push('\n'),
        Some('r') => word.push('\r'),
        Some('t') => word.push('\t'),
        Some(same @ ('\\' | '"')) => word.push(same),
        Some('u') => {
            let (code, after) = chars.as_str().strip_prefix('{').and_then(|rest| rest.split_once('}')).ok_or(BAD)?;
            word.push(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).ok_or(BAD)?);
            return Ok(after);
        }
        _ => return Err(BAD),
    }
    Ok(chars.as_str())
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // The comment must not end early, nor a line.
            '>' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}
