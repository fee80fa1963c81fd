//! Which certificates are believed.

mod pin;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

pub use pin::{NoPin, Pin};

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
    /// What TLS goes by: versions 1.2 and 1.3, certificates always checked.
    pub(crate) fn config(&self) -> Result<Arc<ClientConfig>, TrustFault> {
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
}

/// The certificates of a file; one at least.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustFault> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match found.map_err(|error| unread(path, &error))? {
        none if none.is_empty() => Err(unread(path, &"there is no certificate in it (PEM)")),
        some => Ok(some),
    }
}

fn unread(path: &Path, reason: &dyn std::fmt::Display) -> TrustFault {
    TrustFault::File { path: path.to_owned(), reason: reason.to_string() }
}
