//! When nothing else lets anybody in: a passphrase in a safe opens the org for minutes.
//!
//! No standing credential exists. Sealing makes the passphrase and keeps only what checks it; opening breaks the seal and issues a key
//! whose grant is every management operation, for an hour at most. No policy binds that key, forbidding ones included: it is for the
//! day on which a policy that nobody can take back locks everybody out, or all approvers are gone, or the policies cannot be read. What
//! holds it in check is that it is loud: every step and every call is told and on disk before it happens, see `gateway`.

mod glass;
mod opening;
mod passphrase;

use jiff::{SignedDuration, Timestamp};

pub use glass::Glass;
pub use opening::Opening;
pub use passphrase::GlassPassphrase;

use crate::limits::{GLASS_MINUTES_MAX, REASON_CHARS_MAX};
use crate::{AccessError, ApiKey, Keyring, OrgName, one_line};

/// Why the glass was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlassError {
    /// There is no passphrase yet.
    #[error("break-glass was never sealed for this org")]
    NeverSealed,
    /// It was opened before.
    #[error("the seal is broken")]
    Broken,
    /// Not the passphrase.
    #[error("that is not the passphrase")]
    Wrong,
    /// Guessing.
    #[error("too soon after a wrong passphrase: wait {seconds} s")]
    TooSoon {
        /// Seconds to wait.
        seconds: i64,
    },
    /// No reason, or one that does not fit a table.
    #[error("a reason of 1 to {REASON_CHARS_MAX} printable characters is needed")]
    NoReason,
    /// Too short or too long.
    #[error("the glass cannot be open for {0} minutes: 1 to {GLASS_MINUTES_MAX} are possible")]
    BadMinutes(u32),
}

impl GlassError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NeverSealed | Self::Broken => {
                "Seal it with `portcullis break-glass seal` and put the passphrase into the safe."
            }
            Self::Wrong | Self::TooSoon { .. } => {
                "Read the passphrase off the sheet again; the wait doubles with every wrong one."
            }
            Self::NoReason => "Say in one line what happened; it stands in the trail for good.",
            Self::BadMinutes(_) => "Open it for as long as the first repair takes.",
        }
    }
}

impl Keyring {
    /// Seals the glass of an org, replacing whatever seal there was. The passphrase is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be written.
    pub fn seal_glass(
        &self,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<(GlassPassphrase, Glass), AccessError> {
        let passphrase = GlassPassphrase::generate()?;
        let check = glass::Check::of(&passphrase, &self.pepper)?;
        let glass = self
            .database
            .write(|tx| Glass::seal(tx, org, &check, now))?;
        Ok((passphrase, glass))
    }

    /// The glass of an org, if it was ever sealed.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn glass(&self, org: &OrgName) -> Result<Option<Glass>, AccessError> {
        self.database.read(|tx| Glass::find(tx, org))
    }

    /// Opens the glass and breaks its seal. The key is in the answer and nowhere else.
    ///
    /// # Errors
    /// [`AccessError::Glass`]; a wrong passphrase delays the next try.
    pub fn open_glass(
        &self,
        org: &OrgName,
        passphrase: &GlassPassphrase,
        reason: &str,
        minutes: u32,
        now: Timestamp,
    ) -> Result<(ApiKey, Opening), AccessError> {
        let reason = one_line(reason, REASON_CHARS_MAX).ok_or(GlassError::NoReason)?;
        if minutes == 0 || minutes > GLASS_MINUTES_MAX {
            return Err(GlassError::BadMinutes(minutes).into());
        }
        let glass = self.database.write(|tx| Glass::try_at(tx, org, now))?;
        if !glass.check().accepts(passphrase, &self.pepper) {
            return Err(GlassError::Wrong.into());
        }
        let key = ApiKey::generate()?;
        let fingerprint = self.pepper.fingerprint(key.expose());
        let span = SignedDuration::from_mins(i64::from(minutes));
        let opening = Opening {
            id: "".into(),
            org: org.clone(),
            reason: reason.to_owned(),
            opened: now,
            ends: now.saturating_add(span).unwrap_or(now),
        };
        let opening = self.change(now, |tx| {
            if !Glass::break_at(tx, org, glass.sealed, now)? {
                return Err(GlassError::Broken.into());
            }
            Opening::insert(tx, &fingerprint, opening)
        })?;
        Ok((key, opening))
    }

    /// Ends all openings of an org at once; those that still ran.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be written.
    pub fn close_glass(&self, org: &OrgName, now: Timestamp) -> Result<Vec<Opening>, AccessError> {
        self.change(now, |tx| Opening::end_all(tx, org, now))
    }
}

#[cfg(test)]
mod tests;
