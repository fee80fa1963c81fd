//! What is looked at in every state of a world.

use super::state::State;

/// A property that doesn't hold, and how that shows.
pub type Violation = (&'static str, String);

/// What must hold in a world.
#[derive(Clone, Copy)]
pub struct Properties {
    /// In every state.
    pub always: fn(&State) -> Result<(), Violation>,
    /// From a state to the next, in which one side did something.
    pub between: fn(&State, &State, usize) -> Result<(), Violation>,
    /// Where a state comes to rest; with people's consent, or before it.
    pub at_rest: fn(&State, bool) -> Result<(), Violation>,
}
