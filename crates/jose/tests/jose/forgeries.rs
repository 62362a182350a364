//! Round trips, flipped bits, and texts nobody would write.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use jose::{
    Algorithm, DpopProof, Jws, KeySet, Malformed, SigningKey, VerifyingKey, limits, read_object,
};
use proptest::prelude::*;
use serde_json::json;

use crate::{members, part};

fn signed(header: &str, payload: &str) -> String {
    format!("{}.{}.{}", part(header), part(payload), part([7; 64]))
}

#[test]
fn a_header_that_changes_the_reading_or_brings_a_key_is_refused() {
    for (header, fault) in [
        (
            r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
            Malformed::Extension("crit"),
        ),
        (r#"{"alg":"ES256","crit":[]}"#, Malformed::Extension("crit")),
        (
            r#"{"alg":"ES256","b64":false}"#,
            Malformed::Extension("b64"),
        ),
        (r#"{"alg":"ES256","b64":true}"#, Malformed::Extension("b64")),
        (
            r#"{"alg":"ES256","zip":"DEF"}"#,
            Malformed::Extension("zip"),
        ),
        (
            r#"{"alg":"ES256","jku":"https://a.example"}"#,
            Malformed::KeyInHeader("jku"),
        ),
        (r#"{"alg":"ES256","jwk":{}}"#, Malformed::KeyInHeader("jwk")),
        (
            r#"{"alg":"ES256","jwk":null}"#,
            Malformed::KeyInHeader("jwk"),
        ),
        (
            r#"{"alg":"ES256","x5u":"https://a.example"}"#,
            Malformed::KeyInHeader("x5u"),
        ),
        (r#"{"alg":"ES256","x5c":[]}"#, Malformed::KeyInHeader("x5c")),
        (r#"{"alg":"ES256","kid":1}"#, Malformed::Member("kid")),
        (r#"{"alg":"ES256","kid":null}"#, Malformed::Member("kid")),
        (r#"{"alg":"ES256","typ":["JWT"]}"#, Malformed::Member("typ")),
        (r#"{"alg":null}"#, Malformed::Member("alg")),
        (r#"{"alg":["ES256"]}"#, Malformed::Member("alg")),
        (r#"{"alg":"es256"}"#, Malformed::Algorithm),
        (r#"{"alg":"HS256"}"#, Malformed::Algorithm),
        (r#"{"alg":"none"}"#, Malformed::Algorithm),
        (r#"{}"#, Malformed::Algorithm),
        (r#"{"alg":"none","alg":"ES256"}"#, Malformed::RepeatedMember),
    ] {
        assert_eq!(
            Jws::read(&signed(header, "{}")).unwrap_err(),
            fault,
            "{header}"
        );
    }
    assert!(Jws::read(&signed(r#"{"alg":"ES256","x5t":"a","cty":"b"}"#, "{}")).is_ok());
}

#[test]
fn only_three_canonical_parts_of_bounded_length_are_read() {
    let good = signed(r#"{"alg":"ES256"}"#, r#"{"a":1}"#);
    assert!(Jws::read(&good).is_ok());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    for text in [
        String::new(),
        "..".to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{good}.{signature}"),
        format!("{good}.{signature}.{signature}"),
    ] {
        assert_eq!(Jws::read(&text).unwrap_err(), Malformed::Parts, "{text}");
    }
    for text in [
        format!("{good}="),
        format!("{good}\n"),
        format!(" {good}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}==.{signature}"),
        format!("{header}.{payload}.+{signature}"),
        format!("{header}.{}R.{signature}", &payload[..payload.len() - 1]),
        format!("{header}.{payload}.{}x", &signature[..signature.len() - 1]),
    ] {
        assert_eq!(
            Jws::read(&text).unwrap_err(),
            Malformed::Base64url,
            "{text}"
        );
    }
    let of_length = |bytes: usize| {
        let text = |filled: usize| {
            signed(
                r#"{"alg":"ES256"}"#,
                &format!(r#"{{"a":"{}"}}"#, "a".repeat(filled)),
            )
        };
        let grown = |filled: &usize| text(*filled).len() >= bytes;
        text((0..bytes).find(grown).unwrap_or_default())
    };
    let longest = of_length(limits::TEXT_BYTES);
    assert_eq!(longest.len(), limits::TEXT_BYTES);
    assert!(Jws::read(&longest).is_ok());
    let longer = of_length(limits::TEXT_BYTES + 1);
    assert_eq!(Jws::read(&longer).unwrap_err(), Malformed::TooLong);
}

#[test]
fn the_kind_of_token_is_a_media_type() {
    let typed = |typ: &str| {
        let text = signed(&json!({"alg": "ES256", "typ": typ}).to_string(), "{}");
        Jws::read(&text).unwrap().header().is_typed("at+jwt")
    };
    for same in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/at+jwt",
    ] {
        assert!(typed(same), "{same}");
    }
    for other in [
        "JWT",
        "",
        "at+jwt ",
        "application/",
        "application/application/at+jwt",
        "éat+jwt",
        "xpplication/at+jwt",
    ] {
        assert!(!typed(other), "{other}");
    }
    let untyped = signed(r#"{"alg":"ES256"}"#, "{}");
    let jws = Jws::read(&untyped).unwrap();
    assert!(!jws.header().is_typed("at+jwt") && !jws.header().is_typed(""));
    assert_eq!(jws.header().typ(), None);
    let typed = signed(r#"{"alg":"ES256","typ":"at+JWT"}"#, "{}");
    assert_eq!(Jws::read(&typed).unwrap().header().typ(), Some("at+JWT"));
}

#[test]
fn all_six_rsa_algorithms_verify_and_only_their_own() {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = pair.public_key().as_ref();
    // SEQUENCE(4) INTEGER(4) 0x00 modulus(256) INTEGER(2) exponent(3): fixed for RSA-2048 with 65537.
    let components = PublicKeyComponents {
        n: &der[9..265],
        e: &der[267..270],
    };
    let jwk = members(json!({"kty": "RSA", "n": part(components.n), "e": part(components.e)}));
    let encodings: [(Algorithm, &'static dyn RsaEncoding); 6] = [
        (Algorithm::RS256, &RSA_PKCS1_SHA256),
        (Algorithm::RS384, &RSA_PKCS1_SHA384),
        (Algorithm::RS512, &RSA_PKCS1_SHA512),
        (Algorithm::PS256, &RSA_PSS_SHA256),
        (Algorithm::PS384, &RSA_PSS_SHA384),
        (Algorithm::PS512, &RSA_PSS_SHA512),
    ];
    for (algorithm, encoding) in encodings {
        let mut text = format!(
            "{}.{}",
            part(json!({"alg": algorithm.name()}).to_string()),
            part("{}")
        );
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            encoding,
            &SystemRandom::new(),
            text.as_bytes(),
            &mut signature,
        )
        .unwrap();
        text = format!("{text}.{}", part(signature));
        let jws = Jws::read(&text).unwrap();
        for pinned in encodings.map(|(pinned, _)| pinned) {
            let key = VerifyingKey::from_jwk(&jwk, Some(pinned)).unwrap();
            assert_eq!(
                jws.verify(&key).is_ok(),
                pinned == algorithm,
                "{algorithm} with {pinned}"
            );
        }
    }
}

#[test]
fn a_psychic_signature_is_refused() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let n: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    for signature in [
        vec![0; 64],
        [n.clone(), n.clone()].concat(),
        [vec![0; 32], n].concat(),
    ] {
        let text = format!(
            "{}.{}.{}",
            part(r#"{"alg":"ES256"}"#),
            part("{}"),
            part(signature)
        );
        assert!(
            Jws::read(&text)
                .unwrap()
                .verify(key.verifying_key())
                .is_err()
        );
    }
}

fn proof(key: &SigningKey, header: serde_json::Value, claims: serde_json::Value) -> String {
    key.sign(&members(header), &members(claims)).unwrap()
}

#[test]
fn a_proof_needs_its_type_its_public_key_and_its_claims() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let jwk = json!(key.verifying_key().jwk());
    let header = json!({"typ": "dpop+jwt", "jwk": jwk});
    let claims =
        json!({"htm": "GET", "htu": "https://a.example/b", "iat": 1_700_000_000, "jti": "1"});
    assert!(DpopProof::read(&proof(&key, header.clone(), claims.clone())).is_ok());

    for name in ["htm", "htu", "iat", "jti"] {
        let mut less = members(claims.clone());
        less.remove(name);
        let text = key.sign(&members(header.clone()), &less).unwrap();
        assert_eq!(DpopProof::read(&text).unwrap_err(), Malformed::Member(name));
        for odd in [
            json!(null),
            json!(""),
            json!(["x"]),
            json!(true),
            json!("x".repeat(3000)),
        ] {
            if name == "htu" && odd == "" {
                continue;
            }
            let mut other = claims.clone();
            other[name] = odd;
            let text = proof(&key, header.clone(), other);
            assert_eq!(DpopProof::read(&text).unwrap_err(), Malformed::Member(name));
        }
    }
    for typ in [json!("JWT"), json!("at+jwt"), json!("dpop")] {
        let mut other = header.clone();
        other["typ"] = typ;
        assert_eq!(
            DpopProof::read(&proof(&key, other, claims.clone())).unwrap_err(),
            Malformed::Kind
        );
    }
    let mut keyless = members(header.clone());
    keyless.remove("jwk");
    let text = key.sign(&keyless, &members(claims.clone())).unwrap();
    assert_eq!(
        DpopProof::read(&text).unwrap_err(),
        Malformed::Member("jwk")
    );
    let mut url = header.clone();
    url["jku"] = json!("https://a.example/keys");
    assert_eq!(
        DpopProof::read(&proof(&key, url, claims.clone())).unwrap_err(),
        Malformed::KeyInHeader("jku")
    );
    let mut private = header.clone();
    private["jwk"]["d"] = json!("AQ");
    assert!(matches!(
        DpopProof::read(&proof(&key, private, claims.clone())).unwrap_err(),
        Malformed::Key(_)
    ));
    let mut stolen = header;
    let other = SigningKey::generate(Algorithm::ES256).unwrap();
    stolen["jwk"] = json!(other.verifying_key().jwk());
    assert_eq!(
        DpopProof::read(&proof(&key, stolen, claims)).unwrap_err(),
        Malformed::Signature
    );
}

proptest! {
    #[test]
    fn what_we_sign_we_read_back_and_verify(
        claims in proptest::collection::hash_map("[a-z]{1,8}", ".{0,40}", 0..8),
        edwards in any::<bool>(),
    ) {
        let key = SigningKey::generate(if edwards { Algorithm::EdDSA } else { Algorithm::ES256 }).unwrap();
        let claims = members(json!(claims));
        let text = key.sign(&key.header("JWT"), &claims).unwrap();
        let jws = Jws::read(&text).unwrap();
        prop_assert_eq!(jws.claims(), &claims);
        prop_assert_eq!(jws.header().kid(), Some(key.verifying_key().thumbprint()));
        prop_assert!(jws.header().is_typed("jwt"));
        prop_assert!(jws.verify(key.verifying_key()).is_ok());
    }

    #[test]
    fn any_flipped_bit_is_refused(at in any::<prop::sample::Index>(), bit in 0_u8..8, edwards in any::<bool>()) {
        let key = SigningKey::generate(if edwards { Algorithm::EdDSA } else { Algorithm::ES256 }).unwrap();
        let claims = members(json!({"iss": "a", "exp": 1_700_000_000}));
        let mut bytes = key.sign(&key.header("JWT"), &claims).unwrap().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(jws) = Jws::read(text)
        {
            prop_assert!(jws.verify(key.verifying_key()).is_err());
        }
    }

    #[test]
    fn arbitrary_text_is_refused_without_a_panic(text in ".{0,400}", bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Jws::read(&text).is_err());
        prop_assert!(DpopProof::read(&text).is_err());
        prop_assert!(KeySet::read_published(&text).is_err());
        prop_assert!(VerifyingKey::from_pem(&text, None, None).is_err());
        let _ = read_object(&bytes);
    }

    #[test]
    fn parts_of_any_bytes_are_read_or_refused_without_a_panic(
        header in prop_oneof![
            Just(r#"{"alg":"ES256","typ":"dpop+jwt","jwk":{"kty":"EC","crv":"P-256","x":"","y":""}}"#.as_bytes().to_vec()),
            "\\{\"alg\":\"(ES256|RS256|EdDSA|none)\",\"(kid|typ|jwk|crit)\":[\\[\\]{}\"0-9]{0,9}\\}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..60),
        ],
        payload in proptest::collection::vec(any::<u8>(), 0..60),
        signature in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        let text = format!("{}.{}.{}", part(header), part(payload), part(signature));
        if let Ok(jws) = Jws::read(&text) {
            prop_assert!(jws.verify(key.verifying_key()).is_err());
        }
        prop_assert!(DpopProof::read(&text).is_err());
    }

    #[test]
    fn pem_of_any_bytes_is_refused_without_a_panic(der in proptest::collection::vec(any::<u8>(), 0..300)) {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n");
        prop_assert!(VerifyingKey::from_pem(&pem, None, None).is_err());
    }
}
