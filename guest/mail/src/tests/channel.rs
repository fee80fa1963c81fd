//! A mailbox as a channel.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ferry_core::ids::ParcelName;
use ferry_core::limits::PARCEL_BYTES_MAX;
use ferry_core::ports::{Channel, ChannelFault, Disposition};
use ferry_core::time::Time;

use super::sample::{mail, name, parcel, token};
use crate::forge::Gateway;
use crate::{Listed, MailChannel, Mailbox, Route, Submission, candidates, named};

/// The partner.
const TO: Option<&str> = Some("globex@b.test");

/// A mailbox in memory, and where mails go.
#[derive(Default)]
struct Post {
    mails: RefCell<BTreeMap<String, Vec<u8>>>,
    processed: RefCell<Vec<String>>,
    rejected: RefCell<Vec<String>>,
    submitted: RefCell<Vec<Vec<u8>>>,
    reads: RefCell<u32>,
    harmful: RefCell<Vec<(String, u32)>>,
    max_bytes: Option<u64>,
}

impl Post {
    fn with(mails: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let numbered = mails.into_iter().enumerate().map(|(uid, mail)| (format!("1.{uid:04}"), mail));
        Self { mails: RefCell::new(numbered.collect()), ..Self::default() }
    }

    fn channel(&self) -> MailChannel<'_> {
        MailChannel::new(self, self, Time(1))
    }

    fn names(&self) -> Vec<ParcelName> {
        let listed = self.channel().received(token().text(), None, 100).unwrap();
        listed.into_iter().map(|listed| listed.name).collect()
    }
}

impl Mailbox for Post {
    fn list(&self, token: &str, after: Option<&str>, limit: u32) -> Result<Vec<Listed>, ChannelFault> {
        let mails = self.mails.borrow();
        let later = mails.iter().filter(|(handle, _)| after.is_none_or(|after| handle.as_str() > after));
        let listed = later.filter_map(|(handle, mail)| {
            let text = String::from_utf8_lossy(mail);
            let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "))?;
            let name = named(subject, token)?.to_owned();
            Some(Listed { handle: handle.clone(), name, size: mail.len() as u64 })
        });
        Ok(listed.take(limit as usize).collect())
    }

    fn read(&self, handle: &str, max_bytes: u64) -> Result<Vec<u8>, ChannelFault> {
        *self.reads.borrow_mut() += 1;
        let mail = self.mails.borrow().get(handle).cloned().ok_or(ChannelFault::NotFound)?;
        if mail.len() as u64 > max_bytes { Err(ChannelFault::TooLarge(max_bytes)) } else { Ok(mail) }
    }

    fn dispose(&self, handles: &[String], disposition: Disposition) -> Result<(), ChannelFault> {
        for handle in handles {
            self.mails.borrow_mut().remove(handle);
            match disposition {
                Disposition::Processed => self.processed.borrow_mut().push(handle.clone()),
                Disposition::Rejected => self.rejected.borrow_mut().push(handle.clone()),
            }
        }
        Ok(())
    }

    fn restore(&self, _: &str) -> Result<(), ChannelFault> {
        Err(ChannelFault::NotFound)
    }

    fn harmful(&self) -> Result<Vec<(String, u32)>, ChannelFault> {
        Ok(self.harmful.borrow().clone())
    }
}

impl Submission for Post {
    fn route(&self) -> Result<Route, ChannelFault> {
        Ok(Route { sender: "acme@a.test".to_owned(), max_bytes: self.max_bytes })
    }

    fn submit(&self, recipient: &str, mail: &[u8]) -> Result<(), ChannelFault> {
        assert_eq!(recipient, "globex@b.test");
        self.submitted.borrow_mut().push(mail.to_vec());
        Ok(())
    }
}

#[test]
fn a_parcel_that_came_in_several_mails_is_one() {
    let (one, other) = (parcel(1, 500), parcel(2, 600));
    let post = Post::with([mail(&one), mail(&other), Gateway::Footer.pass(&mail(&one))]);
    let mut names = vec![name(&one), name(&other)];
    names.sort();
    assert_eq!(post.names(), names);
    let channel = post.channel();
    assert_eq!(channel.read(&name(&one), 1000).unwrap(), one);
    channel.dispose(&[name(&one)], Disposition::Processed).unwrap();
    assert_eq!(*post.processed.borrow(), ["1.0000", "1.0002"]);
    assert_eq!(post.names(), [name(&other)]);
}

#[test]
fn a_copy_that_arrived_whole_is_read_before_one_that_was_altered() {
    let right = parcel(1, 500);
    let altered = String::from_utf8(mail(&right)).unwrap().replacen("\r\nw", "\r\nx", 1).into_bytes();
    assert_ne!(altered, mail(&right));
    for mails in [[altered.clone(), mail(&right)], [mail(&right), altered.clone()]] {
        let post = Post::with(mails);
        assert_eq!(post.channel().read(&name(&right), 1000).unwrap(), right);
    }
    let post = Post::with([altered]);
    assert_ne!(post.channel().read(&name(&right), 1000).unwrap(), right, "it is refused by its digest");
}

