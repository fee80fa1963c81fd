//! Having a request carried out, by whoever owns the home.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::line::{Line, Watcher};
use super::{Answer, Failure, Kind, Request};
use crate::home::{Lock, connect};
use crate::host::{Host, HostBuilder};

/// How long a short command of somebody else is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the home is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(10);

/// Has a request carried out: by the process that owns the home where one
/// answers at its socket, else by this one.
pub fn call(builder: &HostBuilder, request: &Request, watcher: &Arc<dyn Watcher>) -> Result<Answer, Failure> {
    match reach(builder)? {
        Reached::Owner(stream) => ask(stream, request, watcher.as_ref()),
        Reached::Home(host) => {
            // A long run lets others talk to it meanwhile.
            let serving = matches!(request, Request::Finish(_)).then(|| host.listen());
            if let Some(Err(failure)) = &serving {
                tracing::warn!(error = %failure, "other commands have to wait until this one has finished");
            }
            let answer = host.execute(request, watcher);
            drop(serving);
            answer
        }
    }
}

/// What is to be had of a home.
pub(crate) enum Reached {
    /// Another process has it, and listens.
    Owner(BufReader<UnixStream>),
    /// It is ours.
    Home(Arc<Host>),
}

/// Reaches the owner of a home, or becomes it; a process that has it and
/// doesn't listen is at a short command, and waited for.
pub(crate) fn reach(builder: &HostBuilder) -> Result<Reached, Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let root = builder.home().root().display();
        let stream = connect(builder.home()).map_err(Failure::io(format!("{root}: the socket fails")))?;
        if let Some(stream) = stream.and_then(ready) {
            return Ok(Reached::Owner(stream));
        }
        if let Some(host) = builder.try_build()? {
            return Ok(Reached::Home(Arc::new(host)));
        }
        if Instant::now() >= deadline {
            let holder = Lock::holder(builder.home()).map(|pid| format!(" (process {pid})")).unwrap_or_default();
            return Err(Failure::new(Kind::Passing, format!("another ferry{holder} is at work in {root}"))
                .with_help("wait until it has finished, then try again"));
        }
        sleep(PAUSE);
    }
}

/// A connection to somebody who is ready; none where they are just dying.
fn ready(stream: UnixStream) -> Option<BufReader<UnixStream>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    matches!(serde_json::from_str(&line), Ok(Line::Ready { .. })).then_some(reader)
}

/// Asks over a connection.
fn ask(mut stream: BufReader<UnixStream>, request: &Request, watcher: &dyn Watcher) -> Result<Answer, Failure> {
    let lost = |what: &str| {
        Failure::failed(format!("the ferry that owns the home ended before it answered ({what})"))
            .with_help("try again: what was stored before stands")
    };
    let mut line = serde_json::to_vec(request).map_err(|e| Failure::failed(e.to_string()))?;
    line.push(b'\n');
    stream.get_mut().write_all(&line).map_err(|e| lost(&e.to_string()))?;
    for line in stream.lines() {
        let line = line.map_err(|e| lost(&e.to_string()))?;
        let line = serde_json::from_str(&line).map_err(|e| {
            Failure::failed(format!("the ferry that owns the home answered what this version doesn't know: {e}"))
                .with_help("stop the running `ferry run` and start it again with this version")
        })?;
        match line {
            Line::Ready { .. } => {}
            Line::Progress(progress) => watcher.progress(progress),
            Line::Answer(answer) => return Ok(*answer),
            Line::Failure(failure) => return Err(failure),
        }
    }
    Err(lost("no answer came"))
}
