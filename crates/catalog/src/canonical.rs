//! From a raw request path to the one form everybody agrees on, or to a refusal.
//!
//! Okta collapses `//` and ignores a trailing `/`; a gate that matched the raw path could be walked around, one that rejected
//! them would break real clients. What different servers read differently (encoded slashes, dot segments, path parameters
//! after `;`, double encoding) has no canonical form here and is refused. Knows nothing of operations.

use std::borrow::Cow;

use crate::escape::{decode, encode_segment, stays_bare};
use crate::limits::{PATH_BYTES_MAX, SEGMENTS_MAX};

/// Why a request target has no single meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Ambiguity {
    /// Absolute form, `*`, or no leading slash.
    #[error("the request target is not a path starting with `/`")]
    NotAPath,
    /// `#` in the target.
    #[error("the request target has a fragment")]
    Fragment,
    /// More than [`PATH_BYTES_MAX`] bytes or [`SEGMENTS_MAX`] segments.
    #[error("the path is longer than {PATH_BYTES_MAX} bytes or {SEGMENTS_MAX} segments")]
    PathTooLong,
    /// A byte that RFC 3986 does not allow bare in a path.
    #[error("the path has a character that must be percent-encoded")]
    BareCharacter,
    /// `%` without two hexadecimal digits.
    #[error("the path has a broken percent-encoding")]
    BrokenEscape,
    /// Percent-encoding that does not decode to UTF-8.
    #[error("the path is not UTF-8 when decoded")]
    NotUtf8,
    /// `/` or `\` inside a segment.
    #[error("the path hides a slash or backslash inside a segment")]
    HiddenSlash,
    /// NUL or another control character.
    #[error("the path has a control character")]
    Control,
    /// `.` or `..` as a segment, plain or encoded.
    #[error("the path has a `.` or `..` segment")]
    DotSegment,
    /// Decodes to something that decodes again.
    #[error("the path is percent-encoded twice")]
    DoubleEncoding,
    /// `;`, which some servers cut off together with what follows.
    #[error("the path has a `;`")]
    PathParameter,
    /// More than [`crate::QUERY_BYTES_MAX`] bytes or [`crate::QUERY_PAIRS_MAX`] pairs.
    #[error("the query is too long or has too many parameters")]
    QueryTooLong,
    /// The query does not decode.
    #[error(
        "the query has a broken percent-encoding, a control character or is not UTF-8 when decoded"
    )]
    BrokenQuery,
}

/// What a byte means to a path; the last two are set for what a byte means after the one before it.
const SLASH: u8 = 1;
const PERCENT: u8 = 2;
const DOT: u8 = 4;
const REFUSED: u8 = 8;
const SLASH_AFTER_SLASH: u8 = 16;
const DOT_AFTER_SLASH: u8 = 32;

const fn meaning_of(byte: u8) -> u8 {
    match byte {
        b'/' => SLASH,
        b'%' => PERCENT,
        b'.' => DOT,
        _ if stays_bare(byte) => 0,
        _ => REFUSED,
    }
}

/// The canonical form of `raw` (a path without query): one slash between segments, none at the end, and nothing
/// percent-encoded that need not be. Borrows when `raw` is canonical already. One pass over the bytes.
pub(crate) fn canonicalise(raw: &str) -> Result<Cow<'_, str>, Ambiguity> {
    if raw.len() > PATH_BYTES_MAX {
        return Err(Ambiguity::PathTooLong);
    }
    if !raw.starts_with('/') {
        return Err(Ambiguity::NotAPath);
    }
    let (mut seen, mut before, mut slashes) = (0, 0, 0_usize);
    for byte in raw.bytes() {
        let meaning = meaning_of(byte);
        let after_slash = match (before, meaning) {
            (SLASH, SLASH) => SLASH_AFTER_SLASH,
            (SLASH, DOT) => DOT_AFTER_SLASH,
            _ => 0,
        };
        seen |= meaning | after_slash;
        slashes += usize::from(meaning & SLASH);
        before = meaning;
    }
    if seen & REFUSED != 0 {
        let culprit = raw
            .bytes()
            .find(|byte| *byte != b'/' && *byte != b'%' && !stays_bare(*byte));
        return Err(culprit.map_or(Ambiguity::BareCharacter, refusal_of));
    }
    let trailing = raw.len() > 1 && before == SLASH;
    if seen & (PERCENT | SLASH_AFTER_SLASH) != 0 || trailing {
        return rewrite(raw).map(Cow::Owned);
    }
    if slashes > SEGMENTS_MAX {
        return Err(Ambiguity::PathTooLong);
    }
    if seen & DOT_AFTER_SLASH != 0 {
        raw.split('/').try_for_each(refuse_dots)?;
    }
    Ok(Cow::Borrowed(raw))
}

fn rewrite(raw: &str) -> Result<String, Ambiguity> {
    let mut canonical = String::with_capacity(raw.len());
    let mut segments = 0;
    for segment in raw.split('/').filter(|segment| !segment.is_empty()) {
        segments += 1;
        if segments > SEGMENTS_MAX {
            return Err(Ambiguity::PathTooLong);
        }
        let value = decode(segment)
            .ok_or(Ambiguity::BrokenEscape)?
            .map_err(|_| Ambiguity::NotUtf8)?;
        refuse_value(&value)?;
        canonical.push('/');
        encode_segment(&value, &mut canonical);
    }
    if canonical.is_empty() {
        canonical.push('/');
    }
    Ok(canonical)
}

