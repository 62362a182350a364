//! `okta/risk.toml`: what the rules of `kind` and `risk` cannot tell, by operationId, each with its reason; and the class that
//! rules and exceptions give together.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::kind::kind_of;
use super::risk::flags_of;

/// Every flag, in the order the index writes them.
const FLAGS: [&str; 5] = ["destructive", "privilege", "secret", "mail", "callout"];

/// The exceptions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Overrides {
    #[serde(rename = "operation")]
    operations: BTreeMap<String, Override>,
}

/// What differs from the rules for one operation.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Override {
    /// Its kind.
    kind: Option<String>,
    /// Flags it has besides those of the rules.
    #[serde(default)]
    add: Vec<String>,
    /// Flags of the rules that it has not.
    #[serde(default)]
    remove: Vec<String>,
    /// Why.
    why: String,
}

/// What an operation is to the gate.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Class<'o> {
    /// What it does, by meaning.
    pub(crate) kind: &'o str,
    /// Its risk flags, in the order of [`FLAGS`].
    pub(crate) risk: Vec<&'static str>,
}

impl Overrides {
    /// Reads the file; every exception must have a reason and use known flags.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let read: Self =
            toml::from_str(&text).with_context(|| format!("{} does not read", path.display()))?;
        for (id, exception) in &read.operations {
            ensure!(
                !exception.why.is_empty(),
                "{}: `{id}` gives no reason",
                path.display()
            );
            let strange = exception
                .add
                .iter()
                .chain(&exception.remove)
                .find(|flag| !FLAGS.contains(&flag.as_str()));
            ensure!(
                strange.is_none(),
                "{}: `{id}` has an unknown flag {strange:?}",
                path.display()
            );
        }
        Ok(read)
    }

    /// Kind and risk of an operation.
    pub(crate) fn classify(&self, spec: &str, id: &str, method: &str, path: &str) -> Class<'_> {
        let none = Override::default();
        let exception = self.operations.get(id);
        let kind = exception.and_then(|exception| exception.kind.as_deref());
        let kind = kind.unwrap_or_else(|| kind_of(spec, method, path));
        let exception = exception.unwrap_or(&none);
        let ruled = flags_of(kind, method, path);
        let names = |flags: &[String], flag: &str| flags.iter().any(|known| known == flag);
        let has = |flag: &&str| {
            (ruled.contains(flag) || names(&exception.add, flag)) && !names(&exception.remove, flag)
        };
        Class {
            kind,
            risk: FLAGS.into_iter().filter(has).collect(),
        }
    }

    /// Ids that have an exception.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }
}
