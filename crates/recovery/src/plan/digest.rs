//! The name of a plan: a digest of its content, independent of the order in which members happen to be written.

use super::Plan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// BLAKE3 of a plan's canonical JSON, as 64 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest as typed by an approver; at least the first [`Digest::PREFIX_MIN`] digits.
    pub fn is_meant_by(&self, typed: &str) -> bool {
        typed.len() >= Self::PREFIX_MIN && self.0.starts_with(&typed.to_ascii_lowercase())
    }

    /// Fewest digits that name a plan: 48 bits, which nobody hits by chance among their own plans.
    pub const PREFIX_MIN: usize = 12;

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Plan {
    /// Its digest. Cost: the plan written out once.
    pub fn digest(&self) -> Digest {
        // A plan is maps of strings and JSON values, which always can be written.
        let canonical = serde_json::to_value(self)
            .map(|value| sorted(&value).to_string())
            .unwrap_or_default();
        Digest(blake3::hash(canonical.as_bytes()).to_hex().to_string())
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<&String, Value> =
                members.iter().map(|(name, v)| (name, sorted(v))).collect();
            members
                .into_iter()
                .map(|(name, v)| (name.clone(), v))
                .collect()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
