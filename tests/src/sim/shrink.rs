//! Makes a failing plan small: steps that aren't needed are left out.

use super::plan::Plan;
use super::play::{Failure, play};

/// The fewest steps, as far as leaving out goes, after which the same checker
/// still sees something.
pub fn shrink(plan: &Plan, failure: &Failure) -> Plan {
    let fails = |plan: &Plan| play(plan).failure.is_some_and(|seen| seen.check == failure.check);
    let mut plan = plan.clone();
    loop {
        let before = plan.steps.len();
        leave_out(&mut plan, fails);
        if plan.steps.len() == before {
            return plan;
        }
    }
}

/// Leaves out runs of steps, long ones first.
fn leave_out(plan: &mut Plan, fails: impl Fn(&Plan) -> bool) {
    let mut size = plan.steps.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < plan.steps.len() {
            let mut less = plan.clone();
            less.steps.drain(at..(at + size).min(plan.steps.len()));
            if fails(&less) {
                *plan = less;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
}
