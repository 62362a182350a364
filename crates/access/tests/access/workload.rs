//! Workload identity: a token of an outside issuer opens exactly what it was registered for, and nothing opens without its keys.

use access::oauth::{Asked, Fault, Form, IssuedToken, OauthRefusal};
use access::workload::{BadIssuer, Issuer, KeyPlace, KeySource, NewIssuer};
use access::{CredentialId, Throttle};
use jose::{Algorithm, SigningKey};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "https://gateway.example.com";
const MAIN: &str = "repo:acme/hr:ref:refs/heads/main";
/// When every story plays.
const AT: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn at(seconds: i64) -> Timestamp {
    AT + SignedDuration::from_secs(seconds)
}

/// An issuer with a key of its own, as it would be asked for it.
struct Outside {
    key: SigningKey,
    place: KeyPlace,
}

impl Outside {
    fn new() -> Self {
        Self {
            key: SigningKey::generate(Algorithm::ES256).unwrap(),
            place: KeyPlace {
                uri: format!("{ISSUER}/.well-known/jwks").into(),
                private: false,
            },
        }
    }

    fn jwks(&self) -> String {
        json!({ "keys": [self.key.verifying_key().jwk()] }).to_string()
    }

    fn registration(&self, client: &Client) -> NewIssuer {
        NewIssuer {
            client: client.id.clone(),
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            subject: "repo:acme/*:ref:refs/heads/main".parse().unwrap(),
            keys: KeySource::Published(self.place.clone()),
            direct: true,
            minutes_max: 60,
        }
    }

    /// A good token of five minutes, but for what is changed; `null` removes a claim.
    fn token(&self, changes: Value) -> String {
        self.typed("JWT", changes)
    }

    fn typed(&self, typ: &str, changes: Value) -> String {
        let second = AT.as_second();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": MAIN,
            "iat": second, "nbf": second - 300, "exp": second + 300, "jti": "run-1",
        });
        let members = claims.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => members.remove(name),
                value => members.insert(name.clone(), value.clone()),
            };
        }
        self.key.sign(&self.key.header(typ), members).unwrap()
    }
}

fn trusted() -> (TempDir, Keyring, Client, Outside, Issuer) {
    let (dir, keyring, client) = with_client();
    let outside = Outside::new();
    let issuer = keyring
        .trust_issuer(outside.registration(&client), AT)
        .unwrap();
    assert!(keyring.claim_fetch(&outside.place, AT));
    keyring
        .learn_keys(&outside.place, &outside.jwks(), 3_600, AT)
        .unwrap();
    (dir, keyring, client, outside, issuer)
}

fn call(keyring: &Keyring, token: &str, now: Timestamp) -> Result<Caller, Why> {
    let bearer = format!("Bearer {token}");
    let refused = |refused: access::Refused| {
        assert_eq!(refused.to_string(), "invalid credential");
        refused.why()
    };
    keyring
        .identify(&shown(Some(&bearer)), &org(), now)
        .map_err(refused)
}

fn exchange(
    keyring: &Keyring,
    fields: &[(&str, &str)],
    now: Timestamp,
) -> Result<IssuedToken, OauthRefusal> {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
    let form = pairs.collect::<Vec<_>>().join("&").replace(':', "%3A");
    let form = Form::read(form.as_bytes()).unwrap();
    let presented = Presented {
        method: "POST",
        url: "https://gateway.example.com/oauth2/v1/token",
        ..shown(None)
    };
    let asked = Asked {
        form: &form,
        presented: &presented,
    };
    keyring.token(&asked, &org(), now)
}

const EXCHANGE: [(&str, &str); 3] = [
    (
        "grant_type",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ),
    ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
    ("scope", "okta.users.read"),
];

