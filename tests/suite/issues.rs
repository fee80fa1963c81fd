//! The archive of real issues, and files of the local tracker made of it.

use std::collections::BTreeSet;

use ferry_tests::{issues, local};

#[test]
fn the_archive_comes_back_from_its_files() {
    let Some(archive) = issues::archive() else { return };
    assert_eq!(archive.len(), 1_444);
    let folder = tempfile::tempdir().unwrap();
    local::write_archive(folder.path(), "ACME", &archive);
    for issue in &archive {
        let shown = local::show(&folder.path().join(format!("ACME-{}.md", issue.number)));
        assert_eq!(shown.title, issue.title.trim());
        assert_eq!(shown.comments.len(), issue.comments.len(), "issue {}", issue.number);
        let body = issue.body.as_deref().map(str::trim).filter(|body| !body.is_empty());
        assert_eq!(shown.description.as_deref().map(str::trim), body, "issue {}", issue.number);
    }
}

#[test]
fn a_repeated_archive_has_each_number_once() {
    let Some(archive) = issues::archive() else { return };
    let many = issues::repeated(&archive, 10_000);
    let numbers: BTreeSet<u64> = many.iter().map(|issue| issue.number).collect();
    assert_eq!((many.len(), numbers.len()), (10_000, 10_000));
}
