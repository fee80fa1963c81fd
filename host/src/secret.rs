//! Secrets, and where they come from. A secret itself is never on a command
//! line, in `ferry.toml`, in a log or in a message.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A secret. It has no `Debug` that shows it and no `Display`; whoever needs
/// its text says so with [`Secret::reveal`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret's text.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a secret is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretReference {
    /// An environment variable.
    Environment(String),
    /// A file, without its trailing line end.
    File(PathBuf),
    /// What a command prints, without its trailing line end. Words are parted
    /// by blanks; no shell is involved.
    Command(Vec<String>),
    /// A person, at the terminal.
    Prompt,
}

/// Why a secret could not be had. Never says what it is.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not one of the four forms.
    #[error(
        "this is no reference to a secret: write env:NAME, file:PATH, command:WORDS or prompt; \
         a secret itself never belongs on the command line"
    )]
    NotAReference,
    /// No such variable.
    #[error("the environment variable {0} isn't set; set it, or refer to the secret another way")]
    Unset(String),
    /// The file can't be read.
    #[error("the secret in {path} can't be read: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The command failed; its own output is not repeated.
    #[error("the command {command} gave no secret: {reason}")]
    Command {
        /// Its first word.
        command: String,
        /// Why.
        reason: String,
    },
    /// Nothing is there.
    #[error("the secret from {0} is empty")]
    Empty(String),
    /// A person wrote two different ones.
    #[error("the two are not the same; nothing was changed")]
    Unlike,
    /// Only whoever talks to people can ask them.
    #[error("nobody can be asked for the secret here; use env:NAME, file:PATH or command:WORDS")]
    NobodyToAsk,
}

/// The largest file that is taken for a secret, in bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

impl SecretReference {
    /// The secret behind the reference. `environment` looks up variables: this
    /// library reads none by itself. A `prompt` is answered by `ask`.
    pub fn resolve(
        &self,
        environment: &dyn Fn(&str) -> Option<String>,
        ask: &dyn Fn() -> Result<Secret, SecretError>,
    ) -> Result<Secret, SecretError> {
        let text = match self {
            Self::Environment(name) => environment(name).ok_or_else(|| SecretError::Unset(name.clone()))?,
            Self::File(path) => read(path)?,
            Self::Command(words) => run(words)?,
            Self::Prompt => ask()?.0,
        };
        let stripped = text.strip_suffix('\n').map(|t| t.strip_suffix('\r').unwrap_or(t)).unwrap_or(&text);
        if stripped.is_empty() {
            return Err(SecretError::Empty(self.to_string()));
        }
        Ok(Secret::new(stripped.to_owned()))
    }
}

impl FromStr for SecretReference {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text == "prompt" {
            return Ok(Self::Prompt);
        }
        match text.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::Environment(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(PathBuf::from(path))),
            Some(("command", words)) if !words.trim().is_empty() => {
                Ok(Self::Command(words.split_whitespace().map(str::to_owned).collect()))
            }
            _ => Err(SecretError::NotAReference),
        }
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Command(words) => write!(f, "command:{}", words.join(" ")),
            Self::Prompt => f.write_str("prompt"),
        }
    }
}

fn read(path: &PathBuf) -> Result<String, SecretError> {
    let fault = |reason| SecretError::File { path: path.clone(), reason };
    let length = std::fs::metadata(path).map_err(fault)?.len();
    if length > FILE_BYTES_MAX {
        let reason = std::io::Error::other(format!("{length} bytes are too many for a secret"));
        return Err(fault(reason));
    }
    std::fs::read_to_string(path).map_err(fault)
}

fn run(words: &[String]) -> Result<String, SecretError> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(SecretError::NotAReference);
    };
    let fault = |reason: String| SecretError::Command { command: program.clone(), reason };
    let output = Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|e| fault(e.to_string()))?;
    if !output.status.success() {
        return Err(fault(format!("it ended with {}", output.status)));
    }
    String::from_utf8(output.stdout).map_err(|_| fault("what it printed is no text".to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn resolve(text: &str) -> Result<Secret, SecretError> {
        let environment = |name: &str| (name == "WORD").then(|| "swordfish\n".to_owned());
        text.parse::<SecretReference>()?.resolve(&environment, &|| Err(SecretError::NobodyToAsk))
    }

    #[test]
    fn a_secret_comes_without_its_trailing_line_end_and_with_all_other_blanks() {
        assert_eq!(resolve("env:WORD").unwrap().reveal(), "swordfish");
        let dir = tempdir();
        let path = dir.join("secret");
        std::fs::write(&path, " two words \r\n").unwrap();
        assert_eq!(resolve(&format!("file:{}", path.display())).unwrap().reveal(), " two words ");
        assert_eq!(resolve("command:echo  a b").unwrap().reveal(), "a b");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_secret_itself_is_not_taken_and_not_repeated() {
        let error = resolve("hunter2").unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(matches!(resolve("env:"), Err(SecretError::NotAReference)));
        assert!(matches!(resolve("command: "), Err(SecretError::NotAReference)));
    }

    #[test]
    fn what_cannot_be_had_is_named() {
        assert!(resolve("env:NONE").unwrap_err().to_string().contains("NONE"));
        assert!(resolve("file:/no/such").unwrap_err().to_string().contains("/no/such"));
        assert!(resolve("command:false").unwrap_err().to_string().contains("false"));
        assert!(matches!(resolve("file:/dev/null"), Err(SecretError::Empty(_))));
        assert!(matches!(resolve("prompt"), Err(SecretError::NobodyToAsk)));
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", resolve("env:WORD").unwrap()), "Secret(…)");
    }

    fn tempdir() -> PathBuf {
        let dir = std::env::temp_dir().join(format!("ferry-secret-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        dir
    }
}
