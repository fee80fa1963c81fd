//! Carrying out what others ask at the socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::line::{Line, Progress, Watcher};
use super::{Failure, Request};
use crate::home::Listener;
use crate::host::Host;

/// The longest request, in bytes: a configuration or a handshake file.
const REQUEST_BYTES_MAX: u64 = 16 << 20;

/// How long a connection may take to say what it wants.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// How many requests are carried out at a time.
const CONNECTIONS_MAX: usize = 32;

/// Serves requests until this is dropped; then waits for those under way.
#[derive(Debug)]
pub struct Server {
    listener: Arc<Listener>,
    ending: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

/// Begins to serve requests at the socket.
pub fn serve(host: &Arc<Host>, listener: Listener) -> Result<Server, Failure> {
    let listener = Arc::new(listener);
    let ending = Arc::new(AtomicBool::new(false));
    let (host, shared, flag) = (host.clone(), listener.clone(), ending.clone());
    let thread = thread::Builder::new()
        .name("socket".to_owned())
        .spawn(move || accept(&host, &shared, &flag))
        .map_err(Failure::io("no thread could be started"))?;
    Ok(Server { listener, ending, thread: Some(thread) })
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        // Wakes the thread that accepts.
        let _ = UnixStream::connect(self.listener.path());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn accept(host: &Arc<Host>, listener: &Listener, ending: &AtomicBool) {
    let mut serving: Vec<thread::JoinHandle<()>> = Vec::new();
    for stream in listener.socket.incoming() {
        if ending.load(Ordering::Acquire) {
            break;
        }
        let Ok(stream) = stream else {
            // Out of file descriptors: give others time to close some.
            thread::sleep(Duration::from_millis(50));
            continue;
        };
        serving.retain(|thread| !thread.is_finished());
        if serving.len() >= CONNECTIONS_MAX {
            drop(stream);
            continue;
        }
        let host = host.clone();
        if let Ok(thread) = thread::Builder::new().name("request".to_owned()).spawn(move || answer(&host, stream)) {
            serving.push(thread);
        }
    }
    for thread in serving {
        let _ = thread.join();
    }
}

/// Carries out the one request of a connection.
fn answer(host: &Host, stream: UnixStream) {
    let replies = Arc::new(Replies { stream: Mutex::new(stream) });
    replies.send(&Line::Ready { version: env!("CARGO_PKG_VERSION").to_owned() });
    let watcher: Arc<dyn Watcher> = replies.clone();
    let line = match replies.request().and_then(|request| host.execute(&request, &watcher)) {
        Ok(answer) => Line::Answer(Box::new(answer)),
        Err(failure) => Line::Failure(failure),
    };
    replies.send(&line);
}

/// The way back. Who hung up misses the answer; what was done is done.
#[derive(Debug)]
struct Replies {
    stream: Mutex<UnixStream>,
}

impl Replies {
    fn request(&self) -> Result<Request, Failure> {
        let unreadable = |e: std::io::Error| Failure::usage(format!("the request can't be read: {e}"));
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner).try_clone().map_err(unreadable)?;
        stream.set_read_timeout(Some(REQUEST_TIME)).map_err(unreadable)?;
        let mut line = String::new();
        BufReader::new(stream.take(REQUEST_BYTES_MAX)).read_line(&mut line).map_err(unreadable)?;
        serde_json::from_str(&line).map_err(|e| {
            Failure::usage(format!("the running ferry doesn't know this request: {e}"))
                .with_help("stop the running `ferry run` and start it again with this version")
        })
    }

    fn send(&self, line: &Line) {
        if let Ok(mut bytes) = serde_json::to_vec(line) {
            bytes.push(b'\n');
            let _ = self.stream.lock().unwrap_or_else(PoisonError::into_inner).write_all(&bytes);
        }
    }
}

impl Watcher for Replies {
    fn progress(&self, progress: Progress) {
        self.send(&Line::Progress(progress));
    }
}
