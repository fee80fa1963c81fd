//! How a synchronization stands, for people.

use anstyle::Style;
use ferry::request::{Agreement, Connection, Encryption, Flow, KeyState, MailWay, Overview, Standing, State};
use ferry::settings::Side;

use super::{BAD, Facts, GOOD, Table, WARN, age, count, paint, width};

/// All of them at a glance.
pub fn glance(standings: &[Standing]) -> String {
    let mut table = Table::new(&["name", "side", "state", "since", "pairs", "waiting", "faults", "about it"]);
    for standing in standings {
        let name = standing.name.clone();
        match &standing.overview {
            Some(o) => table.row([
                name,
                side(o.side).to_owned(),
                state(o.state).to_owned(),
                age(&o.since),
                o.pairs.to_string(),
                (o.outgoing.queued + o.outgoing.unacknowledged + o.incoming.queued).to_string(),
                (u64::from(o.open_faults + o.quarantined) + o.held).to_string(),
                about(standing, o),
            ]),
            None => {
                let problem = standing.problem.clone().unwrap_or_default();
                let none = String::new;
                table.row([name, none(), "unknown".to_owned(), none(), none(), none(), none(), problem]);
            }
        }
    }
    table.render(width())
}

/// One of them, whole.
pub fn detail(standing: &Standing) -> String {
    let mut facts = Facts::default();
    let headline = match &standing.overview {
        Some(o) => {
            describe(&mut facts, standing, o);
            let shown = paint(style(o.state), state(o.state));
            let since = age(&o.since);
            return format!(
                "{}\n{}",
                super::paint(super::BOLD, format_args!("{} ({})", standing.name, side(o.side)))
                    + &format!(": {shown} since {since}"),
                facts.render(width())
            );
        }
        None => &standing.name,
    };
    facts.add("problem", standing.problem.as_deref().unwrap_or("its engine could not be asked"));
    facts.add("tracker", format!("{}, project {}, as {}", standing.tracker, standing.project, standing.user));
    facts.under(headline, width())
}

/// The exit code that a standing asks for: 5 where a person is wanted.
pub fn worry(standing: &Standing) -> u8 {
    let Some(o) = &standing.overview else { return 1 };
    let stuck = matches!(o.state, State::Suspended | State::RestartRequired)
        || o.connection == Connection::Refused
        || o.keys == KeyState::Expired;
    if stuck || o.open_faults > 0 || o.quarantined > 0 || o.held > 0 { 5 } else { super::super::DONE }
}

fn describe(facts: &mut Facts, standing: &Standing, o: &Overview) {
    // "Running." says nothing that the headline doesn't.
    if !o.reason.trim_end_matches('.').eq_ignore_ascii_case(state(o.state)) && !o.reason.is_empty() {
        facts.add("why", &o.reason);
    }
    for warning in &o.warnings {
        facts.add("warning", paint(WARN, warning));
    }
    if !o.description.is_empty() {
        facts.add("about", &o.description);
    }
    facts.add("connection", format!("{}, since {}", connection(o.connection), age(&o.connection_since)));
    facts.add("partner", partner(o));
    match &o.phrase {
        Some(phrase) => facts.add("phrase", format!("{phrase} ({})", compared(o))),
        None => facts.add("phrase", "comes with the partner's first word"),
    }
    facts.add("configuration", agreement(o));
    facts.add("pairs", pairs(o));
    if o.held > 0 {
        let issues = count(o.held, "issue", "issues");
        let held = format!("{issues}: unusually many changed within an hour, and what goes beyond waits for your word");
        facts.add("held back", paint(WARN, &held));
    }
    if let Some(initial) = &o.initial {
        let total = initial.total.map(|total| format!(" of {total}")).unwrap_or_default();
        facts.add("first time", format!("{}: {}{total}", initial.stage, initial.done));
    }
    facts.add("outgoing", outgoing(&o.outgoing));
    facts.add("incoming", incoming(&o.incoming));
    facts.add("faults", faults(standing, o));
    if o.quarantined > 0 {
        let parcels = count(u64::from(o.quarantined), "parcel", "parcels");
        facts.add(
            "quarantine",
            paint(WARN, format!("{parcels} could not be opened; what was in them is awaited again")),
        );
    }
    facts.add("tracker", format!("{}, project {}, as {}", standing.tracker, standing.project, standing.user));
    if let Some(exchange) = &standing.exchange {
        facts.add("exchange", exchange);
    }
    if let Some(mail) = &standing.mail {
        mail_way(facts, mail);
    }
    if let Some(peer) = &standing.peer {
        facts.add("peer", peer);
    }
    facts.add("encryption", encryption(o.encryption));
    match (&standing.trouble, standing.daemon) {
        (Some(trouble), _) => facts.add("at work", format!("ferry run meets trouble: {trouble}")),
        (None, true) => facts.add("at work", "yes, ferry run is running"),
        (None, false) => facts.add("at work", "no, ferry run isn't running"),
    }
}

/// The one thing to know beside the numbers.
fn about(standing: &Standing, o: &Overview) -> String {
    if let Some(initial) = &o.initial {
        let total = initial.total.map(|total| format!(" of {total}")).unwrap_or_default();
        return format!("{}: {}{total}", initial.stage, initial.done);
    }
    if let Some(trouble) = &standing.trouble {
        return trouble.clone();
    }
    match (o.state, o.agreement) {
        (State::Handshake, _) => connection(o.connection).to_owned(),
        (State::Running, Agreement::Adopted) if !standing.daemon => "ferry run isn't running".to_owned(),
        (State::Running, Agreement::Adopted) => String::new(),
        (State::Running | State::Stopped, _) => agreement(o),
        _ => o.reason.clone(),
    }
}

