//! What is sent: bytes, content that lies with the host, or a form of several.

use std::io::{self, Cursor, Read};

use crate::Fault;

/// Where content lies that passes by the adapter: attachments on their way.
pub trait Shelf: Sync {
    /// Content to send, and its length in bytes.
    ///
    /// # Errors
    /// Where there is none of this name.
    fn open(&self, name: &str) -> Result<(Box<dyn Read + Send>, u64), ShelfFault>;
    /// Keeps an answer, at most so many bytes; answers its name. Where it can't be
    /// read to its end, nothing is kept.
    ///
    /// # Errors
    /// By what to do next.
    fn put(&self, content: &mut dyn Read, max: u64) -> Result<String, ShelfFault>;
}

/// Why content can't be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum ShelfFault {
    /// There is none of this name.
    #[error("there is no blob of this name")]
    NotFound,
    /// It has more than so many bytes.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// It can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What an exchange sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// This.
    Content(Content),
    /// A form (RFC 7578).
    Form(Vec<Part>),
}

/// Bytes, or where they lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These.
    Bytes(Vec<u8>),
    /// Those of this name.
    Blob(String),
}

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The name of the file that it is.
    pub file_name: Option<String>,
    /// Its media type (RFC 6838).
    pub media_type: String,
    /// What it holds.
    pub content: Content,
}

/// A body on its way.
pub(crate) struct Outgoing {
    pub reader: Box<dyn Read + Send>,
    pub length: u64,
    /// What it is, where that isn't the adapter's to say.
    pub media_type: Option<String>,
}

impl Body {
    /// Opened, where there is one.
    pub(crate) fn open(&self, shelf: &dyn Shelf) -> Result<Option<Outgoing>, Fault> {
        match self {
            Self::None => Ok(None),
            Self::Content(content) => {
                let (reader, length) = content.open(shelf)?;
                Ok(Some(Outgoing { reader, length, media_type: None }))
            }
            Self::Form(parts) => form(parts, shelf).map(Some),
        }
    }
}

impl Content {
    fn open(&self, shelf: &dyn Shelf) -> Result<(Box<dyn Read + Send>, u64), Fault> {
        match self {
            Self::Bytes(bytes) => Ok((Box::new(Cursor::new(bytes.clone())), bytes.len() as u64)),
            Self::Blob(name) => shelf.open(name).map_err(|fault| Fault::Invalid(format!("the blob {name}: {fault}"))),
        }
    }
}

/// Parts of one form: each holds a file open.
const PARTS_MAX: usize = 100;

fn form(parts: &[Part], shelf: &dyn Shelf) -> Result<Outgoing, Fault> {
    if parts.len() > PARTS_MAX {
        return Err(Fault::Invalid(format!("a form of more than {PARTS_MAX} parts")));
    }
    let border = border()?;
    let mut whole: Box<dyn Read + Send> = Box::new(io::empty());
    let mut length = 0;
    let mut add = |more: Box<dyn Read + Send>, bytes: u64| {
        whole = Box::new(std::mem::replace(&mut whole, Box::new(io::empty())).chain(more));
        length += bytes;
    };
    for part in parts {
        let head = part.head(&border)?;
        let bytes = head.len() as u64;
        add(Box::new(Cursor::new(head)), bytes);
        let (content, bytes) = part.content.open(shelf)?;
        add(content, bytes);
        add(Box::new(Cursor::new(b"\r\n")), 2);
    }
    let end = format!("--{border}--\r\n");
    let bytes = end.len() as u64;
    add(Box::new(Cursor::new(end)), bytes);
    let media_type = Some(format!("multipart/form-data; boundary={border}"));
    Ok(Outgoing { reader: whole, length, media_type })
}

/// Nothing that is sent holds it, but for a chance of one in 2^128.
fn border() -> Result<String, Fault> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|error| Fault::Invalid(format!("no randomness: {error}")))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Part {
    fn head(&self, border: &str) -> Result<String, Fault> {
        let (_, media_type) = crate::head::one("content-type", &self.media_type)?;
        let media_type = media_type.to_str().map_err(|_| Fault::Invalid("a media type that is none".to_owned()))?;
        let file = self.file_name.as_deref().map(|name| format!("; filename=\"{}\"", quoted(name)));
        let (name, file) = (quoted(&self.name), file.unwrap_or_default());
        Ok(format!(
            "--{border}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: {media_type}\r\n\r\n"
        ))
    }
}

/// As browsers write it, and servers expect it (HTML, multipart form data).
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    struct Nothing;

    impl Shelf for Nothing {
        fn open(&self, name: &str) -> Result<(Box<dyn Read + Send>, u64), ShelfFault> {
            if name == "a" { Ok((Box::new(Cursor::new(b"of a")), 4)) } else { Err(ShelfFault::NotFound) }
        }

        fn put(&self, _: &mut dyn Read, max: u64) -> Result<String, ShelfFault> {
            Err(ShelfFault::TooLarge(max))
        }
    }

    fn part(name: &str, content: Content) -> Part {
        Part {
            name: name.to_owned(),
            file_name: Some("b\"\r\nc.txt".to_owned()),
            media_type: "text/plain".to_owned(),
            content,
        }
    }

    #[test]
    fn a_form_is_as_long_as_it_says_and_no_name_ends_its_line() {
        let parts = vec![part("x", Content::Bytes(b"y".to_vec())), part("@file\"", Content::Blob("a".to_owned()))];
        let mut form = Body::Form(parts).open(&Nothing).unwrap().unwrap();
        let mut text = String::new();
        form.reader.read_to_string(&mut text).unwrap();
        assert_eq!(text.len() as u64, form.length);
        let (_, border) = form.media_type.as_ref().unwrap().split_once("boundary=").unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        let opens = format!("--{border}");
        assert_eq!(lines.iter().filter(|line| **line == opens).count(), 2);
        assert!(
            text.contains(
                "name=\"@file%22\"; filename=\"b%22%0D%0Ac.txt\"\r\nContent-Type: text/plain\r\n\r\nof a\r\n"
            )
        );
        assert!(text.ends_with(&format!("--{border}--\r\n")));
    }

    #[test]
    fn content_that_is_not_there_is_said() {
        let gone = Body::Content(Content::Blob("b".to_owned())).open(&Nothing);
        assert!(matches!(gone, Err(Fault::Invalid(why)) if why.contains("there is no blob")));
    }
}
