//! The letters and signs that structural slots take: positive validation. Reads no meaning.
//!
//! Cost: one table look-up per byte, no allocation.

use super::fault;
use crate::limits::{IDENTIFIER_CHARS_MAX, LOGIN_CHARS_MAX};
use crate::{Fault, Slot};

/// What is wrong with `value` by the alphabet of its slot.
pub(super) fn judge(slot: Slot, value: &str) -> Option<Fault> {
    let fits = match slot {
        Slot::Login | Slot::Email => is_login(value),
        Slot::Identifier => within(value, IDENTIFIER_CHARS_MAX, is_identifier_sign),
        Slot::Enum => within(value, IDENTIFIER_CHARS_MAX, |sign| {
            is_identifier_sign(sign) || sign == ' '
        }),
        Slot::Certificate => within(value, usize::MAX, |sign| {
            is_base64(sign) || " \r\n:,.".contains(sign)
        }),
        Slot::Date => within(value, IDENTIFIER_CHARS_MAX, |sign| {
            sign.is_ascii_alphanumeric() || "-+:. /_".contains(sign)
        }),
        Slot::Locale => within(value, IDENTIFIER_CHARS_MAX, |sign| {
            sign.is_ascii_alphanumeric() || "-_@.".contains(sign)
        }),
        Slot::Phone => within(value, IDENTIFIER_CHARS_MAX, |sign| {
            sign.is_ascii_alphanumeric() || "+-(). #*/,".contains(sign)
        }),
        Slot::Measure => within(value, IDENTIFIER_CHARS_MAX, |sign| {
            sign.is_ascii_alphanumeric() || ".:/-+%_, *".contains(sign)
        }),
        Slot::Unknown => within(value, usize::MAX, is_unknown_sign),
        _ => true,
    };
    (!fits).then(|| match slot {
        Slot::Login => fault(
            "alphabet",
            "is not a sign-in name: letters, digits and `.-_+&'@` only",
        ),
        Slot::Email => fault("alphabet", "is not an email address"),
        Slot::Unknown => fault(
            "alphabet",
            "is a member Okta does not document, with signs that such a member may not have",
        ),
        _ => fault(
            "alphabet",
            "has characters that its kind of value does not have",
        ),
    })
}

fn within(value: &str, chars_max: usize, takes: fn(char) -> bool) -> bool {
    value.len() <= chars_max.saturating_mul(4)
        && value.chars().count() <= chars_max
        && value.chars().all(takes)
}

/// Ids, names of keys, scopes, URNs, media types, object classes, paths of attributes, schema URLs.
const fn is_identifier_sign(sign: char) -> bool {
    sign.is_ascii_alphanumeric()
        || matches!(
            sign,
            '-' | '_' | '.' | ':' | '/' | '@' | '+' | '=' | '#' | '~' | ',' | '*'
        )
}

const fn is_base64(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '+' | '/' | '=' | '-' | '_')
}

/// Members that the catalog does not know get no sign with which a language could be entered.
fn is_unknown_sign(sign: char) -> bool {
    !matches!(
        sign,
        '<' | '>'
            | '"'
            | '\''
            | '`'
            | ';'
            | '|'
            | '$'
            | '{'
            | '}'
            | '\\'
            | '('
            | ')'
            | '*'
            | '%'
            | '^'
            | '\r'
            | '\n'
    )
}

/// A sign-in name: `local`, `local@domain` or `DOMAIN\local`. Signs stand between letters or digits, apostrophes between letters
/// (`o'brien@acme.com`), so that no quote, operator or path can be made of them.
pub(crate) fn is_login(value: &str) -> bool {
    if value.is_empty() || value.chars().count() > LOGIN_CHARS_MAX {
        return value.is_empty();
    }
    let (realm, rest) = value
        .split_once('\\')
        .map_or((None, value), |(realm, rest)| (Some(realm), rest));
    let (local, domain) = rest
        .rsplit_once('@')
        .map_or((rest, None), |(local, domain)| (local, Some(domain)));
    realm.is_none_or(is_host_name) && is_local(local) && domain.is_none_or(is_host_name)
}

