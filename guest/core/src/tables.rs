//! Every table of the store, and its tag: a tag is never used again for
//! something else.

use crate::config::{Adoption, Configured};
use crate::delivery::{InboxRow, Incoming, Kept, OutboxRow, Outgoing, Quarantined, SentParcel, Transfer};
use crate::handshake::{Greeting, Keys};
use crate::ids::{Digest, IssueId, PairId};
use crate::keys::Ring;
use crate::pair::{Conflict, Intent, Pair, Parked, Scan, Tally, Tempo};
use crate::ports::Disposition;
use crate::state::State;
use crate::store::Table;

/// Where the synchronization stands.
pub const STATE: Table<(), State> = Table::new(b's', "state");
/// Our secret keys in use.
pub const KEYS: Table<(), Keys> = Table::new(b'k', "keys");
/// Keys beside those in use.
pub const RING: Table<(), Ring> = Table::new(b'K', "ring");
/// Where the handshake stands.
pub const GREETING: Table<(), Greeting> = Table::new(b'g', "greeting");

/// The next number, the chain, the last position.
pub const OUTGOING: Table<(), Outgoing> = Table::new(b'O', "outgoing");
/// Numbered messages until the partner's position covers them, by number.
pub const OUTBOX: Table<u64, OutboxRow> = Table::new(b'o', "outbox");
/// Parcels sealed and not covered yet, by the order in which they were made.
pub const PARCELS: Table<u64, SentParcel> = Table::new(b'P', "parcels");
/// Received ranges, the chain, the partner's last position.
pub const INCOMING: Table<(), Incoming> = Table::new(b'I', "incoming");
/// Messages received that are not about issues, by number: settled in any
/// status.
pub const NOTICES: Table<u64, InboxRow> = Table::new(b'N', "notices");
/// Messages about issues received and not settled yet, by number: they wait
/// while the synchronization doesn't work.
pub const INBOX: Table<u64, InboxRow> = Table::new(b'i', "inbox");
/// Messages that this version doesn't understand, by number: kept for one that
/// does.
pub const UNKNOWN: Table<u64, InboxRow> = Table::new(b'U', "unknown");
/// How much of that there is.
pub const KEPT: Table<(), Kept> = Table::new(b'v', "kept");
/// Parcels to dispose of, by name, once the commit that took them is durable.
pub const DISPOSALS: Table<String, Disposition> = Table::new(b'd', "disposals");
/// Parcels that were refused, by the digest of their bytes.
pub const QUARANTINE: Table<Digest, Quarantined> = Table::new(b'q', "quarantine");
/// Attachments that arrive in chunks, by the digest of their content.
pub const TRANSFERS: Table<Digest, Transfer> = Table::new(b'a', "transfers");
/// Transfers whose pieces are all here, to be sealed and verified.
pub const WHOLE: Table<Digest, ()> = Table::new(b'w', "whole");
/// How many pieces of a blob wait in the outbox, by the blob's name.
pub const LEAVING: Table<String, u64> = Table::new(b'b', "leaving");
/// Blobs that nothing refers to any more, to be removed once that is durable.
pub const DISCARDS: Table<String, ()> = Table::new(b'B', "discards");

/// Configurations: the one in force, the draft, what is published or offered.
pub const CONFIGURED: Table<(), Configured> = Table::new(b'c', "configured");
/// What two sides adopted, by version: streams are read under the version that
/// they were written in.
pub const ADOPTIONS: Table<u32, Adoption> = Table::new(b'C', "adoptions");

/// Pairs.
pub const PAIRS: Table<PairId, Pair> = Table::new(b'p', "pairs");
/// Pairs by our tracker's id of the issue.
pub const LOCAL: Table<IssueId, PairId> = Table::new(b'l', "local");
/// Pairs by the issue's key, here (`h`) or at the partner (`p`).
pub const NAMES: Table<String, PairId> = Table::new(b'n', "names");
/// Pairs whose tracker doesn't show its target yet.
pub const UNAPPLIED: Table<PairId, ()> = Table::new(b'u', "unapplied");
/// Pairs whose issue is being written; settled before anything else on them.
pub const INTENTS: Table<PairId, Intent> = Table::new(b't', "intents");
/// Pairs whose issue is to be read again.
pub const STALE: Table<PairId, ()> = Table::new(b'r', "stale");
/// Where the scan of our tracker stands.
pub const SCAN: Table<(), Scan> = Table::new(b'S', "scan");
/// What is parked here and at the partner, by its id.
pub const PARKED: Table<String, Parked> = Table::new(b'f', "parked");
/// Pairs of which something is held back.
pub const HELD: Table<PairId, ()> = Table::new(b'H', "held");
/// What changed within the hour.
pub const TEMPO: Table<(), Tempo> = Table::new(b'T', "tempo");
/// What was counted.
pub const TALLY: Table<(), Tally> = Table::new(b'y', "tally");
/// Conflicts that were settled, in the order in which they were.
pub const CONFLICTS: Table<u64, Conflict> = Table::new(b'x', "conflicts");
