//! Requests and answers of `ferry:control`.

use ferry_core::config::{self, Agreement};
use ferry_core::delivery::{Flow, Quarantined};
use ferry_core::engine::faults::Action;
use ferry_core::engine::keys::{Certified, KeyState, Keychain};
use ferry_core::engine::overview::{Counterpart, Overview};
use ferry_core::engine::preview::{Direction, Forecast, Planned};
use ferry_core::engine::setup::{Summary, Wanted};
use ferry_core::engine::tick::Report;
use ferry_core::fault as core;
use ferry_core::handshake::Passphrase;
use ferry_core::ids::{Digest, Fingerprint, PairId};
use ferry_core::keys::Turn;
use ferry_core::pair::Parked;
use ferry_core::scope::Side;
use ferry_core::state::{ChannelKind, Connection, Profile, Status};
use ferry_core::time::Time;

use crate::bindings::exports::ferry::control::{admin, run, setup};
use crate::bindings::ferry::control::request::{Fault, Mistake};

pub(crate) fn fault(fault: core::Fault) -> Fault {
    match fault {
        core::Fault::Invalid(mistakes) => Fault::Invalid(
            mistakes.into_iter().map(|mistake| Mistake { field: mistake.field, reason: mistake.reason }).collect(),
        ),
        core::Fault::NotAllowed(reason) => Fault::NotAllowed(reason),
        core::Fault::NotFound(reason) => Fault::NotFound(reason),
        core::Fault::Expired(reason) => Fault::Expired(reason),
        core::Fault::AlreadyUsed(reason) => Fault::AlreadyUsed(reason),
        core::Fault::WrongPartner(reason) => Fault::WrongPartner(reason),
        core::Fault::NewerVersion(reason) => Fault::NewerVersion(reason),
        core::Fault::RetryLater(reason) => Fault::RetryLater(reason),
        core::Fault::LostOwnership => Fault::LostOwnership,
        core::Fault::Full => Fault::Full,
        core::Fault::Other(reason) => Fault::Other(reason),
    }
}

pub(crate) fn wanted(wanted: setup::Primary) -> Wanted {
    Wanted {
        name: wanted.name,
        description: wanted.description,
        channel: match wanted.channel {
            setup::Channel::Mail => ChannelKind::Mail,
            setup::Channel::Folder => ChannelKind::Folder,
        },
        profile: match wanted.encryption {
            setup::Encryption::Off => Profile::Off,
            setup::Encryption::Gnupg => Profile::Gnupg,
            setup::Encryption::Modern => Profile::Modern,
            setup::Encryption::PostQuantum => Profile::PostQuantum,
        },
        strict: wanted.strict,
        channel_hint: wanted.channel_hint,
        passphrase: wanted.passphrase.map(Passphrase),
        valid_hours: wanted.valid_hours,
    }
}

fn channel(channel: ChannelKind) -> setup::Channel {
    match channel {
        ChannelKind::Mail => setup::Channel::Mail,
        ChannelKind::Folder => setup::Channel::Folder,
    }
}

fn encryption(profile: Profile) -> setup::Encryption {
    match profile {
        Profile::Off => setup::Encryption::Off,
        Profile::Gnupg => setup::Encryption::Gnupg,
        Profile::Modern => setup::Encryption::Modern,
        Profile::PostQuantum => setup::Encryption::PostQuantum,
    }
}

/// v4 fingerprints have 20 bytes, and are padded with zeros in the core.
fn fingerprint(fingerprint: &Fingerprint) -> String {
    let text = fingerprint.to_string();
    text.strip_suffix("000000000000000000000000").map_or(text.clone(), str::to_owned)
}

pub(crate) fn summary(summary: Summary) -> setup::Summary {
    setup::Summary {
        id: summary.sync.to_string(),
        name: summary.name,
        description: summary.description,
        channel: channel(summary.channel),
        channel_hint: summary.channel_hint,
        encryption: encryption(summary.profile),
        strict: summary.strict,
        fingerprint: fingerprint(&summary.fingerprint),
        created: summary.created.rfc3339(),
        expires: summary.expires.rfc3339(),
        expired: summary.expired,
        again: summary.again,
        protocol: format!("{}.{}", summary.protocol.0, summary.protocol.1),
    }
}

