//! Access tokens by OAuth 2.0 (RFC 6749): somebody agrees once, in a browser
//! here or on another device, or a program has credentials of its own; from
//! then on tokens are refreshed without anybody.

mod authority;
mod http;
mod redirect;

use std::time::{Duration, SystemTime};

use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl, EndpointNotSet,
    EndpointSet, PkceCodeChallenge, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardDeviceAuthorizationResponse, TokenResponse as _, TokenUrl,
};

pub use authority::Authority;
use http::Http;
use redirect::Redirect;

use crate::{Fault, Trust};

/// A client whose tokens' place is known, and nothing else.
type Registered = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// How long before its end a token is not used any more: clocks differ.
const MARGIN: Duration = Duration::from_secs(120);
/// How long a token is taken to be valid whose server says nothing.
const UNSAID: Duration = Duration::from_secs(300);
/// How long somebody may take to agree.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// Whoever asks for tokens: registered with an authorization server.
#[derive(Clone)]
pub struct Client {
    /// Its id there.
    pub id: String,
    /// Its secret, where it has one.
    pub secret: Option<String>,
    /// The authorization server.
    pub authority: Authority,
    /// Whose word its certificate needs.
    pub trust: Trust,
}

/// What was granted. It doesn't print itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// The access token.
    pub access: String,
    /// Until when it can be used.
    pub until: SystemTime,
    /// What gets the next one; none where the client's own credentials do.
    pub refresh: Option<String>,
}

/// What somebody has to do so that a device is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Where to go.
    pub url: String,
    /// What to type there; nothing where the address says it all.
    pub code: Option<String>,
}

impl Client {
    /// Asks by a browser on this machine, which comes back to a port of ours
    /// (RFC 8252 section 7.3), with PKCE (RFC 7636).
    ///
    /// # Errors
    /// Where nobody agreed in ten minutes, or the server refuses.
    pub fn by_browser(&self, tell: &dyn Fn(&Ask)) -> Result<Grant, Fault> {
        let redirect = Redirect::listen()?;
        let client = self
            .asks()?
            .set_auth_uri(AuthUrl::new(self.authority.authorize.clone()).map_err(|_| self.unfit())?)
            .set_redirect_uri(RedirectUrl::new(redirect.url()).map_err(|_| self.unfit())?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request =
            client.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge).add_scopes(self.scopes());
        for (name, value) in &self.authority.extra {
            request = request.add_extra_param(name, value);
        }
        let (url, state) = request.url();
        tell(&Ask { url: url.to_string(), code: None });
        let code = redirect.code(state.secret(), PATIENCE)?;
        let http = Http::new(&self.trust)?;
        let granted = client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .request(&|request| http.call(request));
        self.granted(granted.map_err(|error| self.refused(&error))?, None)
    }

    /// Asks by another device (RFC 8628): where this machine has no browser.
    ///
    /// # Errors
    /// Where nobody agreed in time, or the server refuses.
    pub fn by_device(&self, tell: &dyn Fn(&Ask)) -> Result<Grant, Fault> {
        let device = self.authority.device.clone().ok_or_else(|| {
            Fault::Denied(format!("{} lets nobody in by another device: use a browser here", self.authority.name))
        })?;
        let device = DeviceAuthorizationUrl::new(device).map_err(|_| self.unfit())?;
        let client = self.asks()?.set_device_authorization_url(device);
        let http = Http::new(&self.trust)?;
        let asked: StandardDeviceAuthorizationResponse = client
            .exchange_device_code()
            .add_scopes(self.scopes())
            .request(&|request| http.call(request))
            .map_err(|error| self.refused(&error))?;
        let (url, code) = (asked.verification_uri().to_string(), asked.user_code().secret().clone());
        tell(&Ask { url, code: Some(code) });
        let granted = client.exchange_device_access_token(&asked).request(
            &|request| http.call(request),
            std::thread::sleep,
            Some(PATIENCE),
        );
        self.granted(granted.map_err(|error| self.refused_device(&error))?, None)
    }

