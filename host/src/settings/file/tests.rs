#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::settings::{Channel, Side};

fn tracker() -> Tracker {
    Tracker {
        adapter: "local".into(),
        digest: "ab".repeat(32),
        folder: Some("/srv/issues".into()),
        origins: ["https://tracker.example".to_owned()].into(),
        asked_origins: Default::default(),
        ca: Some("/etc/ca.pem".into()),
        secrets: [("key".parse().unwrap(), "env:KEY".to_owned())].into(),
        settings: [("key".to_owned(), "ACME".to_owned())].into(),
    }
}

fn sync(tracker: &str) -> Synchronization {
    Synchronization {
        id: "0".repeat(32),
        side: Side::Primary,
        directory: "globex".into(),
        tracker: tracker.parse().unwrap(),
        project: "ACME".into(),
        user: "ferry".into(),
        channel: Channel::Folder,
        exchange: Some("/srv/box".into()),
        peer: None,
        polling_seconds: 15,
        settle_seconds: 10,
        mail: None,
    }
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn what_was_written_is_read_back_and_only_the_owner_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    let mut file = SettingsFile::open(&path).unwrap();
    file.put_tracker(&name("ours"), tracker()).unwrap();
    file.put_synchronization(&name("globex"), sync("ours")).unwrap();
    let again = SettingsFile::open(&path).unwrap();
    assert_eq!(again.settings(), file.settings());
    assert_eq!(again.settings().trackers[&name("ours")], tracker());
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn comments_and_order_of_the_operator_survive_a_change() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    let mut file = SettingsFile::open(&path).unwrap();
    file.put_tracker(&name("ours"), tracker()).unwrap();
    file.put_synchronization(&name("globex"), sync("ours")).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(HEAD), "{text}");
    let text = text
        .replace("[synchronizations.globex]", "# the big customer\n[synchronizations.globex]")
        .replace("exchange = \"/srv/box\"", "exchange = \"/srv/box\" # on the share");
    std::fs::write(&path, text).unwrap();
    let mut file = SettingsFile::open(&path).unwrap();
    let mut changed = sync("ours");
    changed.exchange = Some("/srv/other".into());
    changed.polling_seconds = 60;
    file.put_synchronization(&name("globex"), changed.clone()).unwrap();
    file.rename_synchronization(&name("globex"), &name("big")).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(HEAD), "{text}");
    assert!(text.contains("# the big customer\n[synchronizations.big]"), "{text}");
    assert!(text.contains("exchange = \"/srv/other\" # on the share"), "{text}");
    assert_eq!(SettingsFile::open(&path).unwrap().settings().synchronizations[&name("big")], changed);
}

#[test]
fn a_mistake_is_shown_with_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    std::fs::write(&path, "[trackers.ours]\nadapter = \"local\"\ndigest = \"00\"\nfodler = \"/x\"\n").unwrap();
    let error = SettingsFile::open(&path).unwrap_err().to_string();
    assert!(error.contains("fodler") && error.contains("line 4"), "{error}");
}

#[test]
fn a_synchronization_without_its_tracker_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    let mut file = SettingsFile::open(&path).unwrap();
    file.put_synchronization(&name("globex"), sync("theirs")).unwrap();
    let error = SettingsFile::open(&path).unwrap_err().to_string();
    assert!(error.contains("theirs"), "{error}");
}

#[test]
fn a_change_by_hand_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    let mut file = SettingsFile::open(&path).unwrap();
    assert!(!file.refresh().unwrap());
    std::fs::write(&path, "[trackers.ours]\nadapter = \"local\"\ndigest = \"00\"\n").unwrap();
    assert!(file.refresh().unwrap());
    assert!(file.settings().trackers.contains_key(&name("ours")));
}

#[test]
fn a_file_of_another_format_is_refused_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ferry.toml");
    let text = "format = 2\n[trackers.ours]\nadapter = \"local\"\nwheels = 4\n";
    std::fs::write(&path, text).unwrap();
    let error = SettingsFile::open(&path).unwrap_err().to_string();
    assert!(error.contains("format is 2") && error.contains("knows 1"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    std::fs::write(&path, "format = 1\n").unwrap();
    SettingsFile::open(&path).unwrap();
}