pub(crate) fn report(report: Report) -> run::Report {
    run::Report {
        received: report.received,
        applied: report.applied,
        sent: report.sent,
        parcels: report.parcels,
        faults: report.faults,
        work_left: report.work_left,
        wake_after_ms: report.wake_after_ms,
        trouble: report.trouble,
        passing: report.passing,
    }
}

pub(crate) fn overview(of: Overview) -> admin::Overview {
    let (agreement, agreement_version, agreement_since) = agreement(&of.agreement);
    let partner = of.state.partner.as_ref();
    admin::Overview {
        id: of.state.sync.to_string(),
        name: of.state.name,
        description: of.state.description,
        side: side(of.state.side),
        channel: channel(of.state.channel),
        encryption: encryption(of.state.profile),
        state: state(of.state.status),
        reason: of.state.reason,
        since: of.state.since.rfc3339(),
        connection: connection(of.state.connection),
        connection_since: of.state.connection_since.rfc3339(),
        agreement,
        agreement_version,
        agreement_since: agreement_since.map(Time::rfc3339),
        draft: of.agreement.draft,
        fingerprint: fingerprint(&of.state.fingerprint),
        partner_fingerprint: partner.map(|partner| fingerprint(&partner.fingerprint)),
        phrase: of.phrase.map(|phrase| phrase.words),
        strict: of.state.strict,
        compared: of.state.compared,
        outgoing: flow(&of.outgoing),
        incoming: flow(&of.incoming),
        partner_seen: partner.and_then(|partner| partner.seen).map(Time::rfc3339),
        partner_running: partner.and_then(|partner| partner.running),
        pairs: of.pairs,
        unapplied: of.unapplied,
        open_faults: of.open_faults,
        partner_faults: of.partner_faults,
        conflicts: of.conflicts,
        held: of.held,
        quarantined: of.quarantined,
        keys: match of.keys {
            KeyState::Valid => admin::KeyState::Valid,
            KeyState::Expiring => admin::KeyState::Expiring,
            KeyState::Expired => admin::KeyState::Expired,
            KeyState::Revoked => admin::KeyState::Revoked,
        },
        warnings: of.warnings,
        initial: of.initial.map(|progress| admin::Progress {
            stage: progress.stage.to_owned(),
            done: progress.done,
            total: progress.total,
        }),
    }
}

fn certificate(of: &Certified) -> admin::Certificate {
    admin::Certificate {
        fingerprint: fingerprint(&of.fingerprint),
        created: of.created.rfc3339(),
        expires: of.expires.rfc3339(),
        replaced: of.replaced,
        revoked: of.revoked,
    }
}

pub(crate) fn keychain(of: Keychain) -> admin::Keychain {
    admin::Keychain {
        ours: certificate(&of.ours),
        partner: of.partner.as_ref().map(certificate),
        progress: match of.turn {
            Turn::None => admin::Replacement::None,
            Turn::Told { .. } => admin::Replacement::Told,
            Turn::Taken { .. } => admin::Replacement::Taken,
        },
        coming: of.coming.as_ref().map(fingerprint),
        warnings: of.warnings,
    }
}

fn agreement(of: &Agreement) -> (admin::Agreement, u32, Option<Time>) {
    let standing = match of.standing {
        config::Standing::None => admin::Agreement::None,
        config::Standing::WaitingForSecondary => admin::Agreement::WaitingForSecondary,
        config::Standing::UpdateRequired => admin::Agreement::UpdateRequired,
        config::Standing::Adopted => admin::Agreement::Adopted,
    };
    (standing, of.version, of.since)
}

fn side(side: Side) -> admin::Side {
    match side {
        Side::Primary => admin::Side::Primary,
        Side::Secondary => admin::Side::Secondary,
    }
}

fn state(status: Status) -> admin::State {
    match status {
        Status::Handshake => admin::State::Handshake,
        Status::Stopped => admin::State::Stopped,
        Status::Running => admin::State::Running,
        Status::Suspended => admin::State::Suspended,
        Status::RestartRequired => admin::State::RestartRequired,
        Status::DeletedByPartner => admin::State::DeletedByPartner,
    }
}

