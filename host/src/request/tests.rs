#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::*;
use crate::home::Lock;
use crate::host::HostBuilder;
use crate::secret::Secret;

fn nobody() -> Arc<dyn Watcher> {
    Arc::new(())
}

#[test]
fn where_nobody_owns_the_home_this_process_does_it_and_lets_go() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path().join("home")).unwrap();
    assert_eq!(call(&builder, &Request::TrackerList, &nobody()).unwrap(), Answer::Trackers(Vec::new()));
    assert!(Lock::take(builder.home()).unwrap().is_some());
}

#[test]
fn the_owner_carries_it_out_for_others() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path()).unwrap();
    let host = Arc::new(builder.build().unwrap());
    let server = host.listen().unwrap();
    assert_eq!(call(&builder, &Request::TrackerList, &nobody()).unwrap(), Answer::Trackers(Vec::new()));
    let failure = call(&builder, &Request::SyncStart("globex".parse().unwrap()), &nobody()).unwrap_err();
    assert_eq!(failure.kind, Kind::NotFound);
    drop(server);
    drop(host);
    // And once it has ended, the next is the owner.
    assert!(call(&builder, &Request::TrackerList, &nobody()).is_ok());
}

#[test]
fn a_second_owner_is_refused_and_the_first_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path()).unwrap();
    let _host = builder.build().unwrap();
    let failure = builder.build().unwrap_err();
    assert_eq!(failure.kind, Kind::Passing);
    assert!(failure.message.contains(&std::process::id().to_string()), "{failure}");
}

#[test]
fn a_dying_owner_that_can_still_be_connected_to_is_no_owner() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path()).unwrap();
    // Accepts nothing, and is gone a moment later.
    let dying = std::os::unix::net::UnixListener::bind(builder.home().socket()).unwrap();
    let death = std::thread::spawn(move || drop(dying.accept()));
    assert_eq!(call(&builder, &Request::TrackerList, &nobody()).unwrap(), Answer::Trackers(Vec::new()));
    death.join().unwrap();
}

#[test]
fn nonsense_at_the_socket_gets_a_failure_and_harms_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path()).unwrap();
    let host = Arc::new(builder.build().unwrap());
    let _server = host.listen().unwrap();
    let mut stream = UnixStream::connect(builder.home().socket()).unwrap();
    stream.write_all(b"{\"launch_rockets\":7}\n").unwrap();
    let line = BufReader::new(&stream).lines().nth(1).unwrap().unwrap();
    let line::Line::Failure(failure) = serde_json::from_str(&line).unwrap() else { panic!("{line}") };
    assert_eq!(failure.kind, Kind::Usage);
    assert!(call(&builder, &Request::TrackerList, &nobody()).is_ok());
}

#[test]
fn a_broken_ferry_toml_is_shown_and_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let builder = HostBuilder::new(dir.path()).unwrap();
    std::fs::write(builder.home().settings(), "[trackers\n").unwrap();
    let failure = call(&builder, &Request::TrackerList, &nobody()).unwrap_err();
    assert!(failure.message.contains("ferry.toml") && failure.message.contains("line 1"), "{failure}");
    assert_eq!(std::fs::read_to_string(builder.home().settings()).unwrap(), "[trackers\n");
}

#[test]
fn every_kind_of_failure_has_the_exit_code_that_the_help_says() {
    let kinds = [Kind::Failed, Kind::Usage, Kind::NotAllowed, Kind::NotFound, Kind::Parked, Kind::Passing];
    assert_eq!(kinds.map(Kind::exit_code), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_standing_is_one_flat_object_in_json() {
    let json = serde_json::json!({
        "name": "globex", "tracker": "ours", "project": "ACME", "user": "ferry", "exchange": "/box", "peer": null,
        "mail": null, "daemon": false, "problem": "its store is damaged", "faults": [], "trouble": null, "next": null,
    });
    let standing: Standing = serde_json::from_value(json.clone()).unwrap();
    assert!(standing.overview.is_none());
    assert_eq!(serde_json::to_value(standing).unwrap(), json);
}

#[test]
fn nothing_that_lets_somebody_join_is_printed() {
    let secret = || Secret::new("the invitation".to_owned());
    let file = || HandshakeFile { text: secret(), passphrase: Some(secret()) };
    let created = Created {
        name: "globex".to_owned(),
        id: String::new(),
        fingerprint: String::new(),
        exchange: None,
        send: None,
        receive: None,
        receive_target: None,
        mail: None,
        handshake: Some(secret()),
        joined: None,
    };
    let name = || "globex".parse().unwrap();
    let ends = Ends {
        name: name(),
        tracker: name(),
        project: "ACME".to_owned(),
        user: "ferry".to_owned(),
        channel: ChannelOptions::default(),
    };
    let printed = format!(
        "{:?} {:?} {:?} {:?}",
        Request::SyncJoin(Box::new(ends), file()),
        Request::SyncRejoin(name(), file()),
        Request::SyncInvite { name: name(), passphrase: Some(secret()), valid_hours: 1 },
        Answer::Created(Box::new(created.clone())),
    );
    assert!(!printed.contains("the invitation"), "{printed}");
    // It is a text like any other on its way to who asked.
    let told = serde_json::to_value(created).unwrap();
    assert_eq!(told.get("handshake").and_then(|text| text.as_str()), Some("the invitation"));
}
