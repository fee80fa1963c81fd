//! Every bound, with its reason. What exceeds one gets a clear fault.

/// A sealed parcel, in bytes: the design's cap for a mail of OpenPGP data, the
/// same on every channel.
pub const PARCEL_BYTES_MAX: usize = 7_000_000;

/// What a parcel's messages may weigh before compression, in bytes: bounds the
/// memory of both sides, and what a deflate bomb may unfold to.
pub const PAYLOAD_BYTES_MAX: usize = 8 << 20;

/// One numbered message, in bytes: an issue of this size is a fault of its own
/// rather than a parcel nobody can open.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// Messages in one parcel: keeps the work of one commit bounded.
pub const PARCEL_MESSAGES_MAX: usize = 4096;

/// A piece of an attachment, in bytes: six fit into a parcel.
pub const CHUNK_BYTES: u32 = 1 << 20;

/// Nesting of MessagePack, in levels: ours needs ten.
pub const NESTING_MAX: usize = 32;

/// Values of one message, those of maps and lists and their keys: a value of a
/// byte costs a hundred bytes of memory once it is read. What one message sends
/// of an issue has half as many at most.
pub const MESSAGE_VALUES_MAX: usize = 1 << 18;

/// A text that is a key of the store as it stands, in bytes: the store takes
/// keys of 512.
pub const KEY_TEXT_BYTES_MAX: usize = 480;

/// Messages that are read together before a commit, in bytes, or a single
/// larger one: bounds what their values cost in memory.
pub const SETTLE_BYTES: usize = 512 << 10;

/// Ranges of received numbers that are kept: parcels beyond stay on the
/// channel.
pub const RANGES_MAX: usize = 1024;

/// Sealed bytes on their way without acknowledgement.
pub const IN_FLIGHT_BYTES_MAX: u64 = 64 << 20;

/// Parcels on their way without acknowledgement: fewer than `RANGES_MAX`, so
/// that no pattern of loss leaves more gaps than are kept.
pub const IN_FLIGHT_PARCELS_MAX: usize = 512;

/// What a parcel is filled up to before compression, in bytes: four pieces of
/// attachments. More would cost memory and save nothing.
pub const PARCEL_FILL_BYTES: usize = 4_400_000;

/// Messages that are kept for a version that understands them.
pub const KEPT_MESSAGES_MAX: u64 = 10_000;
/// How large they may be together, in bytes: a partner doesn't fill the disk
/// with what nobody here understands.
pub const KEPT_BYTES_MAX: u64 = 64 << 20;

/// What no honest count comes to: versions, epochs and the numbers of messages
/// are 64 bits wide, grow by one at a time, and must never turn over.
pub const COUNTER_MAX: u64 = 1 << 62;

/// How often a parcel may break off who opens it, before it is refused
/// unopened: the first time may be chance.
pub const HARMFUL_TIMES: u32 = 2;

/// Refused parcels that a position names, the newest.
pub const QUARANTINED_NAMED_MAX: usize = 64;

/// Refused parcels that are remembered: who can write to the channel must not
/// fill the store.
pub const QUARANTINE_MAX: u64 = 10_000;

/// A hello, in bytes: a certificate and a signature, post-quantum.
pub const HELLO_BYTES_MAX: usize = 256 << 10;

/// Hellos and refusals looked at in one step.
pub const HELLOS_MAX: u32 = 32;

/// A handshake file, in bytes; post-quantum certificates weigh 20 kB.
pub const INVITATION_BYTES_MAX: usize = 256 << 10;

/// What says that keys are replaced, in bytes: a post-quantum certificate and
/// two signatures weigh 30 kB. It rides in a parcel's header.
pub const RENEWAL_BYTES_MAX: usize = 96 << 10;

/// How long before their end people are warned of expiring keys, in
/// milliseconds: 30 days, time for a person on holiday.
pub const KEY_WARNING_MS: u64 = 30 * 86_400_000;

/// Issues asked of a tracker at a time: what a page may weigh in other hosts.
pub const PAGE_ISSUES: u32 = 100;

/// Pairs of one commit: a wait for the disk for some hundred issues, not for
/// each page.
pub const COMMIT_PAIRS: usize = 400;