fn connection(connection: Connection) -> admin::Test {
    match connection {
        Connection::Waiting => admin::Test::Waiting,
        Connection::HelloSent => admin::Test::HelloSent,
        Connection::PingSent => admin::Test::PingSent,
        Connection::Passed => admin::Test::Passed,
        Connection::Refused => admin::Test::Refused,
    }
}

fn flow(flow: &Flow) -> admin::Flow {
    admin::Flow {
        queued: flow.queued,
        unacknowledged: flow.unacknowledged,
        oldest: flow.oldest.map(Time::rfc3339),
        last_parcel: flow.last_parcel.map(Time::rfc3339),
        last_number: flow.last_number,
    }
}

pub(crate) fn problems(problems: Vec<config::Problem>) -> Vec<admin::Problem> {
    problems
        .into_iter()
        .map(|problem| admin::Problem {
            line: problem.line,
            column: problem.column,
            severity: match problem.severity {
                config::Severity::Warning => admin::Severity::Warning,
                config::Severity::Error => admin::Severity::Error,
            },
            message: problem.message,
            help: problem.help,
        })
        .collect()
}

pub(crate) fn verdict(verdict: config::Verdict) -> admin::Verdict {
    admin::Verdict { version: verdict.version, problems: problems(verdict.problems) }
}

pub(crate) fn direction(direction: admin::Direction) -> Direction {
    match direction {
        admin::Direction::Incoming => Direction::Incoming,
        admin::Direction::Outgoing => Direction::Outgoing,
    }
}

pub(crate) fn plan(forecast: Forecast) -> admin::Plan {
    admin::Plan { entries: forecast.entries.into_iter().map(planned).collect(), more: forecast.more }
}

fn planned(planned: Planned) -> admin::Planned {
    admin::Planned {
        direction: match planned.direction {
            Direction::Incoming => admin::Direction::Incoming,
            Direction::Outgoing => admin::Direction::Outgoing,
        },
        key: planned.key,
        action: planned.action.to_owned(),
        parts: planned
            .parts
            .into_iter()
            .map(|part| admin::PlannedPart { name: part.name, before: part.before, after: part.after })
            .collect(),
        message: planned.message,
    }
}

pub(crate) fn pair_id(text: Option<&str>) -> Result<Option<PairId>, Fault> {
    text.map(|text| PairId::parse(text).ok_or_else(|| Fault::NotFound(format!("{text} is not a pair's id"))))
        .transpose()
}

pub(crate) fn counterpart(of: Counterpart) -> admin::Counterpart {
    let (partner_key, partner_url) = of.pair.partner.map_or((None, None), |it| (Some(it.key), it.url));
    admin::Counterpart {
        pair: of.id.to_string(),
        key: of.pair.issue.map(|issue| issue.key.0),
        partner_key,
        partner_url,
        origin: side(of.pair.origin),
        version: of.pair.version,
        standing: of.standing.to_owned(),
        faults: of.faults,
    }
}

pub(crate) fn parked((id, row): (String, Parked)) -> admin::Parked {
    let actions = row.actions().into_iter().map(|action| match action {
        Action::Retry => admin::Action::Retry,
        Action::Skip => admin::Action::Skip,
        Action::Recreate => admin::Action::Recreate,
    });
    admin::Parked {
        actions: actions.collect(),
        id,
        kind: row.kind,
        issue: row.issue,
        part: row.part.0,
        reason: row.reason,
        since: row.since.rfc3339(),
        partner: row.partner,
    }
}

pub(crate) fn action(action: admin::Action) -> Action {
    match action {
        admin::Action::Retry => Action::Retry,
        admin::Action::Skip => Action::Skip,
        admin::Action::Recreate => Action::Recreate,
    }
}

pub(crate) fn digests(texts: &[String]) -> Result<Vec<Digest>, Fault> {
    let parse =
        |text: &String| Digest::parse(text).ok_or_else(|| Fault::NotFound(format!("{text} is not a parcel's digest")));
    texts.iter().map(parse).collect()
}

pub(crate) fn quarantined((digest, row): (Digest, Quarantined)) -> admin::Quarantined {
    admin::Quarantined {
        digest: digest.to_string(),
        name: row.name.0,
        reason: row.reason,
        since: row.since.rfc3339(),
        engine: row.engine,
    }
}
