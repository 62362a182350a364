//! `[org.NAME.redact]`: what of answers nobody gets to see.

use access::Hidden;
use serde::Deserialize;

/// The table as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenRedact {
    /// Members of answers hidden from all callers: `profile.salary`, `getUser:profile.ssn`. Default: none.
    #[serde(default)]
    hide: Vec<String>,
    /// Whoever makes a secret sees it in the answer. Default true: Okta shows most of them once.
    #[serde(default = "yes")]
    show_new: bool,
}

/// The table as meant.
#[derive(Debug, Clone)]
pub(crate) struct Redact {
    /// Members hidden from all callers.
    pub hidden: Vec<Hidden>,
    /// Whether whoever makes a secret sees it.
    pub show_new: bool,
}

impl Default for WrittenRedact {
    fn default() -> Self {
        Self {
            hide: Vec::new(),
            show_new: true,
        }
    }
}

impl WrittenRedact {
    /// What was typed, checked.
    pub(super) fn meant(&self) -> Result<Redact, String> {
        let hidden = Hidden::read_all(self.hide.iter().map(String::as_str));
        Ok(Redact {
            hidden: hidden.map_err(|error| format!("hide: {error}"))?,
            show_new: self.show_new,
        })
    }
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_checked_before_anything_is_served() {
        let read = |text: &str| toml::from_str::<WrittenRedact>(text).unwrap().meant();
        let meant = read("hide = [\"profile.salary\", \"getUser:profile.ssn\"]").unwrap();
        assert_eq!((meant.hidden.len(), meant.show_new), (2, true));
        assert!(!read("show-new = false").unwrap().show_new);
        for bad in ["hide = [\"a b\"]", "hide = [\"getUsr:a\"]"] {
            assert!(read(bad).unwrap_err().starts_with("hide: "), "{bad}");
        }
    }
}
