//! The handshake file's outside: a preamble for people, then base64 between
//! two lines of our own, as OpenPGP's armour (RFC 9580 section 6.2) without
//! its checksum. Mail programs may change line ends and trailing blanks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ferry_core::handshake::Invitation;
use ferry_core::ids::Fingerprint;

const BEGIN: &str = "-----BEGIN FERRY HANDSHAKE-----";
const END: &str = "-----END FERRY HANDSHAKE-----";

/// Characters of base64 in a line.
const LINE: usize = 64;

/// Characters of a name or description that the preamble shows.
const SHOWN: usize = 200;

/// Puts the preamble and the two lines around the bytes.
pub fn write(preamble: &str, bytes: &[u8]) -> Vec<u8> {
    let encoded = STANDARD.encode(bytes);
    let mut text = format!("{preamble}\n{BEGIN}\n\n");
    for line in encoded.as_bytes().chunks(LINE) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str(END);
    text.push('\n');
    text.into_bytes()
}

/// The bytes between the two lines; none where they aren't found, or something
/// else than base64 is between them.
pub fn read(text: &[u8]) -> Option<Vec<u8>> {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    lines.find(|line| *line == BEGIN.as_bytes())?;
    let mut encoded = Vec::with_capacity(text.len());
    loop {
        let line = lines.next()?;
        if line == END.as_bytes() {
            break;
        }
        encoded.extend_from_slice(line);
    }
    if lines.any(|line| line == BEGIN.as_bytes()) {
        return None;
    }
    STANDARD.decode(encoded).ok()
}

/// What a person sees who opens the file. Nothing of it is ever read back.
pub fn preamble(invitation: &Invitation, fingerprint: &Fingerprint, protected: bool) -> String {
    let mut text = "Ferry handshake file\n\n".to_owned();
    if !protected {
        text.push_str(&format!("  Synchronization: {}\n", shown(&invitation.name)));
        if !invitation.description.is_empty() {
            text.push_str(&format!("  Description:     {}\n", shown(&invitation.description)));
        }
        text.push_str(&format!("  Channel:         {}\n", invitation.channel));
    }
    text.push_str(&format!("  Made:            {}\n", invitation.created.rfc3339()));
    text.push_str(&format!("  Valid until:     {}\n", invitation.expires.rfc3339()));
    text.push_str(&format!("  Fingerprint:     {}\n\n", grouped(fingerprint)));
    text.push_str(if protected {
        "Whoever holds this file and its passphrase can join the synchronization once.\n\
         Give them to your partner by two different ways that nobody else can read.\n"
    } else {
        "Whoever holds this file can join the synchronization once. Give it to your\n\
         partner by a way that nobody else can read.\n"
    });
    text.push_str("The partner looks at it with `ferry handshake show FILE` and joins with `ferry sync join`.\n");
    text
}

/// One line without anything that a terminal or an editor would obey.
fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(SHOWN).map(|c| if hidden(c) { ' ' } else { c }).collect()
}

/// In groups of four digits, as people compare them; version 4 without the
/// zeros that fill it up.
fn grouped(fingerprint: &Fingerprint) -> String {
    let [head @ .., _, _, _, _, _, _, _, _, _, _, _, _] = fingerprint.0.as_slice() else { return String::new() };
    let short = fingerprint.0.ends_with(&[0; 12]);
    let bytes = if short { head } else { fingerprint.0.as_slice() };
    let pairs: Vec<String> =
        bytes.chunks(2).map(|pair| pair.iter().map(|byte| format!("{byte:02X}")).collect()).collect();
    pairs.join(" ")
}
