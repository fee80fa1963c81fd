//! Mails that came back, by the reports of servers (RFC 3464). Anybody may forge
//! one, so it is told to people and nothing follows from it. Reports stay where
//! they are, unread.

use std::num::NonZeroU32;

use chrono::{Days, Utc};
use imap_next::imap_types::command::CommandBody;
use imap_next::imap_types::core::{AString, Vec1};
use imap_next::imap_types::datetime::NaiveDate;
use imap_next::imap_types::fetch::{MessageDataItem, MessageDataItemName, Section};
use imap_next::imap_types::response::Data;
use imap_next::imap_types::search::SearchKey;

use super::Mailbox;
use super::folder::set;
use crate::Fault;
use crate::said::said;

/// Reports from so many days are looked at.
const DAYS: u64 = 3;
/// So many of them, the latest.
const REPORTS: usize = 20;
/// So much of each, in bytes: it says why before it repeats the mail.
const BYTES: u32 = 64 << 10;

impl Mailbox {
    /// Why the latest mail came back whose subject bears a token; none where none
    /// did in the last days.
    ///
    /// # Errors
    /// By what to do next.
    pub fn returned(&mut self, token: &str) -> Result<Option<String>, Fault> {
        let since = Utc::now().date_naive().checked_sub_days(Days::new(DAYS));
        let since = since.and_then(|date| NaiveDate::try_from(date).ok()).ok_or_else(|| self.strange("no date"))?;
        let text = |text: &str| AString::try_from(text.to_owned()).map_err(|_| Fault::NotFound);
        let criteria =
            vec![SearchKey::Since(since), SearchKey::Header(text("Content-Type")?, text("delivery-status")?)];
        let criteria = Vec1::try_from(criteria).map_err(|_| self.strange("nothing to look for"))?;
        let answer = self.run(CommandBody::search(None, criteria, true))?;
        let found = answer.data.into_iter().filter_map(|data| match data {
            Data::Search(uids, ..) => Some(uids),
            _ => None,
        });
        let mut uids: Vec<NonZeroU32> = found.flatten().collect();
        uids.sort_unstable();
        let latest = uids.split_off(uids.len().saturating_sub(REPORTS));
        if latest.is_empty() {
            return Ok(None);
        }
        let part = Some((0, NonZeroU32::MIN.saturating_add(BYTES - 1)));
        let begin = MessageDataItemName::BodyExt { section: None::<Section<'_>>, partial: part, peek: true };
        let items = vec![MessageDataItemName::Uid, begin];
        let body = CommandBody::fetch(set(&latest)?, items, true).map_err(|_| self.strange("no mails"))?;
        let answer = self.run(body)?;
        let reports = answer.data.into_iter().filter_map(|data| match data {
            Data::Fetch { items, .. } => items.into_inner().into_iter().find_map(|item| match item {
                MessageDataItem::BodyExt { data, .. } => data.into_option().map(|data| data.into_owned()),
                _ => None,
            }),
            _ => None,
        });
        Ok(reports.filter_map(|report| why(&String::from_utf8_lossy(&report), token)).next_back())
    }
}

/// Why a mail came back, where a report is about one of ours that failed.
fn why(report: &str, token: &str) -> Option<String> {
    let field = |name: &str| {
        let mut lines = report.lines().skip_while(|line| !begins(line, name));
        let first = lines.next()?.split_once(':')?.1.trim().to_owned();
        // Folded lines (RFC 5322 section 2.2.3).
        Some(lines.take_while(|line| line.starts_with([' ', '\t'])).fold(first, |all, line| all + " " + line.trim()))
    };
    if !report.contains(token) || !field("Action")?.eq_ignore_ascii_case("failed") {
        return None;
    }
    let kind = |text: String| text.split_once(';').map_or(text.clone(), |(_, rest)| rest.trim().to_owned());
    let recipient = field("Final-Recipient").map(kind).unwrap_or_default();
    let reason = field("Diagnostic-Code").map(kind).or_else(|| field("Status"))?;
    Some(said(&format!("{recipient}: {reason}"), &[]))
}

fn begins(line: &str, name: &str) -> bool {
    line.split_once(':').is_some_and(|(before, _)| before.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Subject: Undelivered Mail Returned to Sender\r\n\r\nFinal-Recipient: rfc822; b@x.test\r\n\
        Action: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 <b@x.test> Quota\r\n    exceeded\r\n\r\n\
        Subject: abcd-12.ferry\r\n";

    #[test]
    fn a_report_says_why_a_mail_of_ours_came_back() {
        assert_eq!(why(REPORT, "abcd").as_deref(), Some("b@x.test: 552 5.2.2 <b@x.test> Quota exceeded"));
        assert_eq!(why(REPORT, "dcba"), None, "another's mail");
        assert_eq!(why(&REPORT.replace("failed", "delayed"), "abcd"), None);
        assert_eq!(why("", "abcd"), None);
    }
}
