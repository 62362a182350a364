//! Query parameters that clients send and no document has: `okta/queries.toml`. Read once; a file that does not read is a test that
//! fails, never a gate that opens.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

const QUERIES: &str = include_str!("../../../../okta/queries.toml");

static ALL: LazyLock<HashMap<String, BTreeSet<String>>> =
    LazyLock::new(|| read(QUERIES).unwrap_or_default());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    query: Vec<Query>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    operations: Vec<String>,
    names: Vec<String>,
    #[serde(rename = "callers")]
    _callers: String,
}

fn read(file: &str) -> Result<HashMap<String, BTreeSet<String>>, toml::de::Error> {
    let file: File = toml::from_str(file)?;
    let mut all: HashMap<String, BTreeSet<String>> = HashMap::new();
    for query in file.query {
        for operation in query.operations {
            all.entry(operation)
                .or_default()
                .extend(query.names.iter().cloned());
        }
    }
    Ok(all)
}

/// Whether clients send `name` to the operation although nobody documents it.
pub(super) fn is_known(operation: &str, name: &str) -> bool {
    ALL.get(operation).is_some_and(|names| names.contains(name))
}

#[cfg(test)]
mod tests {
    use super::{QUERIES, read};

    #[test]
    fn the_file_names_operations_that_exist_and_nothing_documented() {
        for (operation, names) in read(QUERIES).unwrap() {
            let known = catalog::operations()
                .by_id(&operation)
                .unwrap_or_else(|| panic!("{operation}"));
            for name in names {
                assert!(
                    known
                        .query_parameters()
                        .all(|parameter| parameter.name != name),
                    "{operation} {name}"
                );
            }
        }
    }
}
