//! What a refusal means for what to do next.

use smtp_proto::Response;

use super::Submission;
use crate::Fault;

impl Submission {
    pub(super) fn said(&self, response: &Response<String>) -> String {
        let [class, subject, detail] = response.esc;
        let status = if class == 0 { String::new() } else { format!(" {class}.{subject}.{detail}") };
        format!("{}{status} {}", response.code, self.credentials.said(&response.message))
    }

    /// What a refusal means for what to do next.
    pub(super) fn refused(&self, step: &str, response: &Response<String>) -> Fault {
        let (server, said) = (self.connection.server(), self.said(response));
        let told = format!("{server} refuses to {step}: {said}");
        match response.code {
            _ if is_about_size(response) => Fault::TooLarge(0),
            _ if response.code >= 500 && is_about_credentials(response) => self.unauthenticated(response),
            500..600 if response.esc == [5, 2, 2] => self.full(response),
            400..500 => Fault::Busy(told),
            500..600 => Fault::Denied(told),
            _ => self.strange(),
        }
    }

    pub(super) fn full(&self, response: &Response<String>) -> Fault {
        Fault::Full(format!("the partner's mailbox is full: {}", self.said(response)))
    }

    /// Others may not be spoken for (RFC 6409 section 6.1).
    pub(super) fn not_as(&self, sender: &str, response: &Response<String>) -> Fault {
        let (server, user) = (self.connection.server(), self.credentials.user());
        let said = self.said(response);
        Fault::Denied(format!("{server} doesn't let {user} send as {sender}: {said}"))
    }

    pub(super) fn unauthenticated(&self, response: &Response<String>) -> Fault {
        let (server, user) = (self.connection.server(), self.credentials.user());
        let (what, said) = (self.credentials.kind(), self.said(response));
        Fault::Unauthenticated(format!("{server} doesn't let {user} in with this {what}: {said}"))
    }
}

/// Over the server's limit (RFC 1870 section 6, RFC 3463 section 3.4).
pub(super) fn is_about_size(response: &Response<String>) -> bool {
    response.esc == [5, 3, 4] || response.code == 552 && !matches!(response.esc, [5, 2, 2])
}

/// Wrong or missing credentials (RFC 4954 section 6, RFC 3463 section 3.8).
pub(super) fn is_about_credentials(response: &Response<String>) -> bool {
    matches!(response.code, 530 | 534 | 535 | 538) || response.esc == [5, 7, 8]
}
