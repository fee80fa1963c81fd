//! What processes did to a disk, in order, and what is left of it when the
//! power goes: what was synced, and of the rest what luck leaves.
//!
//! The model is that of POSIX, not of one file system: syncing a file saves its
//! content alone, syncing a folder saves the names in it, and nothing else is
//! saved. Only a rename is whole or not at all.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, symlink};
use std::path::Path;
use std::time::SystemTime;

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// What a disk writes at once, in bytes.
const SECTOR: usize = 512;

/// A file, folder or link, by its place in the journal.
pub(super) type Node = usize;

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Each with its mode as it was made.
    File(u32),
    Folder(u32),
    Link(std::path::PathBuf),
}

/// Something that a process did. A sync saves what was done before it began.
#[derive(Debug)]
pub(super) enum Event {
    Written {
        node: Node,
        at: usize,
        bytes: Vec<u8>,
        /// When, by the clock of the disk.
        modified: SystemTime,
    },
    Cut {
        node: Node,
        length: usize,
    },
    Mode {
        node: Node,
        mode: u32,
    },
    /// Entries of folders that one call changed, to a node or to nothing.
    Named(Vec<(Node, String, Option<Node>)>),
    Synced {
        node: Node,
        began: usize,
    },
    SyncedAll {
        began: usize,
    },
}

impl Event {
    /// Whether it saves anything.
    pub fn is_sync(&self) -> bool {
        matches!(self, Self::Synced { .. } | Self::SyncedAll { .. })
    }

    /// In short.
    pub fn words(&self) -> String {
        match self {
            Self::Written { node, at, bytes, .. } => format!("{} bytes at {at} of {node}", bytes.len()),
            other => format!("{other:?}"),
        }
    }
}

/// What luck leaves of what wasn't synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Luck {
    Nothing,
    /// As after a killed process.
    Everything,
    /// Names lead to files that are empty, or as they were.
    Names,
    /// Files are written, and nothing leads to the new ones.
    Contents,
    /// Some sectors of the contents, and the names up to some point.
    Some(u64),
}

/// Syncs that the disk claims to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    None,
    OfFiles,
    OfFolders,
}

/// When and how the power goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loss {
    /// Before which event.
    pub at: usize,
    pub luck: Luck,
    pub lie: Lie,
}

/// All that was done. Node 0 is the folder that holds everything.
#[derive(Debug, Default)]
pub(super) struct Journal {
    /// What each node is, and below which name of the outermost folder it was
    /// made.
    pub nodes: Vec<(Kind, String)>,
    pub events: Vec<Event>,
}

/// What lies on a disk.
#[derive(Debug, Default)]
pub(super) struct Disk {
    files: BTreeMap<Node, File>,
    folders: BTreeMap<Node, BTreeMap<String, Node>>,
}

/// What a file holds, and says of itself.
#[derive(Debug, Default)]
struct File {
    bytes: Vec<u8>,
    mode: Option<u32>,
    modified: Option<SystemTime>,
}

/// Which events the syncs up to a point have saved.
struct Saved {
    all: usize,
    nodes: BTreeMap<Node, usize>,
}

impl Saved {
    fn has(&self, event: usize, node: Node) -> bool {
        event < self.all.max(self.nodes.get(&node).copied().unwrap_or_default())
    }
}

