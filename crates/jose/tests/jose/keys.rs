//! Which keys are taken, which are refused, and that a private half never leaves with a public one.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use jose::{
    Algorithm, BadKey, BadKeySet, KeySet, Malformed, SigningFault, SigningKey, VerifyingKey,
};
use serde_json::{Value, json};

use crate::{members, part};

fn rsa(bits: usize) -> Value {
    let mut n = vec![0xc5; bits / 8];
    if let Some(last) = n.last_mut() {
        *last = 1;
    }
    json!({"kty": "RSA", "n": part(n), "e": "AQAB"})
}

fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

fn read(jwk: Value) -> Result<VerifyingKey, BadKey> {
    VerifyingKey::from_jwk(&members(jwk), None)
}

fn pem_of(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

#[test]
fn private_members_are_refused_in_every_kind() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for jwk in [rsa(2048), ec()] {
            assert_eq!(
                read(with(jwk, name, json!("AQ"))),
                Err(BadKey::Private),
                "{name}"
            );
        }
    }
    assert_eq!(
        read(json!({"kty": "oct", "k": "c2VjcmV0"})),
        Err(BadKey::Private)
    );
}

#[test]
fn rsa_is_of_2048_to_4096_bits_with_a_sound_exponent() {
    for bits in [2048, 3072, 4096] {
        assert_eq!(read(rsa(bits)).unwrap().algorithm(), Algorithm::RS256);
    }
    for bits in [512, 1024, 2040, 4104, 8192] {
        assert_eq!(read(rsa(bits)), Err(BadKey::Modulus(bits)));
    }
    for exponent in ["", "AA", "AQ", "Aw", "AQAA", "AAEAAQ", "AQAAAAE"] {
        assert_eq!(
            read(with(rsa(2048), "e", json!(exponent))),
            Err(BadKey::Exponent),
            "{exponent}"
        );
    }
    let modulus = |first: u8, bytes: usize, last: u8| {
        let mut n = vec![0xc5; bytes];
        (n[0], n[bytes - 1]) = (first, last);
        read(with(rsa(2048), "n", json!(part(n))))
    };
    assert!(modulus(0x80, 256, 1).is_ok());
    assert_eq!(modulus(0x7f, 256, 1), Err(BadKey::Modulus(2047)));
    assert_eq!(modulus(0x01, 513, 1), Err(BadKey::Modulus(4097)));
    assert_eq!(modulus(0xc5, 256, 2), Err(BadKey::Member("n")));
    let leading_zero = [&[0_u8], [0xc5; 256].as_slice()].concat();
    assert_eq!(
        read(with(rsa(2048), "n", json!(part(leading_zero)))),
        Err(BadKey::Member("n"))
    );
}

#[test]
fn a_point_must_be_on_its_curve_and_of_full_length() {
    let other = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV";
    assert!(matches!(
        read(with(ec(), "x", json!(other))),
        Err(BadKey::Point | BadKey::Member("x"))
    ));
    for bad in [
        vec![0_u8; 32],
        vec![0xff; 32],
        vec![1; 31],
        vec![1; 33],
        vec![],
    ] {
        assert_eq!(read(with(ec(), "y", json!(part(bad)))), Err(BadKey::Point));
    }
    assert_eq!(read(with(ec(), "crv", json!("P-384"))), Err(BadKey::Point));
    for curve in ["secp256k1", "P-521", "p-256", ""] {
        assert_eq!(read(with(ec(), "crv", json!(curve))), Err(BadKey::Kind));
    }
    assert_eq!(
        read(json!({"kty": "OKP", "crv": "Ed25519", "x": part([1; 31])})),
        Err(BadKey::Point)
    );
    for curve in ["X25519", "Ed448"] {
        assert_eq!(
            read(json!({"kty": "OKP", "crv": curve, "x": part([1; 32])})),
            Err(BadKey::Kind)
        );
    }
}

