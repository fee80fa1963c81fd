//! Who asks. Secrets don't print themselves, and what a server says is told
//! without them.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::said::said;

/// Who asks, and how that is proven.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A user name and a password.
    Password {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
    /// A user name and an access token of OAuth 2.0 (RFC 6749).
    Token {
        /// The user name.
        user: String,
        /// The access token.
        token: String,
    },
}

impl Credentials {
    /// The user name.
    pub fn user(&self) -> &str {
        match self {
            Self::Password { user, .. } | Self::Token { user, .. } => user,
        }
    }

    /// What they are, in a word.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Password { .. } => "password",
            Self::Token { .. } => "OAuth token",
        }
    }

    fn secret(&self) -> &str {
        match self {
            Self::Password { password, .. } => password,
            Self::Token { token, .. } => token,
        }
    }

    /// The response of SASL PLAIN (RFC 4616).
    pub(crate) fn plain(&self) -> Vec<u8> {
        format!("\0{}\0{}", self.user(), self.secret()).into_bytes()
    }

    /// The response of XOAUTH2, as Google and Microsoft document it.
    pub(crate) fn xoauth2(&self) -> Vec<u8> {
        format!("user={}\x01auth=Bearer {}\x01\x01", self.user(), self.secret()).into_bytes()
    }

    /// The response of OAUTHBEARER (RFC 7628 section 3.1).
    pub(crate) fn bearer(&self, host: &str, port: u16) -> Vec<u8> {
        let (user, token) = (self.user().replace('=', "=3D").replace(',', "=2C"), self.secret());
        format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01").into_bytes()
    }

    /// What a server said, for people.
    pub(crate) fn said(&self, text: &str) -> String {
        said(text, &[self.secret(), &STANDARD.encode(self.secret()), &STANDARD.encode(self.plain())])
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", self.user())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_are_those_of_the_standards() {
        let token = Credentials::Token { user: "a,b=c@d.example".to_owned(), token: "vF9dft4qmT".to_owned() };
        assert_eq!(token.xoauth2(), b"user=a,b=c@d.example\x01auth=Bearer vF9dft4qmT\x01\x01");
        // As the example of RFC 7628 section 4.1, with a name that is escaped.
        assert_eq!(
            token.bearer("server.example.com", 143),
            b"n,a=a=2Cb=3Dc@d.example,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmT\x01\x01"
        );
        let plain = Credentials::Password { user: "tim".to_owned(), password: "tanstaaftanstaaf".to_owned() };
        assert_eq!(plain.plain(), b"\0tim\0tanstaaftanstaaf");
    }

    #[test]
    fn what_a_server_repeats_of_a_secret_is_not_told() {
        let who = Credentials::Password { user: "tim".to_owned(), password: "swordfish".to_owned() };
        let repeated = format!("no: swordfish\r\n{} {}", STANDARD.encode("swordfish"), STANDARD.encode(who.plain()));
        let told = who.said(&repeated);
        assert_eq!(told, "no: …  … …");
        assert!(who.said(&"word ".repeat(5000)).len() <= 240);
        let who = Credentials::Token { user: "tim".to_owned(), token: "vF9dft4qmT".to_owned() };
        for form in [who.xoauth2(), who.bearer("mail.example", 993)] {
            let told = who.said(&format!("535 no: {} (x12-20020a)", STANDARD.encode(form)));
            assert_eq!(told, "535 no: … (x12-20020a)");
        }
        assert!(!format!("{who:?}").contains("swordfish"));
    }
}
