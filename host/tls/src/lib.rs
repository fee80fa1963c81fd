//! Whose word a server's certificate needs, whatever is spoken with it: mail or
//! HTTP. Versions 1.2 and 1.3, and certificates are always checked.

mod pin;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

pub use pin::{NoPin, Pin};
pub use trouble::{trouble, words};

/// Whose word a server's certificate needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The platform's.
    #[default]
    Platform,
    /// One of those in this file (PEM), and nobody else's.
    Authorities(PathBuf),
    /// Nobody's: it is known by its key.
    Key(Pin),
}

/// Why nobody can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustFault {
    /// The file can't be read as certificates.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The platform has no certificates, or no randomness.
    #[error("certificates can't be checked on this machine: {0}")]
    Platform(String),
}

impl Trust {
    /// What TLS goes by.
    ///
    /// # Errors
    /// Where nobody can be trusted.
    pub fn config(&self) -> Result<Arc<ClientConfig>, TrustFault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let platform = |error: &dyn std::fmt::Display| TrustFault::Platform(error.to_string());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| platform(&e))?;
        let builder = match self {
            Self::Platform => builder.with_platform_verifier().map_err(|e| platform(&e))?,
            Self::Authorities(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|error| unread(path, &error))?;
                }
                builder.with_root_certificates(roots)
            }
            Self::Key(pin) => builder.dangerous().with_custom_certificate_verifier(pin.verifier(provider)),
        };
        Ok(Arc::new(builder.with_no_client_auth()))
    }

    /// The same for HTTP. A pinned key is another server's: there the platform's
    /// word counts.
    ///
    /// # Errors
    /// Where nobody can be trusted.
    pub fn of_http(&self) -> Result<TlsConfig, TrustFault> {
        let roots = match self {
            Self::Platform | Self::Key(_) => RootCerts::PlatformVerifier,
            Self::Authorities(path) => {
                let found = certificates(path)?;
                RootCerts::Specific(Arc::new(found.iter().map(|der| Certificate::from_der(der).to_owned()).collect()))
            }
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        Ok(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).root_certs(roots).build())
    }
}

/// The certificates of a file; one at least.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match found.map_err(|error| unread(path, &error))? {
        none if none.is_empty() => Err(unread(path, &"there is no certificate in it (PEM)")),
        some => Ok(some),
    }
}

fn unread(path: &Path, reason: &dyn std::fmt::Display) -> TrustFault {
    TrustFault::File { path: path.to_owned(), reason: reason.to_string() }
}