/// Refuses a decoded segment that no canonical path can carry.
pub(crate) fn refuse_value(value: &str) -> Result<(), Ambiguity> {
    refuse_dots(value)?;
    let bytes = value.as_bytes();
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            b'/' | b'\\' => return Err(Ambiguity::HiddenSlash),
            b';' => return Err(Ambiguity::PathParameter),
            0..=0x1f | 0x7f => return Err(Ambiguity::Control),
            b'%' if bytes
                .get(position + 1..position + 3)
                .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)) =>
            {
                return Err(Ambiguity::DoubleEncoding);
            }
            _ => {}
        }
    }
    Ok(())
}

fn refuse_dots(segment: &str) -> Result<(), Ambiguity> {
    if matches!(segment, "." | "..") {
        Err(Ambiguity::DotSegment)
    } else {
        Ok(())
    }
}

const fn refusal_of(byte: u8) -> Ambiguity {
    match byte {
        b'\\' => Ambiguity::HiddenSlash,
        b';' => Ambiguity::PathParameter,
        0..=0x1f | 0x7f => Ambiguity::Control,
        b'#' => Ambiguity::Fragment,
        _ => Ambiguity::BareCharacter,
    }
}

#[cfg(test)]
mod tests {
    use super::{Ambiguity, canonicalise};

    #[test]
    fn paths_that_mean_the_same_get_one_form() {
        for (raw, canonical) in [
            ("/", "/"),
            ("//", "/"),
            ("/api/v1/users", "/api/v1/users"),
            ("//api/v1/users", "/api/v1/users"),
            ("/api//v1///users", "/api/v1/users"),
            ("/api/v1/users/", "/api/v1/users"),
            ("/api/v1/%75sers", "/api/v1/users"),
            (
                "/api/v1/users/ada%40example.com",
                "/api/v1/users/ada@example.com",
            ),
            (
                "/api/v1/users/ada@example.com",
                "/api/v1/users/ada@example.com",
            ),
            ("/api/v1/users/ada%2bx", "/api/v1/users/ada+x"),
            ("/api/v1/users/a%20b", "/api/v1/users/a%20b"),
            ("/api/v1/users/%c3%a9", "/api/v1/users/%C3%A9"),
            ("/api/v1/users/100%25", "/api/v1/users/100%25"),
            ("/api/v1/users/...", "/api/v1/users/..."),
            ("/.well-known/webauthn", "/.well-known/webauthn"),
        ] {
            assert_eq!(canonicalise(raw).as_deref(), Ok(canonical), "{raw}");
        }
    }

    #[test]
    fn paths_that_could_mean_two_things_are_refused() {
        let long = format!("/{}", "a".repeat(super::PATH_BYTES_MAX));
        let deep = "/a".repeat(super::SEGMENTS_MAX + 1);
        let deep_with_escape = format!("{deep}%41");
        for (raw, ambiguity) in [
            ("", Ambiguity::NotAPath),
            ("*", Ambiguity::NotAPath),
            ("http://org.okta.com/api/v1/users", Ambiguity::NotAPath),
            ("api/v1/users", Ambiguity::NotAPath),
            ("/api/v1/users#me", Ambiguity::Fragment),
            ("/api/v1/users%2fme", Ambiguity::HiddenSlash),
            ("/api/v1/users%2Fme", Ambiguity::HiddenSlash),
            ("/api/v1/users%5cme", Ambiguity::HiddenSlash),
            ("/api/v1\\users", Ambiguity::HiddenSlash),
            ("/api/v1/users/%00", Ambiguity::Control),
            ("/api/v1/users/\u{0}", Ambiguity::Control),
            ("/api/v1/users/a%0d%0ab", Ambiguity::Control),
            ("/api/v1/users/a\tb", Ambiguity::Control),
            ("/api/v1/users/%7f", Ambiguity::Control),
            ("/api/v1/./users", Ambiguity::DotSegment),
            ("/api/v1/groups/../users", Ambiguity::DotSegment),
            ("/api/v1/users/..", Ambiguity::DotSegment),
            ("/api/v1/users/../", Ambiguity::DotSegment),
            ("/api/v1/groups/%2e%2e/users", Ambiguity::DotSegment),
            ("/api/v1/groups/.%2E/users", Ambiguity::DotSegment),
            ("/api/v1/users/%252e", Ambiguity::DoubleEncoding),
            ("/api/v1/users/%25%32%66", Ambiguity::DoubleEncoding),
            ("/api/v1/users/%c3", Ambiguity::NotUtf8),
            ("/api/v1/users/%c0%af", Ambiguity::NotUtf8),
            ("/api/v1/users/%", Ambiguity::BrokenEscape),
            ("/api/v1/users/%4", Ambiguity::BrokenEscape),
            ("/api/v1/users/%zz", Ambiguity::BrokenEscape),
            ("/api/v1/users/me;v=1", Ambiguity::PathParameter),
            ("/api/v1/users/me%3bv=1", Ambiguity::PathParameter),
            ("/api/v1/users/a b", Ambiguity::BareCharacter),
            ("/api/v1/users/é", Ambiguity::BareCharacter),
            ("/api/v1/users/{id}", Ambiguity::BareCharacter),
            (long.as_str(), Ambiguity::PathTooLong),
            (deep.as_str(), Ambiguity::PathTooLong),
            (deep_with_escape.as_str(), Ambiguity::PathTooLong),
        ] {
            assert_eq!(canonicalise(raw).map(|_| ()), Err(ambiguity), "{raw}");
        }
    }
}