#[test]
fn a_token_of_a_trusted_issuer_is_its_client_until_it_expires() {
    let (_dir, keyring, client, outside, issuer) = trusted();
    let token = outside.token(json!({}));
    for second in [0, 1, 299] {
        let caller = call(&keyring, &token, at(second)).unwrap();
        assert_eq!(caller.client(), &client.id);
        let written = format!("{}:{MAIN}", issuer.id);
        assert_eq!(caller.credential(), &CredentialId::new(&written));
    }
    for second in [300, 301, 86_400] {
        let late = call(&keyring, &token, at(second)).unwrap_err();
        assert_eq!(late, Why::Expired, "{second}");
    }
    for audience in [
        json!([AUDIENCE]),
        json!(["https://other.example", AUDIENCE]),
    ] {
        let several = outside.token(json!({ "aud": audience }));
        assert!(call(&keyring, &several, AT).is_ok(), "{audience}");
    }
}

#[test]
fn a_token_may_live_as_long_as_registered_and_be_a_minute_ahead() {
    let (_dir, keyring, client, outside, _) = trusted();
    let second = AT.as_second();
    for times in [
        json!({ "exp": second + 3_600 }),
        json!({ "iat": second + 60 }),
        json!({ "nbf": second + 60 }),
    ] {
        let caller = call(&keyring, &outside.token(times.clone()), AT).unwrap();
        assert_eq!(caller.client(), &client.id, "{times}");
    }
}

#[test]
fn a_token_accepted_before_opens_no_other_org_and_not_with_keys_out_of_date() {
    let (_dir, keyring, _client, outside, _) = trusted();
    let hour = 3_600;
    let now = at(hour - 100).as_second();
    let token = outside.token(json!({ "iat": now, "exp": now + 300 }));
    assert!(call(&keyring, &token, at(hour - 100)).is_ok());
    let bearer = format!("Bearer {token}");
    let identify = |org: &OrgName, second| {
        let refused = keyring.identify(&shown(Some(&bearer)), org, at(second));
        refused.map(drop).map_err(|refused| refused.why())
    };
    let preview = OrgName::parse("preview").unwrap();
    assert_eq!(identify(&preview, hour - 100), Err(Why::Unknown));
    assert_eq!(identify(&org(), hour - 1), Ok(()));
    assert_eq!(identify(&org(), hour), Err(Why::KeysMissing));
}

