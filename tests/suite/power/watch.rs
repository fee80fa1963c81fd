//! Runs processes and writes down what they do to a folder: the kernel stops
//! them at each call, so that nothing goes past, whoever makes the call.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::journal::{Event, Journal, Kind, Node};

/// Calls after which names, or modes, may be others.
const NAMING: [i64; 14] = [
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_link,
    libc::SYS_linkat,
    libc::SYS_unlink,
    libc::SYS_unlinkat,
    libc::SYS_rmdir,
    libc::SYS_mkdir,
    libc::SYS_mkdirat,
    libc::SYS_symlink,
    libc::SYS_symlinkat,
    libc::SYS_chmod,
    libc::SYS_fchmod,
];
/// Calls that would go unseen.
const UNSEEN: [i64; 4] = [libc::SYS_io_uring_setup, libc::SYS_openat2, libc::SYS_truncate, libc::SYS_fchmodat];

/// A folder that is watched.
pub(super) struct Watch {
    root: PathBuf,
    device: u64,
    pub journal: Journal,
    inodes: BTreeMap<u64, Node>,
    entries: BTreeMap<Node, BTreeMap<String, Node>>,
    modes: BTreeMap<Node, u32>,
}

/// A call that a process has made.
struct Call {
    thread: Pid,
    number: i64,
    answer: i64,
    arguments: [u64; 4],
    /// How many events there were when it began.
    began: usize,
}

impl Watch {
    /// What is there now is on the disk.
    pub fn new(root: &Path) -> Self {
        let journal = Journal { nodes: vec![(Kind::Folder(0o755), String::new())], events: Vec::new() };
        let mut watch = Self {
            root: root.to_owned(),
            device: std::fs::metadata(root).unwrap().dev(),
            journal,
            inodes: BTreeMap::new(),
            entries: BTreeMap::new(),
            modes: BTreeMap::new(),
        };
        watch.look();
        let began = watch.journal.events.len();
        watch.journal.events.push(Event::SyncedAll { began });
        watch
    }

    /// Runs a command to its end, and answers its exit code.
    #[allow(clippy::zombie_processes)] // `follow` waits for it.
    pub fn run(&mut self, command: &Command) -> nix::Result<i32> {
        // A process can't be watched before it is there: this one waits to be.
        let mut waiting = Command::new("sh");
        waiting.args(["-c", "read _ && exec \"$@\" < /dev/null", "sh"]).arg(command.get_program());
        waiting.args(command.get_args()).env_remove("FERRY_HOME");
        waiting.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = waiting.spawn().unwrap();
        let process = Pid::from_raw(child.id().try_into().unwrap());
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        if let Err(error) = ptrace::seize(process, options) {
            // It reads the end of its input, and ends.
            drop(child.stdin.take());
            child.wait().unwrap();
            return Err(error);
        }
        ptrace::interrupt(process)?;
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        self.follow(process)
    }

    fn follow(&mut self, process: Pid) -> nix::Result<i32> {
        let mut began: BTreeMap<Pid, usize> = BTreeMap::new();
        loop {
            // Other threads of ours have children of their own.
            let ours = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            let (thread, signal) = match waitpid(Pid::from_raw(-1), Some(ours))? {
                WaitStatus::PtraceSyscall(thread) => {
                    let begins = ptrace::syscall_info(thread).map(|call| call.op == libc::PTRACE_SYSCALL_INFO_ENTRY);
                    match begins {
                        Ok(true) => drop(began.insert(thread, self.journal.events.len())),
                        // What is stopped for the first time may be inside the call that made it.
                        Ok(false) => drop(began.remove(&thread).map(|began| self.called(thread, began))),
                        // Another thread has ended it meanwhile.
                        Err(_) => {}
                    }
                    (thread, None)
                }
                WaitStatus::PtraceEvent(thread, ..) => (thread, None),
                WaitStatus::Stopped(thread, signal) => (thread, Some(signal)),
                WaitStatus::Exited(ended, code) if ended == process => return Ok(code),
                WaitStatus::Signaled(ended, ..) if ended == process => return Ok(-1),
                _ => continue,
            };
            // One that another thread ended meanwhile is gone.
            ptrace::syscall(thread, signal).ok();
        }
    }

