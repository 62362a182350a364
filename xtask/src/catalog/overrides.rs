//! `okta/risk.toml`: what the rules of `kind` and `risk` cannot tell, by operationId, each with its reason.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// The exceptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overrides {
    #[serde(rename = "operation")]
    operations: BTreeMap<String, Override>,
}

/// What differs from the rules for one operation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Override {
    /// Its kind.
    pub(crate) kind: Option<String>,
    /// Flags it has besides those of the rules.
    #[serde(default)]
    pub(crate) add: Vec<String>,
    /// Flags of the rules that it has not.
    #[serde(default)]
    pub(crate) remove: Vec<String>,
    /// Why.
    why: String,
}

impl Overrides {
    /// Reads the file; every exception must have a reason.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let read: Self =
            toml::from_str(&text).with_context(|| format!("{} does not read", path.display()))?;
        match read
            .operations
            .iter()
            .find(|(_, exception)| exception.why.is_empty())
        {
            Some((id, _)) => bail!("{}: `{id}` gives no reason", path.display()),
            None => Ok(read),
        }
    }

    /// The exception for an operation.
    pub(crate) fn of(&self, id: &str) -> Option<&Override> {
        self.operations.get(id)
    }

    /// Ids that have an exception.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }
}
