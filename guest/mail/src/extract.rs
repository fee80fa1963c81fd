//! The parcel of a mail, in any shape that gateways leave it in: PGP/MIME as it
//! was sent, its parts rewritten or wrapped, encoded anew, lines split.

use mail_parser::{Message, MessageParser, MessagePart, PartType};

use crate::armour;

/// Parcels that are looked for in one mail: it holds one, and perhaps quotes.
const CANDIDATES: usize = 8;

/// Lines that could be headers or boundaries, in a mail that is taken apart:
/// each costs some hundred bytes of memory, and a parcel's mail has some ten.
const STRUCTURE_LINES: usize = 4096;

/// How deep mails within mails are looked into.
const DEPTH: usize = 4;

/// What is armoured in a mail, in order. Nothing of it is believed.
pub fn candidates(mail: &[u8]) -> Vec<Vec<u8>> {
    // As it was sent: nothing has to be taken apart.
    let plain: Vec<Vec<u8>> = armour::read(mail).take(CANDIDATES).collect();
    if !plain.is_empty() || is_too_much(mail) {
        return plain;
    }
    let mut found = Vec::new();
    if let Some(message) = MessageParser::new().with_mime_headers().parse(mail) {
        look(&message, DEPTH, &mut found);
    }
    found
}

/// The word of a subject that begins with a token: a parcel's name, as far as
/// nobody changed it.
pub fn named<'s>(subject: &'s str, token: &str) -> Option<&'s str> {
    subject.split_whitespace().find_map(|word| word.find(token).and_then(|place| word.get(place..)))
}

fn look(message: &Message<'_>, depth: usize, found: &mut Vec<Vec<u8>>) {
    for MessagePart { body, .. } in &message.parts {
        match body {
            PartType::Text(text) | PartType::Html(text) => take(text.as_bytes(), found),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => take(bytes, found),
            PartType::Message(inner) if depth > 0 => look(inner, depth - 1, found),
            PartType::Message(_) | PartType::Multipart(_) => {}
        }
    }
}

fn take(content: &[u8], found: &mut Vec<Vec<u8>>) {
    let room = CANDIDATES.saturating_sub(found.len());
    found.extend(armour::read(content).take(room));
}

/// Whether a mail has more structure than a parcel's could.
fn is_too_much(mail: &[u8]) -> bool {
    let structure = |line: &&[u8]| line.starts_with(b"--") || line.contains(&b':');
    mail.split(|byte| *byte == b'\n').filter(structure).count() > STRUCTURE_LINES
}
