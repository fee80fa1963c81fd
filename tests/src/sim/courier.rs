//! What a courier does to parcels.

use ferry_core::delivery::token::Token;
use ferry_core::digest;
use ferry_core::ids::ParcelName;
use ferry_core::scope::Side as Which;

use super::play::{Play, nth};
use super::step::{Carry, End, Pick};
use crate::memory::PlainWire;

impl Play {
    pub fn courier(&mut self, end: End, carry: &Carry) {
        let send = self.side(end).channel.send.clone();
        let parcel = |pick: &Pick| nth(&send.files(), *pick);
        let mut kind = "";
        match carry {
            Carry::Lose(pick) => {
                if let Some((name, _)) = parcel(pick) {
                    send.lose(&name);
                    kind = "parcel lost";
                }
            }
            Carry::Double(pick) => {
                if let Some((name, bytes)) = nth(&send.processed(), *pick) {
                    send.lay(name, bytes);
                    kind = "parcel doubled";
                }
            }
            Carry::Hold(pick) => {
                if let Some((name, bytes)) = parcel(pick) {
                    send.lose(&name);
                    self.held[end as usize].insert(name, bytes);
                    kind = "parcel delayed";
                }
            }
            Carry::Free => self.free(end),
            Carry::Flip(pick, at) => {
                if let Some((name, mut bytes)) = parcel(pick).filter(|(_, bytes)| !bytes.is_empty()) {
                    let place = usize::from(*at) % (bytes.len() * 8);
                    bytes[place / 8] ^= 1 << (place % 8);
                    send.lay(name, bytes);
                    kind = "parcel altered";
                }
            }
            Carry::Cut(pick, at) => {
                if let Some((name, mut bytes)) = parcel(pick) {
                    bytes.truncate(usize::from(*at) % (bytes.len() + 1));
                    send.lay(name, bytes);
                    kind = "parcel cut";
                }
            }
            Carry::Unsettle(pick) => {
                if let Some((name, _)) = parcel(pick) {
                    send.unsettle(&name, true);
                    kind = "parcel half-written";
                }
            }
            Carry::Settle => send.files().keys().for_each(|name| send.unsettle(name, false)),
            Carry::Forge(pick) => {
                if let Some(forged) = parcel(pick).and_then(|(_, bytes)| PlainWire::forge(&bytes)) {
                    send.lay(self.name(end, &forged), forged);
                    kind = "parcel forged";
                }
            }
            Carry::Reflect(pick) => {
                if let Some((_, bytes)) = parcel(pick) {
                    let back = self.side(end.other()).channel.send.clone();
                    back.lay(self.name(end.other(), &bytes), bytes);
                    kind = "parcel reflected";
                }
            }
        }
        if !kind.is_empty() {
            self.count(kind);
        }
    }

    /// What is held back arrives.
    pub fn free(&mut self, end: End) {
        let held = std::mem::take(&mut self.held[end as usize]);
        let send = self.side(end).channel.send.clone();
        held.into_iter().for_each(|(name, bytes)| send.lay(name, bytes));
    }

    /// The name under which that side's parcels lie on the channel.
    fn name(&self, end: End, bytes: &[u8]) -> ParcelName {
        let sync = self.side(end).engine(|engine| engine.overview()).unwrap().state.sync;
        let which = if end == End::Alice { Which::Primary } else { Which::Secondary };
        Token::parcels(&sync, which).name(&digest::of(bytes))
    }
}
