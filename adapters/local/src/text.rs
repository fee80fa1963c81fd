//! Texts between marker lines. People needn't care about blank lines around a
//! text, and every byte of what Ferry writes comes back all the same: blanks at
//! either end that count are kept in the marker.

use std::borrow::Cow;

use crate::marker::backslashes;

/// A text in three pieces that joined give it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces<'a> {
    /// Blank lines at its beginning, with their ends.
    pub head: &'a str,
    /// From the first line that isn't blank to the last visible character.
    pub core: &'a str,
    /// Blanks and line ends after that.
    pub tail: &'a str,
}

const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Takes a text apart.
pub fn split(text: &str) -> Pieces<'_> {
    let visible = text.trim_end_matches(BLANKS);
    let (upto, tail) = text.split_at_checked(visible.len()).unwrap_or((text, ""));
    let blank = upto.len() - upto.trim_start_matches(BLANKS).len();
    let head = upto.get(..blank).and_then(|blank| blank.rfind('\n')).map_or(0, |end| end + 1);
    let (head, core) = upto.split_at_checked(head).unwrap_or(("", upto));
    Pieces { head, core, tail }
}

/// Puts a backslash into lines that a reader would take for markers.
pub fn escape(core: &str) -> Cow<'_, str> {
    change_lines(core, |line, name| {
        let (before, after) = line.split_at_checked(name).unwrap_or((line, ""));
        Some(format!("{before}\\{after}"))
    })
}

/// Takes those backslashes out again.
pub fn unescape(core: &str) -> Cow<'_, str> {
    change_lines(core, |line, name| {
        let (before, after) = line.split_at_checked(name)?;
        Some(format!("{before}{}", after.strip_prefix('\\')?))
    })
}

/// Changes lines that look like markers, at the byte where their name begins.
fn change_lines(core: &str, change: impl Fn(&str, usize) -> Option<String>) -> Cow<'_, str> {
    if !core.contains("<!--") {
        return Cow::Borrowed(core);
    }
    let mut out = String::with_capacity(core.len() + 8);
    let mut changed = false;
    for line in core.split_inclusive('\n') {
        let without_end = line.strip_suffix('\n').unwrap_or(line);
        let new = backslashes(without_end).and_then(|_| {
            let name = without_end.len() - without_end.get(4..)?.trim_start_matches([' ', '\t']).len();
            change(line, name)
        });
        match new {
            Some(new) => {
                changed = true;
                out.push_str(&new);
            }
            None => out.push_str(line),
        }
    }
    if changed { Cow::Owned(out) } else { Cow::Borrowed(core) }
}
