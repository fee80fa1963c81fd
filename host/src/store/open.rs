//! Opening: what the file must be, and how SQLite is to treat it.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::OpenError;

/// Says whose file it is: "Fery".
const APPLICATION_ID: u32 = 0x4665_7279;
/// The format of the table below.
const FORMAT: u32 = 1;

/// Where a SQLite file says both (<https://www.sqlite.org/fileformat.html>), and
/// how long its head is, in bytes.
const FORMAT_AT: usize = 60;
const APPLICATION_ID_AT: usize = 68;
const HEAD_BYTES: usize = 100;

/// Keys live twice, in the table and in its index, on purpose. With values of
/// a kilobyte and more in the key's own tree (WITHOUT ROWID) a commit of random
/// keys took three times the processor and four times the writing, and counting
/// read every value.
const SCHEMA: &str = "CREATE TABLE kv (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT;";

/// Of a new file, in bytes: a value and its neighbours fit, and a commit writes
/// few pages twice.
const PAGE_BYTES: u32 = 8192;

/// Page cache of a connection, in KiB: inner pages and the hot part of the
/// index; the operating system keeps the rest.
const CACHE_KIB: i64 = 4096;

/// How long another process may keep a lock that it is about to give up.
const PATIENCE: Duration = Duration::from_millis(500);

/// Opens and locks a file, made where it isn't there.
pub(super) fn file(path: &Path) -> Result<Connection, OpenError> {
    untouched(path)?;
    // SQLite's own would follow the umask; its log follows this file's mode.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| OpenError::Create { path: path.to_owned(), source })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags)
        .and_then(|connection| configure(&connection).map(|()| connection))
        .map_err(|source| explain(path, source))
        .and_then(|connection| identify(connection, path))
}

/// Refuses what another version or another program wrote by the file's first
/// bytes alone, before SQLite changes any.
fn untouched(path: &Path) -> Result<(), OpenError> {
    let mut head = [0; HEAD_BYTES];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    if read.is_err() || !head.starts_with(b"SQLite format 3\0") {
        // Not there, empty, or SQLite says what it is.
        return Ok(());
    }
    let number =
        |at: usize| head.get(at..at + 4).map(|four| four.iter().fold(0, |all, one| all << 8 | u32::from(*one)));
    match (number(APPLICATION_ID_AT), number(FORMAT_AT)) {
        // Nothing was written behind the head yet.
        (Some(0), Some(0)) => Ok(()),
        (Some(application), Some(format)) => judge(application, format, path),
        _ => Ok(()),
    }
}

fn judge(application: u32, format: u32, path: &Path) -> Result<(), OpenError> {
    let path = || path.to_owned();
    match (application, format) {
        (APPLICATION_ID, FORMAT) => Ok(()),
        (APPLICATION_ID, found) if found > FORMAT => Err(OpenError::Newer { path: path(), found, known: FORMAT }),
        (APPLICATION_ID, found) => Err(OpenError::Older { path: path(), found, known: FORMAT }),
        _ => Err(OpenError::Foreign(path())),
    }
}

/// An empty one in memory.
pub(super) fn memory() -> Result<Connection, OpenError> {
    let explained = |source| explain(Path::new(""), source);
    let connection = Connection::open_in_memory().map_err(explained)?;
    connection.execute_batch(SCHEMA).map_err(explained)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // Exclusive before the first access: the lock is kept, and the log's index
    // lies in our memory instead of in a shared file.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(16);
    Ok(())
}

/// Checks whose file it is, and makes the table in a new one.
fn identify(connection: Connection, path: &Path) -> Result<Connection, OpenError> {
    let explained = |source| explain(path, source);
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    let (application, format) =
        (number("application_id").map_err(explained)?, number("user_version").map_err(explained)?);
    match (application, format) {
        (0, 0) if empty(&connection).map_err(explained)? => {
            let whose = format!("PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={FORMAT};");
            let setup = format!("BEGIN IMMEDIATE; {SCHEMA} {whose} COMMIT;");
            connection.execute_batch(&setup).map_err(explained)?;
            Ok(connection)
        }
        _ => judge(application, format, path).map(|()| connection),
    }
}

fn empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))
}

fn explain(path: &Path, source: rusqlite::Error) -> OpenError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Owned(path.to_owned()),
        Some(ErrorCode::NotADatabase) => OpenError::Foreign(path.to_owned()),
        _ => OpenError::Sqlite { path: path.to_owned(), source },
    }
}
