//! Reading: one pass, no guessing. What is ambiguous is named by its line.

use std::borrow::Cow;

use super::{Comment, Document, Raw};
use crate::front::{Broken, FENCE, Front, FrontValue};
use crate::marker::{Marker, is_marker};
use crate::text::{split, unescape};

/// Reads a file.
pub fn parse(text: &str) -> Result<Document<'_>, Broken> {
    let mut document = Document { front_line: 1, ..Document::default() };
    let body = front(text, &mut document)?;
    let marks = marks(text, body)?;
    let mut reader = Reader { text, document, titled: false };
    let first = marks.first().map_or(text.len(), |mark| mark.start);
    reader.document.raw.attachments = text.get(body..body);
    reader.opening(body, body, first)?;
    for (i, mark) in marks.iter().enumerate() {
        let end = marks.get(i + 1).map_or(text.len(), |next| next.start);
        reader.section(body, mark, end)?;
    }
    if !reader.titled {
        reader.without_title(body)?;
    }
    Ok(reader.document)
}

struct Mark {
    start: usize,
    text: usize,
    marker: Marker,
}

struct Reader<'a> {
    text: &'a str,
    document: Document<'a>,
    titled: bool,
}

impl<'a> Reader<'a> {
    fn section(&mut self, body: usize, mark: &Mark, end: usize) -> Result<(), Broken> {
        let line = || line_of(self.text, mark.start);
        match mark.marker.kind.as_str() {
            "attachment" if !self.titled => {
                if mark.marker.words.is_empty() {
                    return Err(Broken::at(line(), "an attachment's marker has to name its file"));
                }
                self.document.attachments.push(mark.marker.clone());
                self.opening(body, mark.text, end)
            }
            "attachment" => Err(Broken::at(line(), "an attachment's marker has to stand before the title line")),
            "description" => {
                if !self.titled {
                    self.without_title(body)?;
                }
                if self.document.description.is_some() || !self.document.comments.is_empty() {
                    return Err(Broken::at(line(), "the description's marker has to stand right after the title line"));
                }
                self.document.description = Some(self.exact(&mark.marker, mark.text, end));
                let start = end_of(self.text, self.document.raw.title);
                self.document.raw.description = self.text.get(start.unwrap_or(mark.start)..end);
                Ok(())
            }
            "comment" => {
                if !self.titled {
                    self.without_title(body)?;
                }
                let text = self.exact(&mark.marker, mark.text, end);
                let raw = self.text.get(mark.start..end);
                let comment = Comment { marker: mark.marker.clone(), text, raw };
                let again = |other: &Comment<'_>| comment.id().is_some() && other.id() == comment.id();
                if self.document.comments.iter().any(again) {
                    let id = comment.id().unwrap_or_default();
                    let reason =
                        format!("comment {id} stands here twice: remove the number from the newer one's marker");
                    return Err(Broken::at(line(), reason));
                }
                self.document.comments.push(comment);
                Ok(())
            }
            other => {
                let reason = format!("a marker says {other:?}, and only comment, attachment and description exist");
                Err(Broken::at(line(), reason))
            }
        }
    }

    /// What stands before the first comment: nothing, or title and description.
    fn opening(&mut self, body: usize, start: usize, end: usize) -> Result<(), Broken> {
        let region = self.text.get(start..end).unwrap_or_default();
        let blank = region.len() - region.trim_start_matches([' ', '\t', '\r', '\n']).len();
        if blank == region.len() {
            return Ok(());
        }
        self.titled = true;
        let first = start + region.get(..blank).and_then(|blank| blank.rfind('\n')).map_or(0, |at| at + 1);
        let mut after = first;
        self.document.raw.attachments = self.text.get(body..first);
        match self.document.front.get("title") {
            Some(FrontValue::Text(title)) => self.document.title = Cow::Owned(title.clone()),
            Some(_) => return Err(self.front_fault("title", "has to be a text in quotation marks")),
            None => {
                let line = self.text.get(first..end).unwrap_or_default();
                let line = line.split_inclusive('\n').next().unwrap_or(line);
                after = first + line.len();
                self.document.title = self.heading(line, first)?;
            }
        }
        self.document.raw.title = self.text.get(first..after);
        let text = self.text.get(after..end).unwrap_or_default();
        let core = split(text).core;
        self.document.description = (!core.is_empty()).then(|| unescape(core));
        self.document.raw.description = Some(text);
        Ok(())
    }

