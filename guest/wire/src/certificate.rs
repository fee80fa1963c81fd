//! Certificates: a certifying primary key, a signing subkey, an encryption
//! subkey, and nothing else. Read strictly: one sequence of packets, our own
//! rules for every signature in it.

use ferry_core::limits::CLOCK_AHEAD_MS_MAX;
use ferry_core::state::{Certificate, Profile};
use ferry_core::time::Time;
use pgp::packet::{PacketHeader, PublicKey, PublicSubkey, Signature, SignatureType, UserId};
use pgp::ser::Serialize;
use pgp::types::{Fingerprint, KeyDetails, Tag};

use crate::binding;
use crate::packets::{Grammar, strict, tag};
use crate::suite::Suite;

/// A certificate, in bytes; post-quantum ones weigh 19 kB.
pub const CERTIFICATE_BYTES_MAX: usize = 32 << 10;

/// The packets of a certificate with a user id; without, one fewer.
const PACKETS_MAX: usize = 7;

/// Why a certificate is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateFault {
    /// Larger than any that we make.
    #[error("the certificate is larger than {CERTIFICATE_BYTES_MAX} bytes")]
    TooLarge,
    /// Other packets than ours.
    #[error("the certificate is not made as the protocol has it: {0}")]
    Grammar(#[from] Grammar),
    /// Something in it can't be read or is not allowed.
    #[error("the certificate is not acceptable: {0}")]
    NotAcceptable(String),
    /// It carries a revocation.
    #[error("the certificate is revoked")]
    Revoked,
    /// Its keys are of another profile.
    #[error("the certificate's keys are not those of the agreed way of encryption")]
    Profile,
    /// Not valid any more since then.
    #[error("the certificate expired on {}; keys have to be renewed", .0.rfc3339())]
    Expired(Time),
    /// Made in the future.
    #[error("the certificate was made on {}, which is in the future here; check the clocks", .0.rfc3339())]
    Future(Time),
}

/// A certificate that was read.
pub struct Certified {
    /// Its algorithms.
    pub suite: Suite,
    /// The fingerprint of its primary key.
    pub fingerprint: Fingerprint,
    /// Verifies what its holder signs.
    pub signing: PublicSubkey,
    /// Encrypts to its holder.
    pub encryption: PublicSubkey,
    /// When its keys were made, in seconds since 1970.
    pub created: u64,
    /// When the first of them expires, in seconds since 1970.
    pub expires: u64,
}

/// Whether the signatures that hold a certificate together are calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Yes: it comes from outside.
    Unknown,
    /// It was checked when it was pinned, and comes from our own store: flags
    /// and times are looked at again, the mathematics is not done again.
    Pinned,
}

impl Certified {
    /// Reads a certificate.
    pub fn read(certificate: &Certificate, trust: Trust) -> Result<Self, CertificateFault> {
        if certificate.0.len() > CERTIFICATE_BYTES_MAX {
            return Err(CertificateFault::TooLarge);
        }
        let parts = Parts::split(&certificate.0, tag::PUBLIC_KEY, tag::PUBLIC_SUBKEY)?;
        let primary = exact(parts.primary, Tag::PublicKey, PublicKey::try_from_reader)?;
        let suite = Suite::of_key(primary.version(), primary.algorithm()).ok_or(CertificateFault::Profile)?;
        let signing = exact(parts.signing, Tag::PublicSubkey, PublicSubkey::try_from_reader)?;
        let encryption = exact(parts.encryption, Tag::PublicSubkey, PublicSubkey::try_from_reader)?;
        let alike = signing.version() == suite.version()
            && encryption.version() == suite.version()
            && signing.algorithm() == suite.signing()
            && encryption.algorithm() == suite.encryption()
            && parts.user.is_some() == (suite == Suite::Gnupg);
        if !alike {
            return Err(CertificateFault::Profile);
        }
        let user = parts.user.map(|body| exact(body, Tag::UserId, UserId::try_from_reader)).transpose()?;
        let check = binding::Check { suite, primary: &primary, calculate: trust == Trust::Unknown };
        let expires = [
            check.own(user.as_ref(), &signature(parts.own)?)?,
            check.signing(&signing, &signature(parts.signing_binding)?)?,
            check.encryption(&encryption, &signature(parts.encryption_binding)?)?,
        ];
        let created = [primary.created_at(), signing.created_at(), encryption.created_at()];
        let created = created.into_iter().map(|time| u64::from(time.as_secs())).max().unwrap_or_default();
        let expires = expires.into_iter().min().unwrap_or_default();
        Ok(Self { suite, fingerprint: primary.fingerprint(), signing, encryption, created, expires })
    }

