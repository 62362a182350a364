//! Schemas of several crates in one file, each moving forward by numbered steps.
//!
//! What was applied is remembered with a digest of its text, so that an edited old migration is noticed instead of
//! silently meaning two things. A schema never moves backwards.

use aws_lc_rs::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{Error, Place};

/// One step of one crate's schema. Versions of a room count 1, 2, 3 …; a released step is never edited.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The crate that owns the tables, for example `"access"`.
    pub room: &'static str,
    /// Its number within the room, from 1.
    pub version: u32,
    /// The statements, without `BEGIN` and `COMMIT`.
    pub sql: &'static str,
}

/// Applies what is missing, in the order given. Runs inside the caller's transaction: all steps or none.
pub(crate) fn migrate(
    tx: &Transaction<'_>,
    place: &Place,
    migrations: &[Migration],
) -> Result<(), Error> {
    let at = |source| Error::at(place, source);
    tx.execute_batch(LEDGER).map_err(at)?;
    for (position, migration) in migrations.iter().enumerate() {
        let earlier = migrations
            .iter()
            .take(position)
            .rev()
            .find(|m| m.room == migration.room);
        if migration.version != earlier.map_or(0, |m| m.version) + 1 {
            return Err(Error::OutOfOrder {
                room: migration.room.to_owned(),
                version: migration.version,
            });
        }
        step(tx, place, migration)?;
    }
    for migration in migrations {
        let known = migrations
            .iter()
            .filter(|m| m.room == migration.room)
            .map(|m| m.version)
            .max()
            .unwrap_or(0);
        let newest = "SELECT max(version) FROM store_migration WHERE room = ?1";
        let found: u32 = tx
            .query_row(newest, [migration.room], |row| row.get(0))
            .map_err(at)?;
        if found > known {
            return Err(Error::NewerSchema {
                place: place.clone(),
                room: migration.room.to_owned(),
                found,
                known,
            });
        }
    }
    Ok(())
}

fn step(tx: &Transaction<'_>, place: &Place, migration: &Migration) -> Result<(), Error> {
    let at = |source| Error::at(place, source);
    let text = digest(&SHA256, migration.sql.as_bytes());
    let applied: Option<Vec<u8>> = tx
        .query_row(
            "SELECT digest FROM store_migration WHERE room = ?1 AND version = ?2",
            params![migration.room, migration.version],
            |row| row.get(0),
        )
        .optional()
        .map_err(at)?;
    match applied {
        Some(digest) if digest == text.as_ref() => Ok(()),
        Some(_) => Err(Error::OtherSchema {
            place: place.clone(),
            room: migration.room.to_owned(),
            version: migration.version,
        }),
        None => {
            tx.execute_batch(migration.sql).map_err(at)?;
            tx.execute(
                "INSERT INTO store_migration (room, version, digest) VALUES (?1, ?2, ?3)",
                params![migration.room, migration.version, text.as_ref()],
            )
            .map_err(at)?;
            Ok(())
        }
    }
}

/// What this crate itself keeps: which steps were applied, and the digest of their text.
const LEDGER: &str = "CREATE TABLE IF NOT EXISTS store_migration (
    room TEXT NOT NULL, version INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (room, version)
) STRICT";
