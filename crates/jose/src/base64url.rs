//! Base64url as JOSE writes it (RFC 7515 section 2): no padding, no stray bits, so that one value has one text.
//!
//! It never accepts the other alphabet, white space or line breaks.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The bytes of a text, if it is the one canonical text of them.
pub(crate) fn read(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The canonical text of bytes.
pub(crate) fn write(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// SHA-256 of the bytes, in base64url without padding: 43 characters. The form of a DPoP `ath` (RFC 9449 section 4.2),
/// of a thumbprint (RFC 7638) and of `x5t#S256` (RFC 8705 section 3.1).
pub fn sha256_base64url(bytes: &[u8]) -> String {
    write(digest(&SHA256, bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_text() {
        assert_eq!(read("AQ"), Some(vec![1]));
        for other in ["AQ==", "AQ=", "AR", "A", "AQ\n", " AQ", "+w", "A+"] {
            assert_eq!(read(other), None, "{other:?}");
        }
        assert_eq!(read("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(read("+/8"), None);
    }

    #[test]
    fn access_token_hash_of_rfc_9449_section_7_1() {
        assert_eq!(
            sha256_base64url(b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
            "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
        );
    }
}
