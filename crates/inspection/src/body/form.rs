//! Forms, decoded. A name given twice is refused: servers differ in which they take, but for the few that RFC 8693 and RFC 8707 let
//! repeat.

use crate::Fault;
use crate::limits::FORM_PAIRS_MAX;

/// Reads the pairs of a form.
pub(super) fn read(body: &[u8]) -> Result<Vec<(String, String)>, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| fault("not_utf8", "is not UTF-8"))?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in text.split('&') {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let pair = (decode(name)?, decode(value)?);
        if !REPEATED.contains(&&*pair.0) && pairs.iter().any(|(known, _)| *known == pair.0) {
            return Err(fault("duplicate_name", "has a name that occurs twice"));
        }
        if pairs.len() >= FORM_PAIRS_MAX {
            return Err(fault("too_many_pairs", "has too many pairs"));
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

fn decode(text: &str) -> Result<String, Fault> {
    let broken = || fault("broken_escape", "has a broken percent-encoding");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = digit().zip(digit()).ok_or_else(broken)?;
                u8::try_from(high * 16 + low).map_err(|_| broken())?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| fault("not_utf8", "is not UTF-8 when decoded"))
}

fn fault(kind: &'static str, what: &'static str) -> Fault {
    let what = what.into();
    Fault { kind, what }
}

/// Names that may occur several times.
const REPEATED: [&str; 2] = ["audience", "resource"];

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn pairs_are_decoded_and_none_hides_another() {
        let pairs =
            read(b"grant_type=client%5Fcredentials&scope=a+b&resource=x&resource=y").unwrap();
        assert_eq!(pairs[0].1, "client_credentials");
        assert_eq!(pairs[1].1, "a b");
        for (form, kind) in [
            (&b"scope=a&sc%6Fpe=b"[..], "duplicate_name"),
            (b"a=%4", "broken_escape"),
            (b"a=%zz", "broken_escape"),
            (b"a=%ff", "not_utf8"),
            (b"a=\xff", "not_utf8"),
        ] {
            assert_eq!(read(form).unwrap_err().kind, kind);
        }
    }
}