#[test]
fn whatever_is_not_as_registered_is_refused() {
    let (_dir, keyring, _client, outside, _) = trusted();
    let second = AT.as_second();
    for (changes, why) in [
        (
            json!({ "sub": "repo:acme-evil/hr:ref:refs/heads/main" }),
            Why::NobodyMeant,
        ),
        (
            json!({ "sub": "repo:acme/hr:ref:refs/heads/main-2" }),
            Why::NobodyMeant,
        ),
        (
            json!({ "sub": "repo:acme/hr:pull_request" }),
            Why::NobodyMeant,
        ),
        (json!({ "sub": null }), Why::NobodyMeant),
        (json!({ "sub": [MAIN] }), Why::NobodyMeant),
        (
            json!({ "aud": "https://gateway.example.com/" }),
            Why::NobodyMeant,
        ),
        (json!({ "aud": "sts.amazonaws.com" }), Why::NobodyMeant),
        (json!({ "aud": [] }), Why::NobodyMeant),
        (
            json!({ "aud": ["https://other.example"] }),
            Why::NobodyMeant,
        ),
        (json!({ "aud": null }), Why::NobodyMeant),
        (json!({ "iss": format!("{ISSUER}/") }), Why::Unknown),
        (
            json!({ "iss": "https://TOKEN.actions.githubusercontent.com" }),
            Why::Unknown,
        ),
        (json!({ "iss": AUDIENCE }), Why::Unknown),
        (json!({ "iss": null }), Why::Unknown),
        (json!({ "exp": null }), Why::Malformed),
        (json!({ "iat": null }), Why::Malformed),
        (json!({ "exp": "1800000300" }), Why::Malformed),
        (json!({ "nbf": true }), Why::Malformed),
        (json!({ "exp": second }), Why::TooLongLived),
        (json!({ "exp": second + 3_601 }), Why::TooLongLived),
        (
            json!({ "iat": second - 400, "exp": second - 1 }),
            Why::Expired,
        ),
        (json!({ "iat": second + 61 }), Why::Expired),
        (json!({ "nbf": second + 61 }), Why::Expired),
        (json!({ "cnf": { "jkt": "x" } }), Why::Unproven),
    ] {
        let token = outside.token(changes.clone());
        assert_eq!(call(&keyring, &token, AT).unwrap_err(), why, "{changes}");
    }
    for typ in ["dpop+jwt", "secevent+jwt", "logout+jwt"] {
        let token = outside.typed(typ, json!({}));
        assert_eq!(
            call(&keyring, &token, AT).unwrap_err(),
            Why::Malformed,
            "{typ}"
        );
    }
    let forged = Outside {
        key: SigningKey::generate(Algorithm::ES256).unwrap(),
        ..Outside::new()
    };
    assert_eq!(
        call(&keyring, &forged.token(json!({})), AT).unwrap_err(),
        Why::Forged
    );
    let dpop = format!("DPoP {}", outside.token(json!({})));
    assert!(keyring.identify(&shown(Some(&dpop)), &org(), AT).is_err());
    let ssws = format!("SSWS {}", outside.token(json!({})));
    assert_eq!(
        keyring
            .identify(&shown(Some(&ssws)), &org(), AT)
            .unwrap_err()
            .why(),
        Why::Malformed
    );
    let preview = OrgName::parse("preview").unwrap();
    let bearer = format!("Bearer {}", outside.token(json!({})));
    assert!(
        keyring
            .identify(&shown(Some(&bearer)), &preview, AT)
            .is_err(),
        "another org"
    );
}

#[test]
fn a_token_that_could_stand_for_two_clients_stands_for_none() {
    let (_dir, keyring, client, outside, _) = trusted();
    let other = keyring.register(new_client("writer"), AT).unwrap();
    let wide = NewIssuer {
        subject: "repo:acme/**".parse().unwrap(),
        ..outside.registration(&other)
    };
    let wide = keyring.trust_issuer(wide, AT).unwrap();
    let token = outside.token(json!({}));
    assert_eq!(call(&keyring, &token, AT).unwrap_err(), Why::TwoMeant);
    let named = |id: &str| {
        let subject = [("subject_token", token.as_str()), ("client_id", id)];
        exchange(&keyring, &[&EXCHANGE[..], &subject].concat(), AT)
    };
    assert_eq!(named(client.id.as_str()).unwrap().client, client.id);
    assert_eq!(named(other.id.as_str()).unwrap().client, other.id);
    assert_eq!(
        named("cliNobody").unwrap_err().why(),
        Why::NobodyMeant.code()
    );
    keyring.distrust_issuer(&wide.id, AT).unwrap();
    assert_eq!(call(&keyring, &token, AT).unwrap().client(), &client.id);
}

#[test]
fn an_issuer_that_is_removed_and_a_client_that_is_disabled_are_refused_at_once() {
    let (_dir, keyring, client, outside, issuer) = trusted();
    let token = outside.token(json!({}));
    assert!(call(&keyring, &token, AT).is_ok());
    keyring.disable(&client.id, AT).unwrap();
    assert_eq!(call(&keyring, &token, AT).unwrap_err(), Why::Disabled);
    let removed = keyring.distrust_issuer(&issuer.id, AT).unwrap();
    assert_eq!(removed.removed, Some(AT));
    assert_eq!(call(&keyring, &token, AT).unwrap_err(), Why::Unknown);
    assert_eq!(keyring.issuers(&org()).unwrap(), [removed]);
}

