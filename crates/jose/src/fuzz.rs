//! Tokens, keys and proofs as a stranger may write them: nothing is believed that its owner did not sign.

use ::fuzz::Target;
use serde_json::{Map, Value, json};

use crate::{Algorithm, DpopProof, Jws, KeySet, SigningKey, read_object};

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

const WORDS: [&str; 16] = [
    ".",
    "..",
    "=",
    "==",
    "-",
    "_",
    "+",
    "/",
    "eyJ",
    "eyJhbGciOiJub25lIn0",
    "e30",
    "IiI",
    "AAAA",
    "\"alg\":\"none\"",
    "\n",
    "\u{e9}",
];

#[test]
fn no_text_but_the_signers_own_verifies() {
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let key = SigningKey::generate(algorithm).unwrap();
        let claims =
            members(json!({"iss": "0oa1", "aud": "https://gate.example", "exp": 1_800_000_000}));
        let honest = key.sign(&key.header("JWT"), &claims).unwrap();
        let unsigned = "eyJhbGciOiJub25lIn0.eyJpc3MiOiIwb2ExIn0.";
        let seeds = [honest.as_str(), unsigned, "e30.e30.e30", ""];
        let ran = Target::named("signed tokens")
            .seeds(seeds)
            .words(WORDS)
            .run(|input| {
                let text = std::str::from_utf8(input).ok()?;
                let said = match Jws::read(text) {
                    Err(fault) => fault.to_string(),
                    Ok(jws) => {
                        let verified = jws.verify(key.verifying_key()).is_ok();
                        assert_eq!(
                            verified,
                            text == honest,
                            "an altered token verifies, or the honest one does not"
                        );
                        format!("{verified} {}", jws.header().algorithm())
                    }
                };
                Some(said)
            });
        let ran = ran.unwrap();
        println!("{ran}");
        assert!(ran.outcomes > 4, "{ran}");
    }
}

#[test]
fn no_proof_but_the_holders_own_is_one() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let mut header = members(json!({"typ": "dpop+jwt"}));
    header.insert("jwk".to_owned(), Value::Object(key.verifying_key().jwk()));
    let claims = members(
        json!({"htm": "GET", "htu": "https://gate.example/api/v1/users", "iat": 1_700_000_000, "jti": "1"}),
    );
    let honest = key.sign(&header, &claims).unwrap();
    let bare = key.sign(&key.header("dpop+jwt"), &claims).unwrap();
    let ran = Target::named("DPoP proofs")
        .seeds([&honest, &bare])
        .words(WORDS)
        .run(|input| {
            let text = std::str::from_utf8(input).ok()?;
            let read = DpopProof::read(text);
            assert_eq!(
                read.is_ok(),
                text == honest,
                "an altered proof is one, or the honest one is none"
            );
            Some(read.err().map(|fault| fault.to_string()))
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 4, "{ran}");
}

#[test]
fn an_object_is_read_as_any_reader_would_or_not_at_all() {
    let ran = Target::named("objects of tokens")
        .seeds([
            r#"{"alg":"ES256","kid":"a","n":[1,-2.5e3,true,null,"\u00e9"]}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{}}}}}}}}}"#,
            "[]",
            "{} {}",
            "{\"a\":18446744073709551616}",
        ])
        .words([
            "{", "}", "[", "]", "\"", ":", ",", "\\u0061", "\\ud800", "\"a\":", "1e400", "null",
            "\u{feff}",
        ])
        .run(|input| {
            let read = read_object(input);
            if let Ok(object) = &read {
                let other: Value = serde_json::from_slice(input).expect("another reader's reading");
                assert_eq!(&Value::Object(object.clone()), &other);
            }
            read.err().map(|fault| fault.to_string())
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 3, "{ran}");
}

#[test]
fn what_was_registered_can_be_published_and_read_again() {
    let jwk = |algorithm| {
        Value::Object(
            SigningKey::generate(algorithm)
                .unwrap()
                .verifying_key()
                .jwk(),
        )
    };
    let (one, other) = (jwk(Algorithm::ES256), jwk(Algorithm::EdDSA));
    let private = r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#;
    let seeds = [
        one.to_string(),
        json!({"keys": [one, other]}).to_string(),
        json!({"keys": [other, other]}).to_string(),
        json!({"keys": []}).to_string(),
        private.to_owned(),
        r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.to_owned(),
    ];
    let words = [
        "\"kty\":\"RSA\"",
        "\"kty\":\"EC\"",
        "\"crv\":\"P-256\"",
        "\"crv\":\"P-384\"",
        "\"use\":\"enc\"",
        "\"use\":\"sig\"",
        "\"alg\":\"RS256\"",
        "\"kid\":\"a\"",
        "\"d\":\"AA\"",
        "\"key_ops\":[\"verify\"]",
        "\"e\":\"AQAB\"",
        ",",
        "{",
        "}",
        "[",
        "]",
        "null",
    ];
    let ran = Target::named("key sets")
        .seeds(seeds)
        .words(words)
        .run(|input| {
            let text = std::str::from_utf8(input).ok()?;
            let published = KeySet::read_published(text);
            let registered = match KeySet::read_registration(text) {
                Ok(set) => set,
                Err(fault) => return Some(fault.to_string()),
            };
            let published = published.expect("a registration can be published");
            assert_eq!(published.keys(), registered.keys());
            let shown = Value::Object(registered.jwks());
            let again = KeySet::read_registration(&shown.to_string()).expect("what is shown");
            assert_eq!(again.keys(), registered.keys());
            for key in registered.keys() {
                let private = ["d", "p", "q", "dp", "dq", "qi", "k"];
                assert!(
                    !private.iter().any(|name| key.jwk().contains_key(*name)),
                    "a private member is shown"
                );
            }
            Some(registered.keys().len().to_string())
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 4, "{ran}");
}