fn is_local(local: &str) -> bool {
    let mut before: Option<char> = None;
    for sign in local.chars() {
        let fits = match sign {
            '\'' | '\u{2019}' | '&' => before.is_some_and(char::is_alphanumeric),
            '.' | '-' => before.is_none_or(|before| before != sign && !joins(before)),
            '_' | '+' | '#' => before.is_none_or(|before| !joins(before)),
            '@' => before.is_some_and(char::is_alphanumeric),
            other => other.is_alphanumeric() || is_mark(other),
        };
        if !fits {
            return false;
        }
        before = Some(sign);
    }
    before.is_some_and(|last| last.is_alphanumeric() || matches!(last, '_' | '-' | '.' | '+'))
        && !names_operator(local)
}

/// Signs that only join two letters or digits.
const fn joins(sign: char) -> bool {
    matches!(sign, '\'' | '\u{2019}' | '&')
}

/// Combining marks: part of letters in many scripts.
const fn is_mark(sign: char) -> bool {
    matches!(sign, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{93e}'..='\u{94d}' | '\u{e31}'..='\u{e4e}')
}

/// `x'or'y`: an apostrophe on both sides of a word that SQL would take for an operator.
fn names_operator(local: &str) -> bool {
    local.contains('\'')
        && local.split('\'').any(|part| {
            ["or", "and", "xor", "union", "like", "having", "select"]
                .iter()
                .any(|word| part.eq_ignore_ascii_case(word))
        })
        && local.matches('\'').count() > 1
}

fn is_host_name(host: &str) -> bool {
    !host.is_empty()
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.chars().all(|sign| {
                    sign.is_alphanumeric() || sign == '-' || sign == '_' || is_mark(sign)
                })
                && !label.starts_with('-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_logins_pass() {
        for login in [
            "o'brien@acme.com",
            "ann.smith+test@acme.co.uk",
            "jürgen.groß@müller.de",
            "ACME\\jdoe",
            "jdoe",
            "svc_backup-01",
            "田中@例え.jp",
            "a&b@acme.com",
            "testAcc-2481250347@example.com",
            "John.Doe-Get@example.com",
            "d'or",
        ] {
            assert!(is_login(login), "{login}");
        }
    }

    #[test]
    fn no_login_holds_a_language() {
        for login in [
            "' or '1'='1",
            "x'or'1@a.b",
            "admin'--",
            "a b@acme.com",
            "<script>@acme.com",
            "../etc/passwd",
            "a@b@c;d",
            "a%00b",
            "a@acme.com\r\nbcc:b@c.d",
            "${jndi}",
            "$(id)",
            "a'@acme.com",
            "..",
            "a@-x",
            "test'.jpg",
            "a=b",
        ] {
            assert!(!is_login(login), "{login}");
        }
    }

    #[test]
    fn alphabets_tell_values_of_their_kind() {
        for (slot, value) in [
            (Slot::Identifier, "okta.users.read"),
            (
                Slot::Identifier,
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ),
            (Slot::Certificate, "MIID+/w==\r\n"),
            (Slot::Date, "2026-11-24T10:00:00.000Z"),
            (Slot::Locale, "pt-BR"),
            (Slot::Phone, "+1 (555) 415-1337"),
            (Slot::Measure, "10.0.0.0/8"),
            (Slot::Unknown, "https://acme.com/x?y=z"),
        ] {
            assert_eq!(judge(slot, value), None, "{value}");
        }
        for (slot, value) in [
            (Slot::Identifier, "a b"),
            (Slot::Identifier, "a'b"),
            (Slot::Certificate, "<x>"),
            (Slot::Date, "now()'"),
            (Slot::Phone, "1;ls"),
            (Slot::Unknown, "<b>"),
            (Slot::Unknown, "a'b"),
        ] {
            assert!(judge(slot, value).is_some(), "{value}");
        }
    }
}
