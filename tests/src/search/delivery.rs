//! What must hold while messages are delivered.

use ferry_core::delivery::{arrived, ranges};
use ferry_core::ids::Epoch;
use ferry_core::state::{Connection, Status};
use ferry_core::store::Draft;

use super::call::Reader;
use super::home::{Said, Sealed, What};
use super::properties::{Properties, Violation};
use super::side::Side;
use super::state::State;
use super::step::NAMES;

/// Of delivery, between two sides that are connected.
pub const DELIVERY: Properties = Properties { always, between, at_rest };

/// Both directions: who sends, who receives.
const DIRECTIONS: [(usize, usize); 2] = [(0, 1), (1, 0)];

fn always(state: &State) -> Result<(), Violation> {
    let restored = state.sides.iter().any(|side| side.home.put_back);
    for (from, to) in DIRECTIONS {
        let (sender, receiver) = (&state.sides[from], &state.sides[to]);
        if !restored {
            not_forgotten(sender, receiver)?;
            honest(state, to)?;
            authentic(sender, receiver)?;
            if sender.state().status == Status::RestartRequired {
                let what = format!("{} asks people without a restore: {}", NAMES[from], sender.state().reason);
                return Err(("asked for a reason", what));
            }
        }
        exact(sender, receiver, restored)?;
    }
    Ok(())
}

/// What a side said in an epoch.
fn said(side: &Side, epoch: Epoch) -> impl Iterator<Item = &Said> {
    side.home.said.iter().filter(move |said| said.epoch == epoch)
}

/// I3: what the receiver doesn't have yet is kept.
fn not_forgotten(sender: &Side, receiver: &Side) -> Result<(), Violation> {
    let lost = said(sender, sender.outgoing().epoch)
        .find(|said| !sender.read.outbox.contains(&said.number) && !receiver.has(said.number, said.number));
    match lost {
        Some(said) => Err(("I3 no silent loss", format!("message {} is kept nowhere", said.number))),
        None => Ok(()),
    }
}

/// I4: what a position on its way says is durable.
fn honest(state: &State, place: usize) -> Result<(), Violation> {
    let late = state.late.iter().filter(|(from, _, _)| *from == place).map(|(_, _, sealed)| sealed);
    for sealed in state.sides[place].home.out.values().chain(late) {
        let Some(position) = sealed.parcel.as_ref().and_then(|parcel| parcel.position.as_ref()) else { continue };
        if let Some((first, last)) = position.ranges.iter().find(|(first, last)| !state.sides[place].has(*first, *last))
        {
            return Err(("I4 honest acknowledgement", format!("{} acknowledges {first}-{last}", NAMES[place])));
        }
    }
    Ok(())
}

/// I2, I4: where a number counts as received, its message is there, in the same
/// commit; nothing else is.
fn exact(sender: &Side, receiver: &Side, restored: bool) -> Result<(), Violation> {
    let epoch = receiver.incoming().epoch;
    if epoch.counter > 1 {
        return Ok(());
    }
    let words = said(sender, epoch).filter(|said| matches!(said.what, What::Word(_))).map(|said| said.number);
    for number in words {
        let (counts, there) = (receiver.has(number, number), receiver.heard(number).is_some());
        if counts && !there || there && !counts && !restored {
            let what = format!("message {number}: its number and its content were not taken together");
            return Err(("I2 at most once: one commit", what));
        }
    }
    Ok(())
}

/// I11: what was heard is what was said.
fn authentic(sender: &Side, receiver: &Side) -> Result<(), Violation> {
    for said in said(sender, receiver.incoming().epoch) {
        if let (What::Word(word), Some(heard)) = (&said.what, receiver.heard(said.number))
            && word != heard
        {
            return Err(("I11 authenticity", format!("message {} is {word} and was heard as {heard}", said.number)));
        }
    }
    Ok(())
}

fn between(before: &State, after: &State, place: usize) -> Result<(), Violation> {
    let (was, is) = (&before.sides[place], &after.sides[place]);
    let same = was.incoming().epoch == is.incoming().epoch;
    let again = |number: &&u64| !was.read.notices.contains_key(*number) && was.has(**number, **number);
    if let Some(number) = is.read.notices.keys().find(again).filter(|_| same) {
        return Err(("I2 at most once", format!("{} takes message {number} again", NAMES[place])));
    }
    let told = |name: &&ferry_core::ids::ParcelName| is.read.parcels.iter().any(|(_, row)| row.name == **name);
    let numbered = |sealed: &Sealed| sealed.parcel.as_ref().is_some_and(|parcel| parcel.first > 0);
    let new = is.home.out.iter().filter(|(name, sealed)| numbered(sealed) && !was.home.out.contains_key(*name));
    if let Some(name) = new.map(|(name, _)| name).find(|name| !told(name)) {
        return Err(("I1 told before it leaves", format!("{} knows nothing of its parcel {name}", NAMES[place])));
    }
    Ok(())
}

/// Everything arrived, once; or people are asked, for a reason.
fn at_rest(state: &State, agreed: bool) -> Result<(), Violation> {
    let property = match (agreed, state.sides.iter().any(|side| side.home.put_back)) {
        (true, _) => "I5 epoch: both go on after consent",
        (false, true) => "I5 epoch: a restore is noticed",
        (false, false) => "I18 liveness: all arrives",
    };
    let wrong = |what: String| Err((property, what));
    if state.sides.iter().any(|side| side.state().status == Status::RestartRequired) {
        return if agreed { wrong("they don't go on".to_owned()) } else { Ok(()) };
    }
    for (from, to) in DIRECTIONS {
        let (sender, receiver) = (&state.sides[from], &state.sides[to]);
        let (ours, theirs) = (sender.outgoing(), receiver.incoming());
        if sender.state().connection != Connection::Passed {
            return wrong(format!("{} is not connected", NAMES[from]));
        }
        if ours.epoch != theirs.epoch {
            return wrong("two epochs go on".to_owned());
        }
        if agreed && ours.epoch.counter == 1 {
            return wrong("they go on in the epoch that broke".to_owned());
        }
        let all = ours.appended == 0 || receiver.has(1, ours.appended);
        let more = theirs.spans.last().is_some_and(|span| span.last > ours.appended);
        if !all || more || !sender.read.outbox.is_empty() {
            let have: Vec<_> = theirs.spans.iter().map(|span| (span.first, span.last)).collect();
            let (sent, left) = (ours.appended, &sender.read.outbox);
            return wrong(format!("{} sent {sent}, keeps {left:?}; {have:?} came", NAMES[from]));
        }
        if !ranges::covers(&ours.acknowledged, 1, ours.appended.max(1)) && ours.appended > 0 {
            return wrong(format!("{} doesn't know what came", NAMES[from]));
        }
        for said in said(sender, ours.epoch) {
            whole(receiver, said).map_err(|what| (property, what))?;
        }
    }
    Ok(())
}

fn whole(receiver: &Side, said: &Said) -> Result<(), String> {
    match &said.what {
        What::Word(word) => match receiver.heard(said.number) {
            Some(heard) if heard == word => Ok(()),
            heard => Err(format!("message {} says {word} and was heard as {heard:?}", said.number)),
        },
        What::Content(digest, size) => {
            let reader = Reader(&receiver.home.store);
            let there = arrived(&Draft::new(&reader), digest, *size).unwrap();
            let content = there.and_then(|name| receiver.home.blobs.get(&name));
            if content.is_some_and(|blob| ferry_core::digest::of(&blob.content) == *digest) {
                Ok(())
            } else {
                Err("content that was acknowledged is not there".to_owned())
            }
        }
    }
}
