//! What the demo does, told while it is done.

use std::path::Path;

use ferry::request::{
    Answer, ChannelOptions, Encryption, Ends, Failure, FolderOptions, HandshakeFile, NewSynchronization, NewTracker,
    Request,
};
use ferry::settings::Channel;

use super::office::{Office, in_turns};
use crate::cli::context::unexpected;
use crate::cli::{Context, DONE, Outcome, output};

/// Words of the issue that both sides work on.
const RED: &str = "The build is red on Mondays";

/// What Acme's people have written already.
const ISSUES: [(&str, &str); 3] = [
    (
        "red-build.md",
        "+++\ntype = \"Bug\"\nlabels = [\"build\"]\n+++\n# The build is red on Mondays\n\n\
         It was green on Friday, and nobody has touched it since.\n",
    ),
    ("export.md", "# Export orders as CSV\n\nAsked for by **three** customers:\n\n- with a heading\n- in UTF-8\n"),
    ("login.md", "# The login page takes ten seconds\n"),
];

/// The two organisations.
fn offices(dir: &Path) -> Result<(Office, Office), Failure> {
    Ok((Office::open(dir, "acme", "globex", "ACME")?, Office::open(dir, "globex", "acme", "GLX")?))
}

/// Whether an earlier demo was cut off before both were set up: it begins anew.
pub fn cut_off(dir: &Path) -> Result<bool, Failure> {
    if !dir.join("home-acme").exists() {
        return Ok(false);
    }
    let (acme, globex) = offices(dir)?;
    Ok(!(acme.is_set_up()? && globex.is_set_up()?))
}

/// Tells and does it.
pub fn tell(cx: &Context, shown: &Path, dir: &Path) -> Outcome {
    let (acme, globex) = offices(dir)?;
    let mut teller = Teller { cx, step: 0, shown: shown.display().to_string() };
    if acme.is_set_up()? && globex.is_set_up()? {
        teller.line("The demo of before is still here; it goes on.");
        for office in [&acme, &globex] {
            office.ask(&Request::SyncStart(office.sync.clone()))?;
        }
        in_turns(&acme, &globex)?;
    } else {
        begin(&mut teller, &acme, &globex)?;
        agree(&mut teller, &acme, &globex)?;
        start(&mut teller, &acme, &globex)?;
    }
    change(&mut teller, &acme, &globex)?;
    end(&teller, &acme, &globex)
}

/// Says what is done. With `--json` only the end speaks.
struct Teller<'a> {
    cx: &'a Context,
    step: u32,
    shown: String,
}

impl Teller<'_> {
    fn step(&mut self, headline: &str) {
        self.step += 1;
        self.line(&format!("\n{}", output::paint(output::BOLD, format!("{}. {headline}", self.step))));
    }

    fn line(&self, text: &str) {
        if !self.cx.json {
            output::line(output::wrap(text, 0));
        }
    }

    /// What a person would type.
    fn typed(&self, office: &str, words: &str) {
        if !self.cx.json {
            let home = format!("--home {}/home-{office}", self.shown);
            output::line(output::paint(output::FAINT, format!("   $ ferry {home} {words}")));
        }
    }
}

