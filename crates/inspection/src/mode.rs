//! The checks by name, and what each does in an org: refuse, warn, nothing.

use std::collections::BTreeMap;

use crate::address::Addresses;
use serde::Deserialize;

/// The checks. Names in settings are those of [`Check::setting`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Check {
    /// The body is not UTF-8 or not JSON.
    Syntax,
    /// A member occurs twice in one object: two parsers could read two calls.
    DuplicateKey,
    /// Nested too deep.
    Depth,
    /// Too many members or items, a string or number too long.
    Size,
    /// A value of another kind than its place takes.
    Type,
    /// A number, a flag or a word where its place takes another of these: Okta converts.
    Scalar,
    /// A word that is not among those Okta documents.
    Unlisted,
    /// A member that the catalog does not know in its place.
    UnknownField,
    /// A member that the catalog does not know, with more in it than a word, a date or an address.
    UnknownValue,
    /// A member whose name no Okta client would write.
    FieldName,
    /// A security-relevant place with anything but what the catalog says, or a privileged member where none belongs.
    Sensitive,
    /// Text that attacks whoever reads it.
    HostileText,
    /// An address that must not be called or shown.
    Address,
    /// An address whose host looks like one of the org's own.
    LookAlike,
    /// A path or query parameter.
    Parameter,
    /// A body that is neither JSON nor what its media type says.
    Media,
}

impl Check {
    /// All checks.
    pub const ALL: [Self; 16] = [
        Self::Syntax,
        Self::DuplicateKey,
        Self::Depth,
        Self::Size,
        Self::Type,
        Self::Scalar,
        Self::Unlisted,
        Self::UnknownField,
        Self::UnknownValue,
        Self::FieldName,
        Self::Sensitive,
        Self::HostileText,
        Self::Address,
        Self::LookAlike,
        Self::Parameter,
        Self::Media,
    ];

    /// Its name in settings and records.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::DuplicateKey => "duplicate-key",
            Self::Depth => "depth",
            Self::Size => "size",
            Self::Type => "type",
            Self::Scalar => "scalar",
            Self::Unlisted => "unlisted",
            Self::UnknownField => "unknown-field",
            Self::UnknownValue => "unknown-value",
            Self::FieldName => "field-name",
            Self::Sensitive => "sensitive",
            Self::HostileText => "hostile-text",
            Self::Address => "address",
            Self::LookAlike => "look-alike",
            Self::Parameter => "parameter",
            Self::Media => "media",
        }
    }

    /// What it does where nothing else is said.
    pub const fn default_mode(self) -> Mode {
        match self {
            Self::UnknownField | Self::Unlisted | Self::Scalar | Self::LookAlike => Mode::Warn,
            _ => Mode::Refuse,
        }
    }
}

/// What a check does with what it finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The call is refused.
    Refuse,
    /// The call passes; the trail says what would have been refused.
    Warn,
    /// Nothing.
    Off,
}

/// How one org inspects: the table `[org.NAME.inspect]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Modes of checks that differ from their default.
    pub checks: BTreeMap<Check, Mode>,
    /// Modes of checks for single fields, by the catalog's words (`UserProfile.displayName`) or a parameter (`query.q`).
    pub fields: BTreeMap<String, BTreeMap<Check, Mode>>,
    /// Which hosts Okta may be told to call, and which are the org's own.
    pub addresses: Addresses,
}

impl Settings {
    /// These settings, and what was learned wherever they say nothing of a check at a field.
    #[must_use]
    pub fn with_learned(mut self, learned: Self) -> Self {
        for (field, modes) in learned.fields {
            let own = self.fields.entry(field).or_default();
            for (check, mode) in modes {
                own.entry(check).or_insert(mode);
            }
        }
        self
    }

    /// What `check` does at `field`.
    pub fn mode(&self, check: Check, field: &str) -> Mode {
        let own = self.fields.get(field).and_then(|modes| modes.get(&check));
        own.or_else(|| self.checks.get(&check))
            .copied()
            .unwrap_or_else(|| check.default_mode())
    }
}
