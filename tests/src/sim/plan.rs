//! What happens in a world, drawn from its seed before it begins.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::dice::Dice;
use super::options::{Knob, Options};
use super::step::{Carry, Command, Deed, End, Mishap, Part, Pick, Quirk, Step};
use crate::tree;

/// All that happens in a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it was drawn from, and what keys and ids come from.
    pub seed: u64,
    /// Which faults it has.
    pub options: Options,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Plan {
    /// The plan of a seed.
    pub fn draw(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut options = Options::draw(&mut dice);
        let count = 10 + dice.below(50);
        let mut steps: Vec<Vec<Step>> = (0..count).map(|_| some(&mut dice, &options)).collect();
        if options.has(Knob::Restores) {
            // Old enough that much has happened when it is put back.
            let early = End::BOTH.map(|end| Step::Admin(end, Command::Backup));
            steps.iter_mut().zip(early).for_each(|(steps, copy)| steps.push(copy));
        }
        let mut post = Dice::new(!seed);
        if post.chance(BY_MAIL) {
            options = options.by_mail();
            steps.iter_mut().for_each(|steps| steps.extend(mail(&mut post)));
        }
        Self { seed, options, steps: steps.concat() }
    }
}

/// Plans that once showed a bug, with their files' names.
pub fn committed() -> Vec<(String, Plan)> {
    let folder = tree::root().join("tests/seeds");
    let plan = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let plan = serde_json::from_slice(&std::fs::read(&file).unwrap());
        (name, plan.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.into_iter().map(plan).collect()
}

/// So many worlds of a hundred have a mailbox in place of a folder.
const BY_MAIL: u32 = 25;

/// What happens to mails alone.
fn mail(dice: &mut Dice) -> Option<Step> {
    let carry = match dice.below(100) {
        0..15 => Carry::Gateway(dice.pick(), dice.pick() as u8),
        15..18 => Carry::Renumber,
        18..22 => Carry::Litter(dice.pick() as u8),
        _ => return None,
    };
    Some(Step::Courier(end(dice), carry))
}

/// Something of people, something of the machines, something of the world.
fn some(dice: &mut Dice, options: &Options) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..dice.below(3) {
        steps.push(Step::Person(end(dice), deed(dice, options)));
    }
    let trouble: Vec<Step> = [carry(dice, options), quirk(dice, options), command(dice, options), clock(dice, options)]
        .into_iter()
        .flatten()
        .collect();
    steps.extend(trouble);
    if dice.chance(70) {
        let (end, mishap) = (end(dice), mishap(dice, options));
        let whole = mishap == Mishap::None && dice.chance(50);
        steps.push(if whole { Step::RunOnce(end) } else { Step::Run(end, mishap) });
    }
    steps
}

fn end(dice: &mut Dice) -> End {
    dice.one(&End::BOTH)
}

fn deed(dice: &mut Dice, options: &Options) -> Deed {
    let issue = dice.pick();
    match dice.below(100) {
        _ if dice.chance(4) => odd(dice, options, issue).unwrap_or_else(|| Deed::Edit(issue, dice.one(&Part::ALL))),
        0..15 => Deed::Create { task: dice.chance(30) },
        15..50 => Deed::Edit(issue, dice.one(&Part::ALL)),
        50..58 => Deed::Label(issue, dice.pick() as u8),
        58..63 => Deed::Choose(issue, dice.pick() as u8),
        63..69 => Deed::Move(issue, dice.pick() as u8),
        69..71 if options.has(Knob::Retypes) => Deed::Retype(issue),
        71..79 => Deed::Comment(issue),
        79..81 => Deed::CommentInternally(issue),
        81..85 => Deed::EditComment(issue, dice.pick()),
        85..87 => Deed::TurnComment(issue, dice.pick()),
        87..90 => Deed::DeleteComment(issue, dice.pick()),
        90..95 => Deed::Attach(issue, dice.pick()),
        95..97 => Deed::Detach(issue, dice.pick()),
        97..100 if options.has(Knob::Deletions) => Deed::Delete(issue),
        _ => odd(dice, options, issue).unwrap_or_else(|| Deed::Edit(issue, dice.one(&Part::ALL))),
    }
}

/// What trackers rarely do.
fn odd(dice: &mut Dice, options: &Options, issue: Pick) -> Option<Deed> {
    let knob = dice.one(&[Knob::QuietEdits, Knob::SilentDeletions, Knob::Departures]);
    options.has(knob).then(|| match knob {
        Knob::QuietEdits => Deed::EditQuietly(issue, dice.one(&Part::ALL)),
        Knob::SilentDeletions => Deed::Vanish(issue),
        _ if dice.chance(40) => Deed::TakeAway(issue),
        _ if dice.chance(60) => Deed::BringBack(issue),
        _ => Deed::Merge(issue, dice.pick()),
    })
}

