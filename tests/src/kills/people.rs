//! What people do in their folder, and write down.

use std::path::{Path, PathBuf};

use rand_chacha::ChaCha20Rng;
use rand_core::RngCore as _;

use super::expected::Expected;
use crate::local;
use crate::office::Office;

/// New issues, at any time.
pub(super) fn creates(office: &Office, at: usize, count: u64, expected: &mut Expected) {
    for _ in 0..count {
        let word = expected.word();
        let (label, title, description) = (format!("i{word}"), format!("t{word}"), format!("d{word}"));
        let text = format!("+++\nlabels = [\"{label}\"]\n+++\n# {title}\n\n{description}\n");
        let file = office.issues.join(format!("{label} of {at}.md"));
        let beside = file.with_extension("md~");
        std::fs::write(&beside, text).expect("a directory of our own can be written");
        std::fs::rename(&beside, &file).expect("a directory of our own can be written");
        expected.created(&label, title, description);
    }
}

/// Edits of what is there, and comments. One side's people give titles, the
/// other's describe, so that nothing is in conflict.
pub(super) fn edits(office: &Office, at: usize, count: u64, dice: &mut ChaCha20Rng, expected: &mut Expected) {
    let files = local::issue_files(&office.issues);
    if files.is_empty() {
        return;
    }
    for _ in 0..count {
        let file = &files[dice.next_u32() as usize % files.len()];
        let word = expected.word();
        let Some(label) = label(file) else { continue };
        match (dice.next_u32() % 2, at) {
            (0, _) => {
                let text = format!("c{word}");
                local::edit(file, |before| {
                    let by = "<!-- ferry comment by=\"Ann\" at=\"2026-03-01T09:00:00.000Z\" -->";
                    format!("{}\n\n{by}\n{text}\n", before.trim_end())
                });
                expected.commented(&label, text);
            }
            (_, 0) => {
                let title = format!("t{word}");
                local::retitle(file, &title);
                expected.titled(&label, title);
            }
            _ => {
                let described = format!("d{word}");
                let before = local::read(file).description.unwrap_or_default();
                local::edit(file, |text| text.replacen(&format!("\n{before}\n"), &format!("\n{described}\n"), 1));
                expected.described(&label, described);
            }
        }
    }
}

/// Which issue a file is, wherever it came from.
pub(super) fn label(file: &Path) -> Option<String> {
    let labels = local::read(file).front.remove("labels")?;
    Some(labels.get(0)?.as_str()?.to_owned())
}

/// All issues' files.
pub(super) fn files(office: &Office) -> Vec<PathBuf> {
    local::issue_files(&office.issues)
}
