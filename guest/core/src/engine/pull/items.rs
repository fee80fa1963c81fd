//! Our comments and attachments: what is new, edited or gone of them.

use std::collections::BTreeSet;

use super::super::batch::{Batch, OUT};
use super::super::work::Work;
use crate::fault::Fault;
use crate::ids::{Alias, ItemId, PairId};
use crate::limits;
use crate::message::{Item, SharedAttachment, SharedComment};
use crate::model::{Attachment, Comment, Issue, User};
use crate::pair::{ItemKind, ItemName, Ours, Pair, item_keys, print_parts};
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
    if work.mapping()?.sends_comments() && !issue.lacks("comments") {
        comments(work, batch, id, issue, &theirs, &mut told)?;
    }
    if work.mapping()?.sends_attachments() && !issue.lacks("attachments") {
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

/// Whether something of ours that the partner was told of is another now, or
/// isn't there any more.
pub(super) fn alter(pair: &Pair, issue: &Issue) -> bool {
    let as_told = |(item, ours): (&ItemName, &Ours)| match item.kind {
        ItemKind::Comment => {
            let mut all = issue.comments.iter();
            let there = all.find(|it| it.id == item.id);
            issue.lacks("comments") || there.is_some_and(|it| ours.told == print_comment(it))
        }
        ItemKind::Attachment => issue.lacks("attachments") || issue.attachments.iter().any(|it| it.id == item.id),
    };
    !pair.ours.iter().all(as_told)
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
    let copies = if planted(Bug::CopiesSentBack) { BTreeSet::new() } else { copies(pair, ItemKind::Comment) };
    let mut news = Vec::new();
    let mut long = Vec::new();
    let mut there = BTreeSet::new();
    for comment in issue.comments.iter().filter(|comment| !copies.contains(&comment.id)) {
        let copied = comment.effect.as_ref().is_some_and(|effect| effect.0.starts_with(theirs));
        if copied && !planted(Bug::CopiesSentBack) {
            continue;
        }
        if !work.mapping()?.sends_comment(comment) {
            continue;
        }
        let name = ItemKind::Comment.with(&comment.id);
        there.insert(name.clone());
        if comment.body.source.len() > limits::VALUE_BYTES_MAX {
            long.push((out(&name), comment.body.source.len()));
            continue;
        }
        let print = print_comment(comment);
        let same = |ours: &Ours| ours.told == print || planted(Bug::ItemEditsUnsaid);
        if !pair.ours.get(&name).is_some_and(same) {
            news.push((name, Some(print), Item::Comment(shared_comment(comment))));
        }
    }
    let unsaid = planted(Bug::ItemDeletionsUnsaid);
    let told_of = pair.ours.keys().filter(|item| item.kind == ItemKind::Comment && !unsaid);
    let gone = told_of.filter(|item| !there.contains(*item));
    news.extend(gone.map(|item| (item.clone(), None, Item::CommentGone(item.id.clone()))));
    remember(batch, id, news, told);
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
    let copies = copies(pair, ItemKind::Attachment);
    let ours = pair.ours.clone();
    let mut there = BTreeSet::new();
    let mut news = Vec::new();
    for attachment in issue.attachments.iter().filter(|attachment| !copies.contains(&attachment.id)) {
        if attachment.effect.as_ref().is_some_and(|effect| effect.0.starts_with(theirs)) {
            continue;
        }
        if !work.mapping()?.sends_attachment(attachment) {
            continue;
        }
        let print = print_attachment(attachment);
        let name = ItemKind::Attachment.with(&attachment.id);
        there.insert(name.clone());
        if ours.get(&name).is_some_and(|ours| ours.told == print || ours.told == Ours::UNKNOWN) {
            continue;
        }
        if let Some(shared) = fetch(work, batch, id, issue, attachment)? {
            news.push((name, Some(print), Item::Attachment(shared)));
        }
    }
    let gone = ours.keys().filter(|item| item.kind == ItemKind::Attachment && !there.contains(*item));
    news.extend(gone.map(|item| (item.clone(), None, Item::AttachmentGone(item.id.clone()))));
    remember(batch, id, news, told);
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
    let part = out(&ItemKind::Attachment.with(&attachment.id));
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

fn copies(pair: &Pair, kind: ItemKind) -> BTreeSet<ItemId> {
    let copies = pair.copies.iter().filter(|(item, _)| item.kind == kind);
    copies.filter_map(|(_, copy)| copy.local.clone()).collect()
}

/// The part under which an item of ours is parked.
fn out(item: &ItemName) -> Alias {
    Alias(format!("{OUT}:{} {}", item.kind.word(), item.id))
}

type News = Vec<(ItemName, Option<[u8; 16]>, Item)>;

fn remember(batch: &mut Batch<'_>, id: PairId, news: News, told: &mut Vec<Item>) {
    if news.is_empty() {
        return;
    }
    let Some(pair) = batch.pair_mut(id) else { return };
    for (item, print, news) in news {
        pair.parked.remove(&out(&item));
        match print {
            Some(told) => pair.ours.insert(item, Ours { told }),
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
