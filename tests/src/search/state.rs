//! A state of a world, and what can happen in it.

use std::fmt;
use std::rc::Rc;

use ferry_core::delivery::Outbox;
use ferry_core::digest;
use ferry_core::engine::tick::Budget;
use ferry_core::engine::{Engine, receive};
use ferry_core::fault::Fault;
use ferry_core::ids::ParcelName;
use ferry_core::message::Body;
use ferry_core::scope::Side as End;
use ferry_core::state::{Reunion, Status};
use ferry_core::store::Draft;
use ferry_core::time::Time;

use super::call::{Called, Inbox, Left as Outcome, call};
use super::home::{Backup, Home, Said, Sealed, What};
use super::likeness;
use super::side::{Read, Side};
use super::step::{ANY, Action, Left, Lying, NAMES, Step};
use crate::memory::PlainWire;

/// Time that passes at once, in milliseconds: longer than anything waits, so
/// that whatever waited is due.
pub const LONG_MS: u64 = 8 * 3_600_000;

/// A state.
#[derive(Clone)]
pub struct State {
    /// The primary, the secondary, and who else holds the handshake file.
    pub sides: Vec<Rc<Side>>,
    /// The time.
    pub now: Time,
    /// Copies that a courier keeps: whose, its name, the parcel.
    pub late: Vec<(usize, ParcelName, Rc<Sealed>)>,
    /// What may still happen.
    pub left: Left,
}

impl State {
    /// Everything that can happen here.
    pub fn actions(&self) -> Vec<Action> {
        let (left, mut all) = (&self.left, Vec::new());
        for (place, side) in self.sides.iter().enumerate() {
            if place < 2 && left.words[place] > 0 {
                all.push(Action::Say(place));
            }
            all.push(Action::Send(place));
            for (from, other) in self.sides.iter().enumerate().filter(|(from, _)| (*from == 0) != (place == 0)) {
                let lying = other.home.out.values().enumerate().filter(|(_, sealed)| sealed.is_for(side));
                all.extend(lying.map(|(it, _)| Action::Receive(place, Lying::Channel(from, it))));
            }
            let late = self.late.iter().enumerate();
            let late = late.filter(|(_, (from, _, sealed))| (*from == 0) != (place == 0) && sealed.is_for(side));
            all.extend(late.map(|(it, _)| Action::Receive(place, Lying::Late(it))));
            for it in 0..side.home.out.len() {
                if left.losses > 0 {
                    all.push(Action::Lose(place, it));
                }
                if left.copies > 0 {
                    all.push(Action::Copy(place, it));
                }
            }
            if place < 2 && left.backups[place] > 0 {
                all.push(Action::Backup(place));
            }
            if side.home.backup.is_some() && !side.home.put_back {
                all.push(Action::PutBack(place));
            }
            if side.disagrees() {
                all.push(Action::Consent(place));
            }
        }
        if left.contents > 0 {
            all.push(Action::Attach);
        }
        if left.ends > 0 {
            all.push(Action::Expire);
        }
        if left.waits > 0 {
            all.push(Action::Wait);
        }
        all
    }

    /// What comes of an action: the state after it, and where a process may
    /// still die those in which it died on the way.
    ///
    /// # Errors
    /// The engine's, in words.
    pub fn after(&self, action: Action) -> Result<Vec<(Step, Self)>, String> {
        let mut next = self.clone();
        let calls = match action {
            Action::Say(place) => {
                next.left.words[place] -= 1;
                Some((place, self.say(place)?))
            }
            Action::Attach => {
                next.left.contents -= 1;
                Some((0, self.attach()?))
            }
            Action::Send(place) => Some((place, self.tick(place, &Inbox::new(), true)?)),
            Action::Receive(place, lying) => {
                let (from, name, sealed) = self.parcel(lying);
                if let Lying::Late(it) = lying {
                    next.late.remove(it);
                }
                return self.received(next, action, place, from, Inbox::from([(name, sealed)]));
            }
            Action::Consent(place) => Some((place, self.call(place, &Inbox::new(), |engine| engine.reconcile())?)),
            _ => None,
        };
        let Some((place, trail)) = calls else {
            next.happen(action);
            return Ok(vec![(Step { action, died: None }, next)]);
        };
        Ok(next.branches(action, place, trail, |_, _| {}))
    }

    fn received(
        &self,
        next: Self,
        action: Action,
        place: usize,
        from: usize,
        inbox: Inbox,
    ) -> Result<Vec<(Step, Self)>, String> {
        let called = self.call(place, &inbox, |engine| receive::step(engine, 100).map(drop))?;
        let late = matches!(action, Action::Receive(_, Lying::Late(_)));
        Ok(next.branches(action, place, called, |state, outcome| {
            if !late && !outcome.taken.is_empty() {
                state.change(from, |home| home.out.retain(|name, _| !outcome.taken.contains(name)));
            }
        }))
    }

    fn branches(
        self,
        action: Action,
        place: usize,
        trail: Vec<Outcome>,
        also: impl Fn(&mut Self, &Outcome),
    ) -> Vec<(Step, Self)> {
        let last = trail.len().saturating_sub(1);
        let mut all = Vec::new();
        for (at, outcome) in trail.into_iter().enumerate() {
            let dies = at < last;
            if dies && self.left.deaths == 0 {
                continue;
            }
            let mut state = self.clone();
            also(&mut state, &outcome);
            if dies {
                state.left.deaths -= 1;
            }
            let home = if dies { outcome.home.without_power() } else { outcome.home };
            state.sides[place] = Side::new(home);
            all.push((Step { action, died: dies.then_some(at as u8 + 1) }, state));
        }
        if all.is_empty() {
            all.push((Step { action, died: None }, self));
        }
        all
    }

