//! The glass of one org as it is kept: what checks the passphrase, and how often it was guessed. The delay between guesses doubles, in
//! all processes together.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use jiff::{SignedDuration, Timestamp};
use store::Stretch;
use store::rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{GlassError, GlassPassphrase};
use crate::api_key::{Fingerprint, Pepper};
use crate::client::instant;
use crate::limits::GLASS_WAIT_S_MAX;
use crate::{AccessError, OrgName};

/// The glass of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// When it was sealed, to the second.
    pub sealed: Timestamp,
    /// When it was opened; then it has to be sealed anew before it can be opened again.
    pub broken: Option<Timestamp>,
    /// Wrong passphrases in a row.
    pub failures: u32,
    tried: Timestamp,
    check: Check,
}

/// What tells the right passphrase: a keyed hash over what it stretches to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Check {
    salt: Vec<u8>,
    cost: Stretch,
    verifier: Vec<u8>,
}

impl Check {
    pub(super) fn of(passphrase: &GlassPassphrase, pepper: &Pepper) -> Result<Self, AccessError> {
        let mut salt = vec![0_u8; 16];
        rand::fill(&mut salt).map_err(|_| AccessError::NoRandomness)?;
        let cost = Stretch::RECOMMENDED;
        let verifier =
            verifier(passphrase, &salt, cost, pepper).ok_or(AccessError::NoRandomness)?;
        Ok(Self {
            salt,
            cost,
            verifier: verifier.to_vec(),
        })
    }

    /// Whether it is the right one. Takes a tenth of a second of CPU and 64 MiB, right or wrong.
    pub(super) fn accepts(&self, passphrase: &GlassPassphrase, pepper: &Pepper) -> bool {
        let shown = verifier(passphrase, &self.salt, self.cost, pepper);
        shown.is_some_and(|shown| verify_slices_are_equal(&shown, &self.verifier).is_ok())
    }
}

/// Under the pepper, so that a stolen database alone does not let anyone test guesses.
fn verifier(
    passphrase: &GlassPassphrase,
    salt: &[u8],
    cost: Stretch,
    pepper: &Pepper,
) -> Option<Fingerprint> {
    use std::fmt::Write as _;
    let key = cost.key(passphrase.secret(), salt)?;
    let mut text = store::Zeroizing::new(String::with_capacity(2 * key.expose().len()));
    for byte in key.expose() {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(pepper.fingerprint(&text))
}

impl Glass {
    pub(super) fn check(&self) -> &Check {
        &self.check
    }

    /// Notes a try before it is known how it ends, so that nobody guesses faster by guessing at once.
    ///
    /// # Errors
    /// [`GlassError`], when it may not be tried now.
    pub(super) fn try_at(
        tx: &Transaction<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        let glass = Self::find(tx, org)?.ok_or(GlassError::NeverSealed)?;
        if glass.broken.is_some() {
            return Err(GlassError::Broken.into());
        }
        let wait = glass.may_be_tried_from().duration_since(now);
        if wait.is_positive() && glass.tried <= now {
            return Err(GlassError::TooSoon {
                seconds: wait.as_secs() + 1,
            }
            .into());
        }
        tx.execute(
            "UPDATE access_glass SET failures = failures + 1, tried = ?2 WHERE org = ?1",
            params![org.as_str(), now.as_second()],
        )?;
        Ok(glass)
    }

    /// Breaks it: its passphrase has been used. False, when somebody else did at the same moment.
    pub(super) fn break_at(
        tx: &Transaction<'_>,
        org: &OrgName,
        sealed: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AccessError> {
        let sql = "UPDATE access_glass SET broken = ?3, failures = 0 WHERE org = ?1 AND sealed = ?2 AND broken IS NULL";
        Ok(tx.execute(
            sql,
            params![org.as_str(), sealed.as_second(), now.as_second()],
        )? == 1)
    }

    pub(super) fn seal(
        tx: &Transaction<'_>,
        org: &OrgName,
        check: &Check,
        now: Timestamp,
    ) -> Result<Self, AccessError> {
        tx.execute(
            "INSERT OR REPLACE INTO access_glass (org, salt, memory_kib, passes, lanes, verifier, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                org.as_str(),
                check.salt,
                check.cost.memory_kib,
                check.cost.passes,
                check.cost.lanes,
                check.verifier,
                now.as_second()
            ],
        )?;
        Self::find(tx, org)?.ok_or(AccessError::Unreadable { what: "a glass" })
    }

    pub(super) fn find(tx: &Transaction<'_>, org: &OrgName) -> Result<Option<Self>, AccessError> {
        let sql = "SELECT * FROM access_glass WHERE org = ?1";
        tx.query_row(sql, [org.as_str()], |row| Ok(Self::read(row)))
            .optional()?
            .transpose()
    }

    /// 2 s after the first wrong passphrase, 4 s after the second, and so on to the bound.
    fn may_be_tried_from(&self) -> Timestamp {
        let seconds = match self.failures {
            0 => 0,
            failures => 1_i64
                .checked_shl(failures.min(30))
                .unwrap_or(GLASS_WAIT_S_MAX),
        };
        let wait = SignedDuration::from_secs(seconds.min(GLASS_WAIT_S_MAX));
        self.tried.saturating_add(wait).unwrap_or(self.tried)
    }

    fn read(row: &Row<'_>) -> Result<Self, AccessError> {
        let unreadable = || AccessError::Unreadable { what: "a glass" };
        let broken: Option<i64> = row.get("broken")?;
        Ok(Self {
            sealed: instant(row.get("sealed")?).ok_or_else(unreadable)?,
            broken: broken
                .map(|at| instant(at).ok_or_else(unreadable))
                .transpose()?,
            failures: row.get("failures")?,
            tried: instant(row.get("tried")?).ok_or_else(unreadable)?,
            check: Check {
                salt: row.get("salt")?,
                cost: Stretch {
                    memory_kib: row.get("memory_kib")?,
                    passes: row.get("passes")?,
                    lanes: row.get("lanes")?,
                },
                verifier: row.get("verifier")?,
            },
        })
    }
}