impl Journal {
    /// What is left after a loss of power; it strikes what is below these names
    /// of the outermost folder, and everything else is as it was.
    pub fn disk(&self, loss: Loss, struck: &[&str]) -> Disk {
        let saved = self.saved(loss);
        let mut dice = ChaCha20Rng::seed_from_u64(if let Luck::Some(seed) = loss.luck { seed } else { 0 });
        let named_until = loss.at - (dice.next_u32() as usize % 40).min(loss.at);
        let safe = |node: Node| !struck.contains(&self.nodes[node].1.as_str());
        let mut disk = Disk::default();
        for (number, event) in self.events[..loss.at].iter().enumerate() {
            let contents = matches!(loss.luck, Luck::Everything | Luck::Contents);
            let keeps = |node: Node| contents || safe(node) || saved.has(number, node);
            match event {
                Event::Written { node, at, bytes, modified } => {
                    for (sector, bytes) in bytes.chunks(SECTOR).enumerate() {
                        let lucky = matches!(loss.luck, Luck::Some(_)) && dice.next_u32().is_multiple_of(2);
                        if lucky || keeps(*node) {
                            disk.write(*node, at + sector * SECTOR, bytes, *modified);
                        }
                    }
                }
                Event::Cut { node, length } if keeps(*node) => {
                    disk.files.entry(*node).or_default().bytes.resize(*length, 0);
                }
                Event::Mode { node, mode } if keeps(*node) => {
                    disk.files.entry(*node).or_default().mode = Some(*mode);
                }
                Event::Named(changes) => {
                    let lucky = match loss.luck {
                        Luck::Everything | Luck::Names => true,
                        Luck::Nothing | Luck::Contents => false,
                        Luck::Some(_) => number < named_until,
                    };
                    let kept = |(folder, _, _): &(Node, _, _)| safe(*folder) || saved.has(number, *folder);
                    if lucky || changes.iter().any(kept) {
                        disk.name(changes);
                    }
                }
                _ => {}
            }
        }
        disk
    }

    fn saved(&self, loss: Loss) -> Saved {
        let mut saved = Saved { all: 0, nodes: BTreeMap::new() };
        for (number, event) in self.events[..loss.at].iter().enumerate() {
            match event {
                Event::Synced { node, began } => {
                    let folder = matches!(self.nodes[*node].0, Kind::Folder(_));
                    if loss.lie == Lie::None || (loss.lie == Lie::OfFiles) == folder {
                        saved.nodes.insert(*node, *began);
                    }
                }
                // The first is the disk that everything began with.
                Event::SyncedAll { began } if loss.lie == Lie::None || *began == number && saved.all == 0 => {
                    saved.all = *began;
                }
                _ => {}
            }
        }
        saved
    }

    /// Writes what is left into a folder that is empty but for what wasn't
    /// struck.
    pub fn write(&self, disk: &Disk, root: &Path, only: impl Fn(&str) -> bool) {
        for (name, node) in disk.folders.get(&0).into_iter().flatten().filter(|(name, _)| only(name)) {
            self.write_node(disk, *node, &root.join(name));
        }
    }

    fn write_node(&self, disk: &Disk, node: Node, path: &Path) {
        match &self.nodes[node].0 {
            Kind::Link(target) => symlink(target, path).unwrap(),
            Kind::Folder(mode) => {
                std::fs::DirBuilder::new().mode(*mode).create(path).unwrap();
                for (name, node) in disk.folders.get(&node).into_iter().flatten() {
                    self.write_node(disk, *node, &path.join(name));
                }
            }
            Kind::File(mode) => {
                let nothing = File::default();
                let left = disk.files.get(&node).unwrap_or(&nothing);
                let mut options = std::fs::OpenOptions::new();
                let mut file =
                    options.write(true).create_new(true).mode(left.mode.unwrap_or(*mode)).open(path).unwrap();
                file.write_all(&left.bytes).unwrap();
                file.set_modified(left.modified.unwrap_or(SystemTime::UNIX_EPOCH)).unwrap();
            }
        }
    }
}

impl Disk {
    fn write(&mut self, node: Node, at: usize, bytes: &[u8], modified: SystemTime) {
        let file = self.files.entry(node).or_default();
        let end = at + bytes.len();
        file.bytes.resize(file.bytes.len().max(end), 0);
        file.bytes[at..end].copy_from_slice(bytes);
        file.modified = Some(modified);
    }

    fn name(&mut self, changes: &[(Node, String, Option<Node>)]) {
        for (folder, name, node) in changes {
            let entries = self.folders.entry(*folder).or_default();
            match node {
                Some(node) => entries.insert(name.clone(), *node),
                None => entries.remove(name),
            };
        }
    }
}
