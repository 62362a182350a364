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
mod tests {
    use super::*;

    const ACCESS: &[Migration] = &[
        Migration {
            room: "access",
            version: 1,
            sql: "CREATE TABLE client (id TEXT PRIMARY KEY) STRICT",
        },
        Migration {
            room: "access",
            version: 2,
            sql: "CREATE TABLE key (client TEXT NOT NULL REFERENCES client (id)) STRICT",
        },
    ];

    fn opened() -> (tempfile::TempDir, Database) {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open(&directory.path().join("state.db")).unwrap();
        database.migrate(ACCESS).unwrap();
        (directory, database)
    }

    fn clients(database: &Database) -> u32 {
        database
            .read(|tx| {
                Ok::<_, Error>(tx.query_row("SELECT count(*) FROM client", [], |row| row.get(0))?)
            })
            .unwrap()
    }

    fn add_client(database: &Database, id: &str) -> Result<(), Error> {
        database.write(|tx| {
            tx.execute("INSERT INTO client VALUES (?1)", [id])?;
            Ok(())
        })
    }

    #[test]
    fn what_was_written_is_there_after_reopening() {
        let (directory, database) = opened();
        add_client(&database, "terraform").unwrap();
        drop(database);
        let database = Database::open(&directory.path().join("state.db")).unwrap();
        database.migrate(ACCESS).unwrap();
        assert_eq!(clients(&database), 1);
    }

    #[test]
    fn memory_serves_reads_and_writes() {
        let database = Database::open_in_memory().unwrap();
        database.migrate(ACCESS).unwrap();
        add_client(&database, "terraform").unwrap();
        assert_eq!(clients(&database), 1);
    }

    #[test]
    fn a_failed_or_panicking_transaction_leaves_nothing() {
        let (_directory, database) = opened();
        let refused: Result<(), Error> = database.write(|tx| {
            tx.execute("INSERT INTO client VALUES ('a')", [])?;
            tx.execute("INSERT INTO key VALUES ('nobody')", [])?;
            Ok(())
        });
        assert!(
            matches!(refused, Err(Error::Failed { .. })),
            "foreign keys are on: {refused:?}"
        );
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            database.write(|tx| -> Result<(), Error> {
                tx.execute("INSERT INTO client VALUES ('b')", [])?;
                panic!("as a bug would")
            })
        }));
        assert_eq!(clients(&database), 0);
        add_client(&database, "c").unwrap();
    }

    #[test]
    fn a_reader_does_not_wait_for_the_writer_and_cannot_write() {
        let (_directory, database) = opened();
        database
            .write(|tx| {
                tx.execute("INSERT INTO client VALUES ('unseen')", [])?;
                assert_eq!(
                    clients(&database),
                    0,
                    "the reader sees the last committed state"
                );
                Ok::<_, Error>(())
            })
            .unwrap();
        let refused = database.read(|tx| Ok::<_, Error>(tx.execute("DELETE FROM client", [])?));
        assert!(
            matches!(refused, Err(Error::ReadOnly { .. })),
            "{refused:?}"
        );
    }

    #[test]
    fn another_file_is_refused_and_left_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notes.txt");
        let text =
            "not a database, but long enough to have a header of one hundred bytes ".repeat(4);
        std::fs::write(&path, &text).unwrap();
        let refused = Database::open(&path).unwrap_err();
        assert!(matches!(refused, Error::NotADatabase { .. }), "{refused:?}");
        assert!(refused.to_string().contains("notes.txt is not a database"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn a_database_of_another_program_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("other.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE bookmark (url TEXT)")
            .unwrap();
        assert!(matches!(Database::open(&path), Err(Error::Foreign { .. })));
    }

    #[test]
    fn an_absent_directory_is_named() {
        let refused = Database::open(Path::new("/nowhere/at/all/state.db")).unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("cannot open state database /nowhere/at/all/state.db"),
            "{refused}"
        );
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let (_directory, database) = opened();
        let refused = database.migrate(&ACCESS[..1]).unwrap_err();
        assert!(
            matches!(
                refused,
                Error::NewerSchema {
                    found: 2,
                    known: 1,
                    ..
                }
            ),
            "{refused:?}"
        );
    }

    #[test]
    fn an_edited_migration_and_a_gap_are_refused() {
        let (_directory, database) = opened();
        let edited = [Migration {
            room: "access",
            version: 1,
            sql: "CREATE TABLE client (id INTEGER) STRICT",
        }];
        assert!(matches!(
            database.migrate(&edited),
            Err(Error::OtherSchema { version: 1, .. })
        ));
        let gap = [Migration {
            room: "audit",
            version: 2,
            sql: "CREATE TABLE entry (id INTEGER) STRICT",
        }];
        assert!(matches!(
            database.migrate(&gap),
            Err(Error::OutOfOrder { version: 2, .. })
        ));
    }

    #[test]
    fn a_failing_migration_leaves_the_schema_as_it_was() {
        let (_directory, database) = opened();
        let broken = [
            Migration {
                room: "audit",
                version: 1,
                sql: "CREATE TABLE entry (id INTEGER) STRICT",
            },
            Migration {
                room: "audit",
                version: 2,
                sql: "CREATE TABLE entry (id INTEGER) STRICT",
            },
        ];
        assert!(database.migrate(&broken).is_err());
        database.migrate(&broken[..1]).unwrap();
    }

    #[test]
    fn a_full_disk_is_called_so_and_keeps_what_was_there() {
        let (_directory, database) = opened();
        add_client(&database, "first").unwrap();
        database
            .write(|tx| Ok::<_, Error>(tx.pragma_update(None, "max_page_count", 1)?))
            .unwrap();
        let refused = add_client(&database, &"x".repeat(100_000)).unwrap_err();
        assert!(matches!(refused, Error::DiskFull { .. }), "{refused:?}");
        assert_eq!(clients(&database), 1);
    }
}
