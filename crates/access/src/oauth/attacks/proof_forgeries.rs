//! Forgeries of DPoP proofs, class by class.

use aws_lc_rs::hmac::HMAC_SHA256;
use serde_json::{Value, json};

use super::forger::{
    ACCESS_TOKEN, API_URL, NOW, Place, TOKEN_URL, hash, hmac_forge, now, part, rs256, rsa_jwk,
    with, without,
};
use super::listener::Listener;
use super::numbers::{WEAK_RSA_PROOF, psychic_signatures};
use super::proofs::Class;
use crate::oauth::Fault;

pub(super) fn targets(class: &mut Class<'_>) {
    let other = if class.at == Place::Resource {
        ["POST", "DELETE"]
    } else {
        ["GET", "PUT"]
    };
    class.of("htm", &["htm"]);
    class.claim("htm", other.map(Value::from));
    let lower = class.at.target().method.to_lowercase();
    class.claim("htm", [json!(lower), json!("HEAD"), json!("*"), json!(" ")]);
    class.of("htm", &[]);
    class.claim(
        "htm",
        [
            json!(null),
            json!(""),
            json!(["GET", "POST"]),
            json!(1),
            json!(true),
        ],
    );
    class.own("no htm", class.header(), without(class.claims(), "htm"));
    let url = class.at.target().url;
    let elsewhere = if class.at == Place::Resource {
        TOKEN_URL
    } else {
        API_URL
    };
    class.of("htu", &["htu"]);
    let others = [
        elsewhere.to_owned(),
        format!("{url}/"),
        format!("{url}/00u1"),
        url.replace("https", "http"),
        url.replace("gateway", "other"),
        url.replace(".com", ".com.evil.example"),
        url.replace(".com", ".com:8443"),
        url.replace("https://", "https://user@"),
        url.replace("/v1", "/v1/../v2"),
        url.replace("/v1", "//v1"),
        url.replace("/v1", "/V1"),
        url.replace("https://", "https:\\\\"),
        url.replace("https://gateway.example.com", ""),
        url.replace("https://", ""),
        "https://acme.okta.com/oauth2/v1/token".to_owned(),
        "*".to_owned(),
        String::new(),
        format!(" {url}"),
        format!("{url}\u{0}"),
        url.replace("/v1", "%2Fv1"),
    ];
    class.claim("htu", others.map(Value::from));
    class.of("htu", &[]);
    class.claim(
        "htu",
        [
            json!(null),
            json!([url]),
            json!({"u": url}),
            json!(1),
            json!("h".repeat(4_000)),
        ],
    );
    class.own("no htu", class.header(), without(class.claims(), "htu"));
}

pub(super) fn times_and_names(class: &mut Class<'_>) {
    class.of("iat", &["iat and jti"]);
    class.claim("iat", [301, 302, 3_600].map(|ago| json!(NOW - ago)));
    class.of("iat", &["iat", "iat and jti"]);
    class.claim(
        "iat",
        [61, 3_600, 253_402_128_000 - NOW].map(|ahead| json!(NOW + ahead)),
    );
    // Older than this process, too: both checks stand against it.
    class.of("iat", &[]);
    class.claim("iat", [json!(NOW - 3_601), json!(0)]);
    class.claim(
        "iat",
        [
            json!(null),
            json!("1700000000"),
            json!(-1),
            json!(1e300),
            json!([NOW]),
            json!(true),
            json!(i64::MAX),
        ],
    );
    class.own("no iat", class.header(), without(class.claims(), "iat"));
    class.of("jti", &[]);
    class.claim(
        "jti",
        [
            json!(null),
            json!(""),
            json!(1),
            json!(["a"]),
            json!("j".repeat(300)),
        ],
    );
    class.own("no jti", class.header(), without(class.claims(), "jti"));
}

