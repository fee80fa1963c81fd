//! Writes whose outcome is unknown: whether they happened is settled before
//! anything else happens to their pairs.

use super::super::batch::Batch;
use super::super::pull;
use super::super::work::Work;
use super::fold;
use super::plan::{self, ItemStep, Plan, Step};
use crate::fault::Fault;
use crate::ids::{Alias, IssueId, IssueKey, ItemId, PairId, Revision};
use crate::limits;
use crate::message::GoneReason;
use crate::model::{self, Effect, Issue, Target};
use crate::pair::{Intent, LocalIssue, Print, Seen, print_raw};
use crate::planted::{Bug, planted};
use crate::ports::{Level, TrackerFault};
use crate::tables;

/// Settles open intents. Answers whether some are left.
pub(crate) fn step(work: &Work<'_, '_>) -> Result<bool, Fault> {
    let open = work.engine.draft().scan(&tables::INTENTS, None, limits::PAGE_ISSUES)?;
    if open.is_empty() {
        return Ok(false);
    }
    let mut batch = Batch::open(work.engine)?;
    batch.load(&open.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    let mut left = false;
    for (id, intent) in open {
        left |= !one(work, &mut batch, id, &intent)?;
    }
    batch.commit()?;
    Ok(left)
}

/// Settles one. False where it is too early to tell.
fn one(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, intent: &Intent) -> Result<bool, Fault> {
    let Some(pair) = batch.pair(id) else {
        batch.draft.delete(&tables::INTENTS, &id);
        return Ok(true);
    };
    let plan = plan::of(work, &batch.draft, id, pair)?;
    if plan.passing.is_some() {
        return Ok(false);
    }
    let known = pair.issue.as_ref().map(|issue| issue.id.clone());
    let adds = plan.steps.iter().any(|step| matches!(step, Step::Item(_, ItemStep::Add)));
    if adds && is_early(work, batch, id)? {
        return Ok(false);
    }
    let issue = match known {
        Some(known) => Some(known),
        None => match created(work, batch, id, &plan)? {
            Created::Yes(issue) => Some(issue),
            Created::No => None,
            Created::Unknown => return Ok(false),
        },
    };
    let Some(issue) = issue else {
        batch.draft.delete(&tables::INTENTS, &id);
        return Ok(true);
    };
    let read = work.tracker().read(std::slice::from_ref(&issue)).pop();
    if matches!(read, None | Some(Err(TrackerFault::Other(_)))) {
        return Ok(false);
    }
    batch.draft.delete(&tables::INTENTS, &id);
    match read {
        Some(Ok(issue)) => {
            happened(work, batch, id, intent, plan, &issue)?;
            Ok(true)
        }
        Some(Err(fault)) if fault.is_about_all() => Err(fault.into()),
        Some(Err(TrackerFault::Unreadable(_))) => {
            unread(batch, id, issue)?;
            Ok(true)
        }
        // It left before we saw it, and is ours again where it comes back.
        Some(Err(TrackerFault::NotFound)) if !planted(Bug::LeftMadeAnew) => {
            unread(batch, id, issue)?;
            pull::departed(work, batch, id, GoneReason::Moved)?;
            Ok(true)
        }
        // The changes tell what became of it.
        _ => Ok(true),
    }
}

/// It was made, and can't be read: nothing is written to it before it is seen,
/// and it isn't made anew.
fn unread(batch: &mut Batch<'_>, id: PairId, issue: IssueId) -> Result<(), Fault> {
    if batch.pair(id).is_none_or(|pair| pair.issue.is_some()) {
        return Ok(());
    }
    let made = LocalIssue {
        key: IssueKey(issue.0.clone()),
        id: issue,
        url: None,
        revision: Revision(String::new()),
        wrote: Default::default(),
        past: Default::default(),
    };
    pull::index(batch, id, &made)?;
    if let Some(pair) = batch.pair_mut(id) {
        pair.issue = Some(made);
        pair.unseen = true;
    }
    Ok(())
}

/// A search that finds nothing means something only once it had time: twice its
/// lag, counted in pieces, so that a clock which jumps ahead doesn't hurry it.
fn is_early(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId) -> Result<bool, Fault> {
    let (now, lag) = (work.engine.now, u64::from(work.identity.index_lag_ms));
    let waits = lag > 0 && !planted(Bug::LagIgnored);
    let Some(mut intent) = batch.draft.get(&tables::INTENTS, &id)?.filter(|_| waits) else { return Ok(false) };
    let piece = now.since(intent.looked.unwrap_or(intent.since)).min(look_after_ms(lag));
    intent.looked = Some(now);
    intent.waited_ms += piece;
    let early = intent.waited_ms < 2 * lag;
    if early {
        batch.draft.put(&tables::INTENTS, &id, &intent)?;
    }
    Ok(early)
}

/// How long a look at a search that lags is put off, in milliseconds: what of a
/// wait counts.
pub(crate) fn look_after_ms(lag_ms: u64) -> u64 {
    lag_ms.div_ceil(2)
}

enum Created {
    Yes(crate::ids::IssueId),
    No,
    Unknown,
}

fn created(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, plan: &Plan) -> Result<Created, Fault> {
    let creates = plan.steps.first().is_some_and(|step| matches!(step, Step::Create(_)));
    let Some(effect) = plan.effects.first().filter(|_| creates) else { return Ok(Created::No) };
    let found = match work.tracker().find(std::slice::from_ref(effect)).pop().unwrap_or(Ok(Vec::new())) {
        Ok(found) => found,
        Err(fault) if fault.is_about_all() => return Err(fault.into()),
        Err(_) => {
            let attributes = [("pair", id.to_string())];
            work.engine.ports.observer.log(Level::Warning, "whether an issue was made can't be told now", &attributes);
            return Ok(Created::Unknown);
        }
    };
    if found.len() > 1 {
        let reason = "the issue was created more than once: delete all but the first by hand".to_owned();
        batch.park(id, &Alias::from("double:issue"), "doubled", reason)?;
    }
    match found.into_iter().next() {
        Some(found) => Ok(Created::Yes(found.issue)),
        None if is_early(work, batch, id)? => Ok(Created::Unknown),
        None => Ok(Created::No),
    }
}

/// The issue is there: what it shows of what we intended is ours, the rest is
/// looked at as always.
fn happened(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    intent: &Intent,
    plan: Plan,
    issue: &Issue,
) -> Result<(), Fault> {
    if intent.expected.as_ref() == Some(&issue.revision) {
        return Ok(());
    }
    let shown: Vec<(Alias, [u8; 16])> = work
        .outgoing(batch.pair(id), issue)?
        .into_iter()
        .map(|outward| (outward.alias, print_raw(&outward.raw)))
        .collect();
    let mut items = Vec::new();
    for (effect, step) in plan.effects.into_iter().zip(plan.steps) {
        match step {
            Step::Create(written) => {
                fold::carried_out(work, batch, id, Step::Create(Vec::new()), done(issue, None))?;
                mark(batch, id, &written, &shown);
            }
            Step::Fields(written) => mark(batch, id, &written, &shown),
            Step::Type(written) | Step::Status(written) => mark(batch, id, &[written], &shown),
            Step::Way(written) if is_shown(&shown, &written) => fold::on_the_way(batch, id, &written),
            Step::Way(_) => {}
            Step::Item(item, ItemStep::Add) => {
                let effect = Effect { target: Target::Existing(issue.id.clone()), ..effect };
                items.push((effect, Step::Item(item, ItemStep::Add)));
            }
            Step::Item(..) => {}
        }
    }
    found_items(work, batch, id, issue, items)?;
    if let Some(known) = batch.pair_mut(id).and_then(|pair| pair.issue.as_mut()) {
        known.revision = Revision(String::new());
    }
    pull::look_at(work, batch, id, issue)
}

/// What the tracker shows as we intended is seen.
fn mark(batch: &mut Batch<'_>, id: PairId, written: &[plan::Written], shown: &[(Alias, [u8; 16])]) {
    let Some(pair) = batch.pair_mut(id) else { return };
    for written in written {
        if is_shown(shown, written) || planted(Bug::UnknownTakenForDone) {
            let seen = Seen { raw: written.raw, shown: Print::of(pair.target(&written.alias)), unmapped: false };
            pair.seen.insert(written.alias.clone(), seen);
        }
    }
}

fn is_shown(shown: &[(Alias, [u8; 16])], written: &plan::Written) -> bool {
    shown.iter().any(|(alias, raw)| *alias == written.alias && *raw == written.raw)
}

fn found_items(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    items: Vec<(Effect, Step)>,
) -> Result<(), Fault> {
    if items.is_empty() {
        return Ok(());
    }
    let (effects, steps): (Vec<Effect>, Vec<Step>) = items.into_iter().unzip();
    for (step, found) in steps.into_iter().zip(work.tracker().find(&effects)) {
        if let Some(found) = found?.into_iter().next() {
            fold::carried_out(work, batch, id, step, done(issue, found.item))?;
        }
    }
    Ok(())
}

/// An effect that was carried out some time; of no revision that we know, so
/// that the issue is looked at whole.
fn done(issue: &Issue, item: Option<ItemId>) -> model::Applied {
    model::Applied {
        issue: issue.id.clone(),
        issue_key: issue.key.clone(),
        url: issue.url.clone(),
        revision: Revision(String::new()),
        replaced: Vec::new(),
        item,
        dropped: Vec::new(),
    }
}