fn style(of: State) -> Style {
    match of {
        State::Running => GOOD,
        State::Handshake | State::Stopped => WARN,
        State::Suspended | State::RestartRequired | State::DeletedByPartner => BAD,
    }
}

fn state(of: State) -> &'static str {
    match of {
        State::Handshake => "handshake",
        State::Stopped => "stopped",
        State::Running => "running",
        State::Suspended => "suspended",
        State::RestartRequired => "restart required",
        State::DeletedByPartner => "deleted by the partner",
    }
}

fn side(of: Side) -> &'static str {
    match of {
        Side::Primary => "primary",
        Side::Secondary => "secondary",
    }
}

fn connection(of: Connection) -> &'static str {
    match of {
        Connection::Waiting => "waiting for the partner's first word",
        Connection::HelloSent => "our hello is out",
        Connection::PingSent => "our ping is out",
        Connection::Passed => "tested, it works both ways",
        Connection::Refused => "the partner refused",
    }
}

/// How parcels are sealed, in words.
pub fn encryption(of: Encryption) -> String {
    match of {
        Encryption::Modern => "modern (OpenPGP, RFC 9580)".to_owned(),
        Encryption::PostQuantum => "post-quantum (OpenPGP, RFC 9980)".to_owned(),
        Encryption::Gnupg => "gnupg (OpenPGP as GnuPG 2.2 opens it)".to_owned(),
        Encryption::Off => paint(WARN, "OFF: parcels are signed only; whoever carries them can read them"),
    }
}

fn partner(o: &Overview) -> String {
    let running = match o.partner_running {
        Some(true) => ", running",
        Some(false) => ", stopped",
        None => "",
    };
    match &o.partner_seen {
        Some(seen) => format!("last sign of life {} ago{running}", age(seen)),
        None => "nothing has come from it yet".to_owned(),
    }
}

fn compared(o: &Overview) -> &'static str {
    match (o.compared, o.strict) {
        (true, _) => "compared",
        (false, true) => "not compared: no issue flows until it is",
        (false, false) => "not compared yet",
    }
}

fn agreement(o: &Overview) -> String {
    let since = o.agreement_since.as_deref().map(|since| format!(", since {}", age(since))).unwrap_or_default();
    let version = match o.agreement_version {
        0 => String::new(),
        version => format!("version {version} is in force; "),
    };
    let text = match (o.agreement, o.side) {
        (Agreement::None, Side::Primary) => "none yet".to_owned(),
        (Agreement::None, Side::Secondary) => "the partner hasn't published one yet".to_owned(),
        (Agreement::WaitingForSecondary, _) => format!("{version}waiting for the partner to adopt{since}"),
        (Agreement::UpdateRequired, _) => format!("{version}the partner published one, to be adopted here{since}"),
        (Agreement::Adopted, _) => format!("version {} adopted{since}", o.agreement_version),
    };
    if o.draft { format!("{text}; a draft lies here") } else { text }
}

fn pairs(o: &Overview) -> String {
    match o.unapplied {
        0 => o.pairs.to_string(),
        waiting => format!("{} ({waiting} to be written here)", o.pairs),
    }
}

fn outgoing(flow: &Flow) -> String {
    let mut text = format!("{} to send, {} not acknowledged", flow.queued, flow.unacknowledged);
    tail(&mut text, flow, "left");
    text
}

fn incoming(flow: &Flow) -> String {
    let mut text = format!("{} to apply", flow.queued);
    tail(&mut text, flow, "came");
    text
}

fn tail(text: &mut String, flow: &Flow, verb: &str) {
    if let Some(oldest) = &flow.oldest {
        text.push_str(&format!(", the oldest for {}", age(oldest)));
    }
    match &flow.last_parcel {
        Some(last) => text.push_str(&format!("; the last parcel {verb} {} ago", age(last))),
        None => text.push_str(&format!("; none {verb} yet")),
    }
    if flow.last_number > 0 {
        text.push_str(&format!(" (message {})", flow.last_number));
    }
}

fn faults(standing: &Standing, o: &Overview) -> String {
    if o.open_faults == 0 && o.partner_faults == 0 {
        return "none".to_owned();
    }
    let at = |partner: bool| {
        let kinds = standing.faults.iter().filter(|fault| fault.partner == partner);
        let kinds: Vec<_> = kinds.map(|fault| format!("{} {}", fault.count, fault.kind)).collect();
        if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) }
    };
    let here = format!("{} here{}", o.open_faults, at(false));
    let here = if o.open_faults > 0 { paint(WARN, here) } else { here };
    format!("{here}, {} at the partner{}", o.partner_faults, at(true))
}

/// How mail travels.
pub fn mail_way(facts: &mut Facts, mail: &MailWay) {
    facts.add("address", &mail.address);
    if let Some(partner) = &mail.partner {
        facts.add("partner's", partner);
    }
    facts.add("receive", &mail.receive);
    facts.add("send", &mail.send);
    for (way, trouble) in [("receiving", &mail.receive_trouble), ("sending", &mail.send_trouble)] {
        if let Some(trouble) = trouble {
            facts.add(way, paint(BAD, format!("fails since {}: {}", age(&trouble.since), trouble.reason)));
        }
    }
    if let Some(returned) = &mail.returned {
        facts.add("came back", paint(WARN, format!("a mail to {returned}")));
    }
}
