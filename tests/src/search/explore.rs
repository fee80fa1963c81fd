//! Every state that can be reached, breadth first: the way to the first that
//! is wrong is a shortest one.

use std::collections::HashSet;

use super::heal::Healed;
use super::likeness;
use super::properties::{Properties, Violation};
use super::state::State;
use super::step::Step;

/// How much there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// States that differ.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// The longest of all shortest ways, in steps.
    pub depth: usize,
}

/// Something that must never happen, and the shortest way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which property doesn't hold.
    pub property: &'static str,
    /// How that shows.
    pub what: String,
    /// What happened, in order.
    pub way: Vec<String>,
}

/// The ways to all states: what each was reached from, and how.
struct Ways {
    reached: Vec<(usize, Option<Step>)>,
    root: State,
}

/// Looks at every state that can be reached from there.
///
/// # Errors
/// The first that is wrong.
pub fn explore(root: &State, properties: &Properties) -> Result<Extent, Box<Found>> {
    let mut extent = Extent { states: 1, ..Extent::default() };
    let mut ways = Ways { reached: vec![(0, None)], root: root.clone() };
    let mut known = HashSet::from([likeness::whole(root)]);
    let mut healed = Healed::default();
    let mut frontier = vec![(0, root.clone())];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for (place, state) in frontier {
            healed.come(&state, properties).map_err(|wrong| {
                let mut found = ways.found(place, None, wrong);
                found.way.push("everything is mended, and the sides take turns".to_owned());
                found
            })?;
            for action in state.actions() {
                let step = Step { action, died: None };
                let fault = |what| ways.found(place, Some(step), ("no fault of ours", what));
                for (step, after) in state.after(action).map_err(fault)? {
                    extent.steps += 1;
                    let found = |wrong| ways.found(place, Some(step), wrong);
                    let new = known.insert(likeness::whole(&after));
                    if new {
                        (properties.always)(&after).map_err(found)?;
                    }
                    // A step can be wrong that leads to where others led rightly.
                    if let Some(side) = action.runs() {
                        (properties.between)(&state, &after, side).map_err(found)?;
                    }
                    if !new {
                        continue;
                    }
                    ways.reached.push((place, Some(step)));
                    next.push((ways.reached.len() - 1, after));
                }
            }
        }
        extent.depth += usize::from(!next.is_empty());
        extent.states += next.len();
        frontier = next;
    }
    Ok(extent)
}

impl Ways {
    fn found(&self, mut place: usize, last: Option<Step>, (property, what): Violation) -> Box<Found> {
        let mut steps: Vec<Step> = last.into_iter().collect();
        while let (from, Some(step)) = self.reached[place] {
            steps.push(step);
            place = from;
        }
        let (mut state, mut way) = (self.root.clone(), Vec::new());
        for step in steps.into_iter().rev() {
            way.push(state.describe(step));
            let after = state.after(step.action).unwrap_or_default();
            match after.into_iter().find(|(other, _)| *other == step) {
                Some((_, after)) => state = after,
                None => break,
            }
        }
        Box::new(Found { property, what, way })
    }
}