pub(super) fn nonces(class: &mut Class<'_>) {
    class.told = Fault::UseDpopNonce;
    class.of("nonce", &["nonce"]);
    class.own("no nonce", class.header(), without(class.claims(), "nonce"));
    let old = class
        .world
        .proofs
        .nonce(now() - jiff::SignedDuration::from_secs(1_800));
    let coming = class
        .world
        .proofs
        .nonce(now() + jiff::SignedDuration::from_secs(900));
    let (upper, more) = (
        class.world.nonce().to_uppercase(),
        format!("{}A", class.world.nonce()),
    );
    let made_up = [
        "".to_owned(),
        "0".to_owned(),
        "A".repeat(43),
        old,
        coming,
        upper,
        more,
    ];
    class.claim("nonce", made_up.map(Value::from));
    class.told = Fault::InvalidDpopProof;
    class.of("nonce", &[]);
    class.claim(
        "nonce",
        [
            json!(null),
            json!(1),
            json!([class.world.nonce()]),
            json!("n".repeat(300)),
        ],
    );
}

pub(super) fn tokens(class: &mut Class<'_>) {
    class.of("ath", &["ath"]);
    class.own("no ath", class.header(), without(class.claims(), "ath"));
    let right = hash(ACCESS_TOKEN);
    let others = [
        hash("another.access.token"),
        ACCESS_TOKEN.to_owned(),
        String::new(),
        format!("{right}="),
        right.to_lowercase(),
    ];
    class.claim("ath", others.map(Value::from));
    class.of("ath", &[]);
    class.claim("ath", [json!(null), json!([right]), json!(1)]);
    class.of("key of another", &["jkt"]);
    let claims = class.claims();
    for (what, signer) in [
        ("stranger's key", &class.world.stranger),
        ("neighbour's key", &class.world.neighbour),
    ] {
        let text = signer.forge(with(class.header(), "jwk", signer.jwk()), &claims);
        class.text(what, text);
    }
    class.text("the client's other key", rs256(&rsa_header(), &claims));
}

pub(super) fn rsa_header() -> Value {
    json!({"typ": "dpop+jwt", "alg": "RS256", "jwk": rsa_jwk()})
}

pub(super) fn signatures(class: &mut Class<'_>) {
    let (header, claims) = (class.header(), class.claims());
    class.of("alg none", &["unsigned is signed"]);
    for spelling in ["none", "None", "NONE", "nOnE"] {
        let input = format!(
            "{}.{}",
            part(with(header.clone(), "alg", spelling).to_string()),
            part(claims.to_string())
        );
        class.text(format!("{spelling}, no signature"), format!("{input}."));
        class.text(
            format!("{spelling}, any signature"),
            format!("{input}.{}", part([1; 64])),
        );
    }
    class.of("shared secret", &["shared secrets"]);
    let confused = with(header.clone(), "alg", "HS256");
    let secret = class.world.own.jwk().to_string();
    class.text(
        "the public key as secret",
        hmac_forge(HMAC_SHA256, secret.as_bytes(), &confused, &claims),
    );
    class.of("shared secret", &["shared secrets"]);
    let shared = with(confused, "jwk", json!({"kty": "oct", "k": part("secret")}));
    class.text(
        "a shared key in the header",
        hmac_forge(HMAC_SHA256, b"secret", &shared, &claims),
    );
    class.of("psychic signature", &["signature of no matter"]);
    for (what, signature) in psychic_signatures() {
        let input = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
        class.text(what, format!("{input}.{}", part(signature)));
    }
    let stolen = class.world.stranger.forge(&header, &claims);
    class.text("the client's key, another's signature", stolen);
}

