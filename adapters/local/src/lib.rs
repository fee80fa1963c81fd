//! Issues as Markdown files in a folder; `README.md` describes them for people.
//!
//! Read it from the file to the interface: [`marker`], [`text`] and [`front`]
//! are the pieces of a file, [`document`] puts them together; [`project`] is
//! `tracker.toml`, [`values`] and [`issue`] make an issue of a document;
//! [`index`] is what the adapter keeps, [`numbers`] what of it lies in the
//! folder, [`look`] decides which issue a file is, [`scan`] what changed;
//! [`fold`] makes effects on a document and [`write`] carries a batch out;
//! [`tracker`] is the interface.
//!
//! Deliberately absent: anything but the outside's traits. The component is
//! [`tracker::Tracker`] with the host's imports; tests bring a folder in memory.

pub mod attachments;
pub mod cursor;
pub mod document;
pub mod fold;
pub mod front;
pub mod index;
pub mod issue;
mod literal;
pub mod look;
pub mod marker;
pub mod numbers;
pub mod project;
pub mod scan;
pub mod session;
pub mod text;
pub mod tracker;
pub mod values;
pub mod write;

#[cfg(test)]
mod tests;

ferry_adapter::manifest!("../adapter.toml");
ferry_adapter::export!(tracker::Tracker<ferry_adapter::Imports>);
