//! Certificates and signed events: whether a body is one, not whether it is a good one. Okta verifies them.

use crate::Fault;

/// A certificate or a request for one: PEM (RFC 7468), or DER, which begins with a sequence.
pub(super) fn judge_certificate(body: &[u8]) -> Result<(), Fault> {
    let is_der = body.first() == Some(&0x30) && body.get(1).is_some_and(|length| *length >= 0x80);
    let is_pem = || {
        let text = std::str::from_utf8(body).unwrap_or_default().trim();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=- \r\n".contains(&byte);
        text.starts_with("-----BEGIN ") && text.ends_with("-----") && text.bytes().all(fits)
    };
    if is_der || is_pem() {
        return Ok(());
    }
    Err(Fault {
        kind: "no_certificate",
        what: "is no certificate in PEM or DER".into(),
    })
}

/// A signed token in compact form (RFC 7515): three parts of base64url.
pub(super) fn judge_token(body: &[u8]) -> Result<(), Fault> {
    let parts: Vec<&[u8]> = body.split(|byte| *byte == b'.').collect();
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    if parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.iter().all(fits))
    {
        return Ok(());
    }
    Err(Fault {
        kind: "no_token",
        what: "is no signed token of three parts".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::{judge_certificate, judge_token};

    #[test]
    fn only_what_looks_like_it_passes() {
        let pem = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        assert!(judge_certificate(pem).is_ok() && judge_certificate(&[0x30, 0x82, 1, 2]).is_ok());
        assert!(judge_certificate(b"<?xml version=\"1.0\"?>").is_err());
        assert!(judge_certificate(b"-----BEGIN X-----<script>-----").is_err());
        assert!(judge_token(b"eyJh.eyJh.c2ln").is_ok());
        assert!(judge_token(b"eyJh.eyJh.").is_err() && judge_token(b"a.b.c.d").is_err());
    }
}