pub(super) fn keys(class: &mut Class<'_>, listener: &Listener) {
    let (header, claims) = (class.header(), class.claims());
    class.of("private jwk", &["private keys"]);
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut private = header.clone();
        private["jwk"][member] = json!("AQ");
        class.own(format!("with {member}"), private, &claims);
    }
    class.of("off the curve", &["points off the curve"]);
    for (what, x, y) in [
        ("zero", [0; 32], [0; 32]),
        ("ones", [1; 32], [1; 32]),
        ("beyond the field", [0xff; 32], [0xff; 32]),
    ] {
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": part(x), "y": part(y)});
        class.own(what, with(header.clone(), "jwk", jwk), &claims);
    }
    let mut short = header.clone();
    short["jwk"]["x"] = json!("AQ");
    class.own("short coordinate", short, &claims);
    let longer_curve = with(class.world.own.jwk(), "crv", "P-384");
    class.own(
        "another curve's",
        with(header.clone(), "jwk", longer_curve),
        &claims,
    );
    class.of("no usable key", &[]);
    class.own("no jwk", without(header.clone(), "jwk"), &claims);
    for (what, jwk) in [
        ("null", json!(null)),
        ("text", json!("own")),
        ("empty", json!({})),
        ("list", json!([class.world.own.jwk()])),
        (
            "curve of coins",
            with(class.world.own.jwk(), "crv", "secp256k1"),
        ),
        ("for encrypting", with(class.world.own.jwk(), "use", "enc")),
        (
            "of another algorithm",
            with(class.world.own.jwk(), "alg", "ES384"),
        ),
        (
            "RSA of 512 bits",
            json!({"kty": "RSA", "n": part([0xc1; 64]), "e": "AQAB"}),
        ),
        (
            "RSA of 8192 bits",
            json!({"kty": "RSA", "n": part([0xc1; 1024]), "e": "AQAB"}),
        ),
        ("RSA with exponent 1", with(rsa_jwk(), "e", "AQ")),
    ] {
        class.own(what, with(header.clone(), "jwk", jwk), &claims);
    }
    if class.at == Place::Resource {
        class.of("short RSA key", &["short RSA keys"]);
        class.text("1024 bits", WEAK_RSA_PROOF.to_owned());
    }
    class.of("key at a URL", &[]);
    for name in ["jku", "x5u"] {
        class.own(
            name,
            with(header.clone(), name, listener.url("keys")),
            &claims,
        );
    }
    class.own("x5c", with(header.clone(), "x5c", json!(["MIIB"])), &claims);
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        class.own(name, with(header.clone(), name, value), &claims);
    }
}

pub(super) fn forms(class: &mut Class<'_>) {
    let (header, claims) = (class.header(), class.claims());
    class.of("typ", &["any typ"]);
    for typ in [
        "JWT",
        "at+jwt",
        "dpop",
        "jwt+dpop",
        "",
        "dpop+jwt ",
        "application/",
    ] {
        class.own(
            format!("{typ:?}"),
            with(header.clone(), "typ", typ),
            &claims,
        );
    }
    class.own("no typ", without(header.clone(), "typ"), &claims);
    class.of("two proofs", &["first of several"]);
    let one = class.world.own.forge(&header, &claims);
    let another = class
        .world
        .own
        .forge(&header, with(claims.clone(), "jti", "another"));
    class.text("in one header", format!("{one}, {another}"));
    class.text("without a space", format!("{one},{another}"));
    class.of("two proofs", &[]);
    class.text("in two headers", String::new());
    class.text("by white space", format!("{one} {another}"));
    class.of("duplicate members", &["last member counts", "any typ"]);
    let (plain, head) = (claims.to_string(), header.to_string());
    class.own(
        "htm twice",
        &header,
        format!("{{\"htm\":\"PATCH\",{}", &plain[1..]),
    );
    class.own(
        "htu twice, once escaped",
        &header,
        format!("{{\"\\u0068tu\":\"x\",{}", &plain[1..]),
    );
    class.own(
        "jti twice",
        &header,
        format!("{{\"jti\":\"first\",{}", &plain[1..]),
    );
    class.own(
        "jwk twice",
        format!("{{\"jwk\":{},{}", class.world.stranger.jwk(), &head[1..]),
        &claims,
    );
    class.of("form", &[]);
    class.text("padded", format!("{one}=="));
    class.text("cut off", one[..one.len() / 2].to_owned());
    class.text("four parts", format!("{one}.{}", part("x")));
    class.text(
        "an assertion",
        class
            .world
            .own
            .forge(super::forger::header(), super::forger::claims()),
    );
}
