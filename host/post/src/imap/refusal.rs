//! What a refusal means for what to do next.

use imap_next::imap_types::response::{Code, StatusBody};

use super::Mailbox;
use crate::Fault;

/// Response codes (RFC 5530, RFC 9051 section 7.1) that pass by themselves.
const PASSING: [&str; 5] = ["UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG", "THROTTLED"];
/// Those that are about credentials.
const CREDENTIALS: [&str; 3] = ["AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED"];
/// Words by which servers without response codes say that it passes.
const PASSING_WORDS: [&str; 7] =
    ["too many", "try again", "temporar", "throttl", "rate limit", "bandwidth", "connections exceeded"];

impl Mailbox {
    /// A command that was refused.
    pub(super) fn refused(&self, what: &str, status: &StatusBody<'static>) -> Fault {
        let told = self.told(&format!("refuses {what}"), status.text.inner());
        match word(status.code.as_ref()).as_str() {
            "NONEXISTENT" => Fault::Denied(told),
            "OVERQUOTA" => Fault::Full(told),
            code if PASSING.contains(&code) || passes(status.text.inner()) => Fault::Busy(told),
            code if CREDENTIALS.contains(&code) => Fault::Unauthenticated(told),
            _ => Fault::Denied(told),
        }
    }

    /// A sign-in that was refused: where nothing says that it passes, the
    /// credentials are wrong.
    pub(super) fn unauthenticated(&self, status: &StatusBody<'static>) -> Fault {
        let text = status.text.inner();
        let code = word(status.code.as_ref());
        if PASSING.contains(&code.as_str()) || !CREDENTIALS.contains(&code.as_str()) && passes(text) {
            return Fault::Busy(self.told("lets nobody in now", text));
        }
        let (user, kind) = (self.credentials.user(), self.credentials.kind());
        Fault::Unauthenticated(self.told(&format!("doesn't let {user} in with this {kind}"), text))
    }

    /// The server closes the connection, and says why.
    pub(super) fn leaving(&self, code: Option<&Code<'static>>, text: &str) -> Fault {
        match word(code).as_str() {
            code if CREDENTIALS.contains(&code) => Fault::Unauthenticated(self.told("closes the connection", text)),
            _ => Fault::Unreachable(self.told("closes the connection", text)),
        }
    }

    fn told(&self, what: &str, text: &str) -> String {
        format!("{} {what}: {}", self.connection.server(), self.credentials.said(text))
    }
}

fn passes(text: &str) -> bool {
    let text = text.to_lowercase();
    PASSING_WORDS.iter().any(|word| text.contains(word))
}

/// A response code as a word.
fn word(code: Option<&Code<'static>>) -> String {
    match code {
        Some(Code::OverQuota) => "OVERQUOTA".to_owned(),
        Some(Code::Other(other)) => {
            let text = String::from_utf8_lossy(other.inner()).to_ascii_uppercase();
            text.split(' ').next().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    }
}