fn begin(teller: &mut Teller<'_>, acme: &Office, globex: &Office) -> Result<(), Failure> {
    teller.step("Two organisations that can't reach each other");
    teller.line(&format!(
        "Acme keeps its issues in {0}/acme, Globex in {0}/globex: one Markdown file for each issue. Each has a Ferry \
         of its own. Between them there is nothing but two folders that parcels are carried through.",
        teller.shown
    ));
    for (name, text) in ISSUES {
        acme.save(name, text)?;
    }
    for (office, called) in [(acme, "acme"), (globex, "globex")] {
        office.ask(&Request::TrackerAdd(NewTracker {
            name: "ours".parse()?,
            adapter: "local".to_owned(),
            folder: Some(office.issues.clone()),
            origins: Default::default(),
            agreed: false,
            ca: None,
            secrets: Default::default(),
            settings: Default::default(),
        }))?;
        teller.typed(called, &format!("tracker add ours --adapter local --folder {}/{called}", teller.shown));
    }

    teller.step("Acme invites Globex");
    let text = match acme.ask(&Request::SyncCreate(Box::new(creation(acme, globex)?)))? {
        Answer::Created(created) => created.handshake,
        other => return Err(unexpected(other)),
    };
    teller.typed(
        "acme",
        "sync create globex --tracker ours --project ACME --user ferry --channel folder … \
         --handshake FILE",
    );
    teller.line("Acme is the primary now. The handshake file goes to Globex by a way that both trust.");
    let file = HandshakeFile { text: text.ok_or_else(|| unexpected(Answer::Done))?, passphrase: None };
    globex.ask(&Request::SyncJoin(Box::new(ends(globex, acme)?), file))?;
    teller.typed("globex", "sync join acme FILE --tracker ours --project GLX --user ferry …");

    teller.step("They get to know each other, through the folders");
    let parcels = in_turns(acme, globex)?;
    teller.typed("acme", "run --once     # and Globex the same, in turns; `ferry run` does it all the time");
    let (ours, theirs) = (acme.standing()?, globex.standing()?);
    let phrases = [ours.overview.and_then(|o| o.phrase), theirs.overview.and_then(|o| o.phrase)];
    match phrases {
        [Some(ours), Some(theirs)] if ours == theirs => {
            teller.line(&format!(
                "{} later both show the same phrase, so nobody sits in between:\n   {}",
                output::count(parcels, "parcel", "parcels"),
                output::paint(output::GOOD, ours)
            ));
            Ok(())
        }
        _ => Err(Failure::failed("the connection test didn't come to its end; this is a mistake in Ferry")),
    }
}

fn agree(teller: &mut Teller<'_>, acme: &Office, globex: &Office) -> Result<(), Failure> {
    teller.step("They agree on what is shared");
    publish(acme)?;
    teller.typed("acme", "config example globex > acme.toml; ferry … config publish globex acme.toml");
    in_turns(acme, globex)?;
    adopt(globex)?;
    teller.typed("globex", "config example acme > globex.toml; ferry … config adopt acme globex.toml");
    in_turns(acme, globex)?;
    teller.line(
        "Acme publishes types, fields and statuses by names of its choice; Globex says what they are in its own \
         tracker. Each file is made from the real tracker, with comments, and is good as it is.",
    );
    Ok(())
}

fn publish(office: &Office) -> Result<(), Failure> {
    let text = example(office)?;
    taken(office.ask(&Request::ConfigPublish(office.sync.clone(), Some(text)))?)
}

fn adopt(office: &Office) -> Result<(), Failure> {
    let text = example(office)?;
    taken(office.ask(&Request::ConfigAdopt(office.sync.clone(), Some(text)))?)
}

fn example(office: &Office) -> Result<String, Failure> {
    match office.ask(&Request::ConfigExample(office.sync.clone()))? {
        Answer::Text(text) => Ok(text),
        other => Err(unexpected(other)),
    }
}

fn taken(answer: Answer) -> Result<(), Failure> {
    match answer {
        Answer::Verdict(verdict) if verdict.version.is_some() => Ok(()),
        Answer::Verdict(verdict) => {
            let problems: Vec<_> = verdict.problems.into_iter().map(|problem| problem.message).collect();
            Err(Failure::failed(format!("the example is refused: {}; this is a mistake in Ferry", problems.join("; "))))
        }
        other => Err(unexpected(other)),
    }
}

fn start(teller: &mut Teller<'_>, acme: &Office, globex: &Office) -> Result<(), Failure> {
    teller.step("They start");
    for (office, called) in [(globex, "globex"), (acme, "acme")] {
        office.ask(&Request::SyncStart(office.sync.clone()))?;
        teller.typed(called, &format!("sync start {}", office.sync));
    }
    in_turns(acme, globex)?;
    let files: Vec<String> = globex.files();
    teller.line(&format!(
        "{} of Acme's arrived at Globex: {}",
        output::count(files.len() as u64, "issue", "issues"),
        files.join(", ")
    ));
    Ok(())
}

