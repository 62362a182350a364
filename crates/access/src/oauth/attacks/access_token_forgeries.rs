//! Forgeries of access tokens: other algorithms and signers, other forms, and things the org would never say.

use serde_json::{Value, json};

use super::access_token_flaws::public_forms;
use super::access_tokens::World;
use super::careless::hmac_of;
use super::forger::{
    ACCESS_TOKEN, ISSUER, NEIGHBOUR, NOW, TOKEN_URL, hash, hmac_forge, part, with, without,
};
use super::listener::Listener;
use super::numbers::psychic_signatures;

/// One forgery: class, what, text, and the flaws by which it goes through.
pub(super) type Forgery = (&'static str, String, String, &'static [&'static str]);

/// The forgeries of one world.
struct Forge<'w> {
    world: &'w World,
    class: &'static str,
    falls_to: &'static [&'static str],
    forgeries: Vec<Forgery>,
}

impl Forge<'_> {
    fn of(&mut self, class: &'static str, falls_to: &'static [&'static str]) {
        (self.class, self.falls_to) = (class, falls_to);
    }

    fn text(&mut self, what: impl ToString, text: String) {
        self.forgeries
            .push((self.class, what.to_string(), text, self.falls_to));
    }

    /// Signed with the org's key, whatever it says.
    fn server(&mut self, what: impl ToString, header: impl ToString, claims: impl ToString) {
        let text = self.world.server.forge(header, claims);
        self.text(what, text);
    }

    fn claim(&mut self, name: &str, values: impl IntoIterator<Item = Value>) {
        self.server(
            format!("no {name}"),
            self.world.header(),
            without(self.world.claims(), name),
        );
        for value in values {
            let claims = with(self.world.claims(), name, value.clone());
            self.server(format!("{name} {value}"), self.world.header(), claims);
        }
    }
}

pub(super) fn forgeries(world: &World, listener: &Listener) -> Vec<Forgery> {
    let mut forge = Forge {
        world,
        class: "",
        falls_to: &[],
        forgeries: Vec::new(),
    };
    algorithms(&mut forge);
    signers(&mut forge);
    offered_keys(&mut forge, listener);
    forms(&mut forge);
    claims(&mut forge);
    forge.forgeries
}

fn algorithms(forge: &mut Forge<'_>) {
    let (header, claims) = (forge.world.header(), forge.world.claims());
    forge.of("alg none", &["unsigned is signed"]);
    for spelling in ["none", "None", "NONE", "nOnE"] {
        let input = format!(
            "{}.{}",
            part(with(header.clone(), "alg", spelling).to_string()),
            part(claims.to_string())
        );
        forge.text(format!("{spelling}, no signature"), format!("{input}."));
        forge.text(
            format!("{spelling}, any signature"),
            format!("{input}.{}", part([1; 64])),
        );
    }
    forge.of("server's public key as secret", &["public key as secret"]);
    for (number, secret) in public_forms(forge.world).iter().enumerate() {
        for name in ["HS256", "HS384", "HS512"] {
            let header = with(header.clone(), "alg", name);
            let forged = hmac_forge(hmac_of(name).unwrap(), secret, &header, &claims);
            forge.text(format!("{name} with public form {number}"), forged);
        }
    }
    forge.of("psychic signature", &["signature of no matter"]);
    for (what, signature) in psychic_signatures() {
        let input = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
        forge.text(what, format!("{input}.{}", part(signature)));
    }
    let good = forge.world.server.forge(&header, &claims);
    let (front, signature) = good.rsplit_once('.').unwrap();
    let (head, _) = front.split_once('.').unwrap();
    let other = part(with(claims, "scope", "okta.users.manage").to_string());
    forge.text("of other claims", format!("{head}.{other}.{signature}"));
}

fn signers(forge: &mut Forge<'_>) {
    let world = forge.world;
    let (header, claims) = (world.header(), world.claims());
    forge.of("another's key", &["signature of no matter"]);
    forge.text("stranger's", world.stranger.forge(&header, &claims));
    forge.of("another's key", &["signature of no matter", "client's key"]);
    forge.text(
        "client's own, under the org's name",
        world.own.forge(&header, &claims),
    );
    forge.of("another's key", &["client's key"]);
    forge.text(
        "client's own",
        world.own.forge(with(header.clone(), "kid", "own"), &claims),
    );
    forge.of("another's key", &["other org's key"]);
    forge.text(
        "the other org's",
        world.other_server.forge(
            with(header.clone(), "kid", world.other_server.kid.as_str()),
            &claims,
        ),
    );
    forge.of("other kinds of token", &["client's assertions"]);
    let assertion = json!({
        "iss": world.client, "sub": world.client, "aud": TOKEN_URL, "iat": NOW, "exp": NOW + 300, "jti": "1",
    });
    let typed = json!({"alg": "ES256", "kid": "own", "typ": "JWT"});
    forge.text("a client assertion", world.own.forge(&typed, &assertion));
    forge.text(
        "a client assertion for the issuer",
        world.own.forge(&typed, with(assertion, "aud", ISSUER)),
    );
    forge.of("other kinds of token", &["any typ"]);
    for typ in [
        "JWT",
        "jwt",
        "dpop+jwt",
        "id+jwt",
        "logout+jwt",
        "token-introspection+jwt",
        "",
        "at+jwt ",
        "at",
    ] {
        forge.server(
            format!("{typ:?}"),
            with(header.clone(), "typ", typ),
            &claims,
        );
    }
    forge.server("no typ", without(header.clone(), "typ"), &claims);
    forge.of("kid", &["kid of no matter"]);
    for kid in [
        "",
        "own",
        "../../dev/null",
        "x' OR '1'='1",
        "http://127.0.0.1:1/keys",
    ] {
        forge.server(
            format!("{kid:?}"),
            with(header.clone(), "kid", kid),
            &claims,
        );
    }
    forge.server("no kid", without(header, "kid"), &claims);
}

