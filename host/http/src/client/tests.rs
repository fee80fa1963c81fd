#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use crate::*;

const SECRET: &str = "swordfish";

/// A web server that answers as a test wants, until the test ends.
struct Server {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// `answers` makes of a request, head and content, what is sent back; the
    /// connection is closed then.
    fn new(answers: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (hears, answers) = (heard.clone(), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (hears, answers) = (hears.clone(), answers.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let Some(request) = request(&mut stream) else { return };
                    hears.lock().unwrap().push(request.clone());
                    let _ = stream.write_all(&answers(&request));
                });
            }
        });
        Self { address, heard }
    }

    fn says(text: &str) -> Self {
        let text = text.to_owned();
        Self::new(move |_| ok(&text))
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A request with its content; none where somebody only connected.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let mut some = [0; 4096];
        let read = stream.read(&mut some).unwrap_or(0);
        bytes.extend(&some[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, content)) = text.split_once("\r\n\r\n") {
            let length = header(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if content.len() >= length {
                return Some(text);
            }
        }
        if read == 0 {
            return None;
        }
    }
}

fn header(request: &str, name: &str) -> Option<String> {
    let named =
        |line: &str| line.split_once(": ").filter(|(is, _)| is.eq_ignore_ascii_case(name)).map(|it| it.1.to_owned());
    request.split("\r\n").find_map(named)
}

fn ok(text: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nX-Kind: plain\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{text}", text.len())
        .into_bytes()
}

fn on(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} On\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes()
}

/// Content in memory.
#[derive(Default)]
struct Memory(Mutex<Vec<Vec<u8>>>);

impl Shelf for Memory {
    fn open(&self, name: &str) -> Result<(Box<dyn Read + Send>, u64), ShelfFault> {
        let content =
            self.0.lock().unwrap().get(name.parse::<usize>().unwrap()).cloned().ok_or(ShelfFault::NotFound)?;
        let length = content.len() as u64;
        Ok((Box::new(Cursor::new(content)), length))
    }

