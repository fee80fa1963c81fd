//! What to do next: a newcomer must never wonder. Commands stand in
//! backquotes.

use crate::request::{Agreement, Connection, KeyState, Overview, Standing, State};
use crate::settings::Side;

/// What to do next about a synchronization; nothing where it simply runs.
pub(super) fn step(standing: &Standing) -> Option<String> {
    let name = &standing.name;
    let Some(o) = &standing.overview else { return Some("`ferry doctor` says what is wrong".to_owned()) };
    if let Some(step) = stuck(name, o) {
        return Some(step);
    }
    if standing.trouble.is_some() {
        return Some(format!("`ferry sync test {name}` tries channel and tracker"));
    }
    if o.quarantined > 0 {
        return Some(format!("`ferry parcel list {name}` shows what could not be opened"));
    }
    if o.held > 0 {
        return Some(format!(
            "`ferry sync pairs {name}` shows the issues that are held back; if their changes are meant, \
             `ferry sync release {name}`"
        ));
    }
    if o.open_faults > 0 {
        return Some(format!("`ferry fault list {name}` shows what could not be applied, and why"));
    }
    let step = match (o.state, o.agreement) {
        (State::Handshake, _) => Some(handshake(standing, o)),
        (_, Agreement::UpdateRequired) => Some(format!(
            "`ferry config example {name} > {name}.toml`, edit it if you like, then \
             `ferry config adopt {name} {name}.toml`"
        )),
        (State::Stopped, Agreement::None) if o.side == Side::Primary => Some(format!(
            "`ferry config example {name} > {name}.toml`, edit it if you like, then \
             `ferry config publish {name} {name}.toml`"
        )),
        (State::Stopped, Agreement::None) => Some("wait until your partner has published what is shared".to_owned()),
        (State::Stopped, Agreement::WaitingForSecondary) if o.agreement_version == 0 => {
            Some("wait until your partner has adopted what you published".to_owned())
        }
        (State::Stopped, _) if o.strict && !o.compared => Some(compare(name)),
        (State::Stopped, _) => {
            Some(format!("`ferry sync preview {name}` shows what would happen; `ferry sync start {name}` begins"))
        }
        (State::Running, _) if o.strict && !o.compared => Some(compare(name)),
        _ => None,
    };
    match (step, standing.daemon) {
        (Some(step), true) => Some(step),
        (Some(step), false) if waiting(&step) => Some(format!("keep `ferry run` running, and {step}")),
        (Some(step), false) => Some(step),
        (None, false) if o.state == State::Running => {
            Some("`ferry run` keeps it in step; `ferry run --once` does what there is to do now".to_owned())
        }
        (None, _) if !o.compared => Some(compare(name)),
        (None, _) => None,
    }
}

/// Where nothing goes on by itself. Deleting loses all pairs: it is advised
/// where nothing else leads on.
fn stuck(name: &str, o: &Overview) -> Option<String> {
    match o.state {
        State::DeletedByPartner => Some(match o.side {
            Side::Primary => format!(
                "`ferry sync delete {name}` forgets it here, too; if both of you want to go on after all, {}",
                invite(name)
            ),
            Side::Secondary => format!("`ferry sync delete {name}` forgets it here, too"),
        }),
        State::Suspended if o.keys == KeyState::Revoked => Some(format!("talk to your partner; {}", anew(name, o))),
        // A second one came with the handshake file. Which of the two was taken?
        State::Suspended => Some(format!(
            "compare the phrase with your partner by telephone: where it is the same, `ferry sync compared {name}`, \
             and go on; where it isn't, {}",
            anew(name, o)
        )),
        State::RestartRequired => Some(format!(
            "talk to your partner about what was restored; once both agree to go on, `ferry sync reconcile {name}` on \
             both sides; or, where it is from before keys were replaced, {}",
            anew(name, o)
        )),
        State::Stopped | State::Running if o.keys == KeyState::Expired => o.warnings.first().cloned(),
        _ if o.connection == Connection::Refused => Some(anew(name, o)),
        _ => None,
    }
}

/// Both sides get to know each other anew, and keep their pairs.
fn anew(name: &str, o: &Overview) -> String {
    match o.side {
        Side::Primary => invite(name),
        Side::Secondary => format!(
            "ask your partner for a new handshake file, which `ferry sync invite` makes there; then `ferry sync join \
             {name} FILE` joins with it onto what is here"
        ),
    }
}

fn invite(name: &str) -> String {
    format!(
        "`ferry sync invite {name} --handshake FILE` makes a new handshake file; your partner joins with it, and pairs \
         stay"
    )
}

fn handshake(standing: &Standing, o: &Overview) -> String {
    let name = &standing.name;
    let answer = match standing.daemon {
        true => format!("wait for the partner's answer; `ferry sync test {name}` tries the channel"),
        false => "wait for the partner's answer".to_owned(),
    };
    let expires = |step: &str| format!("{step}; once the handshake file has expired, {}", anew(name, o));
    match (o.side, o.connection) {
        (Side::Primary, Connection::Waiting) => {
            expires("give the handshake file to your partner, and wait until they have joined")
        }
        (Side::Secondary, Connection::Waiting | Connection::HelloSent) => expires(&answer),
        _ => answer,
    }
}

fn compare(name: &str) -> String {
    format!("compare the phrase with your partner by telephone, then `ferry sync compared {name}`")
}

