//! Forged client assertions, class by class, and the proof that each is refused for what it is.

use aws_lc_rs::signature::{
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding,
};
use serde_json::{Value, json};

use super::assertion_flaws::{flaws, hmac_of, public_forms};
use super::forger::{
    CLIENT, ISSUER, NEIGHBOUR, NOW, TOKEN_URL, World, claims, header, hmac_forge, part, rs256,
    rsa_forge, with, without,
};
use super::listener::Listener;
use super::numbers::psychic_signatures;
use crate::oauth::Fault;
use crate::oauth::assertion::CHECKS;

/// One forgery.
struct Forgery {
    class: &'static str,
    what: String,
    text: String,
    /// `client_id` of the form.
    client_id: Option<&'static str>,
    /// The flaws by which it goes through; by no other.
    falls_to: &'static [&'static str],
}

/// The forgeries of one class.
struct Class<'w> {
    world: &'w World,
    class: &'static str,
    falls_to: &'static [&'static str],
    forgeries: Vec<Forgery>,
}

impl<'w> Class<'w> {
    fn new(world: &'w World, class: &'static str, falls_to: &'static [&'static str]) -> Self {
        Self {
            world,
            class,
            falls_to,
            forgeries: Vec::new(),
        }
    }

    fn text(&mut self, what: impl ToString, text: String) {
        self.forgeries.push(Forgery {
            class: self.class,
            what: what.to_string(),
            text,
            client_id: None,
            falls_to: self.falls_to,
        });
    }

    /// Signed by the client, whatever it says.
    fn own(&mut self, what: impl ToString, header: impl ToString, claims: impl ToString) {
        let text = self.world.own.forge(header, claims);
        self.text(what, text);
    }

    /// Signed by the client, with one claim as given.
    fn claim(&mut self, name: &str, value: Value) {
        self.own(
            format!("{name} {value}"),
            header(),
            with(claims(), name, value),
        );
    }
}

fn forgeries(world: &World, listener: &Listener) -> Vec<Forgery> {
    let mut all = Vec::new();
    all.extend(unsigned(world));
    all.extend(confused_keys(world));
    all.extend(other_algorithms(world));
    all.extend(injected_names(world));
    all.extend(others_keys(world));
    all.extend(offered_keys(world, listener));
    all.extend(made_up_signatures(world));
    all.extend(extensions(world));
    all.extend(other_types(world));
    all.extend(repeated_members(world));
    all.extend(loose_base64(world));
    all.extend(times(world));
    all.extend(audiences(world));
    all.extend(parties(world));
    all.extend(names(world));
    all
}

fn unsigned(world: &World) -> Vec<Forgery> {
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

fn confused_keys(world: &World) -> Vec<Forgery> {
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

fn other_algorithms(world: &World) -> Vec<Forgery> {
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

fn injected_names(world: &World) -> Vec<Forgery> {
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

fn others_keys(world: &World) -> Vec<Forgery> {
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

fn offered_keys(world: &World, listener: &Listener) -> Vec<Forgery> {
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

fn made_up_signatures(world: &World) -> Vec<Forgery> {
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

fn extensions(world: &World) -> Vec<Forgery> {
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

fn other_types(world: &World) -> Vec<Forgery> {
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

fn repeated_members(world: &World) -> Vec<Forgery> {
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

fn loose_base64(world: &World) -> Vec<Forgery> {
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

fn times(world: &World) -> Vec<Forgery> {
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

fn audiences(world: &World) -> Vec<Forgery> {
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

fn parties(world: &World) -> Vec<Forgery> {
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

fn names(world: &World) -> Vec<Forgery> {
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

#[test]
fn each_forged_assertion_is_refused_and_goes_through_only_by_its_own_flaw() {
    let mut world = World::new();
    let listener = Listener::open();
    let all = forgeries(&world, &listener);
    let flaws = flaws();
    let mut surprises = Vec::new();
    for Forgery {
        class,
        what,
        text,
        client_id,
        falls_to,
    } in &all
    {
        world.forget();
        match world.show(CHECKS, text, *client_id) {
            Err(fault) if fault.fault() == Fault::InvalidClient => {}
            other => surprises.push(format!("{class}: {what}: {other:?}")),
        }
        let followed = listener.connections();
        for flaw in &flaws {
            world.forget();
            let seen = (flaw.reads)(&world, text).unwrap_or_else(|| text.clone());
            let passed = world.show(&flaw.checks, &seen, *client_id).is_ok();
            if passed != falls_to.contains(&flaw.name) {
                surprises.push(format!(
                    "{class}: {what}: passes by the flaw {:?}: {passed}",
                    flaw.name
                ));
            }
        }
        let followed_by_flaw = listener.connections();
        if followed > 0 || (followed_by_flaw > 0) != falls_to.contains(&"key at a URL") {
            surprises.push(format!(
                "{class}: {what}: {followed} and {followed_by_flaw} connections"
            ));
        }
    }
    assert_eq!(surprises, Vec::<String>::new());
    for flaw in &flaws {
        let shown = all
            .iter()
            .any(|forgery| forgery.falls_to.contains(&flaw.name))
            || flaw.name == "replay";
        assert!(shown, "no forgery is made for the flaw: {}", flaw.name);
    }
    assert_eq!(all.len(), 255, "number of forgeries");
}

#[test]
fn what_honest_clients_send_is_accepted() {
    let mut world = World::new();
    let nameless = without(header(), "kid");
    let several = json!([ISSUER, TOKEN_URL]);
    let fifty_minutes = with(claims(), "exp", NOW + 3_000);
    for (what, text, client_id) in [
        ("token URL", world.own.forge(header(), claims()), None),
        (
            "client_id in the form",
            world.own.forge(header(), claims()),
            Some(CLIENT),
        ),
        (
            "issuer",
            world.own.forge(header(), with(claims(), "aud", ISSUER)),
            None,
        ),
        (
            "both, as a list",
            world.own.forge(header(), with(claims(), "aud", several)),
            None,
        ),
        ("no kid", world.own.forge(&nameless, claims()), None),
        (
            "no typ",
            world.own.forge(without(header(), "typ"), claims()),
            None,
        ),
        (
            "typ of the revision",
            world
                .own
                .forge(with(header(), "typ", "client-authentication+jwt"), claims()),
            None,
        ),
        (
            "no iat",
            world.own.forge(header(), without(claims(), "iat")),
            None,
        ),
        (
            "one hour",
            world
                .own
                .forge(header(), with(claims(), "exp", NOW + 3_600)),
            None,
        ),
        (
            "clock a minute fast",
            world.own.forge(header(), with(claims(), "iat", NOW + 60)),
            None,
        ),
        (
            "clock a minute slow",
            world.own.forge(header(), with(claims(), "exp", NOW - 59)),
            None,
        ),
        (
            "fractions of a second",
            world
                .own
                .forge(header(), with(claims(), "exp", 1_700_000_300.25)),
            None,
        ),
        (
            "other claims",
            world
                .own
                .forge(header(), with(claims(), "x", json!({"a": [1, null]}))),
            None,
        ),
        (
            "okta's Python SDK",
            rs256(&json!({"alg": "RS256", "kid": "own-rsa"}), &fifty_minutes),
            None,
        ),
        (
            "RSA without kid",
            rs256(&json!({"alg": "RS256"}), &claims()),
            None,
        ),
    ] {
        world.forget();
        let accepted = world
            .show(CHECKS, &text, client_id)
            .unwrap_or_else(|fault| panic!("{what}: {fault}"));
        assert_eq!(accepted.as_str(), CLIENT, "{what}");
    }
}
