//! `ferry:control`.

use crate::control;
use crate::request::{
    Action, Agreement, Certificate, Connection, Direction, Encryption, Fault, Flow, Handshake, Initial, KeyState,
    Keychain, Overview, Pair, Parcel, Plan, Planned, PlannedPart, Problem, Replacement, Severity, State, Verdict,
};
use crate::settings::{Channel, Side};

/// Enums whose cases have the same names on both sides.
macro_rules! same {
    ($from:ty => $to:ty { $($case:ident),+ }) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                match value {
                    $(<$from>::$case => Self::$case,)+
                }
            }
        }
    };
}

same!(control::Side => Side { Primary, Secondary });
same!(control::Channel => Channel { Mail, Folder });
same!(Channel => control::Channel { Mail, Folder });
same!(control::Encryption => Encryption { Off, Gnupg, Modern, PostQuantum });
same!(Encryption => control::Encryption { Off, Gnupg, Modern, PostQuantum });
same!(control::State => State { Handshake, Stopped, Running, Suspended, RestartRequired, DeletedByPartner });
same!(control::Test => Connection { Waiting, HelloSent, PingSent, Passed, Refused });
same!(control::KeyState => KeyState { Valid, Expiring, Expired, Revoked });
same!(control::Replacement => Replacement { None, Told, Taken });
same!(control::Agreement => Agreement { None, WaitingForSecondary, UpdateRequired, Adopted });
same!(control::Severity => Severity { Warning, Error });
same!(control::Action => Action { Retry, Skip, Recreate });
same!(Action => control::Action { Retry, Skip, Recreate });
same!(control::Direction => Direction { Incoming, Outgoing });
same!(Direction => control::Direction { Incoming, Outgoing });

impl From<control::Flow> for Flow {
    fn from(flow: control::Flow) -> Self {
        let control::Flow { queued, unacknowledged, oldest, last_parcel, last_number } = flow;
        Self { queued, unacknowledged, oldest, last_parcel, last_number }
    }
}

impl From<control::Overview> for Overview {
    fn from(o: control::Overview) -> Self {
        Self {
            id: o.id,
            title: o.name,
            description: o.description,
            side: o.side.into(),
            channel: o.channel.into(),
            encryption: o.encryption.into(),
            state: o.state.into(),
            reason: o.reason,
            since: o.since,
            connection: o.connection.into(),
            connection_since: o.connection_since,
            agreement: o.agreement.into(),
            agreement_version: o.agreement_version,
            agreement_since: o.agreement_since,
            draft: o.draft,
            fingerprint: o.fingerprint,
            partner_fingerprint: o.partner_fingerprint,
            phrase: o.phrase,
            strict: o.strict,
            compared: o.compared,
            outgoing: o.outgoing.into(),
            incoming: o.incoming.into(),
            partner_seen: o.partner_seen,
            partner_running: o.partner_running,
            pairs: o.pairs,
            unapplied: o.unapplied,
            open_faults: o.open_faults,
            partner_faults: o.partner_faults,
            conflicts: o.conflicts,
            held: o.held,
            quarantined: o.quarantined,
            keys: o.keys.into(),
            warnings: o.warnings,
            initial: o.initial.map(|p| Initial { stage: p.stage, done: p.done, total: p.total }),
        }
    }
}

impl From<control::Certificate> for Certificate {
    fn from(c: control::Certificate) -> Self {
        let control::Certificate { fingerprint, created, expires, replaced, revoked } = c;
        Self { fingerprint, created, expires, replaced, revoked }
    }
}

impl From<control::Keychain> for Keychain {
    fn from(k: control::Keychain) -> Self {
        Self {
            ours: k.ours.into(),
            partner: k.partner.map(Into::into),
            progress: k.progress.into(),
            coming: k.coming,
            warnings: k.warnings,
        }
    }
}

impl From<control::Summary> for Handshake {
    fn from(s: control::Summary) -> Self {
        Self {
            id: s.id,
            name: s.name,
            description: s.description,
            channel: s.channel.into(),
            channel_hint: s.channel_hint,
            encryption: s.encryption.into(),
            strict: s.strict,
            fingerprint: s.fingerprint,
            created: s.created,
            expires: s.expires,
            expired: s.expired,
            again: s.again,
            protocol: s.protocol,
            refused: None,
        }
    }
}

impl From<control::Problem> for Problem {
    fn from(p: control::Problem) -> Self {
        Self { line: p.line, column: p.column, severity: p.severity.into(), message: p.message, help: p.help }
    }
}

impl From<control::Verdict> for Verdict {
    fn from(verdict: control::Verdict) -> Self {
        Self { version: verdict.version, problems: verdict.problems.into_iter().map(Into::into).collect() }
    }
}

impl From<control::Parked> for Fault {
    fn from(p: control::Parked) -> Self {
        Self {
            id: p.id,
            kind: p.kind,
            issue: p.issue,
            part: p.part,
            reason: p.reason,
            since: p.since,
            partner: p.partner,
            actions: p.actions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<control::Counterpart> for Pair {
    fn from(c: control::Counterpart) -> Self {
        Self {
            pair: c.pair,
            key: c.key,
            partner_key: c.partner_key,
            partner_url: c.partner_url,
            origin: c.origin.into(),
            version: c.version,
            standing: c.standing,
            faults: c.faults,
        }
    }
}

impl From<control::Planned> for Planned {
    fn from(p: control::Planned) -> Self {
        let part = |p: control::PlannedPart| PlannedPart { name: p.name, before: p.before, after: p.after };
        Self {
            direction: p.direction.into(),
            key: p.key,
            action: p.action,
            parts: p.parts.into_iter().map(part).collect(),
            message: p.message,
        }
    }
}

impl From<control::Plan> for Plan {
    fn from(plan: control::Plan) -> Self {
        Self { entries: plan.entries.into_iter().map(Into::into).collect(), more: plan.more }
    }
}

impl From<control::Quarantined> for Parcel {
    fn from(q: control::Quarantined) -> Self {
        Self { digest: q.digest, name: q.name, reason: q.reason, since: q.since, engine: q.engine }
    }
}
