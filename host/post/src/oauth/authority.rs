//! Authorization servers: those of the large providers, and any that says
//! where its endpoints are (RFC 8414).

use serde::{Deserialize, Serialize};

use super::http::Http;
use crate::{Fault, Trust};

/// An authorization server, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// Its name, for people.
    pub name: String,
    /// Where somebody agrees.
    pub authorize: String,
    /// Where tokens come from.
    pub token: String,
    /// Where another device is let in.
    pub device: Option<String>,
    /// What is asked in somebody's name.
    pub scopes: Vec<String>,
    /// What a client asks by itself.
    pub own: Vec<String>,
    /// What else it wants to be told where somebody agrees.
    pub extra: Vec<(String, String)>,
}

/// What an authorization server says of itself.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    device_authorization_endpoint: Option<String>,
}

/// That it may go on without anybody.
const OFFLINE: &str = "offline_access";

impl Authority {
    /// Microsoft's, for a tenant; `common` for all.
    pub fn microsoft(tenant: &str) -> Self {
        let base = format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0");
        let outlook = "https://outlook.office.com";
        Self {
            name: "Microsoft".to_owned(),
            authorize: format!("{base}/authorize"),
            token: format!("{base}/token"),
            device: Some(format!("{base}/devicecode")),
            scopes: vec![
                format!("{outlook}/IMAP.AccessAsUser.All"),
                format!("{outlook}/SMTP.Send"),
                OFFLINE.to_owned(),
            ],
            own: vec!["https://outlook.office365.com/.default".to_owned()],
            extra: Vec::new(),
        }
    }

    /// Google's. It lets no other device read mail.
    pub fn google() -> Self {
        Self {
            name: "Google".to_owned(),
            authorize: "https://accounts.google.com/o/oauth2/v2/auth".to_owned(),
            token: "https://oauth2.googleapis.com/token".to_owned(),
            device: None,
            scopes: vec!["https://mail.google.com/".to_owned()],
            own: vec!["https://mail.google.com/".to_owned()],
            extra: [("access_type", "offline"), ("prompt", "consent")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    /// One that says where its endpoints are, by its issuer's address: as RFC
    /// 8414 has it, or as OpenID Connect does.
    ///
    /// # Errors
    /// Where it doesn't, or says that it is somebody else.
    pub fn discover(issuer: &str, scopes: &[String], trust: &Trust) -> Result<Self, Fault> {
        let issuer = issuer.trim_end_matches('/');
        let http = Http::new(trust)?;
        let strange = || Fault::Denied(format!("{issuer} doesn't say that it is an authorization server"));
        let (origin, path) = split(issuer).ok_or_else(strange)?;
        let places = [
            format!("{origin}/.well-known/oauth-authorization-server{path}"),
            format!("{issuer}/.well-known/openid-configuration"),
        ];
        let mut last = strange();
        for place in places {
            match http.get(&place) {
                Ok(Some(text)) => {
                    let metadata: Metadata = serde_json::from_slice(&text).map_err(|_| strange())?;
                    // Nobody may speak for another (section 3.3).
                    if metadata.issuer.trim_end_matches('/') != issuer {
                        return Err(Fault::Insecure(format!("{issuer} says that it is {}", metadata.issuer)));
                    }
                    return Ok(metadata.authority(issuer, scopes));
                }
                Ok(None) => {}
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }
}

impl Metadata {
    fn authority(self, issuer: &str, scopes: &[String]) -> Authority {
        Authority {
            name: issuer.to_owned(),
            authorize: self.authorization_endpoint,
            token: self.token_endpoint,
            device: self.device_authorization_endpoint,
            scopes: scopes.to_vec(),
            own: scopes.to_vec(),
            extra: Vec::new(),
        }
    }
}

/// An address's origin, and its path.
fn split(address: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    let end = rest.find('/').map_or(address.len(), |slash| scheme.len() + 3 + slash);
    address.split_at_checked(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_split_where_its_path_begins() {
        assert_eq!(split("https://a.example"), Some(("https://a.example", "")));
        assert_eq!(split("https://a.example:1/realms/x"), Some(("https://a.example:1", "/realms/x")));
        assert_eq!(split("a.example"), None);
    }
}
