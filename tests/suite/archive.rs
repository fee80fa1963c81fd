//! The real issues, from one local tracker to an empty one by `ferry run
//! --once`; then people edit on both sides; then both are compared field by
//! field. And again with processes that are killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ferry_core::digest;
use ferry_tests::office::Office;
use ferry_tests::process;
use ferry_tests::{issues, local};

/// Rounds that the first synchronization may take.
const ROUNDS_MAX: usize = 6;
const LARGE_BYTES: usize = 70_000_000;

struct Companies {
    _place: tempfile::TempDir,
    acme: Office,
    globex: Office,
}

impl Companies {
    /// Two connected organisations, one with so many real issues; none where
    /// the archive is missing.
    fn with_issues(count: usize) -> Option<Self> {
        let mut archive = issues::archive()?;
        archive.truncate(count);
        let place = tempfile::tempdir().unwrap();
        let acme = Office::new(place.path(), "acme", "globex", "ACME");
        let globex = Office::new(place.path(), "globex", "acme", "GLX");
        local::write_archive(&acme.issues, "ACME", &archive);
        local::write_tracker(&globex.issues);
        acme.connect(&globex, "modern");
        Some(Self { _place: place, acme, globex })
    }

    fn settle(&self) -> usize {
        self.acme.settle(&self.globex)
    }

    fn assert_equal(&self) {
        local::assert_equal(&self.acme.issues, &self.globex.issues);
        for office in [&self.acme, &self.globex] {
            let faults = office.json(&["fault", "list", &office.sync]);
            assert_eq!(faults, serde_json::json!([]), "something is parked at {}", office.project);
        }
    }
}

/// Attaches a file, as people do: they drop it into the issue's folder.
fn attach(issue: &Path, name: &str, content: &[u8]) {
    let folder = issue.with_extension("");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), content).unwrap();
}

fn comment(issue: &Path, author: &str, text: &str) {
    local::edit(issue, |file| {
        format!("{}\n\n<!-- ferry comment by=\"{author}\" at=\"2026-11-01T09:00:00Z\" -->\n{text}\n", file.trim_end())
    });
}

/// Bytes that don't repeat and can't be compressed, without a table of them.
fn noise(bytes: usize) -> Vec<u8> {
    let blocks = (0u64..).flat_map(|n| digest::of(&n.to_be_bytes()).0);
    blocks.take(bytes).collect()
}

/// The other side's file of an issue.
fn copy_of(there: &Office, issue: &Path) -> PathBuf {
    let key = issue.file_stem().unwrap().to_str().unwrap();
    let counterpart = there.json(&["sync", "issue", &there.sync, key]);
    let key = counterpart["pair"]["key"].as_str().unwrap_or_else(|| panic!("{key} has no counterpart: {counterpart}"));
    there.issues.join(format!("{key}.md"))
}

#[test]
fn real_issues_are_the_same_on_both_sides_after_six_rounds() {
    let Some(both) = Companies::with_issues(usize::MAX) else { return };
    let files = local::issue_files(&both.acme.issues);
    attach(&files[0], "empty.txt", b"");
    attach(&files[0], "one.txt", b"1");
    attach(&files[1], "large.bin", &noise(LARGE_BYTES));
    let rounds = both.settle();
    assert!(rounds <= ROUNDS_MAX, "{rounds} rounds");
    assert_eq!(local::issue_files(&both.globex.issues).len(), files.len());
    both.assert_equal();
    people_edit(&both, &files);
    both.settle();
    both.assert_equal();
    let conflict = local::show(&files[2]).fields["labels"].clone();
    assert!(conflict.contains("ours") && conflict.contains("theirs"), "a set didn't merge: {conflict}");
    assert_eq!(local::show(&files[3]).title, "The primary's title");
    assert_eq!(both.acme.sent_by_run() + both.globex.sent_by_run(), 0);
}

/// Edits, comments, deletions and conflicts on both sides.
fn people_edit(both: &Companies, files: &[PathBuf]) {
    let copies: Vec<PathBuf> = files[..8].iter().map(|file| copy_of(&both.globex, file)).collect();
    let label = |file: &Path, word: &str| {
        let labels = local::read(file).front.get("labels").cloned();
        let listed = labels.as_ref().and_then(toml::Value::as_array).cloned().unwrap_or_default();
        let with = [listed, vec![toml::Value::from(word)]].concat();
        local::edit(file, |text| {
            let kept: Vec<&str> = text.split('\n').filter(|line| !line.starts_with("labels = ")).collect();
            let labels = toml::Value::Array(with);
            kept.join("\n").replacen("+++\n", &format!("+++\nlabels = {labels}\n"), 1)
        });
    };
    label(&files[2], "ours");
    label(&copies[2], "theirs");
    local::retitle(&files[3], "The primary's title");
    local::retitle(&copies[3], "The secondary's title");
    local::retitle(&files[4], "Edited at home");
    local::edit(&copies[4], |text| text.replace("status = \"open\"", "status = \"closed\""));
    comment(&files[5], "Ann", "At home.\r\n\r\n<!-- \\ferry comment 1 -->\n```\ncode\n```");
    comment(&copies[5], "Ben", "Abroad.");
    attach(&copies[6], "reply.txt", b"here it is");
    comment(&copies[7], "Ben", "To be deleted.");
    both.settle();
    local::edit(&copies[7], |text| {
        let (kept, _) = text.rsplit_once("\n<!-- ferry comment").unwrap();
        kept.to_owned()
    });
    local::edit(&copies[5], |text| text.replace("Abroad.", "Abroad, edited."));
    std::fs::remove_file(copies[6].with_extension("").join("reply.txt")).unwrap();
    std::fs::write(both.globex.issues.join("new.md"), "# Hand-made abroad\n\nWith a text.\n").unwrap();
}

#[test]
fn killed_processes_lose_and_double_nothing() {
    let Some(both) = Companies::with_issues(300) else { return };
    let seed: u64 = std::env::var("FERRY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut draws = (0u64..).map(|n| digest::of_parts(&[&seed.to_be_bytes(), &n.to_be_bytes()]).0);
    let mut draw = || u64::from(draws.next().unwrap()[0]);
    let mut killed = 0;
    for round in 0..40 {
        for office in [&both.acme, &both.globex] {
            if round % 5 == 1 {
                let files = local::issue_files(&office.issues);
                if let Some(file) = files.get(usize::try_from(draw()).unwrap()) {
                    local::retitle(file, &format!("{} edited it in round {round}", office.project));
                }
            }
            let patience = Duration::from_millis(1 + draw() / 3);
            let ended = process::run_and_kill(&mut office.command(&["run", "--once"]), patience);
            killed += usize::from(ended.code().is_none());
        }
    }
    assert!(killed > 10, "seed {seed}: only {killed} were killed");
    both.settle();
    both.assert_equal();
    assert_eq!(local::issue_files(&both.globex.issues).len(), 300, "seed {seed}");
}
