//! Somebody between a client and a server.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What it does to what the server says.
#[derive(Clone, Copy, Debug)]
pub enum Trick {
    /// Lets so many pieces of a connection through, and closes when the next one comes: what it
    /// answers to was done, and nobody hears it.
    CutAfter(usize),
    /// Puts something of its own behind the first piece that holds some words.
    Inject(&'static str, &'static str),
    /// Makes other words of some words.
    Replace(&'static str, &'static str),
}

/// Takes connections until it is dropped; they go on until they end.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    trick: Arc<Mutex<Trick>>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
}

impl Proxy {
    /// Listens on an address, and passes on to a server.
    pub fn new(address: &str, to: (String, u16), trick: Trick) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::<Mutex<Vec<TcpStream>>>::default();
        let kept = connections.clone();
        let trick = Arc::new(Mutex::new(trick));
        let played_now = trick.clone();
        // Ends with the process: it waits for whoever comes.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect((to.0.as_str(), to.1)).unwrap();
                let (from_client, to_server) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || pass(from_client, to_server, |piece| Some(piece.to_vec())));
                kept.lock().unwrap().push(client.try_clone().unwrap());
                let trick = *played_now.lock().unwrap();
                thread::spawn(move || {
                    let mut before = 0..;
                    pass(server, client, |piece| played(trick, piece, before.next()?));
                });
            }
        });
        Self { port, trick, connections }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Plays another trick on connections from now on.
    pub fn play(&self, trick: Trick) {
        *self.trick.lock().unwrap() = trick;
    }

    /// How many connections it took so far.
    pub fn connections(&self) -> usize {
        self.connections.lock().unwrap().len()
    }

    /// Closes all of them.
    pub fn cut(&self) {
        self.connections.lock().unwrap().iter().for_each(|client| drop(client.shutdown(Shutdown::Both)));
    }
}

fn played(trick: Trick, piece: &[u8], before: usize) -> Option<Vec<u8>> {
    let find = |words: &str| memchr::memmem::find(piece, words.as_bytes());
    match trick {
        Trick::CutAfter(most) if before >= most => None,
        Trick::CutAfter(_) => Some(piece.to_vec()),
        Trick::Inject(words, own) if find(words).is_some() => Some([piece, own.as_bytes()].concat()),
        Trick::Replace(words, other) => match find(words) {
            Some(at) => Some([&piece[..at], other.as_bytes(), &piece[at + words.len()..]].concat()),
            None => Some(piece.to_vec()),
        },
        Trick::Inject(..) => Some(piece.to_vec()),
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut with: impl FnMut(&[u8]) -> Option<Vec<u8>>) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(count) = from.read(&mut piece) {
        let next = if count == 0 { None } else { with(&piece[..count]) };
        if next.is_none_or(|next| to.write_all(&next).is_err()) {
            break;
        }
    }
    from.shutdown(Shutdown::Both).ok();
    to.shutdown(Shutdown::Both).ok();
}
