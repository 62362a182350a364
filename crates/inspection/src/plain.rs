//! What is plainly no attack: names as people and programs write them, words of lists, dates, ids, addresses of the web. For values
//! of which nothing else is known.

use crate::Slot;
use crate::limits::{NAME_BYTES_MAX, UNKNOWN_BYTES_MAX, WORD_BYTES_MAX};

/// Whether this can be the name of a member, whoever names it.
pub(crate) fn is_name(name: &str) -> bool {
    let is_resource = name.starts_with(RESOURCE);
    let fits = |byte: u8| {
        byte.is_ascii_alphanumeric() || b"_-.$@:#".contains(&byte) || is_resource && byte == b'/'
    };
    !name.is_empty()
        && name.len() <= NAME_BYTES_MAX
        && name.bytes().all(fits)
        && !name.contains("..")
}

/// Whether this can be a word out of a list.
pub(crate) fn is_word(value: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/+*, ".contains(&byte);
    value.len() <= WORD_BYTES_MAX && value.bytes().all(fits) && !value.contains("..")
}

/// Whether this is a word, an id, a date, a mail address or an address of the web, and nothing more.
pub(crate) fn is_plain(value: &str) -> bool {
    if value.len() > UNKNOWN_BYTES_MAX || value.contains("..") {
        return false;
    }
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:@".contains(&byte);
    let rest = web(value).unwrap_or(value);
    let in_web = |byte: u8| fits(byte) || b"/{}".contains(&byte);
    if rest.len() == value.len() {
        value.bytes().all(fits)
    } else {
        rest.bytes().all(in_web)
    }
}

/// Whether this is a word for a number, a flag or nothing, as some clients write them.
pub(crate) fn is_scalar(value: &str) -> bool {
    value.len() <= WORD_BYTES_MAX
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".+-,".contains(&byte))
        && !value.contains("..")
}

/// Whether this is how some clients write `null`.
pub(crate) fn is_nothing(value: &str) -> bool {
    value.is_empty() || value.trim_end_matches(',') == "null"
}

/// The slot of a value in a place that the tenant named: an address is one wherever it stands.
pub(crate) fn slot(value: &str, otherwise: Slot) -> Slot {
    if web(value).is_some() {
        Slot::Url
    } else {
        otherwise
    }
}

/// Beginning of names that name a kind of resource: `okta:ResourceAttribute/User/Profile`.
const RESOURCE: &str = "okta:";

fn web(value: &str) -> Option<&str> {
    value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"))
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_plain, is_word};

    #[test]
    fn plain_values_pass() {
        for value in [
            "",
            "ACTIVE",
            "00u1gjtxk4XLkTQTt1d7",
            "2026-11-24T10:00:00.000Z",
            "ada@example.com",
            "https://example.com/a/b",
            "urn:oasis:names:tc",
        ] {
            assert!(is_plain(value), "{value}");
        }
        assert!(
            is_name("x5t#S256")
                && is_name("urn:okta.custom-1")
                && is_word("urn:ietf:params:oauth/x")
        );
    }

    #[test]
    fn whatever_could_be_an_attack_is_not_plain() {
        for value in [
            "<script>",
            "1 or 1=1",
            "../../etc/passwd",
            "/etc/passwd",
            "sleep 5",
            "$(id)",
            "a;b",
            "https://a/?q=<x>",
            "{{7*7}}",
            "\u{0}",
            "é",
        ] {
            assert!(!is_plain(value), "{value}");
        }
        for name in ["", "a b", "<x>", "a'b", "__proto__[x]", "a..b", "{a}"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
