//! The state database under use and misuse.

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
    let text = "not a database, but long enough to have a header of one hundred bytes ".repeat(4);
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