fn change(teller: &mut Teller<'_>, acme: &Office, globex: &Office) -> Result<(), Failure> {
    teller.step("People work on both sides");
    let gone = || Failure::failed(format!("the issue \"{RED}\" is gone")).with_help("`ferry demo --clean` begins anew");
    let theirs = globex.find(RED).ok_or_else(gone)?;
    let ours = acme.find(RED).ok_or_else(gone)?;
    let visit = std::fs::read_to_string(&theirs).unwrap_or_default().matches("Gustav").count();
    globex.edit(&theirs, |text| {
        let text = text.replace("status = \"open\"", "status = \"in progress\"");
        format!(
            "{}\n\n<!-- ferry comment by=\"Gustav\" -->\nWe see it, too. Look no. {}.\n",
            text.trim_end(),
            visit + 1
        )
    })?;
    acme.edit(&ours, |text| match text.contains("\"urgent\"") {
        true => format!("{}\n\n<!-- ferry comment by=\"Anna\" -->\nStill red.\n", text.trim_end()),
        false => text.replace("labels = [\"build\"]", "labels = [\"build\", \"urgent\"]"),
    })?;
    let name = match visit {
        0 => "invoice.md".to_owned(),
        visit => format!("invoice-{}.md", visit + 1),
    };
    globex.save(&name, "# The invoice shows the wrong year\n\nOnly for orders from New Year's Eve.\n")?;
    let parcels = in_turns(acme, globex)?;
    let file = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    teller.line(&format!(
        "Gustav at Globex takes up \"{RED}\" in {}, comments on it, and writes {name}. At the same time \
         Anna at Acme changes the same issue in {}. {} later both trackers show all of it.",
        file(&theirs),
        file(&ours),
        output::count(parcels, "parcel", "parcels")
    ));
    Ok(())
}

fn end(teller: &Teller<'_>, acme: &Office, globex: &Office) -> Outcome {
    let (ours, theirs) = (acme.standing()?, globex.standing()?);
    let pairs = |standing: &ferry::request::Standing| {
        standing.overview.as_ref().map_or((0, 0), |o| (o.pairs, o.open_faults + o.quarantined))
    };
    let ((count, faults), (other_count, other_faults)) = (pairs(&ours), pairs(&theirs));
    if count != other_count || faults + other_faults > 0 {
        return Err(Failure::failed(format!(
            "the two sides are not in step: {count} and {other_count} pairs, {} faults; this is a mistake in Ferry",
            faults + other_faults
        )));
    }
    if teller.cx.json {
        output::json(&serde_json::json!({
            "dir": teller.shown,
            "pairs": count,
            "acme": { "issues": acme.issues, "home": acme.home, "standing": ours },
            "globex": { "issues": globex.issues, "home": globex.home, "standing": theirs },
        }));
        return Ok(DONE);
    }
    let (shown, ferry) = (&teller.shown, teller.cx.program());
    output::line(output::paint(output::GOOD, format!("\nThe two trackers are in step: {count} pairs, no faults.")));
    output::line(format!("\n{}", output::paint(output::BOLD, "Where to look")));
    let mut facts = output::Facts::default();
    let red = globex.find(RED).and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    facts.add(&format!("{shown}/acme"), "Acme's issues");
    facts.add(&format!("{shown}/globex"), format!("Globex's; {} has words of both sides", red.unwrap_or_default()));
    facts.add(&format!("{shown}/box-acme"), "what travels: sealed, nobody on the way can read it");
    facts.add(&format!("{shown}/home-acme"), "Acme's Ferry: keys, state, settings (ferry.toml)");
    output::line(facts.render(output::width()));
    output::line(format!("\n{}", output::paint(output::BOLD, "What to try next")));
    output::line(format!(
        "  {ferry} --home {shown}/home-acme run &\n  {ferry} --home {shown}/home-globex run &\n\
         then edit a file in {shown}/acme with any editor, save, and look into {shown}/globex.\n\
         \n  {ferry} --home {shown}/home-acme sync status\n  {ferry} --home {shown}/home-globex sync pairs acme\n\
         \n  {ferry} demo --clean"
    ));
    Ok(DONE)
}

fn creation(office: &Office, partner: &Office) -> Result<NewSynchronization, Failure> {
    Ok(NewSynchronization {
        channel: Channel::Folder,
        ends: ends(office, partner)?,
        encryption: Encryption::Modern,
        description: "The demo".to_owned(),
        strict: false,
        passphrase: None,
        valid_hours: 168,
    })
}

fn ends(office: &Office, partner: &Office) -> Result<Ends, Failure> {
    Ok(Ends {
        name: office.sync.clone(),
        tracker: "ours".parse()?,
        project: office.project.to_owned(),
        user: "ferry".to_owned(),
        channel: ChannelOptions {
            folder: FolderOptions {
                exchange: Some(office.exchange.clone()),
                peer: Some(partner.exchange.clone()),
                ..FolderOptions::default()
            },
            ..ChannelOptions::default()
        },
    })
}
