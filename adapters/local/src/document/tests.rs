#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use proptest::prelude::*;

use super::{Comment, parse};
use crate::front::FrontValue;
use crate::marker::Marker;

fn comment(id: &str, text: &str) -> Comment<'static> {
    let mut marker = Marker::new("comment");
    marker.words.push(id.to_owned());
    Comment::new(marker, text)
}

/// Pieces from which nasty texts are made.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n"),
        Just("\r\n"),
        Just("\r"),
        Just(" "),
        Just("\t"),
        Just("+++"),
        Just("---"),
        Just("# "),
        Just("#"),
        Just("```"),
        Just("<!-- ferry comment 1 by=\"x\" -->"),
        Just("<!-- \\ferry comment"),
        Just("<!--ferry"),
        Just("<!-- ferry-->"),
        Just("<!-- \\\\ferry x -->"),
        Just("-->"),
        Just("<!--"),
        Just("\0"),
        Just("\u{feff}"),
        Just("\u{2028}"),
        Just("text"),
        Just("é"),
        Just("\\"),
        Just("\""),
        Just("<!--\t\\\tferry"),
        Just("\"\"\""),
        Just("key = \"ACME-1\""),
        Just("\u{7f}"),
        Just("<!-- ferry description head=\"\\n\" -->"),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_text_comes_back_byte_for_byte(
        title in nasty(),
        description in prop::option::of(nasty()),
        comments in prop::collection::vec(nasty(), 0..4),
        keyed in any::<bool>(),
        extra in nasty(),
    ) {
        let mut document = super::Document::default();
        if keyed {
            document.set_key("ACME-1");
        }
        document.front.set("note", Some(FrontValue::Text(extra.clone())));
        document.set_title(&title);
        document.set_description(description.as_deref());
        let mut mark = Marker::new("attachment");
        mark.words.push(extra.clone());
        document.attachments_mut().push(mark);
        for (i, text) in comments.iter().enumerate() {
            document.comments.push(comment(&i.to_string(), text));
        }
        let text = document.render();
        let again = parse(&text).unwrap_or_else(|e| panic!("{}: {}\n{text}", e.line, e.reason));
        prop_assert_eq!(again.title(), &title);
        prop_assert_eq!(again.description(), description.as_deref());
        prop_assert_eq!(again.front.text("note"), Some(extra.as_str()));
        prop_assert_eq!(&again.attachments[0].words[0], &extra);
        let texts: Vec<_> = again.comments.iter().map(|comment| comment.text().to_owned()).collect();
        prop_assert_eq!(&texts, &comments);
        prop_assert_eq!(again.render(), text.clone());

        // And again after a change to each part but the texts.
        let mut changed = parse(&text).unwrap();
        changed.front.set("status", Some(FrontValue::Text("done".to_owned())));
        changed.comments.push(comment("99", &title));
        changed.attachments_mut().clear();
        let text = changed.render();
        let last = parse(&text).unwrap_or_else(|e| panic!("{}: {}\n{text}", e.line, e.reason));
        prop_assert_eq!(last.title(), &title);
        prop_assert_eq!(last.description(), description.as_deref());
        prop_assert_eq!(last.front.text("status"), Some("done"));
        let texts: Vec<_> = last.comments.iter().map(|comment| comment.text().to_owned()).collect();
        prop_assert_eq!(&texts[..comments.len()], &comments[..]);
        prop_assert_eq!(&texts[comments.len()], &title);
    }

    #[test]
    fn whatever_people_write_is_read_or_named_by_its_line(text in nasty()) {
        match parse(&text) {
            Ok(document) => prop_assert_eq!(document.render(), text),
            Err(broken) => prop_assert!(broken.line >= 1 && broken.line <= text.lines().count() + 1),
        }
    }

    #[test]
    fn a_hand_written_file_keeps_its_texts_when_ferry_writes_to_it(text in nasty()) {
        if let Ok(mut document) = parse(&text) {
            let (title, description) = (document.title().to_owned(), document.description().map(str::to_owned));
            let comments: Vec<_> = document.comments.iter().map(|c| c.text().to_owned()).collect();
            document.set_key("ACME-7");
            document.comments.push(comment("77", "new"));
            let text = document.render();
            let again = parse(&text).unwrap_or_else(|e| panic!("{}: {}\n{text:?}", e.line, e.reason));
            prop_assert_eq!(again.title(), title);
            prop_assert_eq!(again.description().map(str::to_owned), description);
            let texts: Vec<_> = again.comments.iter().map(|c| c.text().to_owned()).collect();
            prop_assert_eq!(&texts[..comments.len()], &comments[..]);
        }
    }
}

#[test]
fn a_file_with_nothing_but_a_title_line_is_an_issue() {
    let document = parse("# The build is red on Mondays\n").unwrap();
    assert_eq!(document.title(), "The build is red on Mondays");
    assert_eq!(document.description(), None);
}

#[test]
fn a_file_with_nothing_but_text_has_its_first_line_as_title() {
    let document = parse("\nBuild is red\n\nSince Monday.\n").unwrap();
    assert_eq!((document.title(), document.description()), ("Build is red", Some("Since Monday.")));
}

#[test]
fn unknown_keys_and_comments_in_front_matter_stay() {
    let text = "+++\nstatus = \"open\" # for now\nmine = 3\n[tool]\nx = 1\n+++\n# T\n\nText\n";
    let mut document = parse(text).unwrap();
    document.front.set("status", Some(FrontValue::Text("done".to_owned())));
    document.front.set("assignee", Some(FrontValue::Text("anna".to_owned())));
    let expected = "+++\nassignee = \"anna\"\nstatus = \"done\" # for now\nmine = 3\n[tool]\nx = 1\n+++\n# T\n\nText\n";
    assert_eq!(document.render(), expected);
}

#[test]
fn broken_front_matter_is_named_by_its_line() {
    let broken = |text: &str| parse(text).err().unwrap();
    assert_eq!(broken("+++\nkey = \"A-1\"\nstatus = open\n+++\n# T\n").line, 3);
    assert_eq!(broken("+++\nkey = \"A-1\"\n# T\n").line, 1);
    assert_eq!(broken("---\nkey: x\n---\n# T\n").line, 1);
    assert_eq!(broken("+++\nkey = \"A-1\"\n+++\nno heading\n").line, 4);
    assert_eq!(broken("# T\n\n<!-- ferry comment 1 by=\"x -->\ntext\n").line, 3);
    assert_eq!(broken("# T\n<!-- ferry comment 1 -->\na\n<!-- ferry comment 1 -->\nb\n").line, 4);
}