#[test]
fn an_algorithm_goes_with_its_kind_of_key_only() {
    for algorithm in Algorithm::ALL {
        let fits = |jwk: Value| {
            VerifyingKey::from_jwk(&members(jwk), Some(algorithm))
                .is_ok_and(|key| key.algorithm() == algorithm)
        };
        assert_eq!(
            fits(rsa(2048)),
            algorithm.name().starts_with(['R', 'P']),
            "{algorithm}"
        );
        assert_eq!(fits(ec()), algorithm == Algorithm::ES256, "{algorithm}");
    }
    for name in [
        json!("none"),
        json!("HS256"),
        json!("RSA-OAEP"),
        json!(null),
        json!(1),
    ] {
        assert_eq!(read(with(rsa(2048), "alg", name)), Err(BadKey::Algorithm));
    }
    assert_eq!(
        VerifyingKey::from_jwk(
            &members(with(rsa(2048), "alg", json!("RS256"))),
            Some(Algorithm::PS256)
        ),
        Err(BadKey::Algorithm)
    );
}

#[test]
fn a_key_for_encrypting_is_refused() {
    for (name, value) in [
        ("use", json!("enc")),
        ("use", json!(null)),
        ("key_ops", json!(["encrypt"])),
        ("key_ops", json!([])),
        ("key_ops", json!("verify")),
    ] {
        assert_eq!(read(with(ec(), name, value)), Err(BadKey::Purpose));
    }
    assert!(read(with(ec(), "key_ops", json!(["verify"]))).is_ok());
}

#[test]
fn pem_and_jwk_of_one_key_are_one_key() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm).unwrap();
        let pkcs8 = key.to_pkcs8().unwrap();
        let der = match algorithm {
            Algorithm::ES256 => aws_lc_rs::signature::EcdsaKeyPair::from_pkcs8(
                &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                &pkcs8,
            )
            .unwrap()
            .public_key()
            .as_der()
            .unwrap()
            .as_ref()
            .to_vec(),
            _ => aws_lc_rs::signature::Ed25519KeyPair::from_pkcs8(&pkcs8)
                .unwrap()
                .public_key()
                .as_der()
                .unwrap()
                .as_ref()
                .to_vec(),
        };
        let read = VerifyingKey::from_pem(&pem_of(&der), None, None).unwrap();
        assert_eq!(&read, key.verifying_key());
        assert_eq!(read.thumbprint(), key.verifying_key().thumbprint());
    }
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = pair.public_key().as_der().unwrap();
    let key =
        VerifyingKey::from_pem(&pem_of(der.as_ref()), Some("k1"), Some(Algorithm::PS256)).unwrap();
    assert_eq!((key.algorithm(), key.kid()), (Algorithm::PS256, Some("k1")));
    let again = VerifyingKey::from_jwk(&key.jwk(), None).unwrap();
    assert_eq!(again, key);
}

#[test]
fn pem_of_anything_else_is_refused() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let pkcs8 = key.to_pkcs8().unwrap();
    let private = pem_of(&pkcs8).replace("PUBLIC", "PRIVATE");
    assert_eq!(
        VerifyingKey::from_pem(&private, None, None),
        Err(BadKey::Private)
    );
    assert_eq!(
        VerifyingKey::from_pem(&pem_of(&pkcs8), None, None),
        Err(BadKey::Kind)
    );
    for text in [
        "",
        "MFkw",
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
    ] {
        assert!(
            VerifyingKey::from_pem(text, None, None).is_err(),
            "{text:?}"
        );
    }
}

#[test]
fn a_signing_key_survives_being_written_and_shows_only_its_public_half() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm).unwrap();
        let again = SigningKey::from_pkcs8(algorithm, &key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.verifying_key(), key.verifying_key());
        let published = Value::Object(key.verifying_key().jwk());
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert_eq!(published.get(private), None);
        }
        assert_eq!(
            format!("{key:?}"),
            format!(
                "SigningKey({algorithm} {})",
                key.verifying_key().thumbprint()
            )
        );
        assert_eq!(
            SigningKey::from_pkcs8(algorithm, b"not a key").unwrap_err(),
            SigningFault::Pkcs8
        );
    }
    assert_eq!(
        SigningKey::generate(Algorithm::RS256).unwrap_err(),
        SigningFault::Algorithm(Algorithm::RS256)
    );
}

