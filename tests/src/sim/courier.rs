//! What a courier does to parcels.

use ferry_core::delivery::token::Token;
use ferry_core::digest;
use ferry_core::ids::ParcelName;
use ferry_core::scope::Side as Which;
use ferry_mail::candidates;
use ferry_mail::forge::Gateway;

use super::play::{Play, nth};
use super::step::{Carry, End, Pick};
use crate::memory::{PlainWire, mail_of};

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
                    self.lay(end, name, bytes);
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
                if let Some(forged) = parcel(pick).and_then(|(_, bytes)| PlainWire::forge(&self.inside(end, bytes)?)) {
                    self.lay(end, self.name(end, &forged), forged);
                    kind = "parcel forged";
                }
            }
            Carry::Reflect(pick) => {
                if let Some(bytes) = parcel(pick).and_then(|(_, bytes)| self.inside(end, bytes)) {
                    self.lay(end.other(), self.name(end.other(), &bytes), bytes);
                    kind = "parcel reflected";
                }
            }
            Carry::Gateway(..) | Carry::Renumber | Carry::Litter(_) => kind = self.mailbox(end, carry),
        }
        if !kind.is_empty() {
            self.count(kind);
        }
    }

    /// What happens to mails alone; what that is called, where it did.
    fn mailbox(&self, end: End, carry: &Carry) -> &'static str {
        let side = self.side(end);
        let send = &side.channel.send;
        if !side.by_mail.get() {
            return "";
        }
        match carry {
            Carry::Gateway(pick, which) => {
                let Some((handle, mail)) = nth(&send.files(), *pick) else { return "" };
                send.lay(handle, Gateway::ALL[usize::from(*which) % Gateway::ALL.len()].pass(&mail));
                "mail rewritten"
            }
            Carry::Renumber => {
                send.renumber();
                "mailbox renumbered"
            }
            Carry::Litter(which) => {
                send.deliver(self.litter(end, *which));
                "other mail"
            }
            _ => "",
        }
    }

    /// What somebody else sends: a person, an answering machine, somebody who
    /// claims to be the partner.
    fn litter(&self, end: End, which: u8) -> Vec<u8> {
        let claimed = |whose: End| self.name(whose, b"nothing").0;
        let (subject, body) = match which % 4 {
            0 => ("Lunch?".to_owned(), "At noon.".to_owned()),
            1 => (format!("Automatic reply: {}", claimed(end.other())), "I am out.".to_owned()),
            2 => (claimed(end), "-----BEGIN PGP MESSAGE-----\r\n\r\nbm90aGluZw==".to_owned()),
            _ => (format!("Fwd: {}", claimed(end).get(..30).unwrap_or_default()), "See there.".to_owned()),
        };
        format!("From: <eve@c.test>\r\nSubject: {subject}\r\n\r\n{body}\r\n").into_bytes()
    }

    /// A parcel as it travels from there.
    fn lay(&self, end: End, name: ParcelName, bytes: Vec<u8>) {
        let side = self.side(end);
        match side.by_mail.get() {
            false => side.channel.send.lay(name, bytes),
            // One that was taken is a mail already.
            true if name.0.ends_with(".ferry") => side.channel.send.deliver(mail_of(&name, &bytes)),
            true => side.channel.send.deliver(bytes),
        }
    }

    /// The parcel in what travels.
    fn inside(&self, end: End, bytes: Vec<u8>) -> Option<Vec<u8>> {
        if self.side(end).by_mail.get() { candidates(&bytes).pop() } else { Some(bytes) }
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
