//! What servers say, for people: in one line, of bounded length, without
//! secrets.

/// The longest text that is repeated, in characters.
const SAID_MAX: usize = 240;
/// Letters in a row that could hold a secret in another form.
const RUN_MAX: usize = 40;

/// A text without any of the secrets, and without what could be one encoded: a
/// server may repeat what it was sent.
pub(crate) fn said(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let words = text.split(|c: char| !is_of_a_code(c)).filter(|run| run.len() > RUN_MAX).map(str::to_owned);
    let text = words.collect::<Vec<_>>().iter().fold(text, |text, run| text.replace(run.as_str(), "…"));
    let text: String = text.chars().map(plain).take(SAID_MAX).collect();
    text.trim().to_owned()
}

/// Whether it stands in base64, in either alphabet (RFC 4648), or in a token.
fn is_of_a_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+/=-_.".contains(c)
}
