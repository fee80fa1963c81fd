//! `ferry demo`.

mod office;
mod story;

use std::path::{Path, PathBuf};

use clap::Args;
use ferry::request::Failure;

use crate::cli::context::absolute;
use crate::cli::{Context, DONE, Outcome, output};

/// Watch two trackers being kept in step, and keep them to play with
///
/// Makes two organisations in a folder, each with a tracker of Markdown files
/// and a Ferry of its own, and lives through all of it for real: handshake,
/// configuration, first synchronization, changes both ways. The folders stay.
/// Run it again, and it goes on.
#[derive(Debug, Args)]
pub struct Demo {
    /// Where to make them
    #[arg(long, value_name = "DIR", default_value = "ferry-demo")]
    dir: PathBuf,
    /// Remove what an earlier demo made there, with all that you tried in it
    #[arg(long)]
    clean: bool,
}

/// Marks a folder as a demo's: only such a one is ever removed.
const MARK: &str = ".ferry-demo";

impl Demo {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        let dir = absolute(&self.dir)?;
        let marked = dir.join(MARK).is_file();
        if self.clean {
            return clean(cx, &self.dir, &dir, marked);
        }
        let empty = std::fs::read_dir(&dir).map_or(true, |mut entries| entries.next().is_none());
        if !marked && !empty {
            return Err(Failure::failed(format!("{} is there already and is no demo", self.dir.display()))
                .with_help("choose another folder with --dir"));
        }
        let failed = |e: std::io::Error| Failure::failed(format!("{} can't be made: {e}", self.dir.display()));
        make(&dir).map_err(failed)?;
        if story::cut_off(&dir)? {
            std::fs::remove_dir_all(&dir).and_then(|()| make(&dir)).map_err(failed)?;
        }
        story::tell(cx, &self.dir, &dir)
    }
}

fn make(dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join(MARK), "`ferry demo --clean` removes this folder.\n")
}

fn clean(cx: &Context, shown: &Path, dir: &Path, marked: bool) -> Outcome {
    let done = |removed: bool| {
        match (cx.json, removed) {
            (true, _) => output::json(&serde_json::json!({ "removed": removed })),
            (false, true) => output::line(format!("Removed {}.", shown.display())),
            (false, false) => output::line(format!("There is no demo in {}.", shown.display())),
        }
        Ok(DONE)
    };
    if !dir.exists() {
        return done(false);
    }
    if !marked {
        return Err(Failure::failed(format!("{} is no demo, and is not removed", shown.display())));
    }
    std::fs::remove_dir_all(dir).map_err(|e| Failure::failed(format!("{} can't be removed: {e}", shown.display())))?;
    done(true)
}
