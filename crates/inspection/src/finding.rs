//! What inspection found: where, what, how severe. Never the value itself.

use std::borrow::Cow;

use crate::{Check, Mode};

/// What is wrong with one value, as a judge of values says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable short word for records and settings, such as `script` or `private_address`.
    pub kind: &'static str,
    /// What is wrong, as a fragment that follows the place: `has a control character`. Never the value.
    pub what: Cow<'static, str>,
}

/// One thing found in a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which check found it.
    pub check: Check,
    /// Where: `body.profile.login`, `query.q`, `path.userId`. Bounded; odd characters of names are replaced.
    pub place: String,
    /// The place in the catalog's words (`UserProfile.login`), for settings of single fields; empty where there is none.
    pub field: Cow<'static, str>,
    /// Stable short word, see [`Fault::kind`].
    pub kind: &'static str,
    /// What is wrong, as a fragment after the place.
    pub what: Cow<'static, str>,
    /// What follows: [`Mode::Refuse`] or [`Mode::Warn`].
    pub severity: Mode,
}

/// All findings of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order met; at most [`crate::FINDINGS_MAX`].
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether the call is to be refused.
    pub fn refuses(&self) -> bool {
        self.refused().next().is_some()
    }

    /// The findings for which the call is refused.
    pub fn refused(&self) -> impl Iterator<Item = &Finding> {
        self.of(Mode::Refuse)
    }

    /// The findings that are only noted.
    pub fn warned(&self) -> impl Iterator<Item = &Finding> {
        self.of(Mode::Warn)
    }

    fn of(&self, mode: Mode) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.severity == mode)
    }
}

impl Finding {
    /// Check, field and kind, for the record.
    pub fn note(&self) -> String {
        let field = if self.field.is_empty() {
            &self.place
        } else {
            &*self.field
        };
        format!("{} {field} {}", self.check.setting(), self.kind)
    }

    /// Place and fault in one sentence, and how to relax the check.
    pub fn sentence(&self) -> String {
        let Self {
            check, place, what, ..
        } = self;
        let setting = check.setting();
        if self.field.is_empty() {
            format!("`{place}` {what} (check `{setting}`).")
        } else {
            format!(
                "`{place}` {what} (check `{setting}`, field `{}`).",
                self.field
            )
        }
    }
}
