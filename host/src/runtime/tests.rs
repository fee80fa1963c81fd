#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod rogue;

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use self::rogue::Body;
use super::*;

/// A runtime whose only components misbehave.
struct Stage {
    folder: TempDir,
    limits: Limits,
}

impl Stage {
    fn new(body: Body) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("components")).unwrap();
        let stage = Self { folder, limits: Limits { compute: Duration::from_millis(50), ..Limits::default() } };
        stage.put(ENGINE_FILE, &rogue::component("engine", body));
        stage.put("rogue.adapter.wasm", &rogue::component("adapter", body));
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path("components").join(name), bytes).unwrap();
    }

    fn runtime(&self) -> Arc<Runtime> {
        let options = RuntimeOptions::new(vec![self.path("components")], self.path("cache"));
        Runtime::new(RuntimeOptions { limits: self.limits, ..options }).unwrap()
    }

    fn tracker(&self) -> TrackerPlace {
        TrackerPlace::new("ours", "rogue", self.path("tracker"))
    }

    fn session(&self, runtime: &Arc<Runtime>) -> Session {
        let place = SyncPlace {
            dir: self.path("sync"),
            tracker: self.tracker(),
            project: "P".to_owned(),
            user: "ferry".to_owned(),
            channel: None,
        };
        Session::open(runtime, &place, Arc::new(Silent)).unwrap()
    }

    fn identify(&self) -> CallError {
        TrackerSession::open(&self.runtime(), &self.tracker(), "P", "ferry", Arc::new(Silent)).identify().unwrap_err()
    }
}

#[test]
fn a_component_that_traps_is_an_error_and_the_next_call_meets_a_new_one() {
    let stage = Stage::new(Body::Trap);
    let runtime = stage.runtime();
    let mut session = stage.session(&runtime);
    for _ in 0..2 {
        let CallError::Trapped { component, reason } = session.status().unwrap_err() else { panic!("it traps") };
        assert_eq!(component, "engine");
        assert!(reason.contains("unreachable"), "{reason}");
    }
    let CallError::Trapped { component, .. } = stage.identify() else { panic!("it traps") };
    assert_eq!(component, "adapter of tracker ours");
}

#[test]
fn a_component_that_never_ends_is_stopped() {
    let stage = Stage::new(Body::Loop);
    let error = stage.session(&stage.runtime()).status().unwrap_err();
    assert!(matches!(error, CallError::TimedOut { .. }), "{error}");
    assert!(matches!(stage.identify(), CallError::TimedOut { .. }));
}

#[test]
fn a_component_gets_no_more_memory_than_it_may_have() {
    let mut stage = Stage::new(Body::Grow);
    stage.limits = Limits { engine_memory: 8 << 20, adapter_memory: 4 << 20, ..Limits::default() };
    let error = stage.session(&stage.runtime()).status().unwrap_err();
    assert!(matches!(error, CallError::OutOfMemory { limit: 0x80_0000, .. }), "{error}");
    assert!(matches!(stage.identify(), CallError::OutOfMemory { limit: 0x40_0000, .. }));
}

#[test]
fn endless_recursion_ends_with_the_component_and_not_with_us() {
    let stage = Stage::new(Body::Recurse);
    let error = stage.session(&stage.runtime()).status().unwrap_err();
    let CallError::Trapped { reason, .. } = error else { panic!("it has no stack left: {error}") };
    assert!(reason.contains("stack"), "{reason}");
}

#[test]
fn an_answer_without_sense_is_an_error_and_harms_nothing() {
    let mut refused = 0;
    for number in 0..12 {
        let stage = Stage::new(Body::Lie(number));
        let runtime = stage.runtime();
        let mut session = stage.session(&runtime);
        let budget = control::Budget { effects: 1, parcels: 1, finishing: true, receive: true, pull: true };
        let answers = [
            session.tick(budget).map(drop),
            session.status().map(drop),
            session.faults(None, 10).map(drop),
            session.pairs(None, 10).map(drop),
            session.quarantine(None, 10).map(drop),
            session.preview(None, 10).map(drop),
            session.example().map(drop),
        ];
        refused += answers.iter().filter(|answer| matches!(answer, Err(CallError::Trapped { .. }))).count();
        let mut tracker = TrackerSession::open(&runtime, &stage.tracker(), "P", "ferry", Arc::new(Silent));
        drop(tracker.identify());
        drop(tracker.schema());
    }
    assert!(refused > 20, "it makes sense too often: {refused}");
}

