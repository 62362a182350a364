//! `okta/buckets.toml`: which rate bucket an operation is counted in. An exact rule wins, with a
//! method before without; else the longest prefix.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use catalog::unnamed;
use serde::Deserialize;

/// Name of the bucket of operations that no rule covers.
const UNKNOWN: &str = "unknown";

/// The table.
#[derive(Deserialize)]
pub(crate) struct Buckets {
    #[serde(rename = "bucket")]
    all: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
    /// `METHOD /path` or `/path`, with `{}` for parameters.
    #[serde(default)]
    exact: Vec<String>,
    /// Beginnings of paths, whole segments only.
    #[serde(default)]
    prefix: Vec<String>,
}

impl Buckets {
    /// Reads the table.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} does not read", path.display()))
    }

    /// The bucket of an operation; `template` names its parameters.
    pub(crate) fn of(&self, method: &str, template: &str) -> &str {
        let path = unnamed(template);
        let exact = |rule: &str| {
            self.all
                .iter()
                .find(|bucket| bucket.exact.iter().any(|known| known == rule))
        };
        if let Some(bucket) = exact(&format!("{method} {path}")).or_else(|| exact(&path)) {
            return &bucket.name;
        }
        let rules = self
            .all
            .iter()
            .flat_map(|bucket| bucket.prefix.iter().map(move |prefix| (prefix, bucket)));
        let longest = rules
            .filter(|(prefix, _)| begins(&path, prefix))
            .max_by_key(|(prefix, _)| prefix.len());
        longest.map_or(UNKNOWN, |(_, bucket)| &bucket.name)
    }
}

fn begins(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::Buckets;

    #[test]
    fn exact_beats_prefix_long_beats_short_and_a_method_decides() {
        let table = r#"
            [[bucket]]
            name = "one"
            exact = ["/api/v1/apps/{}"]
            [[bucket]]
            name = "read one"
            exact = ["GET /api/v1/apps/{}"]
            [[bucket]]
            name = "apps"
            prefix = ["/api/v1/apps"]
            [[bucket]]
            name = "rest"
            prefix = ["/api/v1"]
        "#;
        let buckets: Buckets = toml::from_str(table).unwrap();
        assert_eq!(buckets.of("GET", "/api/v1/apps/{appId}"), "read one");
        assert_eq!(buckets.of("PUT", "/api/v1/apps/{appId}"), "one");
        assert_eq!(buckets.of("GET", "/api/v1/apps/{appId}/users"), "apps");
        assert_eq!(buckets.of("GET", "/api/v1/appsettings"), "rest");
        assert_eq!(buckets.of("GET", "/governance/api/v1/grants"), "unknown");
    }
}
