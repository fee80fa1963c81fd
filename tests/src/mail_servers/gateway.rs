//! A gateway behind the submission server: it takes each mail by LMTP (RFC
//! 2033), does to it what gateways do, and hands it on by SMTP.

use std::io::{self, BufRead as _, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ferry_mail::forge::Gateway;

/// Takes mails until the process ends.
#[derive(Debug)]
pub struct GatewayServer {
    port: u16,
    passed: Arc<AtomicUsize>,
}

impl GatewayServer {
    /// Listens on an address, and hands on to a port there. Each mail goes through
    /// the next of these gateways.
    pub fn new(address: &str, onward: u16, gateways: &'static [Gateway]) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (passed, address) = (Arc::<AtomicUsize>::default(), address.to_owned());
        let counted = passed.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (counted, address) = (counted.clone(), address.clone());
                thread::spawn(move || {
                    let next = || gateways[counted.fetch_add(1, Ordering::Relaxed) % gateways.len()];
                    // Whoever is cut off tries again.
                    drop(serve(client, |from, to, mail| {
                        send((address.as_str(), onward), from, to, &next().pass(mail))
                    }));
                });
            }
        });
        Self { port, passed }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How many mails went through.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }
}

/// One connection: mails to one recipient each.
fn serve(client: TcpStream, mut pass: impl FnMut(&str, &str, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut answers = client.try_clone()?;
    let mut lines = BufReader::new(client);
    let (mut from, mut to) = (String::new(), String::new());
    answers.write_all(b"220 gateway\r\n")?;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let command = line.to_ascii_uppercase();
        let address = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer = if command.starts_with("MAIL") {
            from = address();
            "250 yes"
        } else if command.starts_with("RCPT") {
            to = address();
            "250 yes"
        } else if command == "DATA" {
            answers.write_all(b"354 go on\r\n")?;
            let mail = data(&mut lines)?;
            match pass(&from, &to, &mail) {
                Ok(()) => "250 taken",
                Err(_) => "451 not now",
            }
        } else if command == "QUIT" {
            answers.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else {
            "250 yes"
        };
        answers.write_all(format!("{answer}\r\n").as_bytes())?;
    }
}

/// A mail, up to the point that ends it.
fn data(lines: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.as_slice() {
            b".\r\n" => return Ok(mail),
            [b'.', rest @ ..] => mail.extend_from_slice(rest),
            whole => mail.extend_from_slice(whole),
        }
    }
}

fn send(to: (&str, u16), sender: &str, recipient: &str, mail: &[u8]) -> io::Result<()> {
    let server = TcpStream::connect(to)?;
    let mut commands = server.try_clone()?;
    let mut answers = BufReader::new(server);
    let mut expect = |code: &str| {
        let mut line = String::new();
        answers.read_line(&mut line)?;
        if line.starts_with(code) { Ok(()) } else { Err(io::Error::other(line)) }
    };
    expect("220")?;
    for (command, code) in [
        ("HELO gateway".to_owned(), "250"),
        (format!("MAIL FROM:<{sender}>"), "250"),
        (format!("RCPT TO:<{recipient}>"), "250"),
        ("DATA".to_owned(), "354"),
    ] {
        commands.write_all(format!("{command}\r\n").as_bytes())?;
        expect(code)?;
    }
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if line.starts_with(b".") {
            commands.write_all(b".")?;
        }
        commands.write_all(line)?;
    }
    commands.write_all(if mail.ends_with(b"\r\n") { b".\r\n" } else { b"\r\n.\r\n" })?;
    expect("250")
}
