//! Forged access tokens, and good ones shown in the wrong way, before the API: each is refused with the one answer there is, and each
//! forgery goes through by exactly the flaw it is made for.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Database, SealKey};

use super::access_token_flaws::{Flaw, flaws, public_forms};
use super::careless::hmac_of;
use super::forger::{
    ACCESS_TOKEN, API_URL, ISSUER, NEIGHBOUR, NOW, Signer, TOKEN_URL, hash, hmac_forge, now, part,
    with, without,
};
use super::listener::Listener;
use super::numbers::psychic_signatures;
use crate::oauth::{Authentication, OauthRegistration};
use crate::{Keyring, NewClient, OrgName, Presented};

/// A gateway with two orgs and their clients.
pub(super) struct World {
    keyring: Keyring,
    org: OrgName,
    pub(super) client: String,
    disabled: String,
    elsewhere: String,
    /// The key that the org's tokens are signed with.
    pub(super) server: Signer,
    /// That of the other org.
    pub(super) other_server: Signer,
    /// What the client signs its assertions and proofs with.
    pub(super) own: Signer,
    pub(super) stranger: Signer,
}

impl World {
    fn new() -> Self {
        let database = Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([5; 32]), now()).unwrap();
        let (org, other) = (
            OrgName::parse("production").unwrap(),
            OrgName::parse("preview").unwrap(),
        );
        let own = Signer::new("own");
        let register = |org: &OrgName, name: &str| {
            let new = NewClient {
                scopes: vec!["okta.users.read".to_owned()],
                oauth: Some(OauthRegistration {
                    authentication: Authentication::PrivateKeyJwt {
                        jwks: own.registered().to_string(),
                    },
                    dpop_bound: false,
                    token_minutes: 10,
                }),
                ..NewClient::new(org.clone(), name)
            };
            keyring.register(new, now()).unwrap().id
        };
        let (client, disabled) = (register(&org, "reader"), register(&org, "retired"));
        let elsewhere = register(&other, "reader");
        keyring.disable(&disabled, now()).unwrap();
        Self {
            server: Signer::stolen(&keyring.signer(&org, now()).unwrap()),
            other_server: Signer::stolen(&keyring.signer(&other, now()).unwrap()),
            client: client.as_str().to_owned(),
            disabled: disabled.as_str().to_owned(),
            elsewhere: elsewhere.as_str().to_owned(),
            stranger: Signer::new("stranger"),
            own,
            keyring,
            org,
        }
    }

    /// The header of a token of ours.
    pub(super) fn header(&self) -> Value {
        json!({"alg": "ES256", "typ": "at+jwt", "kid": self.server.kid})
    }

    /// What a token of ours says.
    pub(super) fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "aud": ISSUER, "sub": self.client, "client_id": self.client,
            "iat": NOW, "exp": NOW + 600, "jti": "AT.forged", "scope": "okta.users.read",
        })
    }

    /// The client of whoever shows this, at `now`.
    fn call(
        &self,
        authorization: &str,
        proof: Option<&str>,
        now: Timestamp,
    ) -> Result<String, String> {
        let presented = Presented {
            authorization: Some(authorization),
            proof,
            certificate: None,
            subject: None,
            source: IpAddr::from([127, 0, 0, 1]),
            method: "GET",
            url: API_URL,
        };
        let caller = self.keyring.identify(&presented, &self.org, now);
        caller
            .map(|caller| caller.client().as_str().to_owned())
            .map_err(|refused| refused.to_string())
    }

    fn bearer(&self, token: &str) -> Result<String, String> {
        self.call(&format!("Bearer {token}"), None, now())
    }
}

