//! What people write into the folder of the local tracker: issues and
//! `tracker.toml`.

use ferry_local::document::parse;
use ferry_local::project::Project;

/// The first byte says whether it is an issue, and what is changed in it.
pub fn run(input: &[u8]) {
    let Some((&door, body)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(body);
    if door == 255 {
        match Project::parse(Some(&text), "ACME") {
            Ok(project) => assert!(!project.default_type().is_empty()),
            Err(reason) => assert!(!reason.is_empty()),
        }
        return;
    }
    let Ok(mut document) = parse(&text) else { return };
    assert_eq!(document.render(), text, "what nobody changed was written differently");
    let (title, description) = (document.title().to_owned(), document.description().map(str::to_owned));
    let comments: Vec<String> = document.comments.iter().map(|comment| comment.text().to_owned()).collect();
    if door & 1 != 0 {
        document.set_key("ACME-1");
    }
    if door & 2 != 0 {
        document.set_title(&title);
    }
    if door & 4 != 0 {
        document.set_description(Some("another"));
        document.set_description(description.as_deref());
    }
    if door & 8 != 0 {
        for comment in &mut document.comments {
            let same = comment.text().to_owned();
            comment.set_text(&same);
        }
    }
    let written = document.render();
    let again = parse(&written).unwrap_or_else(|broken| panic!("what we wrote can't be read: {broken:?}\n{written}"));
    assert_eq!(again.title(), title, "in {written:?}");
    assert_eq!(again.description(), description.as_deref(), "in {written:?}");
    assert_eq!(again.comments.iter().map(|comment| comment.text()).collect::<Vec<_>>(), comments, "in {written:?}");
}

/// An issue with everything, one by hand, and a project.
pub fn seeds() -> Vec<Vec<u8>> {
    let whole = "+++\nkey = \"ACME-1\"\ntype = \"Bug\"\nstatus = \"open\"\nlabels = [\"a\", \"b\"]\n+++\n\
                 # The build is red\n\nText\nmore\n\n<!-- ferry comment 1 by=\"Ann\" at=\"2026-01-01T00:00:00Z\" -->\n\
                 Seen **here** too.\n\n<!-- \\ferry comment -->\n```\n<!-- ferry x -->\n```\n";
    let project = "key = \"ACME\"\n[[types]]\nname = \"Bug\"\nstatuses = [\"open\", \"done\"]\n\
                   [fields.points]\nkind = \"number\"\n";
    let seed = |door: u8, text: &str| [&[door], text.as_bytes()].concat();
    vec![seed(0, whole), seed(15, whole), seed(15, "# Only a title\r\n"), seed(7, "no title\n"), seed(255, project)]
}
