//! What lies in a folder, and moving it aside.

use std::num::NonZeroU32;

use imap_next::imap_types::command::CommandBody;
use imap_next::imap_types::core::{AString, Vec1};
use imap_next::imap_types::fetch::{MessageDataItem, MessageDataItemName, Section};
use imap_next::imap_types::flag::{Flag, StoreResponse, StoreType};
use imap_next::imap_types::mailbox::Mailbox as Folder;
use imap_next::imap_types::response::{Capability, Code, Data, StatusKind};
use imap_next::imap_types::search::SearchKey;
use imap_next::imap_types::sequence::SequenceSet;

use super::{Answer, Mailbox};
use crate::Fault;

/// A mail whose subject bears a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Names it on this server, also in a later connection.
    pub handle: String,
    /// The word of its subject that begins with the token; the token alone where
    /// the subject was rewritten.
    pub name: String,
    /// Its length in bytes, as the server says.
    pub size: u64,
}

/// Mails that one command names: a server may refuse a line of more than 8,000
/// bytes (RFC 7162 section 4).
const MAILS: usize = 256;

impl Mailbox {
    /// Opens the folder, and learns what its UIDs belong to.
    pub(super) fn select(&mut self) -> Result<(), Fault> {
        let folder = self.place.folder.clone();
        // Where it fails, no folder is open.
        self.validity = 0;
        let answer = self.run_on(CommandBody::select(named(&folder)?).map_err(|_| unfit(&folder))?, &folder)?;
        let validity = answer.codes.iter().find_map(|code| match code {
            Code::UidValidity(validity) => Some(validity.get()),
            _ => None,
        });
        self.validity = validity.ok_or_else(|| self.strange("a folder without UIDVALIDITY"))?;
        Ok(())
    }

    /// Opens another folder, where it isn't the one that is open.
    ///
    /// # Errors
    /// By what to do next; then none is open.
    pub fn choose(&mut self, folder: &str) -> Result<(), Fault> {
        if self.validity != 0 && self.place.folder == folder {
            return Ok(());
        }
        folder.clone_into(&mut self.place.folder);
        self.select()
    }

    /// Mails whose subjects bear a token, in the order of their handles, after
    /// one; at most so many.
    ///
    /// # Errors
    /// By what to do next.
    pub fn list(&mut self, token: &str, after: Option<&str>, limit: usize) -> Result<Vec<Listed>, Fault> {
        // A handle of another numbering is before all of this one.
        let after = after.and_then(|handle| self.uid(handle)).map_or(0, NonZeroU32::get);
        // A search need not find what came since the last command (RFC 9051 section
        // 7): this lets the server look. The whole folder is searched each time, though
        // CONDSTORE (RFC 7162) would tell that nothing changed: some servers search an
        // index that lags, and what it missed once has to be found the next time.
        self.alive()?;
        let mut uids = self.search(token)?;
        uids.retain(|uid| uid.get() > after);
        uids.truncate(limit);
        let mut listed = Vec::new();
        for some in uids.chunks(MAILS) {
            listed.extend(self.headers(some, token)?);
        }
        listed.sort_by_key(|(uid, _)| *uid);
        Ok(listed.into_iter().map(|(_, listed)| listed).collect())
    }

