//! What a client sees of answers: whether secrets are shown to it, and which members are not.
//!
//! Says nothing about what it may call. How answers are redacted is for `gateway`.

use std::fmt;

use crate::limits::{HIDDEN_CHARS_MAX, HIDDEN_MAX, HIDDEN_NAMES_MAX};

/// What a client sees of answers. The default: no secret, and every other member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Secrets in answers are shown to it.
    pub reveal: bool,
    /// Members that are hidden from it, besides those that are hidden from all callers of its org.
    pub hidden: Vec<Hidden>,
}

/// A member of answers that is hidden: `profile.salary` wherever it stands in the answers of any operation, or
/// `getUser:profile.salary` in those of one. Lists are passed over: `emails.value` is the member of each element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hidden {
    /// Id of the operation; `None` for every one.
    pub operation: Option<&'static str>,
    /// Names of members, from the object that the answer is, or that it lists.
    pub path: Vec<String>,
}

/// Text that names no member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHidden {
    /// Not written as names with dots between.
    #[error(
        "`{0}` is no member: write its names with dots between, as in `profile.salary` or `getUser:profile.salary`"
    )]
    Path(String),
    /// The catalog has no such operation.
    #[error("`{0}` is no operation of Okta's")]
    Operation(String),
    /// More than are looked for.
    #[error("more than {HIDDEN_MAX} hidden members, or more than {HIDDEN_NAMES_MAX} names in them")]
    TooMany,
}

impl Hidden {
    /// Reads one member.
    ///
    /// # Errors
    /// [`NotHidden`], when it is written in another way or names no operation.
    pub fn read(text: &str) -> Result<Self, NotHidden> {
        let wrong = || NotHidden::Path(text.chars().take(HIDDEN_CHARS_MAX).collect());
        let (operation, path) = match text.split_once(':') {
            Some((id, path)) => {
                let operation = catalog::operations().by_id(id);
                let unknown = || NotHidden::Operation(id.chars().take(HIDDEN_CHARS_MAX).collect());
                (Some(operation.ok_or_else(unknown)?.id), path)
            }
            None => (None, text),
        };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.$".contains(&byte);
        let named = path.split('.').all(|name| !name.is_empty());
        if !named || path.len() > HIDDEN_CHARS_MAX || !path.bytes().all(fits) {
            return Err(wrong());
        }
        Ok(Self {
            operation,
            path: path.split('.').map(str::to_owned).collect(),
        })
    }

    /// Reads a list, and bounds it.
    ///
    /// # Errors
    /// [`NotHidden`], for the first that is none.
    pub fn read_all<'t>(texts: impl Iterator<Item = &'t str>) -> Result<Vec<Self>, NotHidden> {
        let read = texts.map(Self::read).collect::<Result<Vec<_>, _>>()?;
        let names: usize = read.iter().map(|one| one.path.len()).sum();
        if read.len() > HIDDEN_MAX || names > HIDDEN_NAMES_MAX {
            return Err(NotHidden::TooMany);
        }
        Ok(read)
    }
}

impl fmt::Display for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation {
            write!(out, "{operation}:")?;
        }
        out.write_str(&self.path.join("."))
    }
}

impl Sight {
    /// As one text, names separated by spaces.
    pub(crate) fn written(&self) -> String {
        let texts: Vec<String> = self.hidden.iter().map(Hidden::to_string).collect();
        texts.join(" ")
    }

    /// From one text; `None` when one of the names is none.
    pub(crate) fn read(reveal: bool, hidden: &str) -> Option<Self> {
        let hidden = Hidden::read_all(hidden.split_whitespace()).ok()?;
        Some(Self { reveal, hidden })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_read_as_they_are_written() {
        for text in [
            "profile.salary",
            "getUser:profile.ssn",
            "name",
            "a.b-c.$d_e",
        ] {
            assert_eq!(Hidden::read(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Hidden::read("getUser:a").unwrap().operation,
            Some("getUser")
        );
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "a b",
            "a[0]",
            "getUser:",
            "a\nb",
            &"a".repeat(300),
        ] {
            assert!(
                matches!(Hidden::read(bad), Err(NotHidden::Path(_))),
                "{bad}"
            );
        }
        let unknown = Hidden::read("getUsr:a");
        assert_eq!(unknown, Err(NotHidden::Operation("getUsr".to_owned())));
        let many = std::iter::repeat_n("a", HIDDEN_MAX + 1);
        assert_eq!(Hidden::read_all(many), Err(NotHidden::TooMany));
        let long = "a.".repeat(HIDDEN_NAMES_MAX) + "a";
        assert_eq!(
            Hidden::read_all([long.as_str()].into_iter()),
            Err(NotHidden::TooMany)
        );
    }
}
