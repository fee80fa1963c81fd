//! Our comments and attachments: what is new, edited or gone of them.

use std::collections::BTreeSet;

use super::super::batch::{Batch, OUT};
use super::super::work::Work;
use crate::fault::Fault;
use crate::ids::{Alias, ItemId, PairId};
use crate::limits;
use crate::message::{Item, SharedAttachment, SharedComment};
use crate::model::{Attachment, Comment, Issue, User};
use crate::pair::{Ours, item_keys, print_parts};
use crate::planted::{Bug, planted};
use crate::ports::TrackerFault;
use crate::shared::Person;

mod copies;

/// What the partner is to be told of our items.
pub(super) fn ours(work: &Work<'_, '_>, batch: &mut Batch<'_>, id: PairId, issue: &Issue) -> Result<Vec<Item>, Fault> {
    let mut told = Vec::new();
    let before = batch.pair(id).map(|pair| pair.parked.clone()).unwrap_or_default();
    let theirs = item_keys(id, work.state.side.other());
    copies::find(&theirs, batch, id, issue);
    if work.mapping.sends_comments() && !issue.lacks("comments") {
        comments(work, batch, id, issue, &theirs, &mut told)?;
    }
    if work.mapping.sends_attachments() && !issue.lacks("attachments") {
        attachments(work, batch, id, issue, &theirs, &mut told)?;
    }
    batch.tidy_parked(id, &before)?;
    Ok(told)
}

/// Roughly how many bytes an item has in a message.
pub(super) fn weight(item: &Item) -> usize {
    match item {
        Item::Comment(comment) => comment.body.source.len() + 256,
        _ => 512,
    }
}

fn comments(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    theirs: &str,
    told: &mut Vec<Item>,
) -> Result<(), Fault> {
    let Some(pair) = batch.pair(id) else { return Ok(()) };
    if pair.ours.is_empty() && issue.comments.is_empty() {
        return Ok(());
    }
    let copies = if planted(Bug::CopiesSentBack) { BTreeSet::new() } else { copies(pair, false) };
    let mut news = Vec::new();
    let mut long = Vec::new();
    let mut there = BTreeSet::new();
    for comment in issue.comments.iter().filter(|comment| !copies.contains(&comment.id)) {
        let copied = comment.effect.as_ref().is_some_and(|effect| effect.0.starts_with(theirs));
        if copied && !planted(Bug::CopiesSentBack) {
            continue;
        }
        if !work.mapping.sends_comment(comment) {
            continue;
        }
        there.insert(&comment.id);
        if comment.body.source.len() > limits::VALUE_BYTES_MAX {
            long.push((out(&comment.id, "comment"), comment.body.source.len()));
            continue;
        }
        let print = print_comment(comment);
        let same = |ours: &Ours| ours.told == print || planted(Bug::ItemEditsUnsaid);
        if !pair.ours.get(&comment.id).is_some_and(same) {
            news.push((comment.id.clone(), Some(print), Item::Comment(shared_comment(comment))));
        }
    }
    let unsaid = planted(Bug::ItemDeletionsUnsaid);
    let gone = pair.ours.iter().filter(|(id, ours)| !ours.attachment && !there.contains(id) && !unsaid);
    news.extend(gone.map(|(id, _)| (id.clone(), None, Item::CommentGone(id.clone()))));
    remember(batch, id, false, news, told);
    for (part, bytes) in long {
        let max = limits::VALUE_BYTES_MAX;
        let reason = format!("the comment has {bytes} bytes, and at most {max} are sent: shorten it");
        batch.park(id, &part, "too-large", reason)?;
    }
    Ok(())
}

