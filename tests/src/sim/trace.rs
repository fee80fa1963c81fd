//! What a side did, for who follows a plan step by step.

use ferry_core::delivery::OutboxRow;
use ferry_core::ports::{Mutation, Wire};
use ferry_core::tables;

use super::checks::puts;
use crate::memory::PlainWire;
use crate::memory::journal::Event;

/// One line, or some.
pub(super) fn event(event: &Event) -> String {
    match event {
        Event::Commit(mutations) => commit(mutations),
        Event::Restored(_) => "is put back".to_owned(),
        Event::Put(name, bytes) => match PlainWire::peek(bytes) {
            Some(parcel) => format!(
                "sends {} from {} in epoch {}, {:?}, position {:?}",
                parcel.messages.len(),
                parcel.first,
                parcel.epoch.counter,
                parcel.unnumbered,
                parcel.position.map(|position| (position.epoch.counter, position.ranges))
            ),
            None => format!("puts {name}"),
        },
        Event::Wrote(effects) => format!("writes {effects:#?}"),
        Event::Read(bytes) => format!("reads {:?}", PlainWire.decode(bytes)),
        Event::Said(text) => format!("says {text}"),
    }
}

fn commit(mutations: &[Mutation]) -> String {
    let mut said = vec!["commits".to_owned()];
    for (_, pair) in puts(mutations, &tables::PAIRS) {
        said.push(format!("pair {pair:?}"));
    }
    for (number, row) in puts(mutations, &tables::OUTBOX) {
        let message = match &row {
            OutboxRow::Message(bytes) => format!("{:?}", PlainWire.decode(bytes)),
            OutboxRow::Piece(piece) => format!("{piece:?}"),
        };
        said.push(format!("message {number} {message}"));
    }
    for (_, intent) in puts(mutations, &tables::INTENTS) {
        said.push(format!("intent {intent:?}"));
    }
    for (_, state) in puts(mutations, &tables::STATE) {
        said.push(format!("{:?} ({}), {:?}", state.status, state.reason, state.reunion));
    }
    for (_, configured) in puts(mutations, &tables::CONFIGURED) {
        said.push(format!("version {} of the configuration", configured.version));
    }
    for (_, scan) in puts(mutations, &tables::SCAN) {
        said.push(format!("{scan:?}"));
    }
    said.join("\n    ")
}
