//! The keys that sign: made at the first use, shown before they sign, and kept while their tokens live.

use access::oauth::{Authentication, Succession};
use access::{Client, CredentialKind, OrgName, Why};
use jiff::Timestamp;
use jose::Jws;

use super::world::{ASSERTION_TYPE, Head, NOW, Pair, World, claims, keyring_in, later, org};

const DAY: i64 = 24 * 3_600;

fn owner(world: &World) -> (Client, String) {
    let client = world.client("owner", Authentication::ClientSecretPost);
    let secret = world.secret(&client, CredentialKind::Secret);
    (client, secret)
}

fn token(world: &World, (client, secret): &(Client, String), now: Timestamp) -> String {
    let fields = [
        ("client_id", client.id.as_str()),
        ("client_secret", secret),
        ("grant_type", "client_credentials"),
        ("scope", "okta.users.read"),
    ];
    world
        .ask(&Head::default(), &fields, now)
        .unwrap()
        .text
        .expose()
        .clone()
}

fn kid(token: &str) -> String {
    Jws::read(token).unwrap().header().kid().unwrap().to_owned()
}

fn shown(world: &World, now: Timestamp) -> Vec<String> {
    let set = world.keyring.jwks(&org(), now).unwrap();
    let keys = set.get("keys").unwrap().as_array().unwrap();
    for key in keys {
        let members: Vec<&String> = key.as_object().unwrap().keys().collect();
        assert!(
            !members
                .iter()
                .any(|name| ["d", "k"].contains(&name.as_str())),
            "{members:?}"
        );
    }
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn counts(world: &World, token: &str, now: Timestamp) -> Result<(), Why> {
    world
        .call(&Head::authorized(format!("Bearer {token}")), now)
        .map(drop)
}

#[test]
fn an_org_gets_its_own_key_at_the_first_use_and_keeps_it_sealed() {
    let world = World::new();
    let first = shown(&world, NOW);
    assert_eq!((first.len(), &shown(&world, NOW)), (1, &first));
    let other = OrgName::parse("preview").unwrap();
    let others = world.keyring.jwks(&other, NOW).unwrap();
    assert_ne!(others["keys"][0]["kid"], first[0].as_str());
    let owner = owner(&world);
    let token = token(&world, &owner, NOW);
    assert_eq!(kid(&token), first[0]);
    let again = World {
        keyring: keyring_in(&world.dir),
        dir: world.dir,
    };
    assert_eq!(counts(&again, &token, NOW), Ok(()), "after a restart");
    let secret = b"PRIVATE";
    for file in std::fs::read_dir(again.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        let pkcs8_of_p256 = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
        assert!(
            !bytes.windows(9).any(|window| window == pkcs8_of_p256),
            "a private key in the clear"
        );
    }
}

#[test]
fn a_successor_is_shown_for_a_day_and_its_predecessor_verifies_until_its_last_token_is_dead() {
    let world = World::new();
    let owner = owner(&world);
    let old = kid(&token(&world, &owner, NOW));
    let next = world
        .keyring
        .rotate_signing_key(&org(), Succession::Planned, NOW)
        .unwrap();
    assert_eq!(next.signs, later(DAY));
    let again = world
        .keyring
        .rotate_signing_key(&org(), Succession::Planned, NOW)
        .unwrap();
    assert_eq!(again, next, "one successor waits at a time");
    assert_eq!(shown(&world, NOW), [old.clone(), next.kid.clone()]);
    let last = token(&world, &owner, later(DAY - 1));
    assert_eq!(kid(&last), old);
    let first = token(&world, &owner, later(DAY));
    assert_eq!(kid(&first), next.kid);
    for second in [DAY, DAY + 598] {
        assert_eq!(counts(&world, &last, later(second)), Ok(()));
    }
    assert_eq!(
        shown(&world, later(DAY + 3_660)),
        [next.kid],
        "an hour after, the longest life of a token"
    );
}

#[test]
fn keys_follow_each_other_every_ninety_days_by_themselves() {
    let world = World::new();
    let pair = Pair::new();
    let client = world.client("owner", pair.registration());
    let at = |days: i64| {
        let now = later(days * DAY);
        let assertion = pair.assertion(&client, &format!("day {days}"), now);
        let fields = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.as_str()),
            ("grant_type", "client_credentials"),
            ("scope", "okta.users.read"),
        ];
        let issued = world.ask(&Head::default(), &fields, now).unwrap();
        assert_eq!(counts(&world, issued.text.expose(), now), Ok(()));
        kid(issued.text.expose())
    };
    let first = at(0);
    assert_eq!(at(89), first);
    assert_eq!(world.keyring.signing_keys(&org()).unwrap().len(), 1);
    assert_eq!(at(90), first, "its successor is shown now");
    let keys = world.keyring.signing_keys(&org()).unwrap();
    assert_eq!((keys.len(), keys[1].signs), (2, later(91 * DAY)));
    let second = keys[1].kid.clone();
    assert_eq!([at(91), at(180)], [second.clone(), second.clone()]);
    assert_eq!(at(181), second);
    let keys = world.keyring.signing_keys(&org()).unwrap();
    assert_eq!(
        (keys.len(), keys[0].kid.as_str(), keys[1].signs),
        (2, second.as_str(), later(182 * DAY)),
        "the first is forgotten"
    );
}

