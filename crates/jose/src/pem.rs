//! Public keys in PEM: `-----BEGIN PUBLIC KEY-----`, a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as
//! `openssl pkey -pubout` writes it.
//!
//! Certificates and private keys are not read.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use simple_asn1::ASN1Block;

use crate::BadKey;
use crate::jwk::{Curve, PublicJwk};

/// Bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410 section 4): 12 of frame, 32 of key.
const ED25519_DER_BYTES: usize = 44;

/// Reads the one public key in the text.
pub(crate) fn read(text: &str) -> Result<PublicJwk, BadKey> {
    if text.contains("PRIVATE KEY-----") {
        return Err(BadKey::Private);
    }
    let der = SubjectPublicKeyInfoDer::from_pem_slice(text.as_bytes()).map_err(|_| BadKey::Pem)?;
    if let Ok(key) = rsa::PublicKey::from_der(&der) {
        return read_rsa(key.as_ref());
    }
    if let Some(key) = read_point(&der, Curve::P256).or_else(|| read_point(&der, Curve::P384)) {
        return Ok(key);
    }
    if der.len() == ED25519_DER_BYTES && ParsedPublicKey::new(&ED25519, &*der).is_ok() {
        let x = der.last_chunk::<32>().ok_or(BadKey::Pem)?;
        return Ok(PublicJwk::Ed25519 { x: x.to_vec() });
    }
    Err(BadKey::Kind)
}

/// From `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }` (RFC 8017 appendix A.1.1).
fn read_rsa(der: &[u8]) -> Result<PublicJwk, BadKey> {
    let blocks = simple_asn1::from_der(der).map_err(|_| BadKey::Pem)?;
    let [ASN1Block::Sequence(_, members)] = blocks.as_slice() else {
        return Err(BadKey::Pem);
    };
    let [
        ASN1Block::Integer(_, modulus),
        ASN1Block::Integer(_, exponent),
    ] = members.as_slice()
    else {
        return Err(BadKey::Pem);
    };
    PublicJwk::rsa(modulus.to_bytes_be().1, exponent.to_bytes_be().1)
}

/// The point at the end of a SubjectPublicKeyInfo on this curve, uncompressed (0x04, x, y).
fn read_point(der: &[u8], curve: Curve) -> Option<PublicJwk> {
    let algorithm = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED,
    };
    let written = ParsedPublicKey::new(algorithm, der).ok()?.as_der().ok()?;
    let bytes = curve.coordinate_bytes();
    let start = written.as_ref().len().checked_sub(2 * bytes + 1)?;
    let (form, point) = written.as_ref().get(start..)?.split_first()?;
    let (x, y) = point.split_at_checked(bytes)?;
    (*form == 4).then(|| PublicJwk::Ec {
        curve,
        x: x.to_vec(),
        y: y.to_vec(),
    })
}
