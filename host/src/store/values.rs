//! The statements.

use rusqlite::{Connection, TransactionBehavior, params};

use super::{KEY_BYTES_MAX, Mutation, SCAN_BYTES_MAX, StoreFault, VALUE_BYTES_MAX};

/// Refuses keys and values that are too large, before anything is written.
pub(super) fn check(mutations: &[Mutation]) -> Result<(), StoreFault> {
    for mutation in mutations {
        let (key, value) = match mutation {
            Mutation::Put(key, value) => (key, value.len()),
            Mutation::Delete(key) => (key, 0),
        };
        if key.len() > KEY_BYTES_MAX || value > VALUE_BYTES_MAX {
            return Err(StoreFault::Other(format!(
                "a key of {} bytes with a value of {value}: the store takes {KEY_BYTES_MAX} and {VALUE_BYTES_MAX}",
                key.len()
            )));
        }
    }
    Ok(())
}

pub(super) fn get(connection: &Connection, keys: &[Vec<u8>]) -> rusqlite::Result<Vec<Option<Vec<u8>>>> {
    // One read transaction: the log is looked at once, and all answers are of
    // the same moment.
    let transaction = connection.unchecked_transaction()?;
    let answers = {
        let mut statement = transaction.prepare_cached("SELECT value FROM kv WHERE key = ?1")?;
        let mut answers = Vec::with_capacity(keys.len());
        for key in keys {
            let mut rows = statement.query([key])?;
            answers.push(rows.next()?.map(|row| row.get(0)).transpose()?);
        }
        answers
    };
    transaction.commit()?;
    Ok(answers)
}

#[allow(clippy::type_complexity)] // As in the public function.
pub(super) fn scan(
    connection: &Connection,
    start: &[u8],
    end: &[u8],
    limit: u32,
) -> rusqlite::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let query = "SELECT key, value FROM kv WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3";
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query(params![start, end, limit])?;
    let mut entries = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let length = row.get_ref(1)?.as_blob()?.len();
        bytes += length;
        if bytes > SCAN_BYTES_MAX && !entries.is_empty() {
            break;
        }
        entries.push((row.get(0)?, row.get(1)?));
    }
    Ok(entries)
}

pub(super) fn count(connection: &Connection, start: &[u8], end: &[u8]) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT count(*) FROM kv WHERE key >= ?1 AND key < ?2")?;
    statement.query_row(params![start, end], |row| row.get(0))
}

pub(super) fn commit(connection: &mut Connection, mutations: &[Mutation]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let upsert =
            "INSERT INTO kv (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let mut put = transaction.prepare_cached(upsert)?;
        let mut delete = transaction.prepare_cached("DELETE FROM kv WHERE key = ?1")?;
        for mutation in mutations {
            match mutation {
                Mutation::Put(key, value) => put.execute(params![key, value])?,
                Mutation::Delete(key) => delete.execute([key])?,
            };
        }
    }
    transaction.commit()
}
