//! The query of a request as decoded pairs in their order, and the way back. Knows no parameter's meaning.

use std::borrow::Cow;

use crate::canonical::Ambiguity;
use crate::escape::{decode, encode};
use crate::limits::{QUERY_BYTES_MAX, QUERY_PAIRS_MAX};

/// One decoded `name=value` pair.
pub(crate) type Pair<'t> = (Cow<'t, str>, Cow<'t, str>);

/// Splits and decodes a raw query (without `?`). `+` means a space, as Okta reads it; a name without `=` has an empty value.
pub(crate) fn split_query(raw: &str) -> Result<Vec<Pair<'_>>, Ambiguity> {
    if raw.len() > QUERY_BYTES_MAX {
        return Err(Ambiguity::QueryTooLong);
    }
    let seen = raw.bytes().fold(Seen::default(), Seen::with);
    if seen.fragment {
        return Err(Ambiguity::Fragment);
    }
    if seen.hostile {
        return Err(Ambiguity::BrokenQuery);
    }
    let mut pairs = Vec::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == QUERY_PAIRS_MAX {
            return Err(Ambiguity::QueryTooLong);
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push(if seen.encoded {
            (decode_part(name)?, decode_part(value)?)
        } else {
            (Cow::Borrowed(name), Cow::Borrowed(value))
        });
    }
    Ok(pairs)
}

/// What a raw query has in it, found in one pass.
#[derive(Clone, Copy, Default)]
struct Seen {
    fragment: bool,
    encoded: bool,
    hostile: bool,
}

impl Seen {
    const fn with(self, byte: u8) -> Self {
        Self {
            fragment: self.fragment | (byte == b'#'),
            encoded: self.encoded | (byte == b'%') | (byte == b'+'),
            hostile: self.hostile | is_hostile(byte) | !byte.is_ascii(),
        }
    }
}

/// Control characters have no place in a query, encoded or not.
const fn is_hostile(byte: u8) -> bool {
    byte < 0x20 || byte == 0x7f
}

fn decode_part(part: &str) -> Result<Cow<'_, str>, Ambiguity> {
    let decoded = if part.contains('+') {
        let spaced = part.replace('+', " ");
        decode(&spaced)
            .ok_or(Ambiguity::BrokenQuery)?
            .map(|text| Cow::Owned(text.into_owned()))
    } else {
        decode(part).ok_or(Ambiguity::BrokenQuery)?
    };
    let decoded = decoded.map_err(|_| Ambiguity::BrokenQuery)?;
    if decoded.bytes().any(is_hostile) {
        return Err(Ambiguity::BrokenQuery);
    }
    Ok(decoded)
}

/// Writes pairs as a query (without `?`), percent-encoding everything but unreserved characters; a space becomes `%20`.
pub fn encode_query<N: AsRef<str>, V: AsRef<str>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> String {
    let unreserved =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        encode(name.as_ref(), &mut query, unreserved);
        query.push('=');
        encode(value.as_ref(), &mut query, unreserved);
    }
    query
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Ambiguity, encode_query, split_query};

    fn decoded(raw: &str) -> Result<Vec<(String, String)>, Ambiguity> {
        let pairs = split_query(raw)?;
        Ok(pairs
            .into_iter()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect())
    }

    #[test]
    fn pairs_keep_their_order_and_repeat() {
        let pairs = decoded("filter=status+eq+%22ACTIVE%22&limit=2&after&limit=3&&").unwrap();
        let expected = [
            ("filter", "status eq \"ACTIVE\""),
            ("limit", "2"),
            ("after", ""),
            ("limit", "3"),
        ];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(decoded(""), Ok(Vec::new()));
    }

    #[test]
    fn broken_queries_are_refused() {
        for raw in [
            "a=%", "a=%4", "a=%zz", "a=%c3", "a=%00", "%0a=1", "a=b\u{1}", "a=é", "a=+é",
        ] {
            assert_eq!(decoded(raw), Err(Ambiguity::BrokenQuery), "{raw}");
        }
        assert_eq!(decoded("a=1#b"), Err(Ambiguity::Fragment));
        assert_eq!(
            decoded(&"a&".repeat(super::QUERY_PAIRS_MAX + 1)),
            Err(Ambiguity::QueryTooLong)
        );
        assert_eq!(
            decoded(&"a".repeat(super::QUERY_BYTES_MAX + 1)),
            Err(Ambiguity::QueryTooLong)
        );
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_the_same(pairs in prop::collection::vec(("[^\\p{C}]{1,8}", "[^\\p{C}]{0,16}"), 0..8)) {
            prop_assert_eq!(decoded(&encode_query(pairs.clone())), Ok(pairs));
        }
    }
}