#[test]
fn a_registration_is_refused_for_one_bad_key_and_a_foreign_set_passes_it_over() {
    let good = with(ec(), "kid", json!("good"));
    let set = json!({"keys": [good, rsa(1024)]}).to_string();
    assert_eq!(
        KeySet::read_registration(&set),
        Err(BadKeySet::Key {
            position: 2,
            fault: BadKey::Modulus(1024)
        })
    );
    let published = KeySet::read_published(&set).unwrap();
    assert_eq!(published.keys().len(), 1);
    assert_eq!(
        KeySet::read_published(&json!({"keys": [rsa(1024)]}).to_string()),
        Err(BadKeySet::Empty)
    );
    assert_eq!(
        KeySet::read_registration(&json!({"keys": vec![ec(); 21]}).to_string()),
        Err(BadKeySet::TooMany)
    );
    assert_eq!(KeySet::read_registration("{}"), Err(BadKeySet::Shape));
    assert_eq!(
        KeySet::read_registration(&json!({"keys": [good, good]}).to_string()),
        Err(BadKeySet::SameName("good".to_owned()))
    );
}

#[test]
fn candidates_are_of_the_algorithm_and_of_the_name() {
    let named = with(ec(), "kid", json!("a"));
    let set = KeySet::read_registration(&json!({"keys": [named, rsa(2048)]}).to_string()).unwrap();
    let count = |kid, algorithm| set.candidates(kid, algorithm).count();
    assert_eq!(count(Some("a"), Algorithm::ES256), 1);
    assert_eq!(count(None, Algorithm::ES256), 1);
    assert_eq!(count(None, Algorithm::RS256), 1);
    assert_eq!(count(Some("a"), Algorithm::RS256), 0);
    assert_eq!(count(Some("b"), Algorithm::ES256), 0);
    assert_eq!(count(None, Algorithm::PS256), 0);
    let unnamed = set.keys()[1].thumbprint();
    assert_eq!(count(Some(unnamed), Algorithm::RS256), 1);
}

#[test]
fn every_fault_says_what_to_do_next() {
    let keys = [
        BadKey::Private,
        BadKey::Kind,
        BadKey::Member("n"),
        BadKey::Modulus(1024),
        BadKey::Exponent,
        BadKey::Point,
        BadKey::Purpose,
        BadKey::Algorithm,
        BadKey::Pem,
    ];
    let sets = [
        BadKeySet::TooLong,
        BadKeySet::Malformed(Malformed::Json),
        BadKeySet::Shape,
        BadKeySet::TooMany,
        BadKeySet::Empty,
        BadKeySet::SameName("a".to_owned()),
    ];
    let tokens = [
        Malformed::TooLong,
        Malformed::Parts,
        Malformed::Base64url,
        Malformed::Json,
        Malformed::RepeatedMember,
        Malformed::Depth,
        Malformed::Algorithm,
        Malformed::Extension("crit"),
        Malformed::KeyInHeader("jku"),
        Malformed::Member("kid"),
        Malformed::Kind,
        Malformed::Signature,
    ];
    let signing = [
        SigningFault::Algorithm(Algorithm::RS256),
        SigningFault::Pkcs8,
        SigningFault::Library,
    ];
    let said = keys.iter().map(|fault| (fault.hint(), fault.to_string()));
    let said = said.chain(sets.iter().map(|fault| (fault.hint(), fault.to_string())));
    let said = said.chain(tokens.iter().map(|fault| (fault.hint(), fault.to_string())));
    let said = said.chain(
        signing
            .iter()
            .map(|fault| (fault.hint(), fault.to_string())),
    );
    for (hint, message) in said {
        assert!(
            hint.starts_with(char::is_uppercase) && hint.ends_with('.') && hint.contains(' '),
            "{hint}"
        );
        assert!(
            !message.ends_with('.') && message.contains(' '),
            "{message}"
        );
    }
    for fault in keys {
        let hint = fault.hint();
        let within = BadKeySet::Key {
            position: 2,
            fault: fault.clone(),
        };
        assert_eq!(within.hint(), hint);
        assert_eq!(within.to_string(), format!("key 2: {fault}"));
        assert_eq!(Malformed::Key(fault).hint(), hint);
    }
}
