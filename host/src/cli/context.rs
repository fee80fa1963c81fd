//! What commands share: the home, how answers are wanted, and the way to the
//! owner of the home.

use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;
use ferry::HostBuilder;
use ferry::request::{self, Answer, Failure, Kind, Password, Request, Watcher};
use ferry::secret::{Secret, SecretError, SecretReference};

use super::Global;
use super::output::{self, ProgressBars};

/// What commands share.
#[derive(Debug)]
pub struct Context {
    builder: HostBuilder,
    /// Answers as JSON.
    pub json: bool,
    /// What can't be undone is done without asking.
    pub yes: bool,
    /// No progress.
    pub quiet: bool,
    /// How this program is called.
    program: String,
    /// How it is called for this home, in advice to people.
    called: String,
}

impl Context {
    /// From the command line and the environment.
    pub fn new(global: Global) -> Result<Self, Failure> {
        let default = default_home();
        let program = program();
        let called = match &global.home {
            Some(home) if std::env::var_os("FERRY_HOME").is_none_or(|set| Path::new(&set) != home) => {
                format!("{program} --home {}", output::shell_word(&home.to_string_lossy()))
            }
            _ => program.clone(),
        };
        let home = global.home.or(default).ok_or_else(|| {
            Failure::failed("it isn't known where your data belongs: HOME isn't set")
                .with_help("say where with --home DIR or FERRY_HOME")
        })?;
        let builder = builder(&home)?;
        Ok(Self { builder, json: global.json, yes: global.yes, quiet: global.quiet, program, called })
    }

    /// For what runs in this process for long.
    pub fn builder(&self) -> &HostBuilder {
        &self.builder
    }

    /// Has a request carried out, with progress where somebody watches.
    pub fn call(&self, request: &Request) -> Result<Answer, Failure> {
        if self.quiet || self.json || !std::io::stderr().is_terminal() {
            let nobody: Arc<dyn Watcher> = Arc::new(());
            return request::call(&self.builder, request, &nobody);
        }
        let bars = Arc::new(ProgressBars::default());
        let watcher: Arc<dyn Watcher> = bars.clone();
        let answer = request::call(&self.builder, request, &watcher);
        bars.clear();
        answer
    }

    /// How this program is called.
    pub fn program(&self) -> &str {
        &self.program
    }

    /// The words of advice, with `ferry` as it is called for this home.
    pub fn advice(&self, text: &str) -> String {
        if self.called == "ferry" {
            return text.to_owned();
        }
        text.replace("`ferry demo", &format!("`{} demo", self.program))
            .replace("`ferry ", &format!("`{} ", self.called))
    }

    /// A failure with its advice as it is typed for this home.
    pub fn complete(&self, mut failure: Failure) -> Failure {
        failure.message = self.advice(&failure.message);
        failure.help = failure.help.map(|help| self.advice(&help));
        failure
    }

