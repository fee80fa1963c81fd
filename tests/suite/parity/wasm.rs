//! The trace in wasm: the components, run by the host's library.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ferry::clock::Clock;
use ferry::control::{Budget, Channel, Encryption, Primary};
use ferry::random::Random;
use ferry::runtime::{ChannelPlace, FolderPlace, Runtime, RuntimeOptions, Session, Silent, SyncPlace, TrackerPlace};
use ferry::store::Store;
use ferry_tests::office;

use super::{BEGINNING_MS, Contents, End, Engines, NAMES, folder, noise};

/// Time that stands still.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::from_millis(BEGINNING_MS)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Hands out bytes that never repeat, and remembers what it handed out.
#[derive(Debug)]
struct Remembered {
    end: End,
    given: Mutex<Vec<Vec<u8>>>,
}

impl Random for Remembered {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        let mut given = self.given.lock().unwrap();
        let number = 2 * given.len() + self.end;
        bytes.copy_from_slice(&noise(bytes.len(), number as u64));
        given.push(bytes.to_vec());
        Ok(())
    }
}

pub(super) struct Wasm {
    sessions: Option<[Session; 2]>,
    random: [Arc<Remembered>; 2],
    /// Where each call's random bytes begin.
    calls: [Vec<usize>; 2],
    place: PathBuf,
}

impl Wasm {
    pub(super) fn new(place: &Path) -> Self {
        let exchange = |end: End| place.join(format!("box-{}", NAMES[end].0));
        for end in 0..2 {
            std::fs::create_dir_all(exchange(end).join("SEND")).unwrap();
        }
        let random = [0, 1].map(|end| Arc::new(Remembered { end, given: Mutex::default() }));
        let session = |end: End| {
            // RECEIVE is a link to the peer's SEND.
            std::os::unix::fs::symlink(exchange(1 - end).join("SEND"), exchange(end).join("RECEIVE")).unwrap();
            let components = office::components();
            let mut options = RuntimeOptions::new(vec![components], place.join("cache"));
            options.clock = Arc::new(Still);
            options.random = random[end].clone();
            let runtime = Runtime::new(options).unwrap();
            let home = place.join(format!("home-{}", NAMES[end].0));
            let sync = SyncPlace {
                dir: home.join("sync"),
                tracker: TrackerPlace {
                    folder: Some(folder(place, end)),
                    ..TrackerPlace::new("ours", "local", home.join("tracker"))
                },
                project: NAMES[end].1.to_owned(),
                user: "ferry".to_owned(),
                channel: Some(ChannelPlace::Folder(FolderPlace::new(exchange(end)))),
            };
            Session::open(&runtime, &sync, Arc::new(Silent)).unwrap()
        };
        let sessions = Some([session(0), session(1)]);
        Self { sessions, random, calls: [vec![], vec![]], place: place.to_owned() }
    }

    /// The seed of each call: the engine asks for it first, in four pieces.
    pub(super) fn seeds(&self, end: End) -> Vec<[u8; 32]> {
        let given = self.random[end].given.lock().unwrap();
        self.calls[end].iter().map(|at| given[*at..at + 4].concat().try_into().unwrap()).collect()
    }

    /// For one call.
    fn session(&mut self, end: End) -> &mut Session {
        self.calls[end].push(self.random[end].given.lock().unwrap().len());
        &mut self.sessions.as_mut().unwrap()[end]
    }
}

impl Engines for Wasm {
    fn create(&mut self) -> Vec<u8> {
        let wanted = Primary {
            name: "globex".to_owned(),
            description: "Issues of both".to_owned(),
            channel: Channel::Folder,
            encryption: Encryption::Modern,
            strict: false,
            channel_hint: "here".to_owned(),
            passphrase: None,
            valid_hours: 168,
        };
        self.session(0).create(&wanted).unwrap()
    }

    fn join(&mut self, file: &[u8]) {
        self.session(1).join(file, None).unwrap();
    }

    fn tick(&mut self, end: End) {
        let budget = Budget { effects: 500, parcels: 16, finishing: true, receive: true, pull: true };
        self.session(end).tick(budget).unwrap();
    }

    fn example(&mut self, end: End) -> String {
        self.session(end).example().unwrap()
    }

    fn publish(&mut self, text: &str) {
        assert!(self.session(0).publish(Some(text)).unwrap().version.is_some());
    }

    fn adopt(&mut self, text: &str) {
        assert!(self.session(1).adopt(Some(text)).unwrap().version.is_some());
    }

    fn start(&mut self, end: End) {
        self.session(end).start().unwrap();
    }

    fn parcels(&self, end: End) -> BTreeMap<String, Vec<u8>> {
        let send = self.place.join(format!("box-{}", NAMES[end].0)).join("SEND");
        let entries = std::fs::read_dir(send).unwrap().map(|entry| entry.unwrap());
        let name = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let parcels = entries.filter(|it| it.file_type().unwrap().is_file() && name(it).ends_with(".ferry"));
        parcels.map(|entry| (name(&entry), std::fs::read(entry.path()).unwrap())).collect()
    }

    fn store(mut self: Box<Self>, end: End) -> Contents {
        // The file is locked for as long as it is open.
        self.sessions = None;
        let store = Store::open(&self.place.join(format!("home-{}", NAMES[end].0)).join("sync/store.db")).unwrap();
        let mut contents = Contents::new();
        let mut start = Vec::new();
        loop {
            let rows = store.scan(&start, &[0xff], 1_000).unwrap();
            let Some((last, _)) = rows.last() else { return contents };
            start = [last.as_slice(), &[0]].concat();
            contents.extend(rows);
        }
    }
}