/// Commits of pulled issues in one tick: what they bring leaves in few parcels.
pub const TICK_PULLS_MAX: u32 = 5;

/// Pairs written to the tracker in one call, between two commits.
pub const APPLY_PAIRS: u32 = 250;

/// Records of one commit, in bytes: memory of the store's write.
pub const COMMIT_BYTES: usize = 4 << 20;

/// An attachment, in bytes, where the configuration sets no smaller bound.
pub const ATTACHMENT_BYTES_MAX: u64 = 2 << 30;

/// A value that a view keeps, in bytes: longer texts are parked at pull.
pub const VALUE_BYTES_MAX: usize = 1 << 20;

/// Parked parts of one issue that the partner is told of; its people see that
/// there are many, and ours see all.
pub const PARKED_TOLD_MAX: usize = 1000;

/// How often all of our tracker's issues are looked at, though no change told
/// of them, in milliseconds: a day. Edits that moved no time of change are
/// found then, deletions that nobody told of, and what a restored tracker shows.
pub const TRACKER_SWEEP_MS: u64 = 86_400_000;

/// Between two pages of such a sweep, in milliseconds: ten thousand issues take
/// half an hour, and nobody notices.
pub const TRACKER_SWEEP_PAGE_MS: u64 = 10_000;

/// An issue that a sweep missed is looked for again after this long, in
/// milliseconds, before it is called gone: an hour.
pub const TRACKER_SWEEP_AGAIN_MS: u64 = 3_600_000;

/// Times that a tracker gives may be rounded by this much, in milliseconds: to
/// the minute. Only what goes further back tells of a restore.
pub const TIME_ROUNDING_MS: u64 = 60_000;

/// So many issues in an earlier state than we know are a tracker that was
/// restored, and no oddity of some issues: nothing flows any more.
pub const RESTORED_PAIRS_MAX: usize = 3;

/// What is counted to notice a mistake is counted for this long, in
/// milliseconds: an hour.
pub const BREAKER_HOUR_MS: u64 = 3_600_000;

/// Issues that may change within that hour whatever their share: a person can
/// do it by hand.
pub const BREAKER_PAIRS_MIN: u64 = 50;

/// How many of all issues may change within that hour, in percent: more is a
/// script, a migration, or an accident.
pub const BREAKER_SHARE: u64 = 20;

/// How long an uncovered parcel waits before it is looked after again, in
/// milliseconds: doubled with each attempt, up to `RESEND_MS_MAX`.
pub const RESEND_MS: u64 = 30_000;

/// A gap that the partner reports is closed no sooner than this after the
/// parcel was last sent, in milliseconds: it may only be late. Doubled with
/// each attempt.
pub const GAP_MS: u64 = 5_000;

/// A channel that couldn't be used is tried again no sooner than this for what
/// is due, in milliseconds.
pub const TROUBLE_MS: u64 = 5_000;

/// How often what lies in our side of the channel is compared with what should,
/// in milliseconds: an hour.
pub const SWEEP_MS: u64 = 3_600_000;

/// How long an invitation is remembered beyond its end, in milliseconds, so
/// that who comes late is told so: 30 days.
pub const INVITATION_GRACE_MS: u64 = 30 * 86_400_000;

/// The longest wait between two attempts, in milliseconds: six hours.
pub const RESEND_MS_MAX: u64 = 6 * 3_600_000;

/// A position goes out at least this often, in milliseconds: 15 minutes.
pub const HEARTBEAT_MS: u64 = 15 * 60_000;

/// An acknowledgement waits this long for something to ride with, in
/// milliseconds.
pub const ACKNOWLEDGE_MS: u64 = 1_000;

/// How far ahead of us a partner's clock may run, in milliseconds: a day.
pub const CLOCK_AHEAD_MS_MAX: u64 = 86_400_000;

/// How long an invitation may be valid, in hours: 90 days.
pub const INVITATION_HOURS_MAX: u32 = 24 * 90;

/// A configuration's text, in bytes: hundreds of types with thousands of
/// options fit.
pub const CONFIGURATION_BYTES_MAX: usize = 1 << 20;
