//! The small worlds that are explored.

use ferry_core::engine::setup::Wanted;
use ferry_core::planted::{Bug, plant};
use ferry_core::state::{ChannelKind, Profile};
use ferry_core::time::Time;

use super::call::{Inbox, call};
use super::delivery::DELIVERY;
use super::explore::{Extent, Found, explore};
use super::handshake::HANDSHAKE;
use super::home::Home;
use super::properties::Properties;
use super::side::Side;
use super::state::State;
use super::step::{ANY, Left};

/// When worlds begin: 2026-01-01T00:00:00Z, in milliseconds since 1970.
const BEGINNING: Time = Time(1_767_225_600_000);

/// A world: where it begins, and what may happen in it.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// What people call it.
    pub name: &'static str,
    /// How many hold the handshake file, where it begins before the handshake.
    strangers: Option<usize>,
    /// What may happen.
    left: Left,
}

/// Nothing but waiting.
const NOTHING: Left =
    Left { words: [0, 0], contents: 0, losses: 0, copies: 0, deaths: 0, backups: [0, 0], ends: 0, waits: ANY };

const fn connected(name: &'static str, left: Left) -> World {
    World { name, strangers: None, left }
}

const fn strangers(name: &'static str, joining: usize, left: Left) -> World {
    World { name, strangers: Some(joining), left }
}

/// What every `make test` explores.
pub const SMALL: &[World] = &[
    connected("two messages, one lost, one copied", Left { words: [2, 0], losses: 1, copies: 1, ..NOTHING }),
    connected("a message each way, one lost", Left { words: [1, 1], losses: 1, ..NOTHING }),
    connected("a message each way, and death", Left { words: [1, 1], deaths: 1, ..NOTHING }),
    connected("an attachment, lost or dead", Left { contents: 1, losses: 1, deaths: 1, ..NOTHING }),
    connected("the receiver put back", Left { words: [1, 0], backups: [0, 1], waits: 2, ..NOTHING }),
    connected("the sender put back", Left { words: [2, 0], backups: [1, 0], waits: 0, ..NOTHING }),
    strangers("handshake", 1, Left { losses: 1, copies: 1, ends: 1, ..NOTHING }),
    strangers("handshake, and death", 1, Left { deaths: 1, ends: 1, ..NOTHING }),
    strangers("handshake, the primary put back", 1, Left { copies: 1, backups: [1, 0], waits: 2, ..NOTHING }),
];

/// What `make search` explores besides.
pub const LARGE: &[World] = &[
    strangers("handshake with a rival", 2, Left { ends: 1, ..NOTHING }),
    connected("three messages, one lost", Left { words: [3, 0], losses: 1, ..NOTHING }),
    connected("three messages, one copied", Left { words: [3, 0], copies: 1, ..NOTHING }),
    connected("two messages there and one back, one lost", Left { words: [2, 1], losses: 1, ..NOTHING }),
    connected("death, and one lost", Left { words: [1, 1], losses: 1, deaths: 1, ..NOTHING }),
    connected(
        "the sender put back, one copied",
        Left { words: [2, 0], copies: 1, backups: [1, 0], waits: 2, ..NOTHING },
    ),
    connected("both put back", Left { words: [1, 1], backups: [1, 1], waits: 1, ..NOTHING }),
    strangers(
        "handshake with a rival, lost, copied or dead",
        2,
        Left { losses: 1, copies: 1, deaths: 1, ends: 1, ..NOTHING },
    ),
];

impl World {
    /// Explores all of it.
    ///
    /// # Errors
    /// The first thing that must never happen.
    pub fn explore(&self) -> Result<Extent, Box<Found>> {
        self.explore_with(None)
    }

    /// Explores it with a bug planted after its beginning.
    ///
    /// # Errors
    /// The first thing that must never happen.
    pub fn explore_with(&self, bug: Option<Bug>) -> Result<Extent, Box<Found>> {
        let root = self.root();
        plant(bug);
        let explored = explore(&root, &self.properties());
        plant(None);
        explored
    }

    fn properties(&self) -> Properties {
        if self.strangers.is_some() { HANDSHAKE } else { DELIVERY }
    }

    fn root(&self) -> State {
        let mut root = beginning(self.strangers.unwrap_or(1));
        if self.strangers.is_none() {
            connect(&mut root);
        }
        root.left = self.left;
        root
    }
}

/// Worlds in which that bug can show.
fn haunts(bug: Bug) -> impl Iterator<Item = &'static World> {
    let rivals = bug == Bug::RivalWelcome;
    let could = move |left: &Left| match bug {
        Bug::RangesBeforeMessages | Bug::PutBeforeCommit => left.deaths > 0,
        Bug::PieceUnsynced => left.contents > 0,
        Bug::ForgettingUnnoticed | Bug::ChainIgnored | Bug::EpochKept | Bug::PongUnchecked => left.backups != [0, 0],
        _ => true,
    };
    let strangers = move |world: &World| match world.strangers {
        None => !bug.is_of_the_handshake(),
        Some(joining) => bug.is_of_the_handshake() && (joining > 1 || !rivals),
    };
    SMALL.iter().chain(LARGE).filter(move |world| strangers(world) && could(&world.left))
}

/// Explores worlds with that bug planted, until one shows it.
pub fn hunt(bug: Bug) -> Option<(&'static World, Box<Found>)> {
    haunts(bug).find_map(|world| Some((world, world.explore_with(Some(bug)).err()?)))
}

/// A primary, and so many that joined with its handshake file.
fn beginning(joining: usize) -> State {
    let mut file = Vec::new();
    let create = |home: &Home| {
        let made = call(home, &Inbox::new(), BEGINNING, [1; 32], |engine| engine.create(&wanted()));
        (made.answer.unwrap(), made.trail.into_iter().last().unwrap().home)
    };
    let mut sides = Vec::new();
    let (made, home) = create(&Home::default());
    file.extend(made);
    sides.push(Side::new(home));
    for place in 0..joining {
        let seed = [place as u8 + 2; 32];
        let joined = call(&Home::default(), &Inbox::new(), BEGINNING, seed, |engine| engine.join(&file, None));
        joined.answer.unwrap();
        sides.push(Side::new(joined.trail.into_iter().last().unwrap().home));
    }
    State { sides, now: BEGINNING, late: Vec::new(), left: NOTHING }
}

/// Rounds after which two sides that nothing disturbs know each other.
const ROUNDS: usize = 6;

fn connect(state: &mut State) {
    for _ in 0..ROUNDS {
        for (place, other) in [(1, 0), (0, 1)] {
            let inbox: Inbox = std::mem::take(&mut state.sides[other].home.out.clone());
            if let Some(left) = state.tick(place, &inbox, true).unwrap().into_iter().last() {
                state.change(other, |home| home.out.retain(|name, _| !left.taken.contains(name)));
                state.sides[place] = Side::new(left.home);
            }
        }
        state.pass();
    }
    assert!(state.sides.iter().all(|side| side.state().connected() && side.home.out.is_empty()), "not connected");
}

fn wanted() -> Wanted {
    Wanted {
        name: "globex".to_owned(),
        description: String::new(),
        channel: ChannelKind::Folder,
        profile: Profile::Modern,
        strict: false,
        channel_hint: String::new(),
        passphrase: None,
        // As long as may be: time passes in great steps.
        valid_hours: ferry_core::limits::INVITATION_HOURS_MAX,
    }
}