    /// Asks with the client's own credentials (RFC 6749 section 4.4).
    ///
    /// # Errors
    /// Where it has none, or the server refuses.
    pub fn by_itself(&self) -> Result<Grant, Fault> {
        if self.secret.is_none() {
            return Err(Fault::Denied("a client that asks by itself needs a secret".to_owned()));
        }
        let client = self.asks()?;
        let http = Http::new(&self.trust)?;
        let own = self.authority.own.iter().map(|scope| Scope::new(scope.clone()));
        let granted = client.exchange_client_credentials().add_scopes(own).request(&|request| http.call(request));
        self.granted(granted.map_err(|error| self.refused(&error))?, None)
    }

    /// Asks for the next token.
    ///
    /// # Errors
    /// `Unauthenticated` where a person has to agree again.
    pub fn refresh(&self, refresh: &str) -> Result<Grant, Fault> {
        let client = self.asks()?;
        let http = Http::new(&self.trust)?;
        let token = RefreshToken::new(refresh.to_owned());
        let granted = client.exchange_refresh_token(&token).request(&|request| http.call(request));
        // Where none comes, the old one stays good (section 6).
        self.granted(granted.map_err(|error| self.refused(&error))?, Some(refresh))
    }

    fn granted(&self, response: BasicTokenResponse, before: Option<&str>) -> Result<Grant, Fault> {
        let lasts = response.expires_in().unwrap_or(UNSAID);
        let refresh = response.refresh_token().map(|token| token.secret().clone()).or(before.map(str::to_owned));
        Ok(Grant {
            access: response.access_token().secret().clone(),
            until: SystemTime::now() + lasts.saturating_sub(MARGIN),
            refresh,
        })
    }

    fn scopes(&self) -> Vec<Scope> {
        self.authority.scopes.iter().map(|scope| Scope::new(scope.clone())).collect()
    }

    /// What every request begins with; secrets travel in its body, as all
    /// servers take them.
    fn asks(&self) -> Result<Registered, Fault> {
        let token = TokenUrl::new(self.authority.token.clone()).map_err(|_| self.unfit())?;
        let client = BasicClient::new(ClientId::new(self.id.clone())).set_token_uri(token);
        let client = client.set_auth_type(AuthType::RequestBody);
        Ok(match &self.secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.clone())),
            None => client,
        })
    }

    fn unfit(&self) -> Fault {
        Fault::Denied(format!("{} is no authorization server: its addresses are none", self.authority.name))
    }

    fn refused(&self, error: &RequestTokenError<Fault, oauth2::basic::BasicErrorResponse>) -> Fault {
        match error {
            RequestTokenError::Request(fault) => fault.clone(),
            RequestTokenError::ServerResponse(response) => {
                let said = response.error_description().cloned().unwrap_or_default();
                self.told(response.error().as_ref(), &said, *response.error() == BasicErrorResponseType::InvalidGrant)
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Fault::Broken(format!("{} doesn't answer as an authorization server does", self.authority.name))
            }
        }
    }

    fn refused_device(&self, error: &RequestTokenError<Fault, oauth2::DeviceCodeErrorResponse>) -> Fault {
        match error {
            RequestTokenError::Request(fault) => fault.clone(),
            RequestTokenError::ServerResponse(response) => {
                let said = response.error_description().cloned().unwrap_or_default();
                self.told(response.error().as_ref(), &said, true)
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Fault::Unauthenticated("nobody agreed in time: begin again".to_owned())
            }
        }
    }

    fn told(&self, kind: &str, said: &str, person: bool) -> Fault {
        let said = crate::said::said(&format!("{kind} {said}"), &[self.secret.as_deref().unwrap_or_default()]);
        let name = &self.authority.name;
        match person {
            true => Fault::Unauthenticated(format!("{name} wants somebody to agree again: {said}")),
            false => Fault::Denied(format!("{name} grants nothing: {said}")),
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({} at {})", self.id, self.authority.name)
    }
}

impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Grant(…)")
    }
}
