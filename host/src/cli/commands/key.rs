//! `ferry key`.

mod export;
mod revoke;
mod rotate;
mod show;

use clap::Subcommand;
use ferry::request::{Answer, Certificate, Failure, Keychain, Replacement};

use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Key {
    Show(show::Show),
    Export(export::Export),
    Rotate(rotate::Rotate),
    Revoke(revoke::Revoke),
}

impl Key {
    /// Runs it.
    pub fn run(self, cx: &Context) -> Outcome {
        match self {
            Self::Show(command) => command.run(cx),
            Self::Export(command) => command.run(cx),
            Self::Rotate(command) => command.run(cx),
            Self::Revoke(command) => command.run(cx),
        }
    }
}

fn keychain(answer: Answer) -> Result<Keychain, Failure> {
    match answer {
        Answer::Keys(keys) => Ok(keys),
        other => Err(unexpected(other)),
    }
}

/// Shows the keys of both sides below a headline.
fn shown(cx: &Context, headline: &str, keys: &Keychain) -> Outcome {
    if cx.json {
        output::json(keys);
        return Ok(DONE);
    }
    let mut facts = output::Facts::default();
    side(&mut facts, "ours", &keys.ours);
    match (&keys.coming, keys.progress) {
        (Some(coming), _) => facts.add("our next", format!("{coming}: in use once the partner has answered")),
        (None, Replacement::Taken) => facts.add("before", "our former keys serve what is on its way, then they go"),
        (None, _) => {}
    }
    match &keys.partner {
        Some(partner) => side(&mut facts, "partner's", partner),
        None => facts.add("partner's", "comes with the partner's first word"),
    }
    for warning in &keys.warnings {
        facts.add("warning", output::paint(output::WARN, cx.advice(warning)));
    }
    output::line(facts.under(headline, output::width()));
    Ok(DONE)
}

fn side(facts: &mut output::Facts, whose: &str, certificate: &Certificate) {
    facts.add(whose, &certificate.fingerprint);
    let (made, until) = (output::day(&certificate.created), output::day(&certificate.expires));
    let validity = format!("made {made}, valid until {until}");
    match certificate.revoked {
        true => facts.add("", output::paint(output::BAD, format!("{validity}: REVOKED"))),
        false => facts.add("", validity),
    }
    if certificate.replaced > 0 {
        let times = output::count(u64::from(certificate.replaced), "time", "times");
        facts.add("", format!("its side replaced its keys {times}"));
    }
}
