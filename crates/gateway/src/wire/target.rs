//! The request target as bytes: a path, maybe with a query, and nothing else (origin form, RFC 9112 section 3.2.1). What the path
//! means, and that it means one thing, is `catalog`'s to say.

use super::fault::Fault;
use super::field::table;
use crate::limits::TARGET_BYTES_MAX;

/// Refuses every other form (absolute, authority, `*`), and what RFC 3986 lets stand in a target only when percent-encoded.
pub(super) fn judge(target: &[u8]) -> Result<(), Fault> {
    if target.first() != Some(&b'/') {
        return Err(Fault::TargetForm);
    }
    if target.len() > TARGET_BYTES_MAX {
        return Err(Fault::TargetTooLong);
    }
    match target.iter().find(|byte| !may_stand(**byte)) {
        None => Ok(()),
        Some(b'#') => Err(Fault::Fragment),
        Some(0..=0x1f | 0x7f) => Err(Fault::ControlCharacter),
        Some(_) => Err(Fault::TargetCharacter),
    }
}

fn may_stand(byte: u8) -> bool {
    BARE.get(usize::from(byte)).copied().unwrap_or_default()
}

/// `pchar`, `/` and `?` of RFC 3986; its `%` is followed up where the target is decoded.
const BARE: [bool; 256] = table(b"-._~%!$&'()*+,;=:@/?");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_path_and_a_query() {
        for sound in [
            "/",
            "//",
            "/api/v1/users/ada@example.com?search=profile.login+eq+%22a%22&limit=2",
            "/a/..;/b?c?d=/e",
        ] {
            assert_eq!(judge(sound.as_bytes()), Ok(()), "{sound}");
        }
        for (target, fault) in [
            ("", Fault::TargetForm),
            ("*", Fault::TargetForm),
            ("api/v1/users", Fault::TargetForm),
            ("http://gate.example/api/v1/users", Fault::TargetForm),
            ("gate.example:443", Fault::TargetForm),
            ("user@gate.example:443", Fault::TargetForm),
            ("?a=b", Fault::TargetForm),
            ("/a#b", Fault::Fragment),
            ("/a\\b", Fault::TargetCharacter),
            ("/a\u{e9}", Fault::TargetCharacter),
            ("/a?b=\"c\"", Fault::TargetCharacter),
            ("/a?b={c}", Fault::TargetCharacter),
            ("/a\u{0}", Fault::ControlCharacter),
            ("/a\tb", Fault::ControlCharacter),
        ] {
            assert_eq!(judge(target.as_bytes()), Err(fault), "{target}");
        }
        let long = "/".repeat(TARGET_BYTES_MAX + 1);
        assert_eq!(judge(long.as_bytes()), Err(Fault::TargetTooLong));
        assert_eq!(judge(&long.as_bytes()[1..]), Ok(()));
    }
}