    /// Shows what can't be undone and asks; without a terminal and without
    /// `--yes` it is refused.
    pub fn confirm(&self, question: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(format!("this can't be undone, and nobody can be asked here: {question}"))
                .with_help("give --yes if it is what you want"));
        }
        if output::ask(question) {
            return Ok(());
        }
        Err(Failure::failed("nothing was changed"))
    }

    /// Asks whether something is right; without a terminal and without `--yes` it
    /// isn't taken for granted.
    pub fn agree(&self, question: &str, otherwise: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(format!("nobody can be asked here: {question}")).with_help(otherwise));
        }
        if output::ask(question) { Ok(()) } else { Err(Failure::failed("nothing was changed").with_help(otherwise)) }
    }

    /// The secret behind a reference, where one is given; a person is asked
    /// with `label`.
    pub fn secret(&self, reference: Option<&str>, label: &str) -> Result<Option<Secret>, Failure> {
        self.resolve(reference, label, false)
    }

    /// As `secret`, for one that is chosen now: a person is asked twice.
    pub fn new_secret(&self, reference: Option<&str>, label: &str) -> Result<Option<Secret>, Failure> {
        self.resolve(reference, label, true)
    }

    /// Where a password is to be had; a person is asked with `label`, and the home
    /// keeps what they say.
    pub fn password(&self, reference: Option<&str>, label: &str) -> Result<Option<Password>, Failure> {
        let Some(text) = reference else { return Ok(None) };
        Ok(Some(match text.parse().map_err(|e: SecretError| Failure::usage(e.to_string()))? {
            SecretReference::Prompt => Password::Kept(self.secret(reference, label)?.unwrap_or_default()),
            // The owner of the home may work in another directory.
            SecretReference::File(path) => Password::At(SecretReference::File(absolute(&path)?).to_string()),
            other => Password::At(other.to_string()),
        }))
    }

    fn resolve(&self, reference: Option<&str>, label: &str, twice: bool) -> Result<Option<Secret>, Failure> {
        // Parsed here: the command line's parser would repeat what may be the
        // secret itself.
        let Some(reference) = reference else { return Ok(None) };
        let reference: SecretReference = reference.parse().map_err(|e: SecretError| Failure::usage(e.to_string()))?;
        let ask = || {
            if !std::io::stdin().is_terminal() {
                return Err(SecretError::NobodyToAsk);
            }
            let prompt = |label: String| rpassword::prompt_password(label).map_err(|_| SecretError::NobodyToAsk);
            let text = prompt(format!("{label}: "))?;
            if twice && prompt(format!("{label}, again: "))? != text {
                return Err(SecretError::Unlike);
            }
            Ok(Secret::new(text))
        };
        let secret = reference.resolve(&|name| std::env::var(name).ok(), &ask);
        secret.map(Some).map_err(|e| Failure::failed(e.to_string()))
    }
}

/// A path as the owner of the home needs it.
pub fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path).map_err(|e| Failure::usage(format!("{}: {e}", path.display())))?;
    // `a/../b` and `./` go, where they exist; links stay, people made them.
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if !plain.is_symlink() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    Ok(plain)
}

/// Text from a file, or from standard input for `-`.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    let read =
        if path == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    read.map_err(|e| {
        let kind = if e.kind() == std::io::ErrorKind::NotFound { Kind::NotFound } else { Kind::Failed };
        Failure::new(kind, format!("{} can't be read: {e}", path.display()))
    })
}

/// An answer of another kind than was asked for: not between equal versions.
pub fn unexpected(_: Answer) -> Failure {
    Failure::failed("the ferry that owns the home answered something else than was asked")
        .with_help("stop the running `ferry run` and start it again with this version")
}

/// A host for a home, with the components of this installation.
pub fn builder(home: &Path) -> Result<HostBuilder, Failure> {
    let mut builder = HostBuilder::new(home).map_err(|e| Failure::usage(format!("{}: {e}", home.display())))?;
    if let Some(list) = std::env::var_os("FERRY_COMPONENTS").filter(|list| !list.is_empty()) {
        for directory in std::env::split_paths(&list) {
            builder = builder.components(directory);
        }
    }
    if let Some(directory) = shipped_components() {
        builder = builder.components(directory);
    }
    builder = builder.environment(|name| std::env::var(name).ok());
    if let Some(directory) = shared_cache() {
        builder = builder.cache(directory);
    }
    if let Some(directory) = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|d| d.is_dir()) {
        builder = builder.sockets(directory);
    }
    Ok(builder)
}

/// `share/ferry` beside the executable's `bin`.
fn shipped_components() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let program = std::fs::canonicalize(&program).unwrap_or(program);
    Some(program.parent()?.parent()?.join("share").join("ferry"))
}

/// As it was typed, where it isn't found by its name alone.
fn program() -> String {
    let typed = std::env::args().next().filter(|word| word.contains('/'));
    typed.map_or_else(|| "ferry".to_owned(), |word| output::shell_word(&word))
}

/// The platform's cache directory: compiling the engine takes seconds, and
/// once for all homes of an account is enough. Where it can't be had, each home
/// has its own.
fn shared_cache() -> Option<PathBuf> {
    let directory = etcetera::choose_base_strategy().ok()?.cache_dir().join("ferry");
    ferry::home::private_directory(&directory).ok()?;
    // Under sudo it may be somebody else's.
    let ours = std::fs::metadata(&directory).ok()?.uid() == rustix::process::geteuid().as_raw();
    ours.then_some(directory)
}

fn default_home() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.data_dir().join("ferry"))
}