    fn heading(&self, line: &'a str, offset: usize) -> Result<Cow<'a, str>, Broken> {
        let line_text = line.trim();
        if let Some(title) = line_text.strip_prefix('#')
            && (title.is_empty() || title.starts_with([' ', '\t']))
        {
            return Ok(Cow::Borrowed(title.trim()));
        }
        if self.document.front.get("key").is_some() {
            let reason = "the title line is missing here: write one, beginning with # and a blank";
            return Err(Broken::at(line_of(self.text, offset), reason));
        }
        Ok(Cow::Borrowed(line_text))
    }

    /// There is no text before the first comment, or none at all.
    fn without_title(&mut self, body: usize) -> Result<(), Broken> {
        self.titled = true;
        match self.document.front.get("title") {
            Some(FrontValue::Text(title)) => self.document.title = Cow::Owned(title.clone()),
            Some(_) => return Err(self.front_fault("title", "has to be a text in quotation marks")),
            None => {
                let reason = "there is no title line: write one, beginning with # and a blank";
                return Err(Broken::at(line_of(self.text, body), reason));
            }
        }
        let start = self.text.get(body..).and_then(|rest| self.after_attachments(rest)).map_or(body, |at| body + at);
        self.document.raw.attachments = self.text.get(body..start);
        self.document.raw.title = self.text.get(start..start);
        self.document.raw.description = self.text.get(start..start);
        Ok(())
    }

    /// Where the first marker that isn't an attachment's begins.
    fn after_attachments(&self, rest: &str) -> Option<usize> {
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            let marks = is_marker(line) && Marker::parse(line).is_ok_and(|marker| marker.kind == "attachment");
            if !marks && !line.trim().is_empty() {
                return Some(at);
            }
            at += line.len();
        }
        Some(at)
    }

    fn exact(&self, marker: &Marker, start: usize, end: usize) -> Cow<'a, str> {
        let core = unescape(split(self.text.get(start..end).unwrap_or_default()).core);
        match (marker.value("head"), marker.value("tail")) {
            (None, None) => core,
            (head, tail) => Cow::Owned([head.unwrap_or_default(), &core, tail.unwrap_or_default()].concat()),
        }
    }

    fn front_fault(&self, key: &str, reason: &str) -> Broken {
        Broken::at(self.document.front_line + self.document.front.line(key), format!("{key} {reason}"))
    }
}

/// Reads the front matter, if there is any, and answers where the rest begins.
fn front<'a>(text: &'a str, document: &mut Document<'a>) -> Result<usize, Broken> {
    let start = text.len() - text.trim_start_matches('\u{feff}').len();
    let rest = text.get(start..).unwrap_or_default();
    let mut at = start;
    let mut opened = None;
    for line in rest.split_inclusive('\n') {
        let is_fence = line.trim_end() == FENCE;
        match opened {
            None if is_fence => opened = Some(at + line.len()),
            None => {
                if line.trim_end() == "---" && rest.split('\n').skip(1).any(|line| line.trim_end() == "---") {
                    let reason = "front matter here is TOML between two lines +++, not YAML between lines ---";
                    return Err(Broken::at(1, reason));
                }
                document.raw = Raw { front: text.get(..start), ..Raw::default() };
                return Ok(start);
            }
            Some(from) if is_fence => {
                document.front = Front::parse(text.get(from..at).unwrap_or_default(), 2)?;
                document.front_line = 2;
                document.raw = Raw { front: text.get(..at + line.len()), ..Raw::default() };
                return Ok(at + line.len());
            }
            Some(_) => {}
        }
        at += line.len();
    }
    if opened.is_some() {
        return Err(Broken::at(
            1,
            "the front matter begins with +++ and never ends: write a line +++ after its last key",
        ));
    }
    document.raw = Raw { front: text.get(..start), ..Raw::default() };
    Ok(start)
}

fn marks(text: &str, body: usize) -> Result<Vec<Mark>, Broken> {
    let mut marks = Vec::new();
    let mut at = body;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find("<!--")) {
        let start = at + found;
        at = start + 4;
        let begins_line = start == body || text.as_bytes().get(start.wrapping_sub(1)) == Some(&b'\n');
        if !begins_line {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or(rest);
        if is_marker(line) {
            let marker = Marker::parse(line).map_err(|reason| Broken::at(line_of(text, start), reason))?;
            at = start + line.len();
            marks.push(Mark { start, text: at, marker });
        }
    }
    Ok(marks)
}

/// The line that an offset lies in, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Where a piece of the text ends in it.
fn end_of(text: &str, piece: Option<&str>) -> Option<usize> {
    let piece = piece?;
    Some((piece.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize) + piece.len())
}
