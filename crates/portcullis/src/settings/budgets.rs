//! `[org.NAME.budgets]`: how much may be taken away within an hour and a day, by all callers together and, under `client`, by each.

use access::{Budgets, Overrides};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Budgets as typed: a class, then `50/hour`, `200/day`, both with a comma between, or `unlimited`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct WrittenBudgets {
    /// Of each caller.
    #[serde(default)]
    client: BTreeMap<String, String>,
    /// After how many times its budget within an hour the org freezes by itself. Default: never.
    freeze_at: Option<u32>,
    /// Of all callers together, by class.
    #[serde(flatten)]
    org: BTreeMap<String, String>,
}

impl WrittenBudgets {
    pub(super) fn meant(self) -> Result<Budgets, String> {
        if self.freeze_at.is_some_and(|times| times < 2) {
            return Err("freeze-at is a number of times, 2 or more".to_owned());
        }
        Ok(Budgets {
            client: overrides(&self.client)?,
            org: overrides(&self.org)?,
            freeze_at: self.freeze_at,
        })
    }
}

fn overrides(written: &BTreeMap<String, String>) -> Result<Overrides, String> {
    let mut overrides = Overrides::default();
    for (class, budget) in written {
        let one = format!("{class}={budget}");
        overrides.put(&one).map_err(|error| error.to_string())?;
    }
    Ok(overrides)
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Class;

    fn meant(text: &str) -> Result<Budgets, String> {
        let written: WrittenBudgets = toml::from_str(text).map_err(|error| error.to_string())?;
        written.meant()
    }

    #[test]
    fn what_is_said_stands_in_the_place_of_the_defaults() {
        let text = "deletes = \"25/hour\"\nfreeze-at = 3\n[client]\ndeletes = \"5/hour,9/day\"\n";
        let budgets = meant(text).unwrap();
        assert_eq!(budgets.of_org(Class::Deletes).to_string(), "25/hour");
        assert_eq!(
            budgets.of_client(Class::Deletes).to_string(),
            "5/hour,9/day"
        );
        assert_eq!(
            budgets.of_client(Class::Removals),
            Budgets::default().of_client(Class::Removals)
        );
        assert_eq!(budgets.freeze_at, Some(3));
    }

    #[test]
    fn what_is_none_of_it_is_named() {
        for (text, named) in [
            ("delete = \"5/hour\"", "`delete`"),
            ("deletes = \"5\"", "`5`"),
            ("freeze-at = 1", "freeze-at"),
            ("[client]\nremoval = \"5/hour\"", "`removal`"),
            ("deletes = 5", "string"),
        ] {
            let said = meant(text).unwrap_err();
            assert!(said.contains(named), "{text}: {said}");
        }
    }
}
