//! The subject of a certificate as text, in the one form RFC 4514 section 2 gives it: most specific part first, no spaces around
//! separators, escapes only where they are needed. Compared letter by letter, so nothing here is guessed or made prettier.

use std::fmt::Write as _;

use rustls_pki_types::CertificateDer;
use x509_parser::asn1_rs::ToDer as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

/// The subject of a certificate; `None` when it has none or cannot be read.
pub(super) fn subject_of(certificate: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let parts: Vec<_> = certificate.subject().iter_rdn().collect();
    let mut text = String::new();
    for (at, part) in parts.into_iter().rev().enumerate() {
        for (beside, attribute) in part.iter().enumerate() {
            match (at, beside) {
                (0, 0) => {}
                (_, 0) => text.push(','),
                _ => text.push('+'),
            }
            push_attribute(&mut text, attribute)?;
        }
    }
    (!text.is_empty()).then_some(text)
}

fn push_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) -> Option<()> {
    let oid = attribute.attr_type().to_id_string();
    let short = SHORT.iter().find(|(known, _)| *known == oid);
    match (short, attribute.as_str()) {
        (Some((_, name)), Ok(value)) => {
            text.push_str(name);
            text.push('=');
            push_escaped(text, value);
        }
        // Section 2.4: a type without a short name is written with its bytes.
        _ => {
            text.push_str(&oid);
            text.push_str("=#");
            for byte in attribute.attr_value().to_der_vec().ok()? {
                write!(text, "{byte:02x}").ok()?;
            }
        }
    }
    Some(())
}

fn push_escaped(text: &mut String, value: &str) {
    let last = value.chars().count().saturating_sub(1);
    for (at, letter) in value.chars().enumerate() {
        let edge = (at == 0 && matches!(letter, ' ' | '#')) || (at == last && letter == ' ');
        match letter {
            '\0' => text.push_str("\\00"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', letter]),
            _ if edge => text.extend(['\\', letter]),
            _ => text.push(letter),
        }
    }
}

/// The types RFC 4514 section 3 gives a short name.
const SHORT: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

    fn subject(parts: &[(DnType, &str)]) -> Option<String> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in parts {
            params.distinguished_name.push(kind.clone(), *value);
        }
        let key = KeyPair::generate().unwrap();
        subject_of(params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn the_most_specific_part_comes_first() {
        let text = subject(&[
            (DnType::CountryName, "DE"),
            (DnType::OrganizationName, "Example"),
            (DnType::CommonName, "nightly job"),
        ]);
        assert_eq!(text.as_deref(), Some("CN=nightly job,O=Example,C=DE"));
    }

    #[test]
    fn separators_and_edges_are_escaped_so_that_no_name_passes_for_another() {
        for (value, written) in [
            ("job,O=Example", "CN=job\\,O=Example"),
            ("a+b\"c\\d", "CN=a\\+b\\\"c\\\\d"),
            (" #x ", "CN=\\ #x\\ "),
            ("#x", "CN=\\#x"),
            ("Zoë", "CN=Zoë"),
        ] {
            assert_eq!(
                subject(&[(DnType::CommonName, value)]).as_deref(),
                Some(written)
            );
        }
    }

    #[test]
    fn a_type_without_a_short_name_is_written_as_bytes() {
        let mail = DnType::CustomDnType(vec![1, 2, 840, 113549, 1, 9, 1]);
        assert_eq!(
            subject(&[(mail, "a")]).as_deref(),
            Some("1.2.840.113549.1.9.1=#0c0161")
        );
        assert_eq!(subject(&[]), None);
    }
}
