//! Two organisations and what their synchronization costs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use ferry_tests::office::Office;
use ferry_tests::process::{self, Cost};
use ferry_tests::{local, process::wait_for};

/// Rounds that a synchronization may take.
const ROUNDS_MAX: usize = 6;

/// Two connected, running sides: a full tracker and an empty one.
pub struct Road {
    acme: Office,
    globex: Office,
    counter: std::cell::Cell<usize>,
}

impl Road {
    /// Copies the issues and connects; nothing of it is counted.
    pub fn connect(place: &Path, source: &Path) -> Self {
        fs::create_dir_all(place).unwrap();
        let acme = Office::new(place, "acme", "globex", "ACME");
        let globex = Office::new(place, "globex", "acme", "GLX");
        for entry in fs::read_dir(source).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), acme.issues.join(entry.file_name())).unwrap();
        }
        acme.connect(&globex, "modern");
        Self { acme, globex, counter: std::cell::Cell::new(0) }
    }

    /// Both sides in turn, until neither has anything to do.
    pub fn synchronize(&self) -> Cost {
        let count = |office: &Office| local::issue_files(&office.issues).len();
        let mut cost = Cost::default();
        for _ in 0..ROUNDS_MAX {
            cost = cost.and(self.acme.run_once().cost).and(self.globex.run_once().cost);
            if count(&self.acme) == count(&self.globex) && self.is_quiet() {
                // The last acknowledgements.
                return cost.and(self.acme.run_once().cost);
            }
        }
        panic!("not in step after {ROUNDS_MAX} rounds");
    }

    fn is_quiet(&self) -> bool {
        let waits = |office: &Office| {
            let status = office.status();
            status["outgoing"]["queued"].as_u64().unwrap() + status["unapplied"].as_u64().unwrap()
        };
        waits(&self.acme) + waits(&self.globex) == 0
    }

    /// People edit so many issues, and both sides run once.
    pub fn tick(&self, edits: usize) -> Cost {
        self.counter.set(self.counter.get() + 1);
        for file in local::issue_files(&self.acme.issues).iter().take(edits) {
            local::retitle(file, &format!("Edited {} times", self.counter.get()));
        }
        let cost = self.acme.run_once().cost.and(self.globex.run_once().cost);
        self.acme.run_once();
        cost
    }

    /// One question at a glance.
    pub fn status(&self) -> Cost {
        process::run(&mut self.acme.command(&["sync", "status"])).cost
    }

    /// From a saved file here to a saved file there, both daemons idle.
    pub fn latency(&self) -> Cost {
        let _daemons = [self.acme.daemon(), self.globex.daemon()];
        let answers = |office: &Office| office.try_ferry(&["sync", "status"]).status.success().then_some(());
        for office in [&self.acme, &self.globex] {
            wait_for("the daemon to answer", Duration::from_secs(10), || answers(office));
        }
        self.carry_one();
        Cost { wall: self.carry_one(), ..Cost::default() }
    }

    fn carry_one(&self) -> Duration {
        self.counter.set(self.counter.get() + 1);
        let title = format!("Edited {} times", self.counter.get());
        let file = local::issue_files(&self.acme.issues).remove(0);
        let began = Instant::now();
        local::retitle(&file, &title);
        wait_for("the edit to arrive", Duration::from_secs(30), || local::find_titled(&self.globex.issues, &title));
        began.elapsed()
    }
}
