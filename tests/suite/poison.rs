//! A parcel that breaks off the engine: given little memory, so that a large
//! one is too much for it. It is refused unopened after the second time, and
//! everything else goes on.

use std::path::Path;
use std::sync::Arc;

use ferry::control::{Budget, Report};
use ferry::runtime::{CallError, ChannelPlace, FolderPlace, Limits, Runtime, RuntimeOptions, Session, Silent};
use ferry_tests::hostile;
use ferry_tests::insider::{self, Insider, store};
use ferry_tests::local;
use ferry_tests::office::{self, Office};

/// Enough for all that is small.
const LITTLE_MEMORY: usize = 12 << 20;

const BUDGET: Budget = Budget { effects: 500, parcels: 16, finishing: true, receive: true, pull: true };

/// An organisation's synchronization, in this process, with an engine of
/// little memory.
fn session(office: &Office, runtime: &Arc<Runtime>) -> Session {
    let place = insider::place(office, ChannelPlace::Folder(FolderPlace::new(&office.exchange)));
    Session::open(runtime, &place, Arc::new(Silent)).unwrap()
}

fn runtime(place: &Path) -> Arc<Runtime> {
    let options = RuntimeOptions::new(vec![office::components()], place.join("cache"));
    let limits = Limits { engine_memory: LITTLE_MEMORY, ..Limits::default() };
    Runtime::new(RuntimeOptions { limits, ..options }).unwrap()
}

fn tick(office: &Office, runtime: &Arc<Runtime>) -> Result<Report, CallError> {
    // A process of its own each time: nothing is remembered but in files.
    session(office, runtime).tick(BUDGET)
}

#[test]
fn a_parcel_that_breaks_off_the_engine_is_refused_the_second_time_and_the_rest_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let runtime = runtime(place.path());
    tick(&globex, &runtime).unwrap();
    let shown = local::shown(&globex.issues);

    let insider = Insider::at(&acme);
    let noise = &hostile::all()[1];
    let poison = insider.lay(&insider.sealed(&noise.payload(|messages| insider.parcel(messages))));
    std::fs::write(acme.issues.join("first.md"), "# It goes on\n").unwrap();
    assert!(acme.sent_by_run() > 0);
    for time in 1..=2 {
        let broken = tick(&globex, &runtime).unwrap_err();
        assert!(matches!(broken, CallError::OutOfMemory { .. }), "{broken}");
        assert!(poison.exists(), "it was refused the {time}. time");
        assert!(globex.quarantine().is_empty());
    }
    for _ in 0..3 {
        tick(&globex, &runtime).unwrap();
    }
    assert!(!poison.exists());
    let kept = globex.quarantine();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0]["reason"].as_str().unwrap().contains("broke off"), "{kept:?}");
    assert_ne!(local::shown(&globex.issues), shown, "what came beside it arrived");
    assert!(local::find_titled(&globex.issues, "It goes on").is_some());

    // A person may have it looked at again, with an engine that has memory.
    globex.ferry(&["parcel", "retry", &globex.sync]);
    globex.run_once();
    let kept = globex.quarantine();
    assert!(kept[0]["reason"].as_str().unwrap().contains("records are cut"), "{kept:?}");
    assert_eq!(globex.status()["state"], "running");
}

/// Issues that break off whoever reads them, after the parcels were taken.
fn too_much_to_be_read(office: &Office) {
    for number in 0..100 {
        let text = "x".repeat(200_000);
        let file = office.issues.join(format!("large-{number}.md"));
        std::fs::write(file, format!("# Large {number}\n\n{text}\n")).unwrap();
    }
}

#[test]
fn an_engine_that_breaks_off_over_something_else_blames_no_parcel() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let runtime = runtime(place.path());
    std::fs::write(acme.issues.join("first.md"), "# Arrives\n").unwrap();
    assert!(acme.sent_by_run() > 0);
    too_much_to_be_read(&globex);
    for _ in 0..3 {
        let broken = tick(&globex, &runtime).unwrap_err();
        assert!(matches!(broken, CallError::OutOfMemory { .. }), "{broken}");
    }
    assert!(globex.quarantine().is_empty());
    assert!(!store(&globex).with_file_name("harmful-parcels").exists());
}

#[test]
fn half_a_copy_of_a_parcel_is_not_blamed_for_what_breaks_off_after_it_was_looked_at() {
    let place = tempfile::tempdir().unwrap();
    let acme = Office::new(place.path(), "acme", "globex", "ACME");
    let globex = Office::new(place.path(), "globex", "acme", "GLX");
    acme.connect(&globex, "modern");
    acme.settle(&globex);
    let runtime = runtime(place.path());
    // Components are compiled here, which takes longer than a file to settle.
    tick(&globex, &runtime).unwrap();
    let parcel = Insider::at(&acme).lay(b"the whole of a parcel");
    too_much_to_be_read(&globex);
    for _ in 0..3 {
        // It doesn't stand still, so that nothing becomes of it.
        std::fs::write(&parcel, b"the whole").unwrap();
        let broken = tick(&globex, &runtime).unwrap_err();
        assert!(matches!(broken, CallError::OutOfMemory { .. }), "{broken}");
    }
    assert!(globex.quarantine().is_empty() && parcel.exists());
    assert!(!store(&globex).with_file_name("harmful-parcels").exists());
}
