#![allow(clippy::unwrap_used)]

use super::*;

fn sample() -> Table {
    let mut table = Table::new(&["name", "state", "reason"]);
    table.row([
        "globex".into(),
        "running".into(),
        "both sides work by version 3 of the configuration since this morning".into(),
    ]);
    table.row(["acme".into(), "stopped".into(), "somebody stopped it".into()]);
    table
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn widest(text: &str) -> usize {
    plain(text).lines().map(|line| line.trim_end().chars().count()).max().unwrap()
}

#[test]
fn a_table_is_as_wide_as_it_is_where_there_is_no_terminal() {
    let text = plain(&sample().render(None));
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("globex  running  both sides work by version 3"), "{text}");
}

#[test]
fn a_table_fits_every_terminal() {
    for width in [200, 80, 60, 40] {
        let text = sample().render(Some(width));
        assert!(widest(&text) <= width, "{width}:\n{text}");
        assert!(plain(&text).contains("globex"));
    }
}

#[test]
fn a_narrow_terminal_gets_blocks() {
    let text = plain(&sample().render(Some(36)));
    assert!(text.contains("name    globex\nstate   running\nreason  both sides"), "{text}");
}

#[test]
fn a_path_is_never_broken() {
    let mut facts = Facts::default();
    facts.add("exchange", "/srv/exchange/of/a/very/long/name/that/does/not/fit");
    assert!(plain(&facts.render(Some(30))).contains("/srv/exchange/of/a/very/long/name/that/does/not/fit"));
}

#[test]
fn what_a_terminal_would_obey_is_shown_as_such() {
    let mut table = Table::new(&["name"]);
    table.row(["a\u{1b}[31mb\u{202e}c".into()]);
    let text = table.render(None);
    assert!(text.contains("a\u{fffd}[31mb\u{fffd}c"), "{text:?}");
}
