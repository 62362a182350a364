//! Forgeries of what an assertion says: signed by the client, but not meant for now, for here, or for this client.

use serde_json::json;

use super::assertions::{Class, Forgery};
use super::forger::{
    CLIENT, ISSUER, NEIGHBOUR, NOW, TOKEN_URL, World, claims, header, with, without,
};

pub(super) fn times(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "exp", &["exp"]);
    for ago in [60, 61, 3_600, NOW] {
        class.own(
            format!("expired {ago} s ago"),
            header(),
            without(with(claims(), "exp", NOW - ago), "iat"),
        );
    }
    class.falls_to = &["life"];
    for ahead in [3_661, 7_200, 86_400, 400 * 86_400, 253_402_128_000 - NOW] {
        class.claim("exp", json!(NOW + ahead));
    }
    class.falls_to = &["expiry is optional"];
    class.own("no exp", header(), without(claims(), "exp"));
    for odd in [
        json!(null),
        json!(""),
        json!("1700000300"),
        json!([NOW + 300]),
        json!({"value": NOW + 300}),
        json!(true),
        json!(-1),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!("2023-11-14T22:18:20Z"),
    ] {
        class.claim("exp", odd);
    }
    for name in ["nbf", "iat"] {
        class.class = name;
        class.falls_to = if name == "nbf" { &["nbf"] } else { &["iat"] };
        for odd in [
            json!(NOW + 61),
            json!(NOW + 3_600),
            json!(i64::MAX),
            json!(1e300),
            json!(-1),
            json!("1700000000"),
            json!(null),
            json!([NOW]),
            json!(false),
        ] {
            class.claim(name, odd);
        }
    }
    class.forgeries
}

pub(super) fn audiences(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "aud", &["aud"]);
    class.own("no aud", header(), without(claims(), "aud"));
    for odd in [
        json!(null),
        json!(""),
        json!([]),
        json!([null]),
        json!(["https://other.example"]),
        json!([[TOKEN_URL]]),
        json!({"aud": TOKEN_URL}),
        json!(true),
        json!(CLIENT),
        json!("gateway.example.com"),
        json!("*"),
        json!("http://gateway.example.com"),
        json!("https://acme.okta.com/oauth2/v1/token"),
        json!(" https://gateway.example.com"),
        json!(
            [TOKEN_URL, TOKEN_URL, TOKEN_URL, TOKEN_URL, TOKEN_URL]
                .iter()
                .map(|url| format!("{url}#"))
                .collect::<Vec<_>>()
        ),
    ] {
        class.claim("aud", odd);
    }
    class.falls_to = &["aud", "audience by its beginning"];
    for odd in [
        format!("{ISSUER}/"),
        format!("{ISSUER}:443/oauth2/v1/token"),
        format!("{TOKEN_URL}/"),
        format!("{TOKEN_URL}?a=b"),
        format!("{TOKEN_URL}#a"),
        format!("{ISSUER}/oauth2/v1/introspect"),
        format!("{ISSUER}.evil.example/oauth2/v1/token"),
        TOKEN_URL.to_uppercase(),
        format!("{TOKEN_URL} "),
    ] {
        class.claim("aud", json!(odd));
    }
    class.falls_to = &["aud", "one audience of several"];
    for odd in [
        json!([TOKEN_URL, "https://other.example"]),
        json!(["https://other.example", ISSUER]),
        json!([TOKEN_URL, null]),
        json!([TOKEN_URL, 1]),
        json!([ISSUER, TOKEN_URL, ISSUER, TOKEN_URL, ISSUER]),
    ] {
        class.claim("aud", odd);
    }
    class.forgeries
}

pub(super) fn parties(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "iss", &["iss"]);
    class.own("no iss", header(), without(claims(), "iss"));
    for odd in [
        json!(null),
        json!(""),
        json!(NEIGHBOUR),
        json!("https://other.example"),
        json!([CLIENT]),
        json!({"id": CLIENT}),
        json!(1),
        json!(CLIENT.to_lowercase()),
        json!(format!("{CLIENT} ")),
        json!(ISSUER),
    ] {
        class.claim("iss", odd);
    }
    class.class = "sub";
    class.falls_to = &[];
    class.own("no sub", header(), without(claims(), "sub"));
    for odd in [
        json!(null),
        json!(""),
        json!([CLIENT]),
        json!({"id": CLIENT}),
        json!(1),
        json!("cliUnknown000000003"),
        json!(CLIENT.to_lowercase()),
        json!(format!("{CLIENT}\u{0}")),
        json!("x".repeat(4_000)),
    ] {
        class.claim("sub", odd);
    }
    class.falls_to = &["signature"];
    let theirs = with(with(claims(), "sub", NEIGHBOUR), "iss", NEIGHBOUR);
    class.own("neighbour's name under our key", header(), theirs);
    class.class = "client_id";
    class.falls_to = &["client_id"];
    for named in [NEIGHBOUR, "cliUnknown000000003", " ", "cliown0000000000001"] {
        class.own(format!("form says {named:?}"), header(), claims());
        if let Some(last) = class.forgeries.last_mut() {
            last.client_id = Some(named);
        }
    }
    class.forgeries
}

pub(super) fn names(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "jti", &["names are optional"]);
    class.own("no jti", header(), without(claims(), "jti"));
    for odd in [
        json!(null),
        json!(""),
        json!(1),
        json!(["a"]),
        json!({"a": 1}),
        json!(true),
    ] {
        class.claim("jti", odd);
    }
    class.forgeries
}
