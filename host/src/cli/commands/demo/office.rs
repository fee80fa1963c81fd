//! One of the two organisations of the demo.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ferry::Host;
use ferry::request::{Agreement, Answer, Failure, Overview, Request, Round, Standing, State, Watcher};
use ferry::settings::Name;

use crate::cli::context::{builder, unexpected};

/// An organisation: a folder of issues, a home, an exchange directory.
#[derive(Debug)]
pub struct Office {
    /// What it calls the synchronization with the other.
    pub sync: Name,
    /// The key of its project.
    pub project: &'static str,
    /// Its tracker.
    pub issues: PathBuf,
    /// Its exchange directory.
    pub exchange: PathBuf,
    /// Its home.
    pub home: PathBuf,
    host: Arc<Host>,
    nobody: Arc<dyn Watcher>,
}

impl Office {
    /// Opens an organisation below the demo's folder.
    pub fn open(dir: &Path, name: &str, partner: &str, project: &'static str) -> Result<Self, Failure> {
        let home = dir.join(format!("home-{name}"));
        let issues = dir.join(name);
        std::fs::create_dir_all(&issues).map_err(|e| Failure::failed(format!("{}: {e}", issues.display())))?;
        let host = Host::take(&builder(&home)?).map_err(|failure| match failure.help {
            None => failure.with_help("end it, then run the demo again"),
            Some(_) => failure,
        })?;
        Ok(Self {
            sync: partner.parse()?,
            project,
            issues,
            exchange: dir.join(format!("box-{name}")),
            home,
            host: Arc::new(host),
            nobody: Arc::new(()),
        })
    }

    /// Has a request carried out.
    pub fn ask(&self, request: &Request) -> Result<Answer, Failure> {
        self.host.execute(request, &self.nobody)
    }

    /// Whether its synchronization is as far as to be started.
    pub fn is_set_up(&self) -> Result<bool, Failure> {
        if !self.host.settings()?.synchronizations.contains_key(&self.sync) {
            return Ok(false);
        }
        let ready =
            |o: Overview| o.agreement == Agreement::Adopted && matches!(o.state, State::Running | State::Stopped);
        Ok(self.standing()?.overview.is_some_and(ready))
    }

    /// How its synchronization stands.
    pub fn standing(&self) -> Result<Standing, Failure> {
        self.host.standing(&self.sync, &self.nobody)
    }

    /// Does what there is to do now.
    pub fn work(&self) -> Result<Round, Failure> {
        match self.ask(&Request::Finish(vec![self.sync.clone()]))? {
            Answer::Rounds(mut rounds) if rounds.len() == 1 => {
                let round = rounds.pop().unwrap_or_default();
                match &round.trouble {
                    Some(trouble) => Err(Failure::failed(format!("{}: {trouble}", round.name))),
                    None => Ok(round),
                }
            }
            other => Err(unexpected(other)),
        }
    }

    /// The names of its issues' files, in order.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.issues).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
        names.sort();
        names
    }

    /// The file whose text holds some words.
    pub fn find(&self, words: &str) -> Option<PathBuf> {
        let paths = self.files().into_iter().map(|name| self.issues.join(name));
        paths.into_iter().find(|path| std::fs::read_to_string(path).is_ok_and(|text| text.contains(words)))
    }

    /// Changes a file as a person with an editor does.
    pub fn edit(&self, path: &Path, change: impl FnOnce(String) -> String) -> Result<(), Failure> {
        let failed = |e: std::io::Error| Failure::failed(format!("{}: {e}", path.display()));
        let text = std::fs::read_to_string(path).map_err(failed)?;
        std::fs::write(path, change(text)).map_err(failed)
    }

    /// Writes a new file.
    pub fn save(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.issues.join(name);
        std::fs::write(&path, text).map_err(|e| Failure::failed(format!("{}: {e}", path.display())))
    }
}

/// Both work in turns until there is nothing to do for either; answers how
/// many parcels travelled.
pub fn in_turns(one: &Office, other: &Office) -> Result<u64, Failure> {
    let mut parcels = 0;
    for _ in 0..ROUNDS_MAX {
        let rounds = [other.work()?, one.work()?];
        parcels += rounds.iter().map(|round| round.parcels).sum::<u64>();
        if rounds.iter().all(|round| round.received + round.applied + round.sent + round.parcels == 0) {
            break;
        }
    }
    Ok(parcels)
}

/// Two sides are in step after a few rounds; more would be a mistake in Ferry.
const ROUNDS_MAX: u32 = 12;
