//! What an owner of an org relies on at the worst moment: the passphrase opens, for minutes, once, and guessing does not.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{Database, SealKey};

use super::*;
use crate::{Call, Circumstances, NewClient, Presented, Why, decide};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 5);

fn org() -> OrgName {
    OrgName::parse("production").unwrap()
}

fn keyring() -> (Arc<Database>, Keyring) {
    let database = Arc::new(Database::open_in_memory().unwrap());
    let keyring = Keyring::open(Arc::clone(&database), &SealKey::from_bytes([7; 32]), NOW);
    (database, keyring.unwrap())
}

fn identified(keyring: &Keyring, key: &ApiKey, now: Timestamp) -> Result<crate::Caller, Why> {
    let authorization = format!("SSWS {}", key.expose());
    let presented = Presented {
        authorization: Some(&authorization),
        proof: None,
        certificate: None,
        subject: None,
        source: IpAddr::from([127, 0, 0, 1]),
        method: "GET",
        url: "https://gateway.example.com/api/v1/users",
    };
    keyring
        .identify(&presented, &org(), now)
        .map_err(|refused| refused.why())
}

fn refused<T>(outcome: Result<T, AccessError>) -> GlassError {
    match outcome {
        Err(AccessError::Glass(error)) => error,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opened"),
    }
}

fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

#[test]
fn the_key_does_everything_for_its_minutes_whatever_policies_say_and_the_seal_is_broken() {
    let (database, keyring) = keyring();
    let closed = keyring.open_glass(&org(), &GlassPassphrase::read("x"), "fire", 15, NOW);
    assert_eq!(refused(closed), GlassError::NeverSealed);
    let (passphrase, _) = keyring.seal_glass(&org(), NOW).unwrap();
    let forbid = "forbid (principal, action, resource);";
    keyring.put_policy(&org(), "lockout", forbid, NOW).unwrap();
    let (key, opening) = keyring
        .open_glass(&org(), &passphrase, "fire", 15, NOW)
        .unwrap();
    let broken = "UPDATE access_policy SET text = 'permit (principal is Nobody'";
    let tell: Result<(), AccessError> = database.write(|tx| {
        tx.execute(broken, [])?;
        Ok(())
    });
    tell.unwrap();
    for later in [NOW, NOW + seconds(600)] {
        let caller = identified(&keyring, &key, later).unwrap();
        assert_eq!(caller.opening(), Some(&*opening.id));
        let call = Call::new("deleteUser", &[("id", "00u1")]).unwrap();
        decide(&caller, call, &Circumstances::default(), later).unwrap();
    }
    assert_eq!(
        identified(&keyring, &key, opening.ends).unwrap_err(),
        Why::Expired
    );
    let again = keyring.open_glass(&org(), &passphrase, "fire", 15, NOW);
    assert_eq!(refused(again), GlassError::Broken);
    let (fresh, glass) = keyring.seal_glass(&org(), NOW).unwrap();
    assert_eq!((glass.broken, glass.failures), (None, 0));
    let old = keyring.open_glass(&org(), &passphrase, "fire", 15, NOW);
    assert_eq!(refused(old), GlassError::Wrong);
    keyring
        .open_glass(&org(), &fresh, "fire", 60, NOW + seconds(2))
        .unwrap();
}

#[test]
fn others_are_kept_out_while_policies_cannot_be_read() {
    let (database, keyring) = keyring();
    let new = NewClient {
        scopes: vec!["okta.users.read".to_owned()],
        ..NewClient::new(org(), "script")
    };
    let client = keyring.register(new, NOW).unwrap();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    keyring
        .put_policy(
            &org(),
            "fine",
            "forbid (principal, action == Action::\"deleteUser\", resource);",
            NOW,
        )
        .unwrap();
    let may = |at| {
        let call = Call::new("listUsers", &[]).unwrap();
        decide(
            &identified(&keyring, &key, at).unwrap(),
            call,
            &Circumstances::default(),
            at,
        )
        .is_ok()
    };
    assert!(may(NOW));
    let tell: Result<(), AccessError> = database.write(|tx| {
        tx.execute(
            "UPDATE access_policy SET text = 'permit (principal is Nobody'",
            [],
        )?;
        Ok(())
    });
    tell.unwrap();
    assert!(!may(NOW + seconds(1)));
}

#[test]
fn guessing_waits_twice_as_long_each_time_even_with_the_right_passphrase_in_hand() {
    let (_, keyring) = keyring();
    let (passphrase, _) = keyring.seal_glass(&org(), NOW).unwrap();
    let guess = GlassPassphrase::read("00000-00000-00000-00000-00000");
    let mut now = Timestamp::constant(1_800_000_000, 0);
    let moment = SignedDuration::from_nanos(1);
    for wait in [2, 4, 8] {
        let wrong = keyring.open_glass(&org(), &guess, "fire", 15, now);
        assert_eq!(refused(wrong), GlassError::Wrong);
        now += seconds(wait) - moment;
        let soon = keyring.open_glass(&org(), &passphrase, "fire", 15, now);
        assert!(matches!(refused(soon), GlassError::TooSoon { .. }));
        now += moment;
    }
    let (key, _) = keyring
        .open_glass(&org(), &passphrase, "fire", 15, now)
        .unwrap();
    assert!(identified(&keyring, &key, now).is_ok());
    assert_eq!(keyring.close_glass(&org(), now).unwrap().len(), 1);
    assert!(identified(&keyring, &key, now).is_err());
}

#[test]
fn the_glass_opens_for_a_reason_and_an_hour_at_most() {
    let (_, keyring) = keyring();
    let passphrase = GlassPassphrase::read("x");
    for reason in ["", " ", "a\tb"] {
        let refusal = keyring.open_glass(&org(), &passphrase, reason, 15, NOW);
        assert_eq!(refused(refusal), GlassError::NoReason);
    }
    for minutes in [0, GLASS_MINUTES_MAX + 1] {
        let refusal = keyring.open_glass(&org(), &passphrase, "fire", minutes, NOW);
        assert_eq!(refused(refusal), GlassError::BadMinutes(minutes));
    }
}