#[test]
fn a_client_bound_to_a_network_is_refused_elsewhere_with_a_token_too() {
    let (_dir, keyring, client, outside, _) = trusted();
    let token = outside.token(json!({}));
    assert!(call(&keyring, &token, AT).is_ok());
    let bound = Client {
        networks: vec!["10.0.0.0/8".parse().unwrap()],
        ..client
    };
    keyring.amend(&bound, AT).unwrap();
    assert_eq!(call(&keyring, &token, AT).unwrap_err(), Why::OtherNetwork);
    let subject = [("subject_token", token.as_str())];
    let refused = exchange(&keyring, &[&EXCHANGE[..], &subject].concat(), AT).unwrap_err();
    assert_eq!(refused.why(), Why::OtherNetwork.code());
}

#[test]
fn rotated_keys_are_asked_for_once_and_withdrawn_ones_end_what_was_verified_with_them() {
    let (_dir, keyring, _client, old, _) = trusted();
    let new = Outside {
        key: SigningKey::generate(Algorithm::ES256).unwrap(),
        place: old.place.clone(),
    };
    let (of_old, of_new) = (old.token(json!({})), new.token(json!({})));
    assert!(call(&keyring, &of_old, at(40)).is_ok());
    let bearer = format!("Bearer {of_new}");
    let refused = keyring
        .identify(&shown(Some(&bearer)), &org(), at(40))
        .unwrap_err();
    assert_eq!(
        (refused.why(), refused.wanted_keys()),
        (Why::Forged, Some(&old.place))
    );
    assert!(keyring.claim_fetch(&old.place, at(40)));
    assert!(
        !keyring.claim_fetch(&old.place, at(41)),
        "whoever else asks"
    );
    let refused = keyring
        .identify(&shown(Some(&bearer)), &org(), at(41))
        .unwrap_err();
    assert_eq!(
        refused.wanted_keys(),
        Some(&old.place),
        "while they are fetched"
    );
    keyring
        .learn_keys(&old.place, &new.jwks(), 3_600, at(42))
        .unwrap();
    assert!(call(&keyring, &of_new, at(42)).is_ok());
    assert_eq!(call(&keyring, &of_old, at(42)).unwrap_err(), Why::Forged);
    assert!(keyring.learn_keys(&old.place, "{}", 3_600, at(43)).is_err());
    assert!(
        call(&keyring, &of_new, at(43)).is_ok(),
        "what cannot be read changes nothing"
    );
}

#[test]
fn keys_out_of_date_are_asked_for_and_serve_for_a_day_when_nobody_answers() {
    let (_dir, keyring, _client, outside, _) = trusted();
    let hour = 3_600;
    let token = |second: i64| {
        let now = at(second).as_second();
        outside.token(json!({ "iat": now, "exp": now + 300 }))
    };
    let refused = |second| {
        let bearer = format!("Bearer {}", token(second));
        let refused = keyring
            .identify(&shown(Some(&bearer)), &org(), at(second))
            .err()?;
        Some((refused.why(), refused.wanted_keys().cloned()))
    };
    assert_eq!(refused(hour - 1), None);
    assert_eq!(
        refused(hour),
        Some((Why::KeysMissing, Some(outside.place.clone())))
    );
    assert!(
        keyring.claim_fetch(&outside.place, at(hour)),
        "and nobody answers"
    );
    assert_eq!(refused(hour), None, "the keys it had");
    assert!(keyring.claim_fetch(&outside.place, at(24 * hour)));
    let wanted = Some(outside.place.clone());
    assert_eq!(
        refused(24 * hour + 5),
        Some((Why::KeysMissing, wanted)),
        "whoever asked may yet get them"
    );
    assert_eq!(refused(24 * hour + 6), Some((Why::KeysMissing, None)));
}