    fn called(&mut self, thread: Pid, began: usize) {
        let Ok(registers) = ptrace::getregs(thread) else { return };
        let call = Call {
            thread,
            number: registers.orig_rax.cast_signed(),
            answer: registers.rax.cast_signed(),
            arguments: [registers.rdi, registers.rsi, registers.rdx, registers.r10],
            began,
        };
        if call.answer < 0 {
            return;
        }
        assert!(!UNSEEN.contains(&call.number), "the call {} is not understood", call.number);
        self.take(&call);
    }

    fn take(&mut self, call: &Call) {
        let [first, second, third, fourth] = call.arguments;
        let flags = match call.number {
            libc::SYS_openat => third,
            libc::SYS_open => second,
            _ => u64::from((libc::O_CREAT | libc::O_TRUNC).cast_unsigned()),
        };
        let flag = |flag: i32| flags & u64::from(flag.cast_unsigned()) != 0;
        match call.number {
            libc::SYS_open | libc::SYS_openat | libc::SYS_creat => {
                if flag(libc::O_CREAT) {
                    self.look();
                }
                if flag(libc::O_TRUNC) {
                    self.cut(call, call.answer.cast_unsigned());
                }
            }
            _ if NAMING.contains(&call.number) => self.look(),
            libc::SYS_write | libc::SYS_writev | libc::SYS_sendfile => self.wrote(call, first, None),
            libc::SYS_pwrite64 | libc::SYS_pwritev | libc::SYS_pwritev2 => self.wrote(call, first, Some(fourth)),
            libc::SYS_copy_file_range | libc::SYS_splice => {
                assert_eq!(fourth, 0, "where it wrote to is not understood");
                self.wrote(call, third, None);
            }
            libc::SYS_ftruncate | libc::SYS_fallocate => self.cut(call, first),
            libc::SYS_fsync | libc::SYS_fdatasync => {
                if let Some(node) = self.node(call, first) {
                    self.journal.events.push(Event::Synced { node, began: call.began });
                }
            }
            libc::SYS_syncfs | libc::SYS_sync => self.journal.events.push(Event::SyncedAll { began: call.began }),
            libc::SYS_mmap => {
                let shared = fourth & u64::from(libc::MAP_SHARED.cast_unsigned()) != 0;
                let writes = third & u64::from(libc::PROT_WRITE.cast_unsigned()) != 0;
                // Its descriptor is the fifth argument.
                let file = ptrace::getregs(call.thread).ok().and_then(|registers| self.node(call, registers.r8));
                assert!(!(shared && writes && file.is_some()), "what is written by a mapping is not seen");
            }
            _ => {}
        }
    }

    fn open(call: &Call, descriptor: u64) -> PathBuf {
        PathBuf::from(format!("/proc/{}/fd/{descriptor}", call.thread))
    }

    /// What a descriptor leads to, where it is watched.
    fn node(&self, call: &Call, descriptor: u64) -> Option<Node> {
        let metadata = std::fs::metadata(Self::open(call, descriptor)).ok()?;
        self.inodes.get(&metadata.ino()).copied().filter(|_| metadata.dev() == self.device)
    }

