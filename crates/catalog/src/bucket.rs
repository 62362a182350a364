//! Okta's rate buckets: operations that share one budget per minute, and the budgets Okta published last.
//!
//! Numbers differ from org to org and change; headers of real answers are the truth, these are where to start from.

use std::sync::LazyLock;

use serde::Deserialize;

const BUCKETS: &str = include_str!("../../../okta/buckets.toml");

static ALL: LazyLock<Buckets> = LazyLock::new(|| {
    let written: Written = toml::from_str(BUCKETS).unwrap_or_default();
    Buckets {
        all: written.buckets,
    }
});

#[derive(Default, Deserialize)]
struct Written {
    #[serde(rename = "bucket")]
    buckets: Vec<Bucket>,
}

/// All rate buckets.
#[derive(Debug)]
pub struct Buckets {
    all: Vec<Bucket>,
}

/// The rate buckets that operations name.
pub fn buckets() -> &'static Buckets {
    &ALL
}

impl Buckets {
    /// The bucket of this name.
    pub fn by_name(&self, name: &str) -> Option<&Bucket> {
        self.all.iter().find(|bucket| bucket.name == name)
    }

    /// All buckets, in the order of the file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Bucket> {
        self.all.iter()
    }
}

/// One rate bucket with its published budgets.
#[derive(Debug, Deserialize)]
#[non_exhaustive]
pub struct Bucket {
    /// Its name: the path it is known by.
    pub name: String,
    /// Budget of Workforce orgs.
    #[serde(default)]
    pub workforce: Limit,
    /// Budget of Customer Identity orgs (Enterprise).
    #[serde(default)]
    pub customer_identity: Limit,
    /// Budget of free Integrator orgs.
    #[serde(default)]
    pub integrator: Limit,
}

/// A published budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "WrittenLimit")]
pub enum Limit {
    /// Requests per minute.
    PerMinute(u32),
    /// Not counted.
    Unlimited,
    /// Counted, but Okta never published how.
    #[default]
    Unpublished,
}

impl Limit {
    /// Requests per minute, where a number is known.
    pub const fn per_minute(self) -> Option<u32> {
        match self {
            Self::PerMinute(requests) => Some(requests),
            Self::Unlimited | Self::Unpublished => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenLimit {
    PerMinute(u32),
    Word(String),
}

impl TryFrom<WrittenLimit> for Limit {
    type Error = String;

    fn try_from(written: WrittenLimit) -> Result<Self, String> {
        match written {
            WrittenLimit::PerMinute(requests) => Ok(Self::PerMinute(requests)),
            WrittenLimit::Word(word) if word == "unlimited" => Ok(Self::Unlimited),
            WrittenLimit::Word(word) => {
                Err(format!("`{word}` is neither a number nor `unlimited`"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS, Limit, Written, buckets};

    #[test]
    fn the_table_reads_and_knows_the_published_budgets() {
        toml::from_str::<Written>(BUCKETS).unwrap();
        let apps = buckets().by_name("/api/v1/apps").unwrap();
        let budgets = (apps.workforce, apps.customer_identity, apps.integrator);
        assert_eq!(
            budgets,
            (
                Limit::PerMinute(100),
                Limit::PerMinute(100),
                Limit::PerMinute(20)
            )
        );
        assert_eq!(
            buckets()
                .by_name("/api/v1/logs")
                .unwrap()
                .workforce
                .per_minute(),
            Some(120)
        );
    }
}
