//! Names of tokens that were used, in the state database: whoever inserts the row has used the token, so that of any number of
//! threads and processes exactly one does, and a restart forgets nothing.
//!
//! What is kept is a hash of the name, whatever a client sends as one, until the token has expired anyway.

use std::sync::Arc;

use store::Database;
use store::rusqlite::params;

use super::Use;
use crate::limits::USED_ASSERTIONS_PER_CLIENT_MAX;

/// The used tokens of all clients. Cloning shares the database.
#[derive(Clone, Debug)]
pub struct UsedAssertions {
    database: Arc<Database>,
}

impl UsedAssertions {
    /// Those of this state database, which has this crate's tables.
    pub fn of(database: Arc<Database>) -> Self {
        Self { database }
    }

    /// Uses the token `jti` of `client`, which is remembered until `expires` (seconds since 1970). Blocks for one flush to disk.
    ///
    /// # Errors
    /// The database cannot be written; then nothing was used, and the token must not count.
    pub fn consume(
        &self,
        client: &str,
        jti: &str,
        expires: i64,
        now: i64,
    ) -> Result<Use, store::Error> {
        let name = jose::sha256_base64url(jti.as_bytes());
        self.database.write(|tx| {
            tx.execute("DELETE FROM access_used_assertion WHERE expires < ?1", params![now])?;
            let live: u32 = tx.query_row(
                "SELECT count(*) FROM (SELECT 1 FROM access_used_assertion WHERE client = ?1 LIMIT ?2)",
                params![client, USED_ASSERTIONS_PER_CLIENT_MAX],
                |row| row.get(0),
            )?;
            let inserted = tx.execute(
                "INSERT INTO access_used_assertion (client, jti, expires) SELECT ?1, ?2, ?3 \
                 WHERE ?4 ON CONFLICT DO NOTHING",
                params![client, name, expires, live < USED_ASSERTIONS_PER_CLIENT_MAX],
            )?;
            Ok(match inserted {
                1 => Use::First,
                _ if live < USED_ASSERTIONS_PER_CLIENT_MAX => Use::Again,
                _ => Use::Full,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MIGRATIONS;
    use std::path::Path;
    use std::sync::Barrier;

    fn open(path: &Path) -> UsedAssertions {
        let database = Database::open(path).unwrap();
        database.migrate(MIGRATIONS).unwrap();
        UsedAssertions::of(Arc::new(database))
    }

    #[test]
    fn a_token_counts_once_for_its_client_until_it_expires_and_over_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let used = open(&path);
        assert_eq!(used.consume("a", "1", 100, 10).unwrap(), Use::First);
        assert_eq!(used.consume("a", "1", 100, 11).unwrap(), Use::Again);
        assert_eq!(used.consume("b", "1", 100, 11).unwrap(), Use::First);
        drop(used);
        let used = open(&path);
        assert_eq!(used.consume("a", "1", 100, 100).unwrap(), Use::Again);
        assert_eq!(used.consume("a", "1", 300, 101).unwrap(), Use::First);
    }

    #[test]
    fn a_client_that_used_too_many_is_refused_new_ones_and_no_other_is() {
        let database = Database::open_in_memory().unwrap();
        database.migrate(MIGRATIONS).unwrap();
        let filled = database.write(|tx| {
            let sql = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1) \
                       INSERT INTO access_used_assertion SELECT 'a', 'name ' || n, 100 FROM number";
            Ok::<_, store::Error>(tx.execute(sql, params![USED_ASSERTIONS_PER_CLIENT_MAX - 1])?)
        });
        assert!(filled.is_ok());
        let used = UsedAssertions::of(Arc::new(database));
        assert_eq!(used.consume("a", "0", 100, 10).unwrap(), Use::First);
        assert_eq!(used.consume("a", "one more", 100, 10).unwrap(), Use::Full);
        assert_ne!(used.consume("a", "0", 100, 10).unwrap(), Use::First);
        assert_eq!(used.consume("b", "0", 100, 10).unwrap(), Use::First);
        assert_eq!(used.consume("a", "one more", 200, 101).unwrap(), Use::First);
    }

    #[test]
    fn of_eight_who_show_a_token_at_once_one_is_first_even_over_two_processes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        let stores = [open(&path), open(&path)];
        for round in 0..20 {
            let barrier = Barrier::new(8);
            let firsts: usize = std::thread::scope(|scope| {
                let racers: Vec<_> = (0..8)
                    .map(|racer| {
                        let (used, barrier) = (&stores[racer % 2], &barrier);
                        scope.spawn(move || {
                            barrier.wait();
                            used.consume("a", &round.to_string(), 100, 10).unwrap() == Use::First
                        })
                    })
                    .collect();
                racers
                    .into_iter()
                    .map(|racer| usize::from(racer.join().unwrap()))
                    .sum()
            });
            assert_eq!(firsts, 1, "round {round}");
        }
    }
}
