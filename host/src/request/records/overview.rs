//! A synchronization at a glance.

use serde::{Deserialize, Serialize};

use super::KeyState;
use crate::settings::{Channel, Side};

/// How parcels are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// OpenPGP by RFC 9580.
    Modern,
    /// OpenPGP with the post-quantum algorithms of RFC 9980.
    PostQuantum,
    /// OpenPGP as GnuPG 2.2 opens it.
    Gnupg,
    /// Signed only: whoever carries parcels can read them.
    Off,
}

/// Where a synchronization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The two sides are getting to know each other.
    Handshake,
    /// Receives, acknowledges and configures, but neither pulls nor applies.
    Stopped,
    /// Works.
    Running,
    /// A rival used the invitation, or a key was revoked.
    Suspended,
    /// The positions disagree; a person confirms the reconciliation.
    RestartRequired,
    /// The partner deleted its side.
    DeletedByPartner,
}

/// Where the connection test over the channel stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// Nothing has come from the partner yet.
    Waiting,
    /// Our hello is out.
    HelloSent,
    /// Our ping is out.
    PingSent,
    /// It passed.
    Passed,
    /// The partner refused; the reason says why.
    Refused,
}

/// Where the configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agreement {
    /// There is none.
    None,
    /// Published; the partner hasn't adopted it yet.
    WaitingForSecondary,
    /// The partner published one; ours has to answer it.
    UpdateRequired,
    /// Both work by it.
    Adopted,
}

/// One direction of the channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Messages that wait: to be sent, or to be applied.
    pub queued: u64,
    /// Messages sent that the partner hasn't acknowledged; 0 for incoming.
    pub unacknowledged: u64,
    /// Since when the oldest of them waits.
    pub oldest: Option<String>,
    /// When the last parcel left or came.
    pub last_parcel: Option<String>,
    /// The number of the last message.
    pub last_number: u64,
}

/// How far the first synchronization has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Initial {
    /// What is being done.
    pub stage: String,
    /// So much of it is done.
    pub done: u64,
    /// Of so much, where that is known.
    pub total: Option<u64>,
}

/// What a synchronization's engine says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The synchronization's id, 32 digits: the same at the partner.
    pub id: String,
    /// What the primary's people call it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Which end this is.
    pub side: Side,
    /// How parcels travel.
    pub channel: Channel,
    /// How parcels are sealed.
    pub encryption: Encryption,
    /// Where it stands.
    pub state: State,
    /// Why, in words.
    pub reason: String,
    /// Since when.
    pub since: String,
    /// Where the connection test stands.
    pub connection: Connection,
    /// Since when.
    pub connection_since: String,
    /// Where the configuration stands.
    pub agreement: Agreement,
    /// Its version; 0 while there is none.
    pub agreement_version: u32,
    /// Since when.
    pub agreement_since: Option<String>,
    /// Whether a draft lies here.
    pub draft: bool,
    /// The fingerprint of our certificate.
    pub fingerprint: String,
    /// That of the partner's.
    pub partner_fingerprint: Option<String>,
    /// The phrase that both sides show.
    pub phrase: Option<String>,
    /// No issue flows until people have compared the phrase.
    pub strict: bool,
    /// Whether people compared it.
    pub compared: bool,
    /// From here to the partner.
    pub outgoing: Flow,
    /// From the partner to here.
    pub incoming: Flow,
    /// The partner's last sign of life.
    pub partner_seen: Option<String>,
    /// Whether the partner said that it is running.
    pub partner_running: Option<bool>,
    /// How many pairs there are.
    pub pairs: u64,
    /// How many of them wait to be written here.
    pub unapplied: u64,
    /// Open faults here.
    pub open_faults: u32,
    /// Open faults at the partner.
    pub partner_faults: u32,
    /// Conflicts that were settled, ever.
    pub conflicts: u64,
    /// Issues of which something is held back, because unusually many changed.
    pub held: u64,
    /// Parcels in quarantine whose content hasn't come again.
    pub quarantined: u32,
    /// Whether the keys of both sides serve.
    pub keys: KeyState,
    /// What people should know before it becomes trouble.
    pub warnings: Vec<String>,
    /// The first synchronization, while it lasts.
    pub initial: Option<Initial>,
}

/// How a synchronization's mail travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailWay {
    /// Our address.
    pub address: String,
    /// The partner's, once it is known.
    pub partner: Option<String>,
    /// The mailbox.
    pub receive: String,
    /// The submission server.
    pub send: String,
    /// What a server reported of the last mail that came back. Anybody may forge
    /// that.
    pub returned: Option<String>,
    /// Why nothing can be received, while it can't.
    pub receive_trouble: Option<MailTrouble>,
    /// Why nothing can be sent, while it can't.
    pub send_trouble: Option<MailTrouble>,
}

/// Why one way of mail fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTrouble {
    /// Since when.
    pub since: String,
    /// What the server says, or what keeps us from it.
    pub reason: String,
}

/// A synchronization as `sync list` and `sync status` show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is called in this home.
    pub name: String,
    /// The tracker, by its name.
    pub tracker: String,
    /// The tracker's project.
    pub project: String,
    /// The account in whose name incoming changes are written.
    pub user: String,
    /// The exchange directory, where parcels travel through a folder.
    pub exchange: Option<String>,
    /// The partner's, where `RECEIVE` is a link into it.
    pub peer: Option<String>,
    /// The mail servers, where parcels travel by mail.
    pub mail: Option<MailWay>,
    /// Whether a `ferry run` works on it now.
    pub daemon: bool,
    /// What the engine says of it, its fields beside these; none where it could
    /// not be asked.
    #[serde(flatten)]
    pub overview: Option<Overview>,
    /// Why the engine could not be asked.
    pub problem: Option<String>,
    /// Faults by kind, here and at the partner; only where one
    /// synchronization was asked for.
    pub faults: Vec<FaultCount>,
    /// Trouble with channel or tracker that the running daemon met last.
    pub trouble: Option<String>,
    /// What to do next, in words with a command; none where nothing is to do.
    pub next: Option<String>,
}

/// How many faults there are of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCount {
    /// The kind.
    pub kind: String,
    /// Whether they are at the partner.
    pub partner: bool,
    /// How many.
    pub count: u64,
}
