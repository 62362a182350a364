//! Forgeries of whose an assertion is: unsigned, signed with other keys or other algorithms, or written so that readers disagree.

use aws_lc_rs::signature::{
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use serde_json::{Value, json};

use super::assertion_flaws::public_forms;
use super::assertions::{Class, Forgery};
use super::careless::hmac_of;
use super::forger::{
    NEIGHBOUR, NOW, TOKEN_URL, World, claims, header, hmac_forge, part, rs256, rsa_forge, with,
    without,
};
use super::listener::Listener;
use super::numbers::psychic_signatures;

pub(super) fn unsigned(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "alg none", &["unsigned is signed"]);
    for spelling in ["none", "None", "NONE", "nOnE", "noNe", "NonE"] {
        let header = part(with(header(), "alg", spelling).to_string());
        let input = format!("{header}.{}", part(claims().to_string()));
        class.text(format!("{spelling}, no signature"), format!("{input}."));
        class.text(
            format!("{spelling}, any signature"),
            format!("{input}.{}", part([1; 64])),
        );
    }
    class.forgeries
}

pub(super) fn confused_keys(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "key confusion", &["public key as secret"]);
    for (number, secret) in public_forms(world).iter().enumerate() {
        for name in ["HS256", "HS384", "HS512"] {
            let algorithm = hmac_of(name).unwrap();
            let forged = hmac_forge(algorithm, secret, &with(header(), "alg", name), &claims());
            class.text(format!("{name} with public form {number}"), forged);
        }
    }
    let nameless = without(with(header(), "alg", "HS256"), "kid");
    let secret = &public_forms(world)[0];
    class.text(
        "HS256 without kid",
        hmac_forge(hmac_of("HS256").unwrap(), secret, &nameless, &claims()),
    );
    class.forgeries
}

pub(super) fn other_algorithms(world: &World) -> Vec<Forgery> {
    let falls_to = &["signature", "algorithm of the header"];
    let mut class = Class::new(world, "algorithm not pinned", falls_to);
    let encodings: [(&str, &'static dyn RsaEncoding); 5] = [
        ("RS384", &RSA_PKCS1_SHA384),
        ("RS512", &RSA_PKCS1_SHA512),
        ("PS256", &RSA_PSS_SHA256),
        ("PS384", &RSA_PSS_SHA384),
        ("PS512", &RSA_PSS_SHA512),
    ];
    for (name, encoding) in encodings {
        let header = json!({"alg": name, "kid": "own-rsa"});
        class.text(
            format!("{name} with the key of RS256"),
            rsa_forge(encoding, &header, &claims()),
        );
    }
    class.forgeries
}

/// Names that reach for a file, a row, a command or a URL where a server makes something of them.
const INJECTIONS: [&str; 12] = [
    "/dev/null",
    "../../../../../../dev/null",
    "..\\..\\..\\windows\\win.ini",
    "file:///dev/null",
    "own' OR '1'='1",
    "x' UNION SELECT 'secret",
    "own'; DROP TABLE access_client; --",
    "own\u{0}/dev/null",
    "|/bin/true",
    "$(true)",
    "{{7*7}}",
    "http://127.0.0.1:1/keys",
];

pub(super) fn injected_names(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "kid injection", &["kid chooses a file or row"]);
    for kid in INJECTIONS {
        let header = with(with(header(), "alg", "HS256"), "kid", kid);
        let forged = hmac_forge(hmac_of("HS256").unwrap(), b"", &header, &claims());
        class.text(format!("{kid:?}, empty secret"), forged);
    }
    class.falls_to = &["kid chooses a file or row", "signature"];
    for kid in INJECTIONS {
        let forged = world.stranger.forge(with(header(), "kid", kid), claims());
        class.text(format!("{kid:?}, stranger's key"), forged);
    }
    class.forgeries
}

pub(super) fn others_keys(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(
        world,
        "other client's key",
        &["signature", "any client's key"],
    );
    let named = with(header(), "kid", "neighbour");
    class.text("under its own name", world.neighbour.forge(named, claims()));
    class.falls_to = &["signature"];
    class.text("under our name", world.neighbour.forge(header(), claims()));
    class.text(
        "under no name",
        world.neighbour.forge(without(header(), "kid"), claims()),
    );
    class.text(
        "stranger's key under our name",
        world.stranger.forge(header(), claims()),
    );
    class.falls_to = &["signature", "kid of no matter"];
    for kid in ["", "OWN", "own ", "own-rsa", "neighbour"] {
        class.own(
            format!("our key under the name {kid:?}"),
            with(header(), "kid", kid),
            claims(),
        );
    }
    class.text(
        "our RSA key under the EC key's name",
        rs256(&json!({"alg": "RS256", "kid": "own"}), &claims()),
    );
    class.forgeries
}

