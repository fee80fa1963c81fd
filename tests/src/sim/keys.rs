//! New handshakes for a synchronization that is there, and who needs one.

use ferry_core::ids::Fingerprint;
use ferry_core::keys::Ring;
use ferry_core::state::{Connection, State};
use ferry_core::store::Draft;
use ferry_core::{engine::invite::Again, tables};

use super::play::Play;
use super::step::End;

impl Play {
    /// The primary makes a handshake file; the secondary joins with the last
    /// that was made.
    pub fn invite(&mut self, end: End) {
        let side = self.side(end);
        match end {
            End::Alice => {
                let again = Again { channel_hint: String::new(), passphrase: None, valid_hours: 24 * 90 };
                self.invitation = Some(side.engine(|engine| engine.invite(&again)).unwrap());
                self.count("invited anew");
            }
            End::Bob => {
                let Some(file) = &self.invitation else { return };
                if side.engine(|engine| engine.join(file, None)).is_ok() {
                    self.count("joined anew");
                }
            }
        }
    }

    /// People telephone, and find that one side can't read the other any more.
    pub fn mend_keys(&mut self) {
        let held = End::BOTH.map(|end| Held::of(self, end));
        let lost = held.iter().any(|held| held.state.revoked.is_some())
            || !held[0].reads(&held[1])
            || !held[1].reads(&held[0]);
        if lost {
            End::BOTH.into_iter().for_each(|end| self.invite(end));
        }
    }
}

/// What a side knows of keys.
struct Held {
    state: State,
    ring: Ring,
}

impl Held {
    fn of(play: &Play, end: End) -> Self {
        let records = Draft::new(&*play.side(end).store);
        let state = records.get(&tables::STATE, &()).unwrap().unwrap();
        Self { state, ring: records.get(&tables::RING, &()).unwrap().unwrap_or_default() }
    }

    /// Whether it opens what the other seals, and believes it.
    fn reads(&self, other: &Self) -> bool {
        let Some(partner) = &self.state.partner else {
            // It waits for the other's hello.
            let joined = other.state.partner.as_ref().is_some_and(|us| us.fingerprint == self.state.fingerprint);
            return joined && !matches!(other.state.connection, Connection::Refused | Connection::Passed);
        };
        let former = self.ring.serving().map(|former| former.fingerprint);
        let believes = [Some(partner.fingerprint), former].contains(&Some(other.state.fingerprint));
        let sealed_for = other.state.partner.as_ref().map(|us| us.fingerprint);
        let spare = self.ring.ours.as_ref().map(|spare| spare.fingerprint);
        let ours: [Option<Fingerprint>; 2] = [Some(self.state.fingerprint), spare];
        believes && (sealed_for.is_none() || ours.contains(&sealed_for))
    }
}