/// Whether a step only asks for patience.
fn waiting(step: &str) -> bool {
    step.contains("wait ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::request::{Encryption, Flow};
    use crate::settings::Channel;

    fn flow() -> Flow {
        Flow { queued: 0, unacknowledged: 0, oldest: None, last_parcel: None, last_number: 0 }
    }

    fn standing(side: Side, state: State, agreement: Agreement) -> Standing {
        let time = "2026-11-23T12:00:00Z".to_owned();
        let overview = Overview {
            id: "0".repeat(32),
            title: "globex".into(),
            description: String::new(),
            side,
            channel: Channel::Folder,
            encryption: Encryption::Modern,
            state,
            reason: String::new(),
            since: time.clone(),
            connection: if state == State::Handshake { Connection::Waiting } else { Connection::Passed },
            connection_since: time,
            agreement,
            agreement_version: u32::from(agreement == Agreement::Adopted),
            agreement_since: None,
            draft: false,
            fingerprint: String::new(),
            partner_fingerprint: None,
            phrase: Some("phrase".into()),
            strict: false,
            compared: false,
            outgoing: flow(),
            incoming: flow(),
            partner_seen: None,
            partner_running: None,
            pairs: 0,
            unapplied: 0,
            open_faults: 0,
            partner_faults: 0,
            conflicts: 0,
            held: 0,
            quarantined: 0,
            keys: KeyState::Valid,
            warnings: Vec::new(),
            initial: None,
        };
        Standing {
            name: "globex".into(),
            tracker: "ours".into(),
            project: "ACME".into(),
            user: "ferry".into(),
            exchange: Some("/box".into()),
            mail: None,
            peer: None,
            daemon: true,
            overview: Some(overview),
            problem: None,
            faults: Vec::new(),
            trouble: None,
            next: None,
        }
    }

    #[test]
    fn every_status_on_the_way_names_the_next_command() {
        use Agreement as A;
        use Side::{Primary, Secondary};
        for (side, state, agreement, word) in [
            (Primary, State::Handshake, A::None, "give the handshake file"),
            (Secondary, State::Handshake, A::None, "partner's answer"),
            (Primary, State::Stopped, A::None, "`ferry config publish globex globex.toml`"),
            (Secondary, State::Stopped, A::None, "published"),
            (Primary, State::Stopped, A::WaitingForSecondary, "adopted"),
            (Secondary, State::Stopped, A::UpdateRequired, "`ferry config adopt globex globex.toml`"),
            (Primary, State::Stopped, A::Adopted, "`ferry sync start globex`"),
            (Secondary, State::Running, A::UpdateRequired, "`ferry config adopt globex globex.toml`"),
            (Secondary, State::DeletedByPartner, A::Adopted, "`ferry sync delete globex`"),
        ] {
            let step = step(&standing(side, state, agreement)).unwrap();
            assert!(step.contains(word), "{side:?} {state:?} {agreement:?}: {step}");
        }
    }

    #[test]
    fn deleting_is_advised_only_where_nothing_else_leads_on() {
        let stuck = |side, state, change: fn(&mut Overview)| {
            let mut standing = standing(side, state, Agreement::Adopted);
            change(standing.overview.as_mut().unwrap());
            step(&standing).unwrap()
        };
        let nothing: fn(&mut Overview) = |_| ();
        let revoked: fn(&mut Overview) = |o| o.keys = KeyState::Revoked;
        let refused: fn(&mut Overview) = |o| o.connection = Connection::Refused;
        for (state, change) in [
            (State::Suspended, nothing),
            (State::Suspended, revoked),
            (State::RestartRequired, nothing),
            (State::Handshake, nothing),
            (State::Handshake, refused),
        ] {
            for (side, way) in [
                (Side::Primary, "`ferry sync invite globex --handshake FILE`"),
                (Side::Secondary, "`ferry sync join globex FILE`"),
            ] {
                let step = stuck(side, state, change);
                assert!(step.contains(way) && !step.contains("delete"), "{side:?} {state:?}: {step}");
            }
        }
        assert!(stuck(Side::Primary, State::DeletedByPartner, nothing).contains("`ferry sync invite globex"));
        assert!(!stuck(Side::Secondary, State::DeletedByPartner, nothing).contains("invite"));
    }

    #[test]
    fn keys_that_expired_before_the_two_were_connected_are_not_to_be_replaced() {
        let mut waiting = standing(Side::Primary, State::Handshake, Agreement::None);
        let overview = waiting.overview.as_mut().unwrap();
        (overview.keys, overview.warnings) = (KeyState::Expired, vec!["`ferry key rotate`".to_owned()]);
        assert!(step(&waiting).unwrap().contains("`ferry sync invite globex"));
    }

    #[test]
    fn what_runs_and_was_compared_needs_nothing_but_ferry_run() {
        let mut running = standing(Side::Primary, State::Running, Agreement::Adopted);
        assert!(step(&running).unwrap().contains("`ferry sync compared globex`"));
        running.overview.as_mut().unwrap().compared = true;
        assert_eq!(step(&running), None);
        running.daemon = false;
        assert!(step(&running).unwrap().contains("`ferry run`"));
    }

    #[test]
    fn trouble_and_faults_come_first() {
        let mut running = standing(Side::Primary, State::Running, Agreement::Adopted);
        running.overview.as_mut().unwrap().open_faults = 2;
        assert!(step(&running).unwrap().contains("`ferry fault list globex`"));
        running.overview.as_mut().unwrap().held = 3;
        assert!(step(&running).unwrap().contains("`ferry sync release globex`"));
        running.trouble = Some("the share isn't mounted".into());
        assert!(step(&running).unwrap().contains("`ferry sync test globex`"));
    }

    #[test]
    fn nobody_waits_for_a_ferry_that_does_not_run() {
        let mut waiting = standing(Side::Secondary, State::Handshake, Agreement::None);
        waiting.daemon = false;
        assert!(step(&waiting).unwrap().contains("`ferry run`"));
    }
}