#[test]
fn a_component_is_compiled_once_and_a_damaged_cache_is_made_anew() {
    let stage = Stage::new(Body::Trap);
    let cached = || -> Vec<PathBuf> {
        let entries = fs::read_dir(stage.path("cache")).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|extension| extension == "cwasm")).collect()
    };
    let modified = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    stage.runtime().prepare().unwrap();
    let [compiled] = cached().try_into().unwrap();
    let before = modified(&compiled);
    stage.runtime().prepare().unwrap();
    assert_eq!(modified(&compiled), before);

    let whole = fs::read(&compiled).unwrap();
    fs::write(&compiled, &whole[..whole.len() / 2]).unwrap();
    stage.runtime().prepare().unwrap();
    assert_eq!(fs::read(&compiled).unwrap().len(), whole.len());

    // Another component under the same name: the old code goes.
    stage.put(ENGINE_FILE, &rogue::component("engine", Body::Loop));
    stage.runtime().prepare().unwrap();
    assert_eq!(cached().len(), 1);
    assert!(!compiled.exists());
}

#[test]
fn a_running_process_notices_a_new_component() {
    let stage = Stage::new(Body::Trap);
    let runtime = stage.runtime();
    assert!(matches!(stage.session(&runtime).status(), Err(CallError::Trapped { .. })));
    stage.put(ENGINE_FILE, &rogue::component("engine", Body::Loop));
    assert!(matches!(stage.session(&runtime).status(), Err(CallError::TimedOut { .. })));
}

#[test]
fn a_cache_that_others_can_write_is_not_trusted() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new(Body::Trap);
    fs::create_dir(stage.path("cache")).unwrap();
    fs::set_permissions(stage.path("cache"), fs::Permissions::from_mode(0o777)).unwrap();
    let error = stage.runtime().prepare().unwrap_err();
    assert!(error.to_string().contains("trusted"), "{error}");
}

#[test]
fn an_adapter_other_than_the_pinned_one_is_refused() {
    let stage = Stage::new(Body::Trap);
    let runtime = stage.runtime();
    let digest = runtime.adapter("rogue").unwrap().digest;
    let identify = |digest| {
        let place = TrackerPlace { digest: Some(digest), ..stage.tracker() };
        TrackerSession::open(&runtime, &place, "P", "ferry", Arc::new(Silent)).identify().unwrap_err()
    };
    assert!(matches!(identify(digest), CallError::Trapped { .. }));
    let other = crate::digest::Digest([0; 32]);
    assert!(matches!(identify(other), CallError::Runtime(RuntimeError::OtherDigest { .. })));
}

#[test]
fn what_is_no_component_for_the_world_says_so() {
    let stage = Stage::new(Body::Trap);
    stage.put(ENGINE_FILE, &rogue::component("adapter", Body::Trap));
    let error = stage.runtime().prepare().unwrap_err();
    assert!(matches!(error, RuntimeError::BadComponent { wanted: "the engine", .. }), "{error}");
    stage.put(ENGINE_FILE, b"no wasm at all");
    assert!(matches!(stage.runtime().prepare(), Err(RuntimeError::BadComponent { .. })));
    fs::remove_file(stage.path("components").join(ENGINE_FILE)).unwrap();
    assert!(matches!(stage.runtime().prepare(), Err(RuntimeError::NoComponent { .. })));
}

#[test]
fn a_synchronization_is_opened_once() {
    let stage = Stage::new(Body::Trap);
    let runtime = stage.runtime();
    let _first = stage.session(&runtime);
    let place = SyncPlace {
        dir: stage.path("sync"),
        tracker: stage.tracker(),
        project: "P".to_owned(),
        user: "ferry".to_owned(),
        channel: None,
    };
    let second = Session::open(&runtime, &place, Arc::new(Silent));
    assert!(matches!(second, Err(RuntimeError::Store(crate::store::OpenError::Owned(_)))));
}