fn attachments(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    theirs: &str,
    told: &mut Vec<Item>,
) -> Result<(), Fault> {
    let Some(pair) = batch.pair(id) else { return Ok(()) };
    if pair.ours.is_empty() && issue.attachments.is_empty() {
        return Ok(());
    }
    let copies = copies(pair, true);
    let ours = pair.ours.clone();
    let mut there = BTreeSet::new();
    let mut news = Vec::new();
    for attachment in issue.attachments.iter().filter(|attachment| !copies.contains(&attachment.id)) {
        if attachment.effect.as_ref().is_some_and(|effect| effect.0.starts_with(theirs)) {
            continue;
        }
        if !work.mapping.sends_attachment(attachment) {
            continue;
        }
        let print = print_attachment(attachment);
        there.insert(attachment.id.clone());
        if ours.get(&attachment.id).is_some_and(|ours| ours.told == print || ours.told == Ours::UNKNOWN) {
            continue;
        }
        if let Some(shared) = fetch(work, batch, id, issue, attachment)? {
            news.push((attachment.id.clone(), Some(print), Item::Attachment(shared)));
        }
    }
    let gone = ours.iter().filter(|(id, ours)| ours.attachment && !there.contains(*id));
    news.extend(gone.map(|(id, _)| (id.clone(), None, Item::AttachmentGone(id.clone()))));
    remember(batch, id, true, news, told);
    Ok(())
}

/// Copies an attachment's content into a blob, whose pieces follow the change.
fn fetch(
    work: &Work<'_, '_>,
    batch: &mut Batch<'_>,
    id: PairId,
    issue: &Issue,
    attachment: &Attachment,
) -> Result<Option<SharedAttachment>, Fault> {
    let part = out(&attachment.id, "attachment");
    let blob = match work.tracker().fetch_attachment(&issue.id, &attachment.id) {
        Ok(blob) => blob,
        Err(fault) if fault.is_about_all() => return Err(fault.into()),
        // It went while we looked: the next pull tells.
        Err(TrackerFault::NotFound) => return Ok(None),
        Err(fault) => {
            batch.park(
                id,
                &part,
                "unreadable",
                format!("the attachment {:?} can't be read: {fault}", attachment.name),
            )?;
            return Ok(None);
        }
    };
    let summary = work.engine.ports.blobs.seal(&blob)?;
    batch.outbox.append_blob(&mut batch.draft, &blob, summary.digest, summary.size)?;
    Ok(Some(SharedAttachment {
        id: attachment.id.clone(),
        name: attachment.name.clone(),
        media_type: attachment.media_type.clone(),
        size: summary.size,
        digest: summary.digest,
        author: person(&attachment.author),
        created: attachment.created.clone(),
    }))
}

fn copies(pair: &crate::pair::Pair, attachment: bool) -> BTreeSet<ItemId> {
    let copies = pair.copies.values().filter(|copy| copy.attachment == attachment);
    copies.filter_map(|copy| copy.local.clone()).collect()
}

/// The part under which an item of ours is parked.
fn out(id: &ItemId, kind: &str) -> Alias {
    Alias(format!("{OUT}:{kind} {id}"))
}

type News = Vec<(ItemId, Option<[u8; 16]>, Item)>;

fn remember(batch: &mut Batch<'_>, id: PairId, attachment: bool, news: News, told: &mut Vec<Item>) {
    if news.is_empty() {
        return;
    }
    let Some(pair) = batch.pair_mut(id) else { return };
    for (item, print, news) in news {
        pair.parked.remove(&out(&item, if attachment { "attachment" } else { "comment" }));
        match print {
            Some(told) => pair.ours.insert(item, Ours { attachment, told }),
            None => pair.ours.remove(&item),
        };
        told.push(news);
    }
}

fn print_comment(comment: &Comment) -> [u8; 16] {
    print_parts(&[comment.body.source.as_bytes(), comment.author.name.as_bytes()])
}

fn print_attachment(attachment: &Attachment) -> [u8; 16] {
    print_parts(&[attachment.name.as_bytes(), &attachment.size.to_be_bytes(), attachment.created.0.as_bytes()])
}

fn shared_comment(comment: &Comment) -> SharedComment {
    SharedComment {
        id: comment.id.clone(),
        author: person(&comment.author),
        created: comment.created.clone(),
        body: comment.body.clone(),
    }
}

fn person(user: &User) -> Person {
    Person { name: user.name.clone(), email: user.email.clone() }
}
