//! An issue's file, taken apart and put together again. What isn't changed is
//! written as it stood, byte for byte.

mod parse;
mod render;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::front::{Front, FrontValue};
use crate::marker::Marker;

pub use parse::parse;

/// One issue's file.
#[derive(Default)]
pub struct Document<'a> {
    /// What stands between the fences.
    pub front: Front<'a>,
    /// The line at which the front matter's first key stands, from 1.
    pub front_line: usize,
    /// What Ferry noted of attachments.
    pub attachments: Vec<Marker>,
    /// The comments, in the order of the file.
    pub comments: Vec<Comment<'a>>,
    title: Cow<'a, str>,
    description: Option<Cow<'a, str>>,
    raw: Raw<'a>,
}

/// The pieces of the file as they stand; none where they have to be rendered.
#[derive(Default)]
struct Raw<'a> {
    front: Option<&'a str>,
    attachments: Option<&'a str>,
    title: Option<&'a str>,
    description: Option<&'a str>,
}

/// A comment in the file.
pub struct Comment<'a> {
    /// Its marker line.
    marker: Marker,
    /// What it says.
    text: Cow<'a, str>,
    raw: Option<&'a str>,
}

impl Document<'_> {
    /// The title; any text, more than a heading can hold included.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Sets the title.
    pub fn set_title(&mut self, title: &str) {
        if self.title == title && self.raw.title.is_some() {
            return;
        }
        self.title = Cow::Owned(title.to_owned());
        self.raw.title = None;
        let value = (!fits_heading(title)).then(|| FrontValue::Text(title.to_owned()));
        self.front.set("title", value);
    }

    /// The description; none where there is no text at all.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Sets the description.
    pub fn set_description(&mut self, description: Option<&str>) {
        if self.description.as_deref() != description {
            self.description = description.map(|text| Cow::Owned(text.to_owned()));
            self.raw.description = None;
        }
    }

    /// Attachments' marks are about to change.
    pub fn attachments_mut(&mut self) -> &mut Vec<Marker> {
        self.raw.attachments = None;
        &mut self.attachments
    }

    /// Makes it an issue that Ferry knows: from now on its title has to stand
    /// in a heading or in the front matter.
    pub fn set_key(&mut self, key: &str) {
        if self.front.text("key") != Some(key) {
            self.front.set("key", Some(FrontValue::Text(key.to_owned())));
            if self.raw.title.take().is_some() {
                let title = std::mem::take(&mut self.title);
                self.set_title(&title);
            }
        }
    }
}

impl<'a> Comment<'a> {
    /// A new one.
    pub fn new(marker: Marker, text: &str) -> Self {
        Self { marker, text: Cow::Owned(text.to_owned()), raw: None }
    }

    /// Its marker line.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// Its marker line, to change.
    pub fn marker_mut(&mut self) -> &mut Marker {
        self.raw = None;
        &mut self.marker
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Replaces what it says.
    pub fn set_text(&mut self, text: &str) {
        self.text = Cow::Owned(text.to_owned());
        self.raw = None;
    }

    /// Its identifier; none where a person wrote it and Ferry hasn't written
    /// the file since.
    pub fn id(&self) -> Option<&str> {
        self.marker.words.iter().find(|word| is_number(word)).map(String::as_str)
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.len() <= 18 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a heading of one line gives the title back as it is.
fn fits_heading(title: &str) -> bool {
    !title.is_empty() && !title.contains(['\n', '\r']) && title.trim() == title
}
