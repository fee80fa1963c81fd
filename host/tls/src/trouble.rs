//! What TLS has against a server, in words.

use std::io;

/// What an error of a connection has to do with TLS; none where it hasn't.
pub fn trouble(error: &io::Error) -> Option<String> {
    Some(words(error.get_ref()?.downcast_ref::<rustls::Error>()?))
}

/// What is wrong, and what to do.
pub fn words(error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "its certificate is for another name; use the name that it bears".to_owned()
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => "its certificate has expired".to_owned(),
            Certificate::UnknownIssuer => {
                "nobody known here vouches for its certificate; where it is your organisation's, give its authority's \
                 certificate with --ca"
                    .to_owned()
            }
            other => format!("its certificate is not good: {other}"),
        },
        other => other.to_string(),
    }
}