#[test]
fn keys_registered_with_the_issuer_need_no_network() {
    let (_dir, keyring, client) = with_client();
    let cluster = Outside::new();
    let keys = jose::KeySet::read_registration(&cluster.jwks()).unwrap();
    let new = NewIssuer {
        issuer: "https://kubernetes.default.svc.cluster.local".to_owned(),
        subject: "system:serviceaccount:ci:deployer".parse().unwrap(),
        keys: KeySource::Fixed(Arc::new(keys)),
        ..cluster.registration(&client)
    };
    let issuer = keyring.trust_issuer(new, AT).unwrap();
    let token =
        cluster.token(json!({ "iss": issuer.issuer, "sub": "system:serviceaccount:ci:deployer" }));
    assert!(call(&keyring, &token, AT).is_ok());
    let other = Outside::new();
    let forged =
        other.token(json!({ "iss": issuer.issuer, "sub": "system:serviceaccount:ci:deployer" }));
    assert_eq!(call(&keyring, &forged, AT).unwrap_err(), Why::Forged);
}

#[test]
fn an_exchanged_token_is_no_more_than_its_client_and_does_not_outlive_the_other() {
    let (_dir, keyring, client, outside, _) = trusted();
    let token = outside.token(json!({}));
    let subject = [("subject_token", token.as_str())];
    let issued = exchange(&keyring, &[&EXCHANGE[..], &subject].concat(), at(100)).unwrap();
    assert_eq!((&issued.client, issued.seconds), (&client.id, 200));
    let caller = call(&keyring, issued.text.expose(), at(299)).unwrap();
    assert_eq!(caller.client(), &client.id);
    assert_eq!(
        call(&keyring, issued.text.expose(), at(300)).unwrap_err(),
        Why::Expired
    );
    let answer = issued.to_json();
    assert_eq!(
        answer["issued_token_type"],
        "urn:ietf:params:oauth:token-type:access_token"
    );
    assert!(answer.get("refresh_token").is_none());
    let asking = |changes: &[(&'static str, &'static str)]| {
        let mut fields = [&EXCHANGE[..], &subject].concat();
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        exchange(&keyring, &[&fields[..], changes].concat(), AT)
            .unwrap_err()
            .fault()
    };
    assert_eq!(
        asking(&[("scope", "okta.users.manage")]),
        Fault::InvalidScope
    );
    assert_eq!(asking(&[("scope", "")]), Fault::InvalidScope);
    assert_eq!(asking(&[("actor_token", "x")]), Fault::InvalidRequest);
    assert_eq!(asking(&[("subject_token", "a.b.c")]), Fault::InvalidGrant);
    assert_eq!(
        asking(&[("audience", "https://elsewhere.example")]),
        Fault::InvalidTarget
    );
}

#[test]
fn an_outside_token_is_exchanged_under_each_name_of_its_type_and_is_all_its_client_shows() {
    let (_dir, keyring, client, outside, _) = trusted();
    let token = outside.token(json!({}));
    let asking = |changes: &[(&str, &str)]| {
        let mut fields = [&EXCHANGE[..], &[("subject_token", token.as_str())]].concat();
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        exchange(&keyring, &[&fields[..], changes].concat(), AT)
            .map(|issued| issued.client)
            .map_err(|refused| refused.why().to_owned())
    };
    let typed = |name: &str| format!("urn:ietf:params:oauth:token-type:{name}");
    for name in ["jwt", "id_token", "access_token"] {
        let kind = typed(name);
        let asked = asking(&[("subject_token_type", &kind)]);
        assert_eq!(asked, Ok(client.id.clone()), "of {name}");
    }
    for name in ["jwt", "access_token"] {
        let kind = typed(name);
        let asked = asking(&[("requested_token_type", &kind)]);
        assert_eq!(asked, Ok(client.id.clone()), "for {name}");
    }
    for (parameter, name) in [
        ("subject_token_type", "saml2"),
        ("requested_token_type", "id_token"),
    ] {
        let kind = typed(name);
        assert_eq!(
            asking(&[(parameter, &kind)]),
            Err("unsupported_token_type".to_owned()),
            "{parameter}"
        );
    }
    for (name, value) in [
        ("client_secret", "x"),
        ("client_assertion", "a.b.c"),
        ("client_assertion_type", "x"),
    ] {
        let refused = asking(&[(name, value)]);
        assert_eq!(
            refused,
            Err("two_client_authentications".to_owned()),
            "{name}"
        );
    }
    assert_eq!(asking(&[("client_id", client.id.as_str())]), Ok(client.id));
    assert_eq!(
        asking(&[("client_id", "cliother")]),
        Err("subject_of_no_client".to_owned())
    );
}

