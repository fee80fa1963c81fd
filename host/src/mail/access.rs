//! Credentials at the moment of use: a secret may be another one by then, and a
//! token has to be fresh.

use ferry_post::{Credentials, Fault};

use super::grant::Granted;
use super::place::{Access, Proof};
use crate::secret::{SecretError, SecretReference};

/// Looks an environment variable up: this library reads none by itself.
pub(crate) type Environment = fn(&str) -> Option<String>;

impl Access {
    /// What proves who asks, now.
    pub(crate) fn credentials(&self, environment: Environment) -> Result<Credentials, Fault> {
        let user = self.user.clone();
        Ok(match &self.proof {
            Proof::Password(reference) => Credentials::Password { user, password: reveal(reference, environment)? },
            Proof::Grant(file, secret) => {
                let secret = secret.as_ref().map(|secret| reveal(secret, environment)).transpose()?;
                Credentials::Token { user, token: Granted::at(file)?.token(secret)? }
            }
        })
    }

    /// The server doesn't take what proved it: a token that is said to be good
    /// still is not used again.
    pub(crate) fn refused(&self) {
        if let Proof::Grant(file, _) = &self.proof
            && let Ok(granted) = Granted::at(file)
        {
            granted.expire();
        }
    }
}

fn reveal(reference: &SecretReference, environment: Environment) -> Result<String, Fault> {
    let secret = reference.resolve(&environment, &|| Err(SecretError::NobodyToAsk));
    secret.map(|secret| secret.reveal().to_owned()).map_err(|error| Fault::Denied(error.to_string()))
}
