//! Words of ours and of the partner's as TOML. Neither may end a line, a
//! string or a comment early.

/// A key, quoted where it has to be.
pub(super) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { string(name) }
}

/// A text in quotes.
pub(super) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            c if c.is_control() || is_bidi(c) => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A word for a comment.
pub(super) fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_bidi(c) { ' ' } else { c }).collect()
}

/// Words for a comment; the first of very many.
pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let all: Vec<String> = words.into_iter().map(word).collect();
    let more = all.len().saturating_sub(SHOWN);
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// An inline table of aliases and names.
pub(super) fn inline<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> =
        pairs.into_iter().map(|(alias, name)| format!("{} = {}", key(alias), string(name))).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// Lines of `key = value  # remark`, with the signs below each other.
#[derive(Default)]
pub(super) struct Lines {
    lines: Vec<Line>,
}

enum Line {
    Entry { key: String, value: String, remark: String },
    Plain(String),
}

impl Lines {
    pub(super) fn entry(&mut self, name: &str, value: impl Into<String>, remark: impl Into<String>) {
        self.lines.push(Line::Entry { key: key(name), value: value.into(), remark: remark.into() });
    }

    pub(super) fn comment(&mut self, text: &str) {
        self.lines.push(Line::Plain(format!("# {text}")));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn write(self, into: &mut String) {
        let entries = || {
            self.lines.iter().filter_map(|line| match line {
                Line::Entry { key, value, .. } => Some((key.chars().count(), value.chars().count())),
                Line::Plain(_) => None,
            })
        };
        let keys = entries().map(|(key, _)| key).max().unwrap_or(0).min(24);
        let values = entries().map(|(_, value)| value).filter(|length| *length <= 56).max().unwrap_or(0);
        for line in &self.lines {
            match line {
                Line::Plain(text) => into.push_str(text),
                Line::Entry { key, value, remark } if remark.is_empty() => {
                    into.push_str(&format!("{key:<keys$} = {value}"));
                }
                Line::Entry { key, value, remark } => {
                    into.push_str(&format!("{key:<keys$} = {value:<values$}  # {remark}"));
                }
            }
            into.push('\n');
        }
    }
}

/// Characters that turn the direction of what follows.
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
