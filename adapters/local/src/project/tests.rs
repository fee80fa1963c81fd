#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ferry_adapter::model::Person;

use super::Project;

#[test]
fn without_a_file_there_are_sensible_types_and_anybody_is_somebody() {
    let project = Project::parse(None, "ACME").unwrap();
    assert_eq!(project.issue_key(12), "ACME-12");
    assert_eq!(project.number("ACME-12"), Some(12));
    assert_eq!(project.number("ACME-012"), None);
    assert_eq!(project.schema.types[0].statuses, ["open", "in progress", "done"]);
    assert_eq!(project.person(&Person::Email("a@x".to_owned())).unwrap().email.as_deref(), Some("a@x"));
    assert!(!project.is_issue("README.md") && project.is_issue("first.md"));
}

#[test]
fn a_broken_file_is_named_with_its_line_and_what_to_do() {
    let error = |text: &str| Project::parse(Some(text), "ACME").unwrap_err();
    assert!(error("key = \"A\"\nstatuses = open\n").contains("line 2"));
    assert!(error("kye = \"A\"\n").contains("line 1"));
    assert!(error("key = \"A/B\"\n").contains("letters, digits"));
    assert!(error("[[fields]]\nname = \"status\"\nkind = \"text\"\n").contains("every issue has that"));
    assert!(error("[[transitions]]\nname = \"x\"\nfrom = \"open\"\nto = \"shut\"\n").contains("\"shut\""));
    assert!(error("[[fields]]\nname = \"p\"\nkind = \"choice\"\n").contains("no options"));
}

#[test]
fn one_of_two_people_of_the_same_name_is_nobody() {
    let text = "[[people]]\nid = \"a1\"\nname = \"Anna\"\n[[people]]\nid = \"a2\"\nname = \"Anna\"\nemail = \"A@x\"\n";
    let project = Project::parse(Some(text), "ACME").unwrap();
    assert_eq!(project.person(&Person::Name("Anna".to_owned())), None);
    assert_eq!(project.person(&Person::Email("a@X".to_owned())).unwrap().id, "a2");
    assert_eq!(project.known("Otto"), None);
}

#[test]
fn the_examples_of_the_readme_are_right() {
    let readme = include_str!("../../README.md");
    let toml = readme.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let project = Project::parse(Some(toml), "X").unwrap();
    assert_eq!(project.schema.types[0].transitions[0].required, ["fixed"]);
    let issue = readme.split("```\n").find(|block| block.starts_with("+++")).unwrap();
    let document = crate::document::parse(issue).unwrap();
    assert_eq!((document.title(), document.comments.len()), ("The build is red on Mondays", 1));
}
