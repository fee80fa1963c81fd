//! Random bytes, from one place, so that a test can repeat them.

use std::{fmt, io};

/// Where random bytes come from: keys, names of blobs, temporary files.
pub trait Random: Send + Sync + fmt::Debug {
    /// Fills all of it with bytes that nobody can guess.
    ///
    /// # Errors
    /// Where the system has none to give; never replaced by weaker ones.
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()>;
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()))
    }
}

/// So many random bytes in lower-case hexadecimal.
///
/// # Errors
/// As [`Random::fill`].
pub(crate) fn hex_name(random: &dyn Random, bytes: usize) -> io::Result<String> {
    let mut raw = vec![0; bytes];
    random.fill(&mut raw)?;
    Ok(crate::digest::hex(&raw))
}
