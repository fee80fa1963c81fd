//! Processes: what they say, what they cost, and how they are killed.

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use wait4::{ResUse, Wait4 as _};

/// What a process cost, its waited-for children included.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Processor time in user mode.
    pub user: Duration,
    /// Processor time in the kernel.
    pub system: Duration,
    /// From start to end.
    pub wall: Duration,
    /// The most memory it held, in bytes; of several, the most of one.
    pub memory: u64,
}

impl Cost {
    /// One after the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
            wall: self.wall + other.wall,
            memory: self.memory.max(other.memory),
        }
    }

    /// What a process cost that ended.
    pub fn of(used: &ResUse, wall: Duration) -> Self {
        Self { user: used.rusage.utime, system: used.rusage.stime, wall, memory: used.rusage.maxrss }
    }
}

/// A process that ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// Its answer.
    pub stdout: String,
    /// Its log, and what it says of failures.
    pub stderr: String,
    /// What it cost.
    pub cost: Cost,
}

impl Ended {
    /// Its exit code; none where it was killed.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ended {
    finish(command, None)
}

/// Runs a command, and kills it where it takes longer than this.
pub fn run_and_kill(command: &mut Command, after: Duration) -> Ended {
    finish(command, Some(after))
}

fn finish(command: &mut Command, kill_after: Option<Duration>) -> Ended {
    let began = Instant::now();
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (closed, ended) = mpsc::channel();
    let stdout = collect(child.stdout.take().unwrap(), closed.clone());
    let stderr = collect(child.stderr.take().unwrap(), closed);
    if let Some(patience) = kill_after {
        // Both outputs close when the process ends, and not before.
        let still_runs = |_| ended.recv_timeout(patience.saturating_sub(began.elapsed())).is_err();
        if (0..2).any(still_runs) {
            child.kill().unwrap();
        }
    }
    let used = child.wait4().unwrap();
    let cost = Cost::of(&used, began.elapsed());
    Ended { status: used.status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap(), cost }
}

fn collect(mut from: impl Read + Send + 'static, closed: mpsc::Sender<()>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        // Nobody listens where nobody wants to kill.
        closed.send(()).ok();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// What a living process used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// The most memory since it began, or since that was forgotten, in bytes.
    /// What the system tells of a process that ended is no use here: it counts
    /// what its parent held while it was started.
    pub peak: u64,
    /// Processor time, in hundredths of a second.
    pub ticks: u64,
}

impl Used {
    /// By a process, from what the kernel shows of it.
    pub fn by(id: u32) -> Self {
        let shown = |file: &str| std::fs::read_to_string(format!("/proc/{id}/{file}")).unwrap();
        let status = shown("status");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux shows the peak");
        let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        // Behind the name, which may hold anything, in its parentheses.
        let stat = shown("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
        Self { peak: peak << 10, ticks }
    }

    /// Lets a process's peak begin at what it holds now.
    pub fn forget_peak(id: u32) {
        std::fs::write(format!("/proc/{id}/clear_refs"), "5").unwrap();
    }
}

/// How many calls to write a process has made; 0 where it is gone.
pub fn writes(process: u32) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{process}/io")).unwrap_or_default();
    let count = told.lines().find_map(|line| line.strip_prefix("syscw: "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

/// The processes that a process began.
pub fn children(of: u32) -> Vec<u32> {
    let processes =
        std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    let parent = |id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name may hold anything, and ends with a bracket (proc_pid_stat(5)).
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<u32>().ok()
    };
    processes.filter_map(|name| name.parse().ok()).filter(|id| parent(id) == Some(of)).collect()
}

/// Looks again and again until something is there. Panics with `what` where it
/// never comes.
pub fn wait_for<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < patience, "waited {patience:?} in vain for {what}");
        thread::park_timeout(Duration::from_millis(10));
    }
}
