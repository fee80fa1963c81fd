//! Opening a home.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

use super::Host;
use crate::home::{Home, Lock};
use crate::request::{Failure, Kind, Watcher};
use crate::settings::SettingsFile;

/// Says where everything is, and opens a home.
#[derive(Clone, Debug)]
pub struct HostBuilder {
    home: Home,
    components: Vec<PathBuf>,
    cache: PathBuf,
    sockets: PathBuf,
    watcher: Arc<dyn Watcher>,
    environment: fn(&str) -> Option<String>,
}

impl HostBuilder {
    /// For the home at this path. Nothing is touched yet.
    ///
    /// # Errors
    /// Where the path is empty.
    pub fn new(home: impl AsRef<Path>) -> io::Result<Self> {
        let (sockets, watcher) = (PathBuf::from("/tmp"), Arc::new(()));
        let home = Home::at(home)?;
        Ok(Self { cache: home.cache(), home, components: Vec::new(), sockets, watcher, environment: |_| None })
    }

    /// Another folder where components are looked for, after those before.
    #[must_use]
    pub fn components(mut self, folder: impl Into<PathBuf>) -> Self {
        self.components.push(folder.into());
        self
    }

    /// Where compiled components are kept instead of in the home: homes of one
    /// account may share them. Only that account may be able to write there.
    #[must_use]
    pub fn cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = folder.into();
        self
    }

    /// Where a home whose path is too long for a socket has its socket.
    #[must_use]
    pub fn sockets(mut self, folder: impl Into<PathBuf>) -> Self {
        self.sockets = folder.into();
        self
    }

    /// Who is told of progress that nobody in particular asked for.
    #[must_use]
    pub fn watcher(mut self, watcher: Arc<dyn Watcher>) -> Self {
        self.watcher = watcher;
        self
    }

    /// Where passwords are looked up that `ferry.toml` has as `env:NAME`; nowhere,
    /// where this isn't called.
    #[must_use]
    pub fn environment(mut self, environment: fn(&str) -> Option<String>) -> Self {
        self.environment = environment;
        self
    }

    /// The home that will be opened.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// Opens the home, made where it isn't there.
    ///
    /// # Errors
    /// `Passing` where another process has it; `Failed` where it or its
    /// `ferry.toml` can't be used.
    pub fn build(&self) -> Result<Host, Failure> {
        self.try_build()?.ok_or_else(|| {
            let holder = Lock::holder(&self.home).map(|pid| format!(" (process {pid})")).unwrap_or_default();
            let root = self.home.root().display();
            Failure::new(Kind::Passing, format!("another ferry{holder} is at work in {root}"))
        })
    }

    /// Opens the home, unless another process has it.
    pub(crate) fn try_build(&self) -> Result<Option<Host>, Failure> {
        let root = self.home.root().display();
        self.home.create().map_err(Failure::io(format!("the home {root} can't be used")))?;
        let taken = Lock::take(&self.home).map_err(Failure::io(format!("the home {root} can't be locked")))?;
        let Some(lock) = taken else { return Ok(None) };
        let settings = SettingsFile::open(&self.home.settings())?;
        let known = settings.settings().clone();
        let host = Host {
            home: self.home.clone(),
            lock,
            components: self.components.clone(),
            cache: self.cache.clone(),
            sockets: self.sockets.clone(),
            watcher: self.watcher.clone(),
            environment: self.environment,
            settings: Mutex::new(settings),
            runtime: OnceLock::new(),
            seats: Mutex::default(),
            beginning: Mutex::default(),
            schedule: Mutex::default(),
            ending: AtomicBool::new(false),
        };
        host.clear_unfinished(&known);
        Ok(Some(host))
    }
}
