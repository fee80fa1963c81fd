//! I16: secrets leave no trace.

use ferry_core::digest;
use ferry_core::tables;

use super::scope::holds;
use super::state::{Shadow, puts};
use super::{Check, End, Event};

pub(super) struct NoLeaks {
    /// As they are, and as a careless word would show them.
    secrets: Vec<Vec<u8>>,
}

impl NoLeaks {
    pub fn new(stores: &[Shadow; 2]) -> Self {
        let keys = stores.iter().filter_map(|store| store.get(&tables::KEYS, &()));
        let greetings = stores.iter().filter_map(|store| store.get(&tables::GREETING, &()));
        let secrets = greetings.filter_map(|greeting| greeting.secret).map(|secret| secret.0.to_vec());
        let shown = |secret: Vec<u8>| [digest::hex(&secret).into_bytes(), format!("{secret:?}").into_bytes(), secret];
        Self { secrets: keys.map(|keys| keys.secret).chain(secrets).flat_map(shown).collect() }
    }
}

impl Check for NoLeaks {
    fn name(&self) -> &'static str {
        "I16 no secret leaks"
    }

    fn event(&mut self, end: End, event: &Event, _: &Shadow) -> Result<(), String> {
        if let Event::Commit(mutations) = event {
            let spare = puts(mutations, &tables::RING).into_iter().filter_map(|(_, ring)| ring.ours);
            let keys = puts(mutations, &tables::KEYS).into_iter().map(|(_, keys)| keys);
            self.secrets.extend(spare.map(|spare| spare.keys).chain(keys).map(|keys| keys.secret));
            let greetings = puts(mutations, &tables::GREETING).into_iter();
            self.secrets.extend(greetings.filter_map(|(_, it)| it.secret).map(|secret| secret.0.to_vec()));
            self.secrets.sort();
            self.secrets.dedup();
        }
        let said = match event {
            Event::Put(_, bytes) => bytes.as_slice(),
            Event::Said(text) => text.as_bytes(),
            _ => return Ok(()),
        };
        if self.secrets.iter().any(|secret| holds(said, secret)) {
            return Err(format!("{end:?} let a secret out"));
        }
        Ok(())
    }
}