#[test]
fn other_peoples_mails_are_not_looked_at() {
    let human = b"From: <bob@b.test>\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n".to_vec();
    let others = String::from_utf8(mail(&parcel(1, 500))).unwrap().replacen("Subject: ", "Subject: f", 1);
    let others = others.replace(token().text(), "ffffffffffffffffffff").into_bytes();
    let post = Post::with([human, others]);
    assert_eq!(post.names(), []);
    assert_eq!(*post.reads.borrow(), 0);
}

#[test]
fn a_parcel_is_found_by_what_it_is_where_its_subject_was_cut() {
    let right = parcel(1, 500);
    let post = Post::with([Gateway::Cut.pass(&mail(&right))]);
    assert_eq!(post.names(), [name(&right)]);
    assert_eq!(post.channel().read(&name(&right), 1000).unwrap(), right);
}

#[test]
fn what_claims_to_be_ours_and_holds_nothing_is_refused_and_moved_aside() {
    let empty = format!("From: <eve@c.test>\r\nSubject: {}\r\n\r\nNothing.\r\n", token().text()).into_bytes();
    let post = Post::with([empty]);
    let names = post.names();
    let channel = post.channel();
    let content = channel.read(&names[0], 1000).unwrap();
    assert_ne!(name(&content), names[0], "its digest must not fit");
    channel.dispose(&names, Disposition::Rejected).unwrap();
    assert_eq!(*post.rejected.borrow(), ["1.0000"]);
}

#[test]
fn a_mail_that_did_harm_twice_before_its_name_was_known_is_refused_unread() {
    let (bad, good) = (parcel(1, 500), parcel(2, 500));
    let post = Post::with([&bad, &good].map(|parcel| Gateway::Cut.pass(&mail(parcel))));
    post.harmful.borrow_mut().push(("1.0000".to_owned(), 1));
    assert!(post.names().contains(&name(&bad)), "once may have been another's doing");
    *post.harmful.borrow_mut() = vec![("1.0000".to_owned(), 2)];
    let before = *post.reads.borrow();
    let names = post.names();
    assert!(names.contains(&name(&good)) && names.len() == 2, "{names:?}");
    assert_eq!(*post.reads.borrow(), before + 1, "it was read again");
    let refused = names.iter().find(|it| **it != name(&good)).unwrap();
    assert_eq!(post.channel().read(refused, 1000), Ok(Vec::new()));
    post.channel().dispose(std::slice::from_ref(refused), Disposition::Rejected).unwrap();
    assert_eq!(*post.rejected.borrow(), ["1.0000"]);
}

#[test]
fn what_was_left_by_an_earlier_call_is_disposed_of_by_its_name() {
    let post = Post::with([mail(&parcel(1, 500))]);
    post.channel().dispose(&[name(&parcel(1, 500))], Disposition::Processed).unwrap();
    assert_eq!(*post.processed.borrow(), ["1.0000"]);
    post.channel().dispose(&[name(&parcel(1, 500))], Disposition::Processed).unwrap();
    post.channel().dispose(&[ParcelName("lunch".to_owned())], Disposition::Processed).unwrap();
}

#[test]
fn a_mail_that_is_larger_than_any_parcels_shows_by_its_size() {
    let mut huge = mail(&parcel(1, 500));
    huge.resize(2 * PARCEL_BYTES_MAX + 100, b' ');
    let post = Post::with([huge]);
    let listed = post.channel().received(token().text(), None, 10).unwrap();
    assert!(listed[0].size > PARCEL_BYTES_MAX as u64);
}

#[test]
fn a_parcel_sent_again_is_another_mail_with_the_same_parcel() {
    let parcel = parcel(1, 500);
    let post = Post::default();
    for at in [1, 2] {
        MailChannel::new(&post, &post, Time(at)).put(TO, &name(&parcel), &parcel).unwrap();
    }
    let [one, other] = post.submitted.take().try_into().unwrap();
    let id = |mail: &[u8]| {
        let text = String::from_utf8(mail.to_vec()).unwrap();
        text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned()
    };
    assert_ne!(id(&one), id(&other));
    assert_eq!(candidates(&one), candidates(&other));
}

#[test]
fn a_server_that_takes_less_makes_parcels_smaller() {
    let post = Post { max_bytes: Some(1_000_000), ..Post::default() };
    let most = post.channel().parcel_bytes_max().unwrap();
    assert!((700_000..730_000).contains(&most), "{most}");
    let fits = parcel(1, usize::try_from(most).unwrap());
    post.channel().put(TO, &name(&fits), &fits).unwrap();
    let large = parcel(1, 800_000);
    assert_eq!(post.channel().put(TO, &name(&large), &large), Err(ChannelFault::TooLarge(1_000_000)));
    assert_eq!(Post::default().channel().parcel_bytes_max().unwrap(), PARCEL_BYTES_MAX as u64);
}

#[test]
fn nothing_leaves_for_nobody_and_nothing_for_what_is_no_address() {
    let (post, parcel) = (Post::default(), parcel(1, 500));
    for to in [None, Some("globex"), Some("globex@b.test>\r\nBcc: <eve@c.test"), Some("")] {
        let refused = post.channel().put(to, &name(&parcel), &parcel);
        assert!(matches!(refused, Err(ChannelFault::Denied(_))), "{to:?}: {refused:?}");
    }
    assert_eq!(post.channel().address(), Ok(Some("acme@a.test".to_owned())));
}
