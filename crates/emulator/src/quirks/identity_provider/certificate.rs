//! Reads of an X.509 certificate what Okta shows of it: RSA modulus and exponent, end of validity, fingerprint.
//!
//! A reader of DER, not a verifier: signatures, extensions and chains are not looked at.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::civil::DateTime;

/// What a certificate says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// RSA modulus, base64url.
    pub modulus: String,
    /// RSA exponent, base64url.
    pub exponent: String,
    /// End of validity as Okta writes times.
    pub expires: String,
    /// SHA-256 of the certificate, base64url.
    pub fingerprint: String,
}

/// Reads a certificate from base64, line breaks allowed; nothing if it is not an RSA certificate.
pub(super) fn read(text: &str) -> Option<Certificate> {
    let packed: String = text.split_ascii_whitespace().collect();
    let der = STANDARD.decode(packed).ok()?;
    let (_, certificate, _) = element(&der)?;
    let (_, mut signed, _) = element(certificate)?;
    let (tag, _, rest) = element(signed)?;
    if tag == VERSION {
        signed = rest;
    }
    // serial number, signature algorithm, issuer
    for _ in 0..3 {
        signed = element(signed)?.2;
    }
    let (_, validity, rest) = element(signed)?;
    let (_, _, until) = element(validity)?;
    let (tag, end, _) = element(until)?;
    let expires = time(tag, std::str::from_utf8(end).ok()?)?;
    // subject
    let (_, _, rest) = element(rest)?;
    let (_, public_key, _) = element(rest)?;
    let (_, _, bits) = element(public_key)?;
    let (_, bits, _) = element(bits)?;
    let (_, key, _) = element(bits.get(1..)?)?;
    let (_, modulus, rest) = element(key)?;
    let (_, exponent, _) = element(rest)?;
    let number = |bytes: &[u8]| {
        URL_SAFE_NO_PAD.encode(
            bytes
                .iter()
                .copied()
                .skip_while(|b| *b == 0)
                .collect::<Vec<_>>(),
        )
    };
    Some(Certificate {
        modulus: number(modulus),
        exponent: number(exponent),
        expires,
        fingerprint: URL_SAFE_NO_PAD.encode(digest(&SHA256, &der)),
    })
}

/// Tag, content and what follows of the first element.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let bytes = rest.get(..count).filter(|bytes| bytes.len() <= 4)?;
        let length = bytes
            .iter()
            .fold(0usize, |length, byte| length << 8 | usize::from(*byte));
        (length, rest.get(count..)?)
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}

fn time(tag: u8, text: &str) -> Option<String> {
    let text = match tag {
        UTC_TIME => {
            let century = if text.get(..2)?.parse::<u32>().ok()? < 50 {
                "20"
            } else {
                "19"
            };
            format!("{century}{text}")
        }
        _ => text.to_owned(),
    };
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string())
}

const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_tells_its_key_and_its_end() {
        let certificate = read(include_str!("../../seed/partner.b64")).unwrap();
        assert_eq!(certificate.exponent, "AQAB");
        assert!(certificate.modulus.len() > 80 && certificate.fingerprint.len() == 43);
        assert!(
            certificate.expires.ends_with(".000Z"),
            "{}",
            certificate.expires
        );
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in ["", "bm90aGluZw==", "MIIB", "MIMBAAA="] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
