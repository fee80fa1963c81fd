//! Mutations of inputs, the same in every run.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// Bytes at which things change: ends of ranges, announced lengths, signs.
const TELLING: [u8; 12] = [0, 1, 0x1f, 0x7f, 0x80, 0x90, 0xc0, 0xc4, 0xdd, 0xdf, 0xfe, 0xff];

/// Inputs are cut to this, in bytes.
const INPUT_BYTES_MAX: usize = 1 << 16;

pub struct Mutator(ChaCha20Rng);

impl Mutator {
    pub fn new(name: &str) -> Self {
        let mut seed = [0; 32];
        seed.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// One of the inputs, with a few changes.
    pub fn mutated(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input, inputs);
        }
        input.truncate(INPUT_BYTES_MAX);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, inputs: &[Vec<u8>]) {
        if input.is_empty() {
            input.push(0);
        }
        let (at, length) = (self.below(input.len()), 1 + self.below(16));
        let end = (at + length).min(input.len());
        match self.below(8) {
            0 => input[at] ^= 1 << self.below(8),
            1 => input[at] = TELLING[self.below(TELLING.len())],
            2 => input[at] = self.below(256).try_into().unwrap(),
            3 => drop(input.drain(at..end)),
            4 => input.truncate(at),
            5 => {
                let piece = input[at..end].to_vec();
                drop(input.splice(at..at, piece));
            }
            6 => input[at..end].fill(TELLING[length % TELLING.len()]),
            _ => {
                let other = &inputs[self.below(inputs.len())];
                let from = self.below(other.len().max(1));
                let piece = other.get(from..(from + 64).min(other.len())).unwrap_or_default().to_vec();
                drop(input.splice(at..end, piece));
            }
        }
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64()).unwrap() % n.max(1)
    }
}
