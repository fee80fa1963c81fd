//! The end of all trouble: everything is mended, and both sides come to rest
//! in a bounded number of rounds.

use ferry_core::delivery::flows;
use ferry_core::limits::{HEARTBEAT_MS, RESEND_MS_MAX, TRACKER_SWEEP_MS};
use ferry_core::state::Status;
use ferry_core::store::Draft;
use ferry_core::tables;

use super::admin::{answer, behave, retry};
use super::checks::Seen;
use super::play::Play;
use super::step::{Command, End};

/// Rounds after which a healed world must have come to rest.
const ROUNDS_MAX: usize = 60;
/// Sweeps after which nothing is left to be found.
const SWEEPS: usize = 3;
/// Rounds in which a world at rest stays so.
const QUIET_ROUNDS: usize = 3;

/// Mends everything, and waits.
pub(super) fn come(play: &mut Play) -> Result<(), Seen> {
    for end in End::BOTH {
        play.free(end);
        let side = play.side(end);
        let send = &side.channel.send;
        send.files().keys().for_each(|name| send.unsettle(name, false));
        behave(&side.tracker);
        play.command(end, &Command::Start);
    }
    settle(play, "at first")?;
    settle_again(play)?;
    // A sweep finds what is missing, the next one that it is gone, and a retry
    // agrees to what a restored tracker shows.
    for _ in 0..if play.sweeps { SWEEPS } else { 0 } {
        play.world.clock.advance_ms(TRACKER_SWEEP_MS);
        settle(play, "after a sweep")?;
        settle_again(play)?;
    }
    quiet(play)
}

/// Answers what was published, tries again what is parked, and settles where
/// there was anything.
fn settle_again(play: &mut Play) -> Result<(), Seen> {
    let answered = End::BOTH.map(|end| answer(play.side(end)));
    let retried = End::BOTH.map(|end| retry(play.side(end)));
    if answered == [false, false] && retried == [0, 0] { Ok(()) } else { settle(play, "after a retry") }
}

/// Rounds until nothing is on its way, and both have heard of each other once
/// more: where nothing lies on the channel, and nobody edits, a store that was put
/// back is noticed then.
fn settle(play: &mut Play, when: &str) -> Result<(), Seen> {
    let (mut idle, mut beaten) = (0, false);
    for _ in 0..ROUNDS_MAX {
        let before = trace(play);
        round(play)?;
        idle = if trace(play) == before { idle + 1 } else { 0 };
        match idle {
            0 => play.world.clock.advance_ms(2_000),
            2.. if on_its_way(play) == 0 && beaten => return Ok(()),
            2.. if on_its_way(play) == 0 => {
                beat(play)?;
                beaten = true;
            }
            // What waits longest is due then.
            _ => play.world.clock.advance_ms(RESEND_MS_MAX + RESEND_MS_MAX / 4),
        }
    }
    let stands = End::BOTH.map(|end| {
        let report = play.side(end).tick();
        let state = play.side(end).engine(|engine| engine.overview()).unwrap().state;
        let records = Draft::new(&*play.side(end).store);
        let waits = (
            records.scan(&tables::INBOX, None, 10).unwrap().len(),
            records.scan(&tables::INTENTS, None, 10).unwrap(),
            records.scan(&tables::STALE, None, 10).unwrap().len(),
        );
        format!(
            "{end:?} is {:?} ({}), {:?}; inbox, intents, stale: {waits:?}; its last tick: {report:?}",
            state.status, state.reason, state.reunion
        )
    });
    let waiting = on_its_way(play);
    Err((
        "I18 liveness",
        format!("no rest {when} after {ROUNDS_MAX} rounds, {waiting} on their way; {}", stands.join("; ")),
    ))
}

/// The daemons' heartbeats.
fn beat(play: &mut Play) -> Result<(), Seen> {
    play.world.clock.advance_ms(HEARTBEAT_MS);
    for end in [End::Bob, End::Alice, End::Bob] {
        play.side(end).tick().map_err(|fault| ("no fault of ours", fault.to_string()))?;
        play.checks.look(&play.world)?;
    }
    Ok(())
}

/// Nothing happens in a world at rest but heartbeats.
fn quiet(play: &mut Play) -> Result<(), Seen> {
    let before = (numbered(play), written(play));
    for _ in 0..QUIET_ROUNDS {
        play.world.clock.advance_ms(3_600_000);
        round(play)?;
    }
    let after = (numbered(play), written(play));
    if before == after {
        return Ok(());
    }
    Err(("I7 no echo", format!("messages and writes at rest: {before:?}, an idle hour later {after:?}")))
}

fn round(play: &mut Play) -> Result<(), Seen> {
    play.mend_keys();
    for end in [End::Bob, End::Alice] {
        go_on(play, end);
        let done = play.side(end).run_once().map_err(|fault| ("no fault of ours", fault.to_string()))?;
        play.tally.messages += u64::from(done.sent);
        play.checks.look(&play.world)?;
    }
    Ok(())
}

/// People let it go on: nothing but a restore, lost keys or the breaker is in the
/// way now.
fn go_on(play: &mut Play, end: End) {
    let records = Draft::new(&*play.side(end).store);
    let holds = !records.scan(&tables::HELD, None, 1).unwrap().is_empty();
    let status = |play: &Play| Draft::new(&*play.side(end).store).get(&tables::STATE, &()).unwrap().unwrap().status;
    if status(play) == Status::RestartRequired {
        play.command(end, &Command::Reconcile);
    }
    if holds {
        play.command(end, &Command::Release);
    }
    if status(play) == Status::Stopped {
        play.command(end, &Command::Start);
    }
}

fn trace(play: &Play) -> [u64; 4] {
    let of = |end| {
        let side = play.side(end);
        [side.channel.send.put_count(), side.tracker.sequence()]
    };
    let ([a, b], [c, d]) = (of(End::Alice), of(End::Bob));
    [a, b, c, d]
}

fn numbered(play: &Play) -> [u64; 2] {
    End::BOTH.map(|end| play.side(end).engine(flows).unwrap().0.last_number)
}

fn written(play: &Play) -> [u64; 2] {
    End::BOTH.map(|end| play.side(end).tracker.sequence())
}

/// Messages that wait for anything.
fn on_its_way(play: &Play) -> u64 {
    let of = |end| {
        let (out, incoming) = play.side(end).engine(flows).unwrap();
        let records = Draft::new(&*play.side(end).store);
        let configured = records.get(&tables::CONFIGURED, &()).unwrap().unwrap_or_default();
        // Without a configuration in force nothing is settled or written: people are
        // asked first.
        let inside = match configured.version {
            0 => 0,
            _ => incoming.queued + records.scan(&tables::INTENTS, None, u32::MAX).unwrap().len() as u64,
        };
        out.queued + out.unacknowledged + inside
    };
    of(End::Alice) + of(End::Bob)
}
