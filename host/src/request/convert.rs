//! From the engine's and the trackers' records, as they are generated, to the
//! stable ones that answers are made of, and back for what is asked.

mod engine;
mod tracker;
