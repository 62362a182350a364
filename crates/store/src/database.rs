//! The one state database: opened once, shared by reference, changed in transactions.
//!
//! One connection writes; readers have their own and never wait for the writer (WAL). A transaction that returns an
//! error or panics leaves nothing behind. Calls block the thread (a read costs microseconds, a write one
//! flush to disk); this crate starts no threads and knows no async.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::migration::migrate;
use crate::{Error, Migration, Place};

/// The state database. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Database {
    place: Place,
    writer: Mutex<Connection>,
    idle_readers: Mutex<Vec<Connection>>,
}

impl Database {
    /// Opens the database file, creating it (mode 0600) when absent; its directory must exist.
    pub fn open(path: &Path) -> Result<Self, Error> {
        create_owner_only(path)?;
        let place = Place::File(path.to_owned());
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|source| Error::at(&place, source))?;
        Self::prepare(place, connection)
    }

    /// Opens an empty database that vanishes when dropped: for tests and for a throw-away run.
    pub fn open_in_memory() -> Result<Self, Error> {
        let place = Place::Memory;
        let connection =
            Connection::open_in_memory().map_err(|source| Error::at(&place, source))?;
        Self::prepare(place, connection)
    }

    fn prepare(place: Place, connection: Connection) -> Result<Self, Error> {
        let at = |source| Error::at(&place, source);
        connection.busy_timeout(BUSY_TIMEOUT).map_err(at)?;
        let application_id: i32 = connection
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .map_err(at)?;
        let tables: u32 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(at)?;
        if application_id != APPLICATION_ID && (application_id != 0 || tables > 0) {
            return Err(Error::Foreign {
                place,
                application_id,
            });
        }
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(at)?;
        connection
            .pragma_update(None, "synchronous", "FULL")
            .map_err(at)?;
        connection
            .pragma_update(None, "foreign_keys", true)
            .map_err(at)?;
        connection
            .pragma_update(None, "trusted_schema", false)
            .map_err(at)?;
        if application_id != APPLICATION_ID {
            connection
                .pragma_update(None, "application_id", APPLICATION_ID)
                .map_err(at)?;
        }
        Ok(Self {
            place,
            writer: Mutex::new(connection),
            idle_readers: Mutex::new(Vec::new()),
        })
    }

    /// Brings the schema forward by the given steps, in order; all in one transaction.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), Error> {
        self.write(|tx| migrate(tx, &self.place, migrations))
    }

    /// Runs a read-only transaction on one consistent state; a write inside it is an error.
    pub fn read<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.place == Place::Memory {
            // A database in memory has one connection only.
            let mut connection = locked(&self.writer);
            return self.run(&mut connection, TransactionBehavior::Deferred, work);
        }
        let idle = locked(&self.idle_readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.reader()?,
        };
        let result = self.run(&mut connection, TransactionBehavior::Deferred, work);
        let mut idle_readers = locked(&self.idle_readers);
        if idle_readers.len() < IDLE_READERS_MAX {
            idle_readers.push(connection);
        }
        result
    }

    /// Runs a writing transaction: committed and flushed when `work` returns `Ok`, undone otherwise.
    pub fn write<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = locked(&self.writer);
        self.run(&mut connection, TransactionBehavior::Immediate, work)
    }

    /// Where this database is, for messages.
    pub fn place(&self) -> &Place {
        &self.place
    }

    fn run<T, E: From<Error>>(
        &self,
        connection: &mut Connection,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let at = |source| E::from(Error::at(&self.place, source));
        let tx = connection.transaction_with_behavior(behavior).map_err(at)?;
        let value = work(&tx)?;
        tx.commit().map_err(at)?;
        Ok(value)
    }

    fn reader(&self) -> Result<Connection, Error> {
        let at = |source| Error::at(&self.place, source);
        let Place::File(path) = &self.place else {
            return Err(Error::CannotOpen {
                place: self.place.clone(),
                reason: "it has no file".to_owned(),
            });
        };
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(at)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(at)?;
        connection
            .pragma_update(None, "trusted_schema", false)
            .map_err(at)?;
        Ok(connection)
    }
}

/// A panic in a transaction undoes it when the transaction is dropped, so a poisoned lock guards a sound connection.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// SQLite gives the files beside the database (`-wal`, `-shm`) the mode of the database itself.
fn create_owner_only(path: &Path) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Error::io(path, &error)),
    }
}

/// The mark in the file's header: "PCls".
const APPLICATION_ID: i32 = 0x5043_6c73;
/// How long a writer waits for another process: longer than any transaction of ours, shorter than a caller's patience.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Reading connections kept open (each ~50 KiB plus page cache up to 2 MiB): 16 x 2 MiB = 32 MiB at most.
const IDLE_READERS_MAX: usize = 16;

#[cfg(test)]
mod tests;