#[test]
fn an_issuer_for_exchange_only_opens_nothing_at_the_api() {
    let (_dir, keyring, client) = with_client();
    let outside = Outside::new();
    let new = NewIssuer {
        direct: false,
        ..outside.registration(&client)
    };
    keyring.trust_issuer(new, AT).unwrap();
    let token = outside.token(json!({}));
    assert_eq!(call(&keyring, &token, AT).unwrap_err(), Why::NobodyMeant);
    let subject = [("subject_token", token.as_str())];
    let asked = [&EXCHANGE[..], &subject].concat();
    let refused = exchange(&keyring, &asked, AT).unwrap_err();
    assert_eq!(
        (refused.fault(), refused.wanted_keys()),
        (Fault::InvalidGrant, Some(&outside.place))
    );
    assert!(keyring.claim_fetch(&outside.place, AT));
    keyring
        .learn_keys(&outside.place, &outside.jwks(), 600, AT)
        .unwrap();
    assert_eq!(exchange(&keyring, &asked, AT).unwrap().client, client.id);
}

#[test]
fn guessed_tokens_starve_and_those_accepted_before_do_not() {
    let (_dir, keyring, _client, outside, _) = trusted();
    let throttle = Throttle::default();
    let forger = Outside {
        key: SigningKey::generate(Algorithm::ES256).unwrap(),
        ..Outside::new()
    };
    let (good, forged) = (outside.token(json!({})), forger.token(json!({})));
    let try_it = |token: &str| {
        let bearer = format!("Bearer {token}");
        keyring
            .identify_within(&throttle, &shown(Some(&bearer)), &org(), AT)
            .err()
            .map(|refused| refused.why())
    };
    assert_eq!(try_it(&good), None);
    for _ in 0..access::FAILURES_PER_MINUTE_MAX {
        assert_eq!(try_it(&forged), Some(Why::Forged));
    }
    assert_eq!(try_it(&forged), Some(Why::Throttled));
    assert_eq!(
        try_it(&outside.token(json!({ "jti": "run-2" }))),
        Some(Why::Throttled)
    );
    assert_eq!(try_it(&good), None);
}

#[test]
fn issuers_are_bounded_and_belong_to_a_client() {
    let database = Arc::new(Database::open_in_memory().unwrap());
    let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), AT).unwrap();
    let client = keyring.register(new_client("reader"), AT).unwrap();
    let outside = Outside::new();
    let nobody = NewIssuer {
        client: access::ClientId::new("cliNobody"),
        ..outside.registration(&client)
    };
    assert!(matches!(
        keyring.trust_issuer(nobody, AT),
        Err(AccessError::NoClient(_))
    ));
    let plain = NewIssuer {
        issuer: "http://issuer.example".to_owned(),
        ..outside.registration(&client)
    };
    let refused = keyring.trust_issuer(plain, AT).unwrap_err();
    assert!(
        matches!(refused, AccessError::Issuer(BadIssuer::Url(_))),
        "{refused}"
    );
    for number in 0..access::ISSUERS_PER_ORG_MAX {
        let new = NewIssuer {
            subject: format!("repo:acme/{number}").parse().unwrap(),
            ..outside.registration(&client)
        };
        keyring.trust_issuer(new, AT).unwrap();
    }
    let refused = keyring
        .trust_issuer(outside.registration(&client), AT)
        .unwrap_err();
    assert!(
        matches!(refused, AccessError::TooManyIssuers(_)),
        "{refused}"
    );
}