    /// What needs no engine.
    fn happen(&mut self, action: Action) {
        match action {
            Action::Lose(from, it) => {
                self.left.losses -= 1;
                let name = self.parcel(Lying::Channel(from, it)).1;
                self.change(from, |home| drop(home.out.remove(&name)));
            }
            Action::Copy(from, it) => {
                self.left.copies -= 1;
                self.late.push(self.parcel(Lying::Channel(from, it)));
            }
            Action::Backup(place) => {
                self.left.backups[place] -= 1;
                self.change(place, |home| {
                    let read = Read::of(&home.store);
                    let backup = Backup { store: home.store.clone(), read, said: home.said.clone() };
                    home.backup = Some(Rc::new(backup));
                });
            }
            Action::PutBack(place) => self.change(place, |home| {
                if let Some(backup) = home.backup.take() {
                    home.store = backup.store.clone();
                    home.said.clone_from(&backup.said);
                }
                home.put_back = true;
            }),
            Action::Expire => {
                self.left.ends -= 1;
                let expires = self.sides[0].read.greeting.as_ref().map_or(self.now, |greeting| greeting.expires);
                self.now = Time(self.now.0.max(expires.0 + 1));
            }
            Action::Wait => {
                self.left.waits -= u8::from(self.left.waits != ANY);
                self.pass();
            }
            _ => {}
        }
    }

    /// Time passes, for everything that waits.
    pub fn pass(&mut self) {
        self.now = self.now.after_ms(LONG_MS);
    }

    /// A parcel, and whose it is.
    pub fn parcel(&self, lying: Lying) -> (usize, ParcelName, Rc<Sealed>) {
        match lying {
            Lying::Channel(from, it) => {
                let (name, sealed) = self.sides[from].home.out.iter().nth(it).unwrap();
                (from, name.clone(), sealed.clone())
            }
            Lying::Late(it) => self.late[it].clone(),
        }
    }

    /// Changes a side.
    pub fn change(&mut self, place: usize, change: impl FnOnce(&mut Home)) {
        let mut home = self.sides[place].home.clone();
        change(&mut home);
        self.sides[place] = Side::new(home);
    }

    /// One call at a side: what it left behind after each of its changes.
    ///
    /// # Errors
    /// The engine's, in words.
    pub fn call<T>(
        &self,
        place: usize,
        inbox: &Inbox,
        work: impl FnOnce(&Engine<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<Outcome>, String> {
        // What is drawn for a call matters where an epoch or a ping begins: alike
        // states draw alike.
        let draws = matches!(self.sides[place].state().status, Status::Handshake | Status::RestartRequired);
        let like = if draws { likeness::healthy(self) } else { likeness::Likeness::default() };
        let seed = digest::of_parts(&[&like, &[place as u8]]);
        let Called { answer, trail } = call(&self.sides[place].home, inbox, self.now, seed.0, work);
        answer.map(|_| trail).map_err(|fault| format!("{}: {fault}", NAMES[place]))
    }

    /// A run at a side with what lies before it.
    ///
    /// # Errors
    /// The engine's, in words.
    pub fn tick(&self, place: usize, inbox: &Inbox, finishing: bool) -> Result<Vec<Outcome>, String> {
        let budget = Budget { effects: 100, parcels: 100, finishing, receive: true, pull: false };
        self.call(place, inbox, |engine| engine.tick(budget))
    }

    /// The next word, as its people's program leaves it.
    fn say(&self, place: usize) -> Result<Vec<Outcome>, String> {
        let word: String = format!("{}{}", ["p", "s", "r"][place], self.sides[place].home.words + 1);
        let append = |engine: &Engine<'_>| {
            let mut draft = Draft::new(engine.ports.store);
            let mut outbox = Outbox::open(&draft)?;
            outbox.append(&mut draft, &PlainWire, 0, Body::Unknown(word.clone()))?;
            outbox.finish(&mut draft)?;
            Ok(draft.commit()?)
        };
        let trail = self.call(place, &Inbox::new(), append)?;
        Ok(trail.into_iter().map(|outcome| tell(outcome, What::Word(word.clone()))).collect())
    }

    fn attach(&self) -> Result<Vec<Outcome>, String> {
        let content = b"a picture of the fault";
        let append = |engine: &Engine<'_>| {
            let blobs = engine.ports.blobs;
            let blob = blobs.create()?;
            blobs.write(&blob, 0, content)?;
            let summary = blobs.seal(&blob)?;
            let mut draft = Draft::new(engine.ports.store);
            let mut outbox = Outbox::open(&draft)?;
            outbox.append_blob(&mut draft, &blob, summary.digest, summary.size)?;
            outbox.finish(&mut draft)?;
            Ok(draft.commit()?)
        };
        let trail = self.call(0, &Inbox::new(), append)?;
        let what = What::Content(digest::of(content), content.len() as u64);
        Ok(trail.into_iter().last().map(|outcome| tell(outcome, what)).into_iter().collect())
    }
}

/// The message is in the store now, and so is what it stands for.
fn tell(mut outcome: Outcome, what: What) -> Outcome {
    let home = &mut outcome.home;
    let outgoing = Side::new(home.clone()).outgoing().clone();
    home.words += 1;
    home.said.push(Said { epoch: outgoing.epoch, number: outgoing.appended, what });
    outcome
}

impl Side {
    /// Whether it waits for its people to agree.
    pub fn disagrees(&self) -> bool {
        let state = self.state();
        let agreed = state.side == End::Secondary && state.reunion == Reunion::Agreed;
        state.status == Status::RestartRequired && !agreed
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", likeness::whole(self))
    }
}