pub(super) fn offered_keys(world: &World, listener: &Listener) -> Vec<Forgery> {
    let mut class = Class::new(world, "key in the header", &["key in the header"]);
    let stranger = &world.stranger;
    class.text(
        "jwk",
        stranger.forge(with(header(), "jwk", stranger.jwk()), claims()),
    );
    let nameless = with(without(header(), "kid"), "jwk", stranger.jwk());
    class.text("jwk without kid", stranger.forge(nameless, claims()));
    let named = with(stranger.jwk(), "kid", "own");
    class.text(
        "jwk with our kid",
        stranger.forge(with(header(), "jwk", named), claims()),
    );
    class.falls_to = &["key at a URL"];
    for name in ["jku", "x5u"] {
        for path in [
            "keys",
            "keys.json#own",
            "oauth2/v1/keys?host=gateway.example.com",
        ] {
            let header = with(header(), name, listener.url(path));
            class.text(format!("{name} {path}"), stranger.forge(header, claims()));
        }
    }
    class.falls_to = &["certificate in the header"];
    for (what, chain) in [
        ("x5c", json!(["MIIB"])),
        ("empty x5c", json!([])),
        ("x5c as text", json!("MIIB")),
    ] {
        class.text(what, stranger.forge(with(header(), "x5c", chain), claims()));
    }
    class.forgeries
}

pub(super) fn made_up_signatures(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "psychic signature", &["signature"]);
    for (what, signature) in psychic_signatures() {
        let header = if what.starts_with("RSA") {
            json!({"alg": "RS256", "kid": "own-rsa"})
        } else {
            header()
        };
        let input = format!(
            "{}.{}",
            part(header.to_string()),
            part(claims().to_string())
        );
        class.text(what, format!("{input}.{}", part(signature)));
    }
    let genuine = world.own.forge(header(), claims());
    let (input, signature) = genuine.rsplit_once('.').unwrap();
    class.text(
        "cut off",
        format!("{input}.{}", part(&world.own.sign(input)[..61])),
    );
    class.text(
        "doubled",
        format!(
            "{input}.{}",
            part([world.own.sign(input), world.own.sign(input)].concat())
        ),
    );
    let (front, _) = input.split_once('.').unwrap();
    let other = part(with(claims(), "jti", "another").to_string());
    class.text("of other claims", format!("{front}.{other}.{signature}"));
    class.forgeries
}

pub(super) fn extensions(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "crit, b64, zip", &["extensions are ignored"]);
    for (what, crit) in [
        ("crit of an unknown member", json!(["urn:example:strict"])),
        ("crit of exp", json!(["exp"])),
        ("crit of b64", json!(["b64"])),
        ("crit of alg", json!(["alg"])),
        ("empty crit", json!([])),
        ("crit as text", json!("exp")),
        ("crit null", json!(null)),
    ] {
        class.own(what, with(header(), "crit", crit), claims());
    }
    class.own("b64 true", with(header(), "b64", true), claims());
    let plain = with(with(header(), "b64", false), "crit", json!(["b64"]));
    let payload = with(with(claims(), "aud", TOKEN_URL), "jti", "plain").to_string();
    let dotless = payload.replace('.', "\\u002e");
    let input = format!("{}.{dotless}", part(plain.to_string()));
    class.text(
        "payload in the clear",
        format!("{input}.{}", part(world.own.sign(&input))),
    );
    for name in ["DEF", "def", "GZIP"] {
        let text = claims().to_string();
        let length = u16::try_from(text.len()).unwrap();
        let block = [
            &[1][..],
            &length.to_le_bytes(),
            &(!length).to_le_bytes(),
            text.as_bytes(),
        ]
        .concat();
        let input = format!(
            "{}.{}",
            part(with(header(), "zip", name).to_string()),
            part(block)
        );
        class.text(
            format!("zip {name}"),
            format!("{input}.{}", part(world.own.sign(&input))),
        );
    }
    class.forgeries
}

pub(super) fn other_types(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "typ", &["typ"]);
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "logout+jwt",
        "token-introspection+jwt",
        "JOSE",
        "JWE",
        "",
        " JWT",
        "JWT ",
        "application/",
        "application/application/jwt",
    ] {
        class.own(format!("{typ:?}"), with(header(), "typ", typ), claims());
    }
    class.forgeries
}

