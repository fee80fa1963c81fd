//! Whether a state comes to rest once nothing is broken any more, and how.

use std::collections::HashSet;

use super::call::Inbox;
use super::likeness::{self, Likeness};
use super::properties::{Properties, Violation};
use super::side::Side;
use super::state::State;

/// Rounds after which a world that can come to rest has.
const ROUNDS_MAX: usize = 24;

/// States from which the way to rest is known.
#[derive(Default)]
pub struct Healed {
    known: HashSet<(Likeness, bool)>,
}

impl Healed {
    /// Lets the sides take turns without trouble, until nothing changes any
    /// more: first without a person's word, then with it. What a courier still
    /// keeps never comes.
    ///
    /// # Errors
    /// What is not as it should be then.
    pub fn come(&mut self, state: &State, properties: &Properties) -> Result<(), Violation> {
        let state = self.rest(state, properties, false)?;
        match state {
            Some(state) if state.sides.iter().any(|side| side.disagrees()) => {
                self.rest(&state, properties, true).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Where it came to rest; none where that is known to be well.
    fn rest(&mut self, state: &State, properties: &Properties, agree: bool) -> Result<Option<State>, Violation> {
        let mut state = state.clone();
        state.late.clear();
        let mut way = HashSet::from([likeness::healthy(&state)]);
        for _ in 0..ROUNDS_MAX {
            if way.iter().any(|like| self.known.contains(&(*like, agree))) {
                self.known.extend(way.into_iter().map(|like| (like, agree)));
                return Ok(None);
            }
            state = round(&state, properties, agree)?;
            let like = likeness::healthy(&state);
            if !way.insert(like) {
                (properties.at_rest)(&state, agree)?;
                let asked = state.sides.iter().any(|side| side.disagrees());
                if !asked {
                    self.known.extend(way.into_iter().map(|like| (like, agree)));
                }
                return Ok(Some(state));
            }
        }
        Err(("I18 liveness", format!("no rest after {ROUNDS_MAX} rounds")))
    }
}

/// All sides run, with everything that lies before them; the primary for each
/// of the others.
fn round(state: &State, properties: &Properties, agree: bool) -> Result<State, Violation> {
    let mut state = state.clone();
    state.pass();
    for place in (0..state.sides.len()).rev() {
        if agree && state.sides[place].disagrees() {
            let trail = state.call(place, &Inbox::new(), |engine| engine.reconcile()).map_err(fault)?;
            if let Some(outcome) = trail.into_iter().last() {
                state.sides[place] = Side::new(outcome.home);
            }
        }
        for other in (0..state.sides.len()).filter(|other| (*other == 0) != (place == 0)) {
            let side = state.sides[place].clone();
            let lying = state.sides[other].home.out.iter().filter(|(_, sealed)| sealed.is_for(&side));
            let inbox: Inbox = lying.map(|(name, sealed)| (name.clone(), sealed.clone())).collect();
            let trail = state.tick(place, &inbox, false).map_err(fault)?;
            let Some(outcome) = trail.into_iter().last() else { continue };
            let before = state.clone();
            if !outcome.taken.is_empty() {
                state.change(other, |home| home.out.retain(|name, _| !outcome.taken.contains(name)));
            }
            state.sides[place] = Side::new(outcome.home);
            (properties.always)(&state)?;
            (properties.between)(&before, &state, place)?;
        }
    }
    Ok(state)
}

fn fault(what: String) -> Violation {
    ("no fault of ours", what)
}
