//! TOML as people would write it by hand.

use std::fmt::Write as _;

use crate::front::FrontValue;

/// Writes a key, quoted where it has to be.
pub fn key(name: &str, out: &mut String) {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
        out.push_str(name);
    } else {
        text(name, out);
    }
}

/// Writes a value.
pub fn value(value: &FrontValue, out: &mut String) {
    match value {
        FrontValue::Text(content) if content.contains('\n') => lines(content, out),
        FrontValue::Text(content) => text(content, out),
        FrontValue::Number(number) if is_number(number) => out.push_str(number),
        FrontValue::Time(time) if is_time(time) => out.push_str(time),
        FrontValue::Number(other) | FrontValue::Time(other) => text(other, out),
        FrontValue::Boolean(yes) => out.push_str(if *yes { "true" } else { "false" }),
        FrontValue::Words(words) => {
            out.push('[');
            for (i, word) in words.iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                text(word, out);
            }
            out.push(']');
        }
        FrontValue::Other => out.push_str("\"\""),
    }
}

/// Whether TOML takes it as a number and gives the same digits back.
fn is_number(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // TOML's integers end at 64 bits.
    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && whole.len() <= 18
        && fraction.is_none_or(|fraction| all_digits(fraction) && fraction.len() <= 18)
}

/// Whether TOML takes it as a date or a point in time.
fn is_time(time: &str) -> bool {
    let shape = time.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'T' | b'Z' | b'.' | b'+'));
    shape && time.parse::<toml::value::Datetime>().is_ok()
}

fn text(content: &str, out: &mut String) {
    out.push('"');
    for c in content.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            c => character(c, out),
        }
    }
    out.push('"');
}

/// A text of several lines; none of them may look like a fence.
fn lines(content: &str, out: &mut String) {
    out.push_str("\"\"\"\n");
    let mut at_start = true;
    for c in content.chars() {
        match c {
            '\n' => out.push('\n'),
            '+' if at_start => out.push_str("\\u002B"),
            c => character(c, out),
        }
        at_start = c == '\n';
    }
    out.push_str("\"\"\"");
}

fn character(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\t' => out.push('\t'),
        '\r' => out.push_str("\\r"),
        c if c.is_control() => {
            let _ = write!(out, "\\u{:04X}", u32::from(c));
        }
        c => out.push(c),
    }
}
