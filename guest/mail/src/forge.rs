//! What gateways do to mails, for tests and for the simulator: never in the
//! component.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a gateway does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// The parts stand in a `multipart/mixed`, led by an empty text.
    Mixed,
    /// All of it stands in a `multipart/mixed` with a footer.
    Footer,
    /// The parcel's part is encoded once more, as base64.
    Base64,
    /// The parcel's part is encoded as quoted-printable.
    Quoted,
    /// Lines are split.
    Split,
    /// Line ends are those of a file.
    LineFeeds,
    /// The subject is marked as from outside.
    Marked,
    /// The subject is cut.
    Cut,
}

impl Gateway {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::Mixed, Self::Footer, Self::Base64, Self::Quoted, Self::Split, Self::LineFeeds, Self::Marked, Self::Cut];

    /// A mail of ours, as it comes out of the gateway; another mail as it is.
    pub fn pass(self, mail: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(mail);
        let through = text.split_once("\r\n\r\n").and_then(|(headers, body)| self.through(headers, body));
        through.map_or_else(|| mail.to_vec(), String::into_bytes)
    }

    fn through(self, headers: &str, body: &str) -> Option<String> {
        let (outside, content_type) = headers.split_once("Content-Type: ")?;
        let whole = |headers: &str, body: &str| Some(format!("{headers}\r\n\r\n{body}"));
        match self {
            Self::Mixed => {
                let boundary = content_type.split_once("boundary=")?.1;
                let first = format!("--{}\r\nContent-Type: text/plain\r\n\r\n\r\n", boundary.trim_matches('"'));
                whole(&format!("{outside}Content-Type: multipart/mixed; boundary={boundary}"), &(first + body))
            }
            Self::Footer => whole(
                &format!("{outside}Content-Type: multipart/mixed; boundary=\"outer\""),
                &format!(
                    "--outer\r\nContent-Type: {content_type}\r\n\r\n{body}\r\n--outer\r\nContent-Type: text/plain\r\n\
                     \r\nThis mail was scanned.\r\n--outer--\r\n"
                ),
            ),
            Self::Base64 => whole(headers, &encoded(body, "base64", base64)?),
            Self::Quoted => whole(headers, &encoded(body, "quoted-printable", quoted)?),
            Self::Split => {
                let halves = |line: &str| match line.split_at_checked(line.len() / 2) {
                    Some((one, other)) if line.len() == 64 => format!("{one}\r\n{other}\r\n"),
                    _ => format!("{line}\r\n"),
                };
                whole(headers, &body.split("\r\n").map(halves).collect::<String>())
            }
            Self::LineFeeds => Some(format!("{headers}\n\n{body}").replace("\r\n", "\n")),
            Self::Marked => whole(&headers.replacen("Subject: ", "Subject: [EXTERNAL] ", 1), body),
            Self::Cut => {
                let (before, subject) = headers.split_once("Subject: ")?;
                let (subject, after) = subject.split_once("\r\n")?;
                whole(&format!("{before}Subject: {}\r\n{after}", subject.get(..40)?), body)
            }
        }
    }
}

/// With the part of the armour in another transfer encoding.
fn encoded(body: &str, name: &str, encode: fn(&str) -> String) -> Option<String> {
    let (before, rest) = body.split_once("Content-Transfer-Encoding: 7bit\r\n\r\n")?;
    let end = "-----END PGP MESSAGE-----";
    let (armour, after) = rest.split_once(end)?;
    let armour = encode(&format!("{armour}{end}\r\n"));
    Some(format!("{before}Content-Transfer-Encoding: {name}\r\n\r\n{armour}{after}"))
}

fn base64(text: &str) -> String {
    lines(&STANDARD.encode(text), 76, "\r\n")
}

fn quoted(text: &str) -> String {
    let line = |line: &str| lines(&line.replace('=', "=3D"), 60, "=\r\n");
    text.split("\r\n").map(line).collect::<Vec<_>>().join("\r\n")
}

fn lines(text: &str, length: usize, end: &str) -> String {
    let bytes: Vec<String> =
        text.as_bytes().chunks(length).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    bytes.join(end)
}