    fn put(&self, content: &mut dyn Read, max: u64) -> Result<String, ShelfFault> {
        let mut bytes = Vec::new();
        content.take(max + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max {
            return Err(ShelfFault::TooLarge(max));
        }
        let mut all = self.0.lock().unwrap();
        all.push(bytes);
        Ok((all.len() - 1).to_string())
    }
}

fn get(url: &str) -> Exchange {
    Exchange {
        method: Method::Get,
        url: url.to_owned(),
        authorization: Authorization::None,
        headers: Vec::new(),
        body: Body::None,
        into_blob: false,
        max_bytes: 1000,
        within: Duration::from_secs(20),
    }
}

fn client(named: &[&str]) -> Client {
    let named = named.iter().map(|origin| origin.parse().unwrap()).collect();
    Client::new(Grants { named, ..Grants::default() }).unwrap()
}

fn secret(name: &str) -> Result<String, String> {
    if name == "key" { Ok(SECRET.to_owned()) } else { Err(format!("there is no secret {name}")) }
}

fn ask(client: &Client, exchange: Exchange) -> Result<Answer, Fault> {
    client.send(&[exchange], &secret, &Memory::default()).remove(0)
}

fn denied(answer: Result<Answer, Fault>, why: &str) {
    assert!(matches!(&answer, Err(Fault::Denied(said)) if said.contains(why)), "{answer:?}");
}

#[test]
fn many_questions_are_answered_in_their_order_and_secrets_are_filled_in() {
    let server = Server::new(|request| ok(request.split(' ').nth(1).unwrap()));
    let client = client(&[&server.address]);
    let bearer = || Authorization::Bearer("key".to_owned());
    let all: Vec<Exchange> = (0..20)
        .map(|number| Exchange { authorization: bearer(), ..get(&format!("{}/{number}#here", server.address)) })
        .collect();
    let looked_up = Cell::new(0);
    let once = |name: &str| {
        looked_up.set(looked_up.get() + 1);
        secret(name)
    };
    let answers = client.send(&all, &once, &Memory::default());
    assert_eq!(looked_up.get(), 1, "a secret may be what a command prints");
    for (number, answer) in answers.into_iter().enumerate() {
        let answer = answer.unwrap();
        assert_eq!((answer.status, answer.body), (200, Content::Bytes(format!("/{number}").into_bytes())));
        assert!(answer.headers.contains(&("x-kind".to_owned(), "plain".to_owned())));
    }
    assert!(server.heard().iter().all(|request| header(request, "authorization").unwrap() == "Bearer swordfish"));
    let basic = Authorization::Basic("ann".to_owned(), "key".to_owned());
    ask(&client, Exchange { authorization: basic, ..get(&server.address) }).unwrap();
    let named = Authorization::Header("X-Api-Key".to_owned(), "key".to_owned());
    ask(&client, Exchange { authorization: named, ..get(&server.address) }).unwrap();
    let heard = server.heard();
    assert_eq!(header(&heard[20], "authorization").unwrap(), "Basic YW5uOnN3b3JkZmlzaA==");
    assert_eq!(header(&heard[21], "x-api-key").unwrap(), SECRET);
    let unknown = Authorization::Bearer("other".to_owned());
    denied(ask(&client, Exchange { authorization: unknown, ..get(&server.address) }), "there is no secret other");
}

#[test]
fn nothing_is_asked_where_nothing_was_granted() {
    let (granted, other) = (Server::says("a"), Server::says("b"));
    let client = client(&[&granted.address]);
    denied(ask(&client, get(&other.address)), "--allow http://127.0.0.1:");
    denied(ask(&client, get("http://localhost:1")), "is not granted");
    for none in ["file:///etc/passwd", "ftp://a.example", "no address"] {
        assert!(matches!(ask(&client, get(none)), Err(Fault::Invalid(_))), "{none}");
    }
    let with_user = granted.address.replace("http://", "http://ann:pw@");
    assert!(matches!(ask(&client, get(&with_user)), Err(Fault::Invalid(_))));
    let led = Server::new({
        let to = other.address.clone();
        move |_| on(302, &to)
    });
    let client = self::client(&[&led.address]);
    denied(ask(&client, get(&led.address)), "leads on");
    assert_eq!(other.heard(), Vec::<String>::new());

    // What the adapter asked for may not lead to this machine, though it was agreed to.
    let asked = BTreeSet::from([granted.address.parse().unwrap()]);
    let client = Client::new(Grants { asked, ..Grants::default() }).unwrap();
    denied(ask(&client, get(&granted.address)), "to this machine");
    assert_eq!(granted.heard(), Vec::<String>::new());
}

#[test]
fn who_is_led_elsewhere_goes_without_credentials() {
    let there = Server::says("here");
    let first = Server::new({
        let to = format!("{}/there", there.address);
        move |request| match request.split(' ').nth(1).unwrap() {
            "/twice" => on(307, "/once"),
            "/once" => on(307, &to),
            "/see" => on(303, &to),
            _ => on(302, "/again"),
        }
    });
    let client = client(&[&first.address, &there.address]);
    let posted = |path: &str| Exchange {
        method: Method::Post,
        authorization: Authorization::Bearer("key".to_owned()),
        headers: vec![("Cookie".to_owned(), "a=b".to_owned()), ("X-Other".to_owned(), "c".to_owned())],
        body: Body::Content(Content::Bytes(b"text".to_vec())),
        ..get(&format!("{}{path}", first.address))
    };
    let answer = ask(&client, posted("/twice")).unwrap();
    assert_eq!(answer.url, format!("{}/there", there.address));
    assert!(
        first.heard().iter().all(|request| header(request, "authorization").is_some() && request.ends_with("text"))
    );
    let heard = there.heard().remove(0);
    assert!(heard.starts_with("POST ") && heard.ends_with("\r\n\r\ntext"), "{heard}");
    assert_eq!([header(&heard, "authorization"), header(&heard, "cookie")], [None, None]);
    assert_eq!(header(&heard, "x-other").as_deref(), Some("c"));
    let before = there.heard().len();
    ask(&client, posted("/see")).unwrap();
    let heard = there.heard().remove(before);
    assert!(heard.starts_with("GET ") && heard.ends_with("\r\n\r\n"), "{heard}");
    denied(ask(&client, posted("/round")), "more than 5 times");
    let many = vec![get(&first.address); 1001];
    let answers = client.send(&many, &secret, &Memory::default());
    assert!(answers.len() == 1001 && answers.iter().all(|answer| matches!(answer, Err(Fault::Invalid(_)))));
}

#[test]
fn who_is_led_away_and_back_is_nobody_in_particular() {
    let home = Arc::new(OnceLock::<String>::new());
    let away = Server::new({
        let home = home.clone();
        move |_| on(307, &format!("{}/delete-all", home.get().unwrap()))
    });
    let server = Server::new({
        let away = away.address.clone();
        move |request| if request.starts_with("POST /start ") { on(307, &away) } else { ok("done") }
    });
    home.set(server.address.clone()).unwrap();
    let client = client(&[&server.address, &away.address]);
    let exchange = Exchange {
        method: Method::Post,
        authorization: Authorization::Bearer("key".to_owned()),
        ..get(&format!("{}/start", server.address))
    };
    ask(&client, exchange).unwrap();
    let told: Vec<bool> = server.heard().iter().map(|request| header(request, "authorization").is_some()).collect();
    assert_eq!(told, [true, false]);
}

#[test]
fn an_answer_that_repeats_a_secret_is_withheld() {
    let long = "x".repeat(16_380);
    let server = Server::new(move |request| match request.split(' ').nth(1).unwrap() {
        "/head" => format!("HTTP/1.1 200 OK\r\nX-You: {SECRET}\r\nContent-Length: 0\r\n\r\n").into_bytes(),
        "/basic" => ok("YW5uOnN3b3JkZmlzaA=="),
        _ => ok(&format!("{long}{SECRET}{long}")),
    });
    let client = client(&[&server.address]);
    for (path, into_blob) in [("/head", false), ("/basic", false), ("/long", false), ("/long", true)] {
        let authorization = Authorization::Basic("ann".to_owned(), "key".to_owned());
        let exchange =
            Exchange { authorization, into_blob, max_bytes: 100_000, ..get(&format!("{}{path}", server.address)) };
        denied(ask(&client, exchange), "repeats a secret");
    }
    assert!(ask(&client, Exchange { max_bytes: 100_000, ..get(&server.address) }).is_ok(), "whose secret is it?");
}

#[test]
fn what_went_wrong_says_whether_it_may_have_been_heard() {
    let server = Server::new(|request| match request.split(' ').nth(1).unwrap() {
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec(),
        "/never" => {
            std::thread::park();
            Vec::new()
        }
        "/none" => Vec::new(),
        "/other" => b"SSH-2.0-OpenSSH\r\n".to_vec(),
        _ => ok(&"x".repeat(1001)),
    });
    let client = client(&[&server.address, "http://127.0.0.1:1", "https://no-such-host.invalid"]);
    let asked = |path: &str| ask(&client, get(&format!("{}{path}", server.address)));
    assert_eq!(asked("/large"), Err(Fault::TooLarge(1000)));
    for path in ["/cut", "/none", "/other"] {
        assert!(matches!(asked(path), Err(Fault::BrokenOff(_))), "{path}: {:?}", asked(path));
    }
    let soon = Exchange { within: Duration::from_millis(50), ..get(&format!("{}/never", server.address)) };
    assert!(matches!(ask(&client, soon), Err(Fault::BrokenOff(why)) if why.contains("in time")));
    for nowhere in ["http://127.0.0.1:1", "https://no-such-host.invalid"] {
        assert!(matches!(ask(&client, get(nowhere)), Err(Fault::Unreachable(_))), "{:?}", ask(&client, get(nowhere)));
    }
}

#[test]
fn what_changes_nothing_is_asked_again_where_a_kept_connection_was_closed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            request(&mut stream).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na").unwrap();
            // It goes away with the next question.
            request(&mut stream);
        }
    });
    let client = client(&[&address]);
    let asked = |method: Method| ask(&client, Exchange { method, ..get(&address) }).map(|answer| answer.status);
    for _ in 0..3 {
        assert_eq!(asked(Method::Get), Ok(200));
    }
    assert!(matches!(asked(Method::Post), Err(Fault::BrokenOff(_))), "it may have been heard");
}

#[test]
fn content_passes_by_the_adapter() {
    let server = Server::new(|request| ok(request.split_once("\r\n\r\n").unwrap().1));
    let client = client(&[&server.address]);
    let shelf = Memory(Mutex::new(vec![b"what is attached".to_vec()]));
    let part = Part {
        name: "@file".to_owned(),
        file_name: Some("a.txt".to_owned()),
        media_type: "text/plain".to_owned(),
        content: Content::Blob("0".to_owned()),
    };
    let exchange =
        Exchange { method: Method::Post, body: Body::Form(vec![part]), into_blob: true, ..get(&server.address) };
    let answer = client.send(&[exchange], &secret, &shelf).remove(0).unwrap();
    assert_eq!(answer.body, Content::Blob("1".to_owned()));
    let kept = String::from_utf8(shelf.0.lock().unwrap()[1].clone()).unwrap();
    assert!(kept.contains("\r\n\r\nwhat is attached\r\n"), "{kept}");
    let heard = server.heard().remove(0);
    assert_eq!(header(&heard, "content-length").unwrap(), kept.len().to_string());
    assert_eq!(header(&heard, "transfer-encoding"), None);
}