/// One forgery: class, what, text, and the flaws by which it goes through.
type Forgery = (&'static str, String, String, &'static [&'static str]);

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

fn forgeries(world: &World, listener: &Listener) -> Vec<Forgery> {
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

#[test]
fn each_forged_access_token_is_refused_and_goes_through_only_by_its_own_flaw() {
    let world = World::new();
    let listener = Listener::open();
    let all = forgeries(&world, &listener);
    let flaws = flaws();
    let mut surprises = Vec::new();
    for (class, what, text, falls_to) in &all {
        let refused = world.bearer(text);
        if refused != Err("invalid credential".to_owned()) || listener.connections() > 0 {
            surprises.push(format!("{class}: {what}: {refused:?}"));
        }
        for Flaw { name, reads } in &flaws {
            let passed = reads(&world, text).is_some_and(|seen| world.bearer(&seen).is_ok());
            if passed != falls_to.contains(name) {
                surprises.push(format!(
                    "{class}: {what}: passes by the flaw {name:?}: {passed}"
                ));
            }
        }
        listener.connections();
    }
    assert_eq!(surprises, Vec::<String>::new());
    for Flaw { name, .. } in &flaws {
        let shown = all
            .iter()
            .any(|(_, _, _, falls_to)| falls_to.contains(name));
        assert!(shown, "no forgery is made for the flaw: {name}");
    }
    assert_eq!(all.len(), 131, "number of forgeries");
}

#[test]
fn what_the_server_issues_is_accepted() {
    let world = World::new();
    let token = world.server.forge(world.header(), world.claims());
    assert_eq!(world.bearer(&token), Ok(world.client.clone()));
    let long = with(world.header(), "typ", "application/at+jwt");
    assert_eq!(
        world.bearer(&world.server.forge(long, world.claims())),
        Ok(world.client)
    );
}

#[test]
fn a_bound_token_is_worth_nothing_without_its_key_and_cannot_be_shown_as_an_unbound_one() {
    let world = World::new();
    let jkt = world.own.verifying_key().thumbprint().to_owned();
    let bound = world.server.forge(
        world.header(),
        with(world.claims(), "cnf", json!({"jkt": jkt})),
    );
    let unbound = world.server.forge(world.header(), world.claims());
    let proof = |signer: &Signer, token: &str, jti: &str| {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": signer.jwk()});
        signer.forge(
            header,
            json!({"htm": "GET", "htu": API_URL, "iat": NOW, "jti": jti, "ath": hash(token)}),
        )
    };
    let (own, stranger) = (&world.own, &world.stranger);
    for (what, scheme, token, proof) in [
        ("as Bearer", "Bearer", &bound, None),
        (
            "as Bearer, with a proof",
            "Bearer",
            &bound,
            Some(proof(own, &bound, "1")),
        ),
        ("without a proof", "DPoP", &bound, None),
        (
            "with an empty proof, as two headers are handed in",
            "DPoP",
            &bound,
            Some(String::new()),
        ),
        (
            "with a stranger's proof",
            "DPoP",
            &bound,
            Some(proof(stranger, &bound, "2")),
        ),
        (
            "with a proof for another token",
            "DPoP",
            &bound,
            Some(proof(own, &unbound, "3")),
        ),
        (
            "unbound, as if bound",
            "DPoP",
            &unbound,
            Some(proof(own, &unbound, "4")),
        ),
        (
            "unbound, as if bound, without a proof",
            "DPoP",
            &unbound,
            None,
        ),
    ] {
        let refused = world.call(&format!("{scheme} {token}"), proof.as_deref(), now());
        assert_eq!(refused, Err("invalid credential".to_owned()), "{what}");
    }
    let accepted = world.call(
        &format!("DPoP {bound}"),
        Some(&proof(own, &bound, "5")),
        now(),
    );
    assert_eq!(accepted, Ok(world.client.clone()));
    let again = world.call(
        &format!("DPoP {bound}"),
        Some(&proof(own, &bound, "5")),
        now(),
    );
    assert_eq!(again, Err("invalid credential".to_owned()));
    // An unbound token beside a proof is a Bearer token: Okta's Node SDK sends proofs to everyone.
    let accepted = world.call(
        &format!("Bearer {unbound}"),
        Some(&proof(own, &unbound, "6")),
        now(),
    );
    assert_eq!(accepted, Ok(world.client));
}