    fn search(&mut self, token: &str) -> Result<Vec<NonZeroU32>, Fault> {
        let text = AString::try_from(token.to_owned()).map_err(|_| self.strange("a token that is none"))?;
        let criteria = Vec1::try_from(vec![SearchKey::Subject(text), SearchKey::Undeleted])
            .map_err(|_| self.strange("nothing to look for"))?;
        let answer = self.run(CommandBody::search(None, criteria, true))?;
        let mut uids: Vec<NonZeroU32> = answer.data.into_iter().filter_map(found).flatten().collect();
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    fn headers(&mut self, uids: &[NonZeroU32], token: &str) -> Result<Vec<(u32, Listed)>, Fault> {
        let fields = Vec1::from(AString::try_from("SUBJECT").map_err(|_| self.strange("no subject"))?);
        let subject = MessageDataItemName::BodyExt {
            section: Some(Section::HeaderFields(None, fields)),
            partial: Some((0, NonZeroU32::MIN.saturating_add(4095))),
            peek: true,
        };
        let items = vec![MessageDataItemName::Uid, MessageDataItemName::Rfc822Size, subject];
        let answer = self.run(CommandBody::fetch(set(uids)?, items, true).map_err(|_| self.strange("no mails"))?)?;
        let validity = self.validity;
        let mails = fetched(answer).filter(|mail| uids.contains(&mail.uid));
        Ok(mails
            .map(|mail| {
                let subject = String::from_utf8_lossy(&mail.bytes).replace(['\r', '\n', '\t'], " ");
                let name = word(&subject, token).unwrap_or(token).to_owned();
                let handle = format!("{validity}:{}", mail.uid);
                (mail.uid.get(), Listed { handle, name, size: mail.size.unwrap_or(0) })
            })
            .collect())
    }

    /// A mail, whole, where it has at most so many bytes; it stays unread.
    ///
    /// # Errors
    /// `NotFound`, `TooLarge`, and others by what to do next.
    pub fn read(&mut self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, Fault> {
        let uid = self.uid(handle).ok_or(Fault::NotFound)?;
        // One more would be too many: no size that a server claims is relied on.
        let most = u32::try_from(max_bytes.saturating_add(1)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MAX);
        let whole = MessageDataItemName::BodyExt { section: None, partial: Some((0, most)), peek: true };
        let items = vec![MessageDataItemName::Uid, whole];
        let answer = self.run(CommandBody::fetch(set(&[uid])?, items, true).map_err(|_| self.strange("no mail"))?)?;
        let mail = fetched(answer).find(|mail| mail.uid == uid && mail.has_bytes).ok_or(Fault::NotFound)?;
        if mail.bytes.len() as u64 > max_bytes { Err(Fault::TooLarge(max_bytes)) } else { Ok(mail.bytes) }
    }

    /// Moves mails into a folder, made where it isn't there; deletes them where
    /// none is named. One that isn't there is no error.
    ///
    /// # Errors
    /// By what to do next.
    pub fn dispose(&mut self, handles: &[String], into: Option<&str>) -> Result<(), Fault> {
        let uids: Vec<NonZeroU32> = handles.iter().filter_map(|handle| self.uid(handle)).collect();
        for some in uids.chunks(MAILS) {
            match into {
                None => self.delete(some)?,
                Some(folder) => self.moved(some, folder)?,
            }
        }
        Ok(())
    }

    /// Brings mails back from a folder whose subjects bear a name.
    ///
    /// # Errors
    /// `NotFound` where there is none, and others by what to do next.
    pub fn restore(&mut self, name: &str, from: &str) -> Result<(), Fault> {
        let folder = std::mem::replace(&mut self.place.folder, from.to_owned());
        let there = self.select().map_err(|fault| match fault {
            // Nothing was ever moved there.
            Fault::Denied(_) => Fault::NotFound,
            other => other,
        });
        let brought = there.and_then(|()| {
            let uids = self.search(name)?;
            if uids.is_empty() {
                return Err(Fault::NotFound);
            }
            uids.chunks(MAILS).try_for_each(|some| self.moved(some, &folder))
        });
        self.place.folder = folder;
        self.select()?;
        brought
    }

    fn uid(&self, handle: &str) -> Option<NonZeroU32> {
        let (validity, uid) = handle.split_once(':')?;
        (validity.parse() == Ok(self.validity)).then(|| uid.parse().ok()).flatten()
    }

    fn moved(&mut self, uids: &[NonZeroU32], folder: &str) -> Result<(), Fault> {
        let to = named(folder)?;
        let offered = self.can(&Capability::Move);
        let body = || match offered {
            true => Ok(CommandBody::Move { sequence_set: set(uids)?, mailbox: to.clone(), uid: true }),
            false => CommandBody::copy(set(uids)?, to.clone(), true).map_err(|_| unfit(folder)),
        };
        let (_, status) = self.ask(body()?)?;
        if status.kind != StatusKind::Ok {
            if status.code != Some(Code::TryCreate) {
                return Err(self.refused("to move a mail", &status));
            }
            self.run(CommandBody::create(to.clone()).map_err(|_| unfit(folder))?)?;
            self.run(body()?)?;
        }
        if offered { Ok(()) } else { self.delete(uids) }
    }

    /// Without UIDPLUS (RFC 4315) they only count as deleted: to remove them for
    /// good would remove what other people marked so, too.
    fn delete(&mut self, uids: &[NonZeroU32]) -> Result<(), Fault> {
        let flags = vec![Flag::Deleted];
        let body = CommandBody::store(set(uids)?, StoreType::Add, StoreResponse::Silent, flags, true);
        self.run(body.map_err(|_| self.strange("no mails"))?)?;
        if self.can(&Capability::UidPlus) {
            self.run(CommandBody::ExpungeUid { sequence_set: set(uids)? })?;
        }
        Ok(())
    }

    /// A command on a folder, whose absence is named.
    fn run_on(&mut self, body: CommandBody<'static>, folder: &str) -> Result<Answer, Fault> {
        let (answer, status) = self.ask(body)?;
        match status.kind {
            StatusKind::Ok => Ok(answer),
            _ => Err(match self.refused(&format!("the folder {folder}"), &status) {
                Fault::Denied(told) => Fault::Denied(format!("{told}; is there a folder of this name?")),
                other => other,
            }),
        }
    }
}

/// A mail as FETCH shows it.
struct Fetched {
    uid: NonZeroU32,
    size: Option<u64>,
    bytes: Vec<u8>,
    has_bytes: bool,
}

/// The mails of an answer; servers mix in what else they have to say of others.
fn fetched(answer: Answer) -> impl Iterator<Item = Fetched> {
    answer.data.into_iter().filter_map(|data| {
        let Data::Fetch { items, .. } = data else { return None };
        let (mut uid, mut size, mut bytes) = (None, None, None);
        for item in items {
            match item {
                MessageDataItem::Uid(is) => uid = Some(is),
                MessageDataItem::Rfc822Size(is) => size = Some(u64::from(is)),
                MessageDataItem::BodyExt { data, .. } => bytes = data.into_option().map(|data| data.into_owned()),
                _ => {}
            }
        }
        let has_bytes = bytes.is_some();
        Some(Fetched { uid: uid?, size, bytes: bytes.unwrap_or_default(), has_bytes })
    })
}

fn found(data: Data<'static>) -> Option<Vec<NonZeroU32>> {
    match data {
        Data::Search(uids, ..) => Some(uids),
        _ => None,
    }
}

pub(super) fn set(uids: &[NonZeroU32]) -> Result<SequenceSet, Fault> {
    let mut set = SequenceSet::try_from(uids).map_err(|_| Fault::NotFound)?;
    set.normalize();
    Ok(set)
}

fn named(folder: &str) -> Result<Folder<'static>, Fault> {
    Folder::try_from(folder.to_owned()).map_err(|_| unfit(folder))
}

fn unfit(folder: &str) -> Fault {
    Fault::Denied(format!("{folder:?} can't be the name of a mailbox's folder"))
}

/// The word of a subject that begins with a token, from there on.
fn word<'s>(subject: &'s str, token: &str) -> Option<&'s str> {
    subject.split(' ').find_map(|word| word.find(token).and_then(|place| word.get(place..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_wherever_it_stands_in_a_subject() {
        assert_eq!(word("Subject: [EXT] abc-12.ferry  ", "abc"), Some("abc-12.ferry"));
        assert_eq!(word("Subject: Re:abc-12.ferry", "abc"), Some("abc-12.ferry"));
        assert_eq!(word("Subject: something else", "abc"), None);
    }
}