pub(super) fn repeated_members(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "duplicate members", &["last member counts"]);
    let plain = claims().to_string();
    for (name, first) in [
        ("iss", json!(NEIGHBOUR)),
        ("sub", json!(NEIGHBOUR)),
        ("aud", json!("https://other.example")),
        ("exp", json!(NOW - 1)),
        ("iat", json!(NOW + 9_999)),
        ("jti", json!("first")),
    ] {
        class.own(
            format!("{name} twice"),
            header(),
            format!("{{\"{name}\":{first},{}", &plain[1..]),
        );
        let escaped = format!(
            "{{\"\\u{:04x}{}\":{first},{}",
            name.as_bytes()[0],
            &name[1..],
            &plain[1..]
        );
        class.own(format!("{name} twice, once escaped"), header(), escaped);
    }
    class.own(
        "the same value twice",
        header(),
        format!("{{\"jti\":\"5e1f9d2c-0001\",{}", &plain[1..]),
    );
    class.own(
        "deep inside",
        header(),
        plain.replacen('{', "{\"x\":[{\"a\":{\"b\":1,\"b\":1}}],", 1),
    );
    let twice = header().to_string();
    class.own(
        "alg twice",
        format!("{{\"alg\":\"none\",{}", &twice[1..]),
        plain.clone(),
    );
    class.own(
        "kid twice",
        format!("{{\"kid\":\"neighbour\",{}", &twice[1..]),
        plain.clone(),
    );
    class.own(
        "typ twice",
        format!("{{\"typ\":\"at+jwt\",{}", &twice[1..]),
        plain,
    );
    class.forgeries
}

pub(super) fn loose_base64(world: &World) -> Vec<Forgery> {
    let mut class = Class::new(world, "non-canonical base64", &["base64 in any form"]);
    // Lengths that leave bits over in every part, and a signature with both characters that alphabets differ in.
    let uneven = |object: Value| {
        let mut padded = (0..3).map(|more| with(object.clone(), "x", "1".repeat(more)));
        padded
            .find(|object| object.to_string().len() % 3 == 1)
            .unwrap()
    };
    let (header, claims) = (
        uneven(header()),
        uneven(with(claims(), "jti", "number 00000")),
    );
    let mut genuine = String::new();
    let found = (0..10_000).any(|number| {
        let claims = with(claims.clone(), "jti", format!("number {:05}", number));
        genuine = world.own.forge(&header, claims);
        let signature = genuine.rsplit('.').next().unwrap_or_default();
        signature.contains('-') && signature.contains('_')
    });
    assert!(found);
    let [head, payload, signature] = genuine.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let stray = |part: &str| {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let last = alphabet
            .iter()
            .position(|c| *c == *part.as_bytes().last().unwrap())
            .unwrap();
        assert_ne!(part.len() % 4, 0, "a part without stray bits");
        format!(
            "{}{}",
            &part[..part.len() - 1],
            char::from(alphabet[last + 1])
        )
    };
    for (what, text) in [
        ("padded signature", format!("{genuine}==")),
        ("signature padded once", format!("{genuine}=")),
        ("padded header", format!("{head}=.{payload}.{signature}")),
        ("padded payload", format!("{head}.{payload}=.{signature}")),
        (
            "stray bits in the signature",
            format!("{head}.{payload}.{}", stray(signature)),
        ),
        (
            "stray bits in the payload",
            format!("{head}.{}.{signature}", stray(payload)),
        ),
        (
            "stray bits in the header",
            format!("{}.{payload}.{signature}", stray(head)),
        ),
        (
            "+ for -",
            format!("{head}.{payload}.{}", signature.replace('-', "+")),
        ),
        (
            "/ for _",
            format!("{head}.{payload}.{}", signature.replace('_', "/")),
        ),
        ("line end", format!("{genuine}\n")),
        ("line end of another system", format!("{genuine}\r\n")),
        ("space before", format!(" {genuine}")),
        (
            "tab inside",
            format!("{head}.{}\t{}.{signature}", &payload[..8], &payload[8..]),
        ),
        (
            "line break inside",
            format!(
                "{head}.{payload}.{}\n{}",
                &signature[..40],
                &signature[40..]
            ),
        ),
        (
            "space around a dot",
            format!("{head} . {payload}.{signature}"),
        ),
        ("NUL at the end", format!("{genuine}\0")),
    ] {
        class.text(what, text);
    }
    class.forgeries
}