#[test]
fn in_an_emergency_every_token_dies_with_its_key() {
    let world = World::new();
    let owner = owner(&world);
    let stolen = token(&world, &owner, NOW);
    assert_eq!(counts(&world, &stolen, NOW), Ok(()));
    let waiting = world
        .keyring
        .rotate_signing_key(&org(), Succession::Planned, NOW)
        .unwrap();
    let next = world
        .keyring
        .rotate_signing_key(&org(), Succession::Emergency, NOW)
        .unwrap();
    assert_ne!(waiting.kid, next.kid);
    assert_eq!(
        counts(&world, &stolen, NOW),
        Err(Why::Revoked),
        "from the cache"
    );
    assert_eq!(shown(&world, NOW), std::slice::from_ref(&next.kid));
    let fresh = token(&world, &owner, NOW);
    assert_eq!(
        (kid(&fresh), counts(&world, &fresh, NOW)),
        (next.kid, Ok(()))
    );
}

#[test]
fn nothing_but_our_own_access_tokens_opens_the_api() {
    let (world, pair) = (World::new(), Pair::new());
    let owner = owner(&world);
    let good = token(&world, &owner, NOW);
    let said = serde_json::Value::Object(claims(&good));
    let forged = pair.signed("at+jwt", &said);
    assert_eq!(
        counts(&world, &forged, NOW),
        Err(Why::Unknown),
        "another's key"
    );
    let signer = world.client("signer", pair.registration());
    let assertion = pair.assertion(&signer, "1", NOW);
    assert!(
        counts(&world, &assertion, NOW).is_err(),
        "a client assertion is no access token"
    );
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    for broken in [
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{head}.{body}.{signature}.{signature}"),
        format!("{head}..{signature}"),
        format!("{good}="),
    ] {
        assert_eq!(
            counts(&world, &broken, NOW),
            Err(Why::Malformed),
            "{broken}"
        );
    }
    let other = OrgName::parse("preview").unwrap();
    let head = Head::authorized(format!("Bearer {good}"));
    let elsewhere = head.presented("GET", "https://preview.example/api/v1/users");
    assert!(
        world.keyring.identify(&elsewhere, &other, NOW).is_err(),
        "good for its own org only"
    );
    assert_eq!(counts(&world, &good, NOW), Ok(()));
    assert!(
        world.keyring.identify(&elsewhere, &other, NOW).is_err(),
        "nor from the cache"
    );
}