fn mishap(dice: &mut Dice, options: &Options) -> Mishap {
    let knob = dice.one(&[
        Knob::Crashes,
        Knob::Crashes,
        Knob::PowerLoss,
        Knob::StoreFails,
        Knob::TrackerDown,
        Knob::AnswersLost,
        Knob::Meanwhile,
        Knob::ChannelDown,
        Knob::SmallSteps,
        Knob::Throttles,
    ]);
    if !options.has(knob) || dice.chance(30) {
        return Mishap::None;
    }
    match knob {
        Knob::Crashes => Mishap::Crash(call(dice)),
        Knob::PowerLoss => Mishap::PowerLoss(call(dice)),
        Knob::StoreFails => Mishap::Store {
            after: u16::try_from(dice.below(60)).unwrap(),
            full: dice.chance(50),
            late: dice.chance(30),
        },
        Knob::TrackerDown => Mishap::TrackerDown(1 + dice.below(3) as u8),
        Knob::AnswersLost => Mishap::AnswersLost(1 + dice.below(2) as u8),
        Knob::Meanwhile => Mishap::Meanwhile(Box::new(deed(dice, options))),
        Knob::ChannelDown => Mishap::ChannelDown,
        Knob::Throttles => Mishap::Throttled(dice.below(6) as u8),
        _ => Mishap::Hurry { effects: 1 + dice.below(3) as u8, parcels: 1 + dice.below(2) as u8 },
    }
}

/// A call of a tick, which may have a dozen or a hundred.
fn call(dice: &mut Dice) -> u16 {
    let calls = dice.one(&[15, 40, 120]);
    u16::try_from(dice.below(calls)).unwrap()
}

fn carry(dice: &mut Dice, options: &Options) -> Option<Step> {
    let knob = dice.one(&[Knob::Loss, Knob::Doubles, Knob::Delay, Knob::Damage, Knob::HalfWritten, Knob::Forgery]);
    if !options.has(knob) || dice.chance(30) {
        return None;
    }
    let pick = dice.pick();
    let carry = match knob {
        Knob::Loss => Carry::Lose(pick),
        Knob::Doubles => Carry::Double(pick),
        Knob::Delay if dice.chance(40) => Carry::Free,
        Knob::Delay => Carry::Hold(pick),
        Knob::Damage if dice.chance(30) => Carry::Cut(pick, dice.pick()),
        Knob::Damage => Carry::Flip(pick, dice.pick()),
        Knob::HalfWritten if dice.chance(50) => Carry::Settle,
        Knob::HalfWritten => Carry::Unsettle(pick),
        _ if dice.chance(50) => Carry::Reflect(pick),
        _ => Carry::Forge(pick),
    };
    Some(Step::Courier(end(dice), carry))
}

fn quirk(dice: &mut Dice, options: &Options) -> Option<Step> {
    if !dice.chance(15) {
        return None;
    }
    let knob = dice.one(&[Knob::Refusals, Knob::SilentDrops, Knob::Normalising, Knob::Unreadable]);
    if !options.has(knob) {
        return None;
    }
    let quirk = match knob {
        _ if dice.chance(40) => Quirk::Behave,
        Knob::Refusals => Quirk::Refuse(dice.one(&Part::ALL)),
        Knob::SilentDrops => Quirk::Drop(dice.one(&Part::ALL)),
        Knob::Normalising => Quirk::Normalise,
        _ => Quirk::Unreadable(dice.pick()),
    };
    Some(Step::Tracker(end(dice), quirk))
}

fn command(dice: &mut Dice, options: &Options) -> Option<Step> {
    if options.has(Knob::Restores) && dice.chance(15) {
        let command = match dice.below(4) {
            0 => Command::Backup,
            1 => Command::Restore,
            _ => Command::Reconcile,
        };
        return Some(Step::Admin(end(dice), command));
    }
    if options.has(Knob::Revocations) && dice.chance(6) {
        let command = if dice.chance(30) { Command::Revoke } else { Command::Invite };
        return Some(Step::Admin(end(dice), command));
    }
    if options.has(Knob::Rotations) && dice.chance(12) {
        return Some(Step::Admin(end(dice), Command::Rotate));
    }
    if options.has(Knob::Breaker) && dice.chance(8) {
        return Some(Step::Admin(end(dice), Command::Release));
    }
    if options.has(Knob::TrackerRestores) && dice.chance(10) {
        let command = match dice.below(4) {
            0 => Command::BackupTracker,
            1 => Command::RestoreTracker,
            2 => Command::Retry,
            _ => Command::Reconcile,
        };
        return Some(Step::Admin(end(dice), command));
    }
    if options.has(Knob::Configurations) && dice.chance(6) {
        return Some(Step::Admin(end(dice), Command::Configure(dice.below(8) as u8)));
    }
    if !dice.chance(12) {
        return None;
    }
    let command = match dice.one(&[Knob::Stops, Knob::Configurations, Knob::Skips, Knob::Refusals]) {
        knob if !options.has(knob) => return None,
        Knob::Stops if dice.chance(50) => Command::Stop,
        Knob::Stops => Command::Start,
        Knob::Configurations => Command::Configure(dice.below(8) as u8),
        Knob::Skips => Command::Skip(dice.pick()),
        _ => Command::Retry,
    };
    Some(Step::Admin(end(dice), command))
}

fn clock(dice: &mut Dice, options: &Options) -> Option<Step> {
    match dice.below(100) {
        0..30 => Some(Step::Wait(dice.one(&[500, 2_000, 6_000, 40_000, 3_600_000]))),
        30..34 if options.has(Knob::ClocksJump) => {
            let ms = dice.one(&[-7_200_000, -60_000, -1_000, 5_000, 600_000, 7_200_000]);
            Some(Step::Jump(end(dice), ms))
        }
        _ => None,
    }
}
