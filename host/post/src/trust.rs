//! Which certificates are believed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

/// Whose word a server's certificate needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// The platform's.
    #[default]
    Platform,
    /// One of those in this file (PEM), and nobody else's.
    Authorities(PathBuf),
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
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| platform(&e))?;
        let builder = match self {
            Self::Platform => builder.with_platform_verifier().map_err(|e| platform(&e))?,
            Self::Authorities(path) => builder.with_root_certificates(roots(path)?),
        };
        Ok(Arc::new(builder.with_no_client_auth()))
    }
}

fn roots(path: &Path) -> Result<RootCertStore, TrustFault> {
    let fault = |reason: String| TrustFault::File { path: path.to_owned(), reason };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))? {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(fault("there is no certificate in it (PEM)".to_owned()));
    }
    Ok(roots)
}