    /// Reads a certificate that was pinned, of a profile.
    pub fn pinned(certificate: &Certificate, profile: Profile) -> Result<Self, CertificateFault> {
        let certified = Self::read(certificate, Trust::Pinned)?;
        if certified.suite == Suite::of(profile) { Ok(certified) } else { Err(CertificateFault::Profile) }
    }

    /// Refuses one that isn't valid at this time.
    pub fn valid(&self, now: Time) -> Result<(), CertificateFault> {
        let [created, expires] = [self.created, self.expires].map(|seconds| Time(seconds.saturating_mul(1000)));
        if now >= expires {
            Err(CertificateFault::Expired(expires))
        } else if now.after_ms(CLOCK_AHEAD_MS_MAX) < created {
            Err(CertificateFault::Future(created))
        } else {
            Ok(())
        }
    }
}

/// The bodies of the packets of a certificate or of a secret key.
pub struct Parts<'a> {
    /// The primary key.
    pub primary: &'a [u8],
    /// The user id, which GnuPG asks for.
    pub user: Option<&'a [u8]>,
    /// The primary key's signature over itself, with the user id where there
    /// is one.
    pub own: &'a [u8],
    /// The signing subkey.
    pub signing: &'a [u8],
    /// What binds it.
    pub signing_binding: &'a [u8],
    /// The encryption subkey.
    pub encryption: &'a [u8],
    /// What binds it.
    pub encryption_binding: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Splits them, with these types of key packets.
    pub fn split(bytes: &'a [u8], key: u8, subkey: u8) -> Result<Self, CertificateFault> {
        use tag::{SIGNATURE, USER_ID};
        let packets = strict(bytes, PACKETS_MAX)?;
        let revocation = |(tag, body): &(u8, &[u8])| {
            *tag == SIGNATURE && body.get(1).is_some_and(|kind| REVOCATIONS.map(u8::from).contains(kind))
        };
        let (head, user, rest) = match packets.as_slice() {
            [head, (USER_ID, user), rest @ ..] => (head, Some(*user), rest),
            [head, rest @ ..] => (head, None, rest),
            [] => return Err(Grammar::Sequence.into()),
        };
        match (head, rest) {
            (_, _) if packets.iter().any(revocation) => Err(CertificateFault::Revoked),
            (
                (k, primary),
                [
                    (SIGNATURE, own),
                    (s, signing),
                    (SIGNATURE, signing_binding),
                    (e, encryption),
                    (SIGNATURE, encryption_binding),
                ],
            ) if *k == key && *s == subkey && *e == subkey => {
                Ok(Self { primary, user, own, signing, signing_binding, encryption, encryption_binding })
            }
            _ => Err(Grammar::Sequence.into()),
        }
    }
}

/// Signatures that take something back (RFC 9580 section 5.2.1).
const REVOCATIONS: [SignatureType; 3] =
    [SignatureType::KeyRevocation, SignatureType::SubkeyRevocation, SignatureType::CertRevocation];

/// The header that the library wants to see with a body.
pub fn header(tag: Tag, body: &[u8]) -> PacketHeader {
    PacketHeader::new_fixed(tag, u32::try_from(body.len()).unwrap_or(u32::MAX))
}

fn signature(body: &[u8]) -> Result<Signature, CertificateFault> {
    exact(body, Tag::Signature, Signature::try_from_reader)
}

/// Reads a packet that is written as the library would write it: lengths that
/// it overlooks are not overlooked here.
fn exact<'a, T: Serialize>(
    body: &'a [u8],
    tag: Tag,
    read: impl FnOnce(PacketHeader, &'a [u8]) -> pgp::errors::Result<T>,
) -> Result<T, CertificateFault> {
    let packet = read(header(tag, body), body).map_err(unreadable)?;
    if packet.to_bytes().map_err(unreadable)? == body { Ok(packet) } else { Err(unreadable("its lengths differ")) }
}

fn unreadable(error: impl std::fmt::Display) -> CertificateFault {
    CertificateFault::NotAcceptable(error.to_string())
}
