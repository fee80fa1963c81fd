//! Choices by the bytes of an input; where it ends, all is as honest as ever.

use std::cell::RefCell;

/// The rest of an input.
#[derive(Debug)]
pub struct Dice(RefCell<Vec<u8>>);

impl Dice {
    /// Choices by these bytes, from the first on.
    pub fn new(bytes: &[u8]) -> Self {
        Self(RefCell::new(bytes.iter().rev().copied().collect()))
    }

    /// The next byte; 0 at the end.
    pub fn byte(&self) -> u8 {
        self.0.borrow_mut().pop().unwrap_or(0)
    }

    /// A number below `n`; 0 at the end.
    pub fn below(&self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    /// Whether it happens, once in four; never at the end.
    pub fn strikes(&self) -> bool {
        self.byte() % 4 == 3
    }

    /// One of them; the first at the end.
    pub fn of<T: Clone>(&self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// Whether there is nothing left.
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}