fn offered_keys(forge: &mut Forge<'_>, listener: &Listener) {
    let (header, claims, stranger) = (
        forge.world.header(),
        forge.world.claims(),
        &forge.world.stranger,
    );
    forge.of("key in the header", &["key in the header"]);
    forge.text(
        "jwk",
        stranger.forge(with(header.clone(), "jwk", stranger.jwk()), &claims),
    );
    let named = with(stranger.jwk(), "kid", forge.world.server.kid.as_str());
    forge.text(
        "jwk with the org's kid",
        stranger.forge(with(header.clone(), "jwk", named), &claims),
    );
    forge.of("key in the header", &["key at a URL"]);
    for name in ["jku", "x5u"] {
        forge.text(
            name,
            stranger.forge(with(header.clone(), name, listener.url("keys")), &claims),
        );
    }
    forge.of("key in the header", &["certificate in the header"]);
    forge.text(
        "x5c",
        stranger.forge(with(header, "x5c", json!(["MIIB"])), &claims),
    );
}

fn forms(forge: &mut Forge<'_>) {
    let (header, claims) = (forge.world.header(), forge.world.claims());
    forge.of("crit, b64, zip", &["extensions are ignored"]);
    for (name, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(true)),
        ("crit", json!(null)),
    ] {
        forge.server(
            format!("{name} {value}"),
            with(header.clone(), name, value),
            &claims,
        );
    }
    forge.of("duplicate members", &["last member counts"]);
    let plain = claims.to_string();
    for name in ["iss", "aud", "client_id", "exp", "scope"] {
        forge.server(
            format!("{name} twice"),
            &header,
            format!("{{\"{name}\":1,{}", &plain[1..]),
        );
    }
    let head = header.to_string();
    forge.server(
        "alg twice",
        format!("{{\"alg\":\"none\",{}", &head[1..]),
        &claims,
    );
    forge.server(
        "kid twice",
        format!("{{\"kid\":\"own\",{}", &head[1..]),
        &claims,
    );
    forge.of("non-canonical base64", &["base64 in any form"]);
    let good = forge.world.server.forge(&header, &claims);
    forge.text("padded", format!("{good}=="));
    forge.text(
        "a space in the signature",
        format!("{} {}", &good[..good.len() - 9], &good[good.len() - 9..]),
    );
    forge.of("form", &[]);
    forge.text("four parts", format!("{good}.{}", part("x")));
    forge.text("two parts", good.rsplit_once('.').unwrap().0.to_owned());
    forge.text("empty", String::new());
    forge.text("two tokens", format!("{good},{good}"));
    forge.text("too long", format!("{}{good}", "A".repeat(20_000)));
}

fn claims(forge: &mut Forge<'_>) {
    let world = forge.world;
    forge.of("iss", &["iss of no matter"]);
    forge.claim("iss", [json!(null), json!([ISSUER]), json!(1), json!("")]);
    let foreign = [
        format!("{ISSUER}/"),
        "https://other.example".to_owned(),
        ISSUER.to_uppercase(),
    ];
    for issuer in foreign {
        let claims = with(world.claims(), "iss", issuer.as_str());
        forge.server(format!("iss {issuer}"), world.header(), claims);
    }
    forge.of("aud", &["aud of no matter"]);
    forge.claim(
        "aud",
        [
            json!(null),
            json!([]),
            json!([ISSUER]),
            json!("https://other.example"),
            json!(TOKEN_URL),
            json!(format!("{ISSUER}/")),
        ],
    );
    forge.of("exp", &["exp of no matter"]);
    forge.claim(
        "exp",
        [
            json!(NOW),
            json!(NOW - 1),
            json!(0),
            json!(null),
            json!("1700000600"),
            json!(1e300),
            json!(-1),
            json!([NOW]),
        ],
    );
    forge.of("iat", &["iat of no matter"]);
    forge.claim(
        "iat",
        [
            json!(NOW + 61),
            json!(NOW + 600),
            json!(null),
            json!("1700000000"),
            json!(-1),
        ],
    );
    forge.of("client_id", &["client of no matter"]);
    forge.claim(
        "client_id",
        [
            json!(null),
            json!(""),
            json!(NEIGHBOUR),
            json!([world.client]),
            json!(world.disabled),
            json!(world.elsewhere),
        ],
    );
    forge.of("cnf", &["cnf of no matter"]);
    for confirmation in [
        json!(null),
        json!({}),
        json!("a"),
        json!({"jkt": 1}),
        json!({"kid": "own"}),
        json!({"jkt": "a", "x5t#S256": "b"}),
        json!({"x5t#S256": "b"}),
        json!({"jkt": hash(ACCESS_TOKEN)}),
        json!({"jwk": world.own.jwk()}),
    ] {
        let claims = with(world.claims(), "cnf", confirmation.clone());
        forge.server(format!("cnf {confirmation}"), world.header(), claims);
    }
    forge.of("jti and scope", &["shape of no matter"]);
    forge.claim("jti", [json!(null), json!(1)]);
    forge.claim("scope", [json!(null), json!(["okta.users.read"]), json!(1)]);
}
