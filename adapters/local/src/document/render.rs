//! Writing: unchanged pieces as they stand, the others in one form.

use super::{Comment, Document, fits_heading};
use crate::front::FENCE;
use crate::marker::Marker;
use crate::text::{escape, split};

impl Document<'_> {
    /// The file's content.
    pub fn render(&self) -> String {
        let size = self.description.as_ref().map_or(0, |text| text.len())
            + self.comments.iter().map(|comment| comment.text.len() + 160).sum::<usize>();
        let mut out = String::with_capacity(size + 512);
        match self.raw.front {
            Some(raw) if !self.front.is_changed() => out.push_str(raw),
            raw => {
                if raw.is_some_and(|raw| raw.starts_with('\u{feff}')) {
                    out.push('\u{feff}');
                }
                out.push_str(FENCE);
                out.push('\n');
                self.front.render(&mut out);
                out.push_str(FENCE);
                out.push('\n');
            }
        }
        match self.raw.attachments {
            Some(raw) => push_raw(raw, &mut out),
            None => {
                for marker in &self.attachments {
                    marker.render(&mut out);
                    out.push('\n');
                }
            }
        }
        match self.raw.title {
            Some(raw) => push_raw(raw, &mut out),
            None if fits_heading(&self.title) => {
                new_line(&mut out);
                out.push_str("# ");
                out.push_str(&self.title);
                out.push('\n');
            }
            None => {}
        }
        match self.raw.description {
            Some(raw) => push_raw(raw, &mut out),
            None => self.render_description(&mut out),
        }
        for comment in &self.comments {
            comment.render(&mut out);
        }
        out
    }

    fn render_description(&self, out: &mut String) {
        let Some(text) = &self.description else { return };
        let pieces = split(text);
        blank_line(out);
        if pieces.core.len() != text.len() || text.is_empty() {
            let mut marker = Marker::new("description");
            exact(&mut marker, pieces.head, pieces.tail);
            marker.render(out);
            out.push('\n');
        }
        if !pieces.core.is_empty() {
            out.push_str(&escape(pieces.core));
            out.push('\n');
        }
    }
}

impl Comment<'_> {
    fn render(&self, out: &mut String) {
        if let Some(raw) = self.raw {
            new_line(out);
            out.push_str(raw);
            return;
        }
        blank_line(out);
        let pieces = split(&self.text);
        let mut marker = self.marker.clone();
        exact(&mut marker, pieces.head, pieces.tail);
        marker.render(out);
        out.push('\n');
        if !pieces.core.is_empty() {
            out.push_str(&escape(pieces.core));
            out.push('\n');
        }
    }
}

fn exact(marker: &mut Marker, head: &str, tail: &str) {
    marker.set("head", (!head.is_empty()).then_some(head));
    marker.set("tail", (!tail.is_empty()).then_some(tail));
}

fn push_raw(raw: &str, out: &mut String) {
    if !raw.is_empty() {
        out.push_str(raw);
    }
}

fn new_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// An empty line before what follows, unless the fence is just above.
fn blank_line(out: &mut String) {
    new_line(out);
    if !out.is_empty() && !out.ends_with("\n\n") && !out.ends_with("+++\n") {
        out.push('\n');
    }
}
