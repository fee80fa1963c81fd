//! The project's own files.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the workspace begins.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a member of the workspace").to_owned()
}

/// Every file of the project, relative to its root: what is, or would be,
/// under version control; without Git all but what builds leave behind.
pub fn files() -> Vec<PathBuf> {
    let listing = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success());
    let mut files: Vec<PathBuf> = match listing {
        Some(listing) => String::from_utf8_lossy(&listing.stdout).lines().map(PathBuf::from).collect(),
        None => walk(Path::new("")),
    };
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).expect("the project can be read");
    let entries = entries.map(|entry| folder.join(entry.expect("the project can be read").file_name()));
    let kept = entries.filter(|path| !path.ends_with(".git") && *path != Path::new("target"));
    kept.flat_map(|path| if root().join(&path).is_dir() { walk(&path) } else { vec![path] }).collect()
}