    fn wrote(&mut self, call: &Call, descriptor: u64, at: Option<u64>) {
        let Some(node) = self.node(call, descriptor) else { return };
        let position = || {
            let told = std::fs::read_to_string(format!("/proc/{}/fdinfo/{descriptor}", call.thread)).unwrap();
            let position: u64 =
                told.lines().find_map(|line| line.strip_prefix("pos:")).unwrap().trim().parse().unwrap();
            position - call.answer.cast_unsigned()
        };
        let at = at.unwrap_or_else(position);
        let mut bytes = vec![0; usize::try_from(call.answer).unwrap()];
        let file = std::fs::File::open(Self::open(call, descriptor)).unwrap();
        file.read_exact_at(&mut bytes, at).unwrap();
        let (at, modified) = (usize::try_from(at).unwrap(), file.metadata().unwrap().modified().unwrap());
        self.journal.events.push(Event::Written { node, at, bytes, modified });
    }

    fn cut(&mut self, call: &Call, descriptor: u64) {
        let Some(node) = self.node(call, descriptor) else { return };
        let length = std::fs::metadata(Self::open(call, descriptor)).unwrap().len();
        self.journal.events.push(Event::Cut { node, length: usize::try_from(length).unwrap() });
    }

    /// Looks what the names lead to now.
    fn look(&mut self) {
        let (mut changes, mut seen, mut news) = (Vec::new(), BTreeSet::new(), Vec::new());
        self.look_into(0, &self.root.clone(), "", &mut changes, &mut seen, &mut news);
        self.inodes.retain(|inode, _| seen.contains(inode));
        if !changes.is_empty() {
            self.journal.events.push(Event::Named(changes));
        }
        self.journal.events.extend(news);
    }

    fn look_into(
        &mut self,
        folder: Node,
        path: &Path,
        top: &str,
        changes: &mut Vec<(Node, String, Option<Node>)>,
        seen: &mut BTreeSet<u64>,
        news: &mut Vec<Event>,
    ) {
        let mut entries = BTreeMap::new();
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let (name, metadata) = (entry.file_name().into_string().unwrap(), entry.metadata().unwrap());
            let kind = match metadata.file_type() {
                kind if kind.is_dir() => Kind::Folder(metadata.permissions().mode() & 0o777),
                kind if kind.is_file() => Kind::File(metadata.permissions().mode() & 0o777),
                kind if kind.is_symlink() => Kind::Link(std::fs::read_link(entry.path()).unwrap()),
                // Sockets don't outlive their process.
                _ => continue,
            };
            let top = if top.is_empty() { &name } else { top };
            let node = self.known(&metadata, kind.clone(), top, &entry.path(), news);
            seen.insert(metadata.ino());
            if matches!(kind, Kind::Folder(_)) {
                self.look_into(node, &entry.path(), top, changes, seen, news);
            }
            entries.insert(name, node);
        }
        let before = self.entries.insert(folder, entries.clone()).unwrap_or_default();
        let gone = before.keys().filter(|name| !entries.contains_key(*name));
        changes.extend(gone.map(|name| (folder, name.clone(), None)));
        let new = entries.into_iter().filter(|(name, node)| before.get(name) != Some(node));
        changes.extend(new.map(|(name, node)| (folder, name, Some(node))));
    }

    /// The node that it is, a new one where it wasn't seen before.
    fn known(
        &mut self,
        metadata: &std::fs::Metadata,
        kind: Kind,
        top: &str,
        path: &Path,
        news: &mut Vec<Event>,
    ) -> Node {
        let mode = metadata.permissions().mode() & 0o777;
        if let Some(node) = self.inodes.get(&metadata.ino()).copied() {
            if matches!(kind, Kind::File(_)) && self.modes.insert(node, mode) != Some(mode) {
                news.push(Event::Mode { node, mode });
            }
            return node;
        }
        let node = self.journal.nodes.len();
        self.inodes.insert(metadata.ino(), node);
        self.modes.insert(node, mode);
        if matches!(kind, Kind::File(_)) && metadata.len() > 0 {
            let (bytes, modified) = (std::fs::read(path).unwrap(), metadata.modified().unwrap());
            news.push(Event::Written { node, at: 0, bytes, modified });
        }
        self.journal.nodes.push((kind, top.to_owned()));
        node
    }
}
