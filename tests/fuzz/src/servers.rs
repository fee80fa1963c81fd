//! What mail servers say, whatever they are asked.

use ferry_post::{Credentials, Fault, Mailbox, Place, Submission};

const TOKEN: &str = "0123456789abcdef0123";
const SECRET: &str = "swordfish";
const READ_MAX: u64 = 4096;

/// The first byte says whether it is a mailbox or submission, and who asks.
pub fn run(input: &[u8]) {
    let Err(fault) = talk(input) else { return };
    let told = fault.to_string();
    assert!(!told.contains(SECRET), "the secret is told: {told}");
    assert!(!told.contains(['\r', '\n']) && told.len() < 2000, "not for a line of a log: {told:?}");
}

/// The whole talk.
///
/// # Errors
/// Where the server doesn't go along with all of it.
pub fn talk(input: &[u8]) -> Result<(), Fault> {
    let Some((&door, said)) = input.split_first() else { return Ok(()) };
    let user = "acme@a.test".to_owned();
    let who = match door & 2 {
        0 => Credentials::Password { user, password: SECRET.to_owned() },
        _ => Credentials::Token { user, token: SECRET.to_owned() },
    };
    if door & 1 == 0 { mailbox(who, said.to_vec()) } else { submission(who, said.to_vec()) }
}

fn mailbox(who: Credentials, said: Vec<u8>) -> Result<(), Fault> {
    let place: Place = "imaps://script".parse().unwrap();
    let mut mailbox = Mailbox::scripted(&place, who, said)?;
    let listed = mailbox.list(TOKEN, None, 10)?;
    assert!(listed.len() <= 10 && listed.iter().all(|listed| listed.name.starts_with(TOKEN)));
    let Some(first) = listed.first() else { return Ok(()) };
    let mail = mailbox.read(&first.handle, READ_MAX)?;
    assert!(mail.len() as u64 <= READ_MAX);
    mailbox.dispose(std::slice::from_ref(&first.handle), Some("Rejected"))?;
    mailbox.restore(&first.name, "Rejected")?;
    mailbox.alive()
}

fn submission(who: Credentials, said: Vec<u8>) -> Result<(), Fault> {
    let place: Place = "smtps://script".parse().unwrap();
    let mut submission = Submission::scripted(&place, who, said)?;
    submission.submit("acme@a.test", "globex@b.test", b"Subject: a\r\n\r\n.b\r\n")?;
    submission.alive()
}

/// Servers that go along to the end, and some that don't.
pub fn seeds() -> Vec<Vec<u8>> {
    let refused = [&begin("IMAP4rev1 AUTH=PLAIN", ""), "+ \r\n", "TAG NO [AUTHENTICATIONFAILED] no: swordfish\r\n"];
    let token = format!("{SMTP}334 eyJzdGF0dXMiOiI0MDEifQ==\r\n535 5.7.8 expired\r\n");
    let others = [
        with_door(0, &numbered(&refused.concat())),
        with_door(0, "* BYE [UNAVAILABLE] too many connections\r\n"),
        with_door(3, &token),
        with_door(1, "220 ready\r\n250 script\r\n"),
    ];
    willing().into_iter().chain(others).collect()
}

/// What a server of submission says first.
const SMTP: &str = "220 ready\r\n250-script\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN XOAUTH2\r\n250 PIPELINING\r\n";

/// Honest servers, with all extensions and without any.
pub fn willing() -> Vec<Vec<u8>> {
    let select =
        "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 9] next\r\nTAG OK [READ-WRITE] selected\r\n";
    let search = "* SEARCH 5 8\r\nTAG OK found\r\n";
    let subject = format!("Subject: {TOKEN}-a.ferry\r\n\r\n");
    let listed = format!(
        "* 1 FETCH (UID 5 RFC822.SIZE 40 BODY[HEADER.FIELDS (SUBJECT)]<0> {{{}}}\r\n{subject})\r\n\
         * 2 FETCH (FLAGS ())\r\nTAG OK fetched\r\n",
        subject.len()
    );
    let read = "* 1 FETCH (UID 5 BODY[]<0> {4}\r\na\r\n\r)\r\nTAG OK fetched\r\n";
    let able = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR MOVE UIDPLUS IDLE";
    let of_those_in = "TAG OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS IDLE] welcome\r\n";
    let moved = "* OK [COPYUID 7 5 1] moved\r\n* 1 EXPUNGE\r\nTAG OK moved\r\n";
    let with_all = [&begin(able, of_those_in), select, search, &listed, read, moved, select, search, moved, select];
    let plain = begin("IMAP4rev1", "TAG OK welcome\r\n* CAPABILITY IMAP4rev1\r\nTAG OK told\r\n");
    let without = [
        &plain,
        select,
        search,
        &listed,
        read,
        "TAG NO [TRYCREATE] no such folder\r\n",
        "TAG OK created\r\n",
        "TAG OK copied\r\n",
        "TAG OK stored\r\n",
        select,
    ];
    let sent = format!(
        "{SMTP}235 2.7.0 welcome\r\n250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go on\r\n250 2.0.0 queued\r\n250 ok\r\n"
    );
    vec![
        with_door(0, &numbered(&with_all.concat())),
        with_door(2, &numbered(&with_all.concat())),
        with_door(0, &numbered(&without.concat())),
        with_door(1, &sent),
    ]
}

fn begin(capabilities: &str, signed_in: &str) -> String {
    format!("* OK ready\r\n* CAPABILITY {capabilities}\r\nTAG OK told\r\n{signed_in}")
}

fn with_door(door: u8, said: &str) -> Vec<u8> {
    [&[door], said.as_bytes()].concat()
}

/// Each answer under its command's tag.
fn numbered(said: &str) -> String {
    let mut count = 0;
    let line = |line: &str| match line.strip_prefix("TAG ") {
        Some(rest) => {
            count += 1;
            format!("F{count} {rest}")
        }
        None => line.to_owned(),
    };
    said.split_inclusive('\n').map(line).collect()
}
