//! The name under which the settings know an org (`production`, `preview`): never its host, never Okta's org id.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::limits::ORG_NAME_CHARS_MAX;

/// Name of an org: 1 to 40 characters of `a-z`, `0-9` and `-`. Cloning shares the text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgName(Arc<str>);

/// A text that is no org name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an org name: use 1 to {ORG_NAME_CHARS_MAX} characters of a-z, 0-9 and `-`")]
pub struct BadOrgName(String);

impl OrgName {
    /// Reads a name; refuses any other character, so that it can stand in a path or an entry as it is.
    pub fn parse(text: &str) -> Result<Self, BadOrgName> {
        let fits = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if text.is_empty() || text.len() > ORG_NAME_CHARS_MAX || !text.bytes().all(fits) {
            return Err(BadOrgName(text.chars().take(ORG_NAME_CHARS_MAX).collect()));
        }
        Ok(Self(text.into()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl FromStr for OrgName {
    type Err = BadOrgName;

    fn from_str(text: &str) -> Result<Self, BadOrgName> {
        Self::parse(text)
    }
}

impl TryFrom<String> for OrgName {
    type Error = BadOrgName;

    fn try_from(text: String) -> Result<Self, BadOrgName> {
        Self::parse(&text)
    }
}

impl From<OrgName> for String {
    fn from(name: OrgName) -> Self {
        name.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::OrgName;

    #[test]
    fn names_are_short_lower_case_and_safe_in_a_path() {
        assert_eq!(OrgName::parse("preview-2").unwrap().as_str(), "preview-2");
        for bad in ["", "Production", "a b", "../a", "a/b", "é", &"a".repeat(41)] {
            assert!(OrgName::parse(bad).is_err(), "{bad}");
        }
    }
}
