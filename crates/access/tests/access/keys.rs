//! API keys over their life: issued, bound to networks, rotated, forgotten.

use access::{CredentialKind, IDLE_DAYS_DEFAULT, NewCredential, Rotation, Throttle};
use jiff::SignedDuration;

use super::*;

fn ssws(key: &access::ApiKey) -> String {
    format!("SSWS {}", key.expose())
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn from<'a>(authorization: &'a str, source: &str) -> Presented<'a> {
    Presented {
        source: source.parse().unwrap(),
        ..shown(Some(authorization))
    }
}

#[test]
fn a_key_bound_to_a_network_is_refused_elsewhere_and_so_is_its_client() {
    let (_dir, keyring, client) = with_client();
    let inner = NewCredential {
        networks: vec!["10.1.0.0/16".parse().unwrap()],
        ..NewCredential::default()
    };
    let (key, credential) = keyring.issue_as(&client.id, &inner, NOW).unwrap();
    assert_eq!(credential.networks, inner.networks);
    let key = ssws(&key);
    let why = |source| {
        let refused = keyring.identify(&from(&key, source), &org(), NOW).err();
        refused.map(|refused| refused.why())
    };
    assert_eq!(why("10.1.2.3"), None);
    assert_eq!(why("::ffff:10.1.2.3"), None);
    assert_eq!(why("10.2.0.1"), Some(Why::OtherNetwork));
    let moved = Client {
        networks: vec!["10.1.2.0/24".parse().unwrap(), "192.0.2.1".parse().unwrap()],
        ..client
    };
    keyring.amend(&moved, NOW).unwrap();
    assert_eq!(why("10.1.2.3"), None);
    assert_eq!(
        why("10.1.3.3"),
        Some(Why::OtherNetwork),
        "outside its client's"
    );
    assert_eq!(why("192.0.2.1"), Some(Why::OtherNetwork), "outside its own");
}

#[test]
fn a_rotated_key_goes_on_for_the_overlap_and_two_of_a_lineage_are_live_at_most() {
    let (_dir, keyring, client) = with_client();
    let (first, one) = keyring.issue(&client.id, Some(20), NOW).unwrap();
    let (second, two, ending) = keyring.rotate(&one.id, Rotation::default(), NOW).unwrap();
    assert_eq!((&two.lineage, ending.expires), (&one.id, NOW + days(1)));
    assert_eq!(
        two.expires,
        NOW + days(20),
        "as long as the first was to live"
    );
    let later = NOW + days(1) - SignedDuration::from_secs(1);
    assert_eq!(why(&keyring, &ssws(&first), later), None);
    assert_eq!(
        why(&keyring, &ssws(&first), NOW + days(1)),
        Some(Why::Expired)
    );
    assert_eq!(why(&keyring, &ssws(&second), NOW + days(1)), None);
    for id in [&one.id, &two.id] {
        let refused = keyring.rotate(id, Rotation::default(), later).unwrap_err();
        assert!(
            matches!(refused, AccessError::RotatedAlready(_)),
            "{refused}"
        );
    }
    let now = NOW + days(1);
    let refused = keyring
        .rotate(&one.id, Rotation::default(), now)
        .unwrap_err();
    assert!(matches!(refused, AccessError::NotLive(_)), "{refused}");
    let at_once = Rotation {
        overlap_hours: 0,
        days: Some(3),
        ..Rotation::default()
    };
    let (_, three, _) = keyring.rotate(&two.id, at_once, now).unwrap();
    assert_eq!((three.lineage, three.expires), (one.id, now + days(3)));
    assert_eq!(why(&keyring, &ssws(&second), now), Some(Why::Expired));
    let endless = Rotation {
        overlap_hours: access::OVERLAP_HOURS_MAX + 1,
        ..Rotation::default()
    };
    let refused = keyring.rotate(&three.id, endless, now).unwrap_err();
    assert!(matches!(refused, AccessError::BadOverlap(_)), "{refused}");
}

#[test]
fn a_client_with_all_its_keys_can_still_rotate_them() {
    let (_dir, keyring, client) = with_client();
    let issued =
        (0..access::KEYS_PER_CLIENT_MAX).map(|_| keyring.issue(&client.id, None, NOW).unwrap().1);
    for credential in issued.collect::<Vec<_>>() {
        keyring
            .rotate(&credential.id, Rotation::default(), NOW)
            .unwrap();
    }
    let refused = keyring.issue(&client.id, None, NOW).unwrap_err();
    assert!(
        matches!(refused, AccessError::TooManyKeys { .. }),
        "{refused}"
    );
}

#[test]
fn the_org_caps_the_life_of_keys_and_a_shorter_default_follows() {
    let (_dir, keyring, client) = with_client();
    let capped = |days| NewCredential {
        days,
        days_max: 7,
        ..NewCredential::default()
    };
    let (_, credential) = keyring.issue_as(&client.id, &capped(None), NOW).unwrap();
    assert_eq!(credential.expires, NOW + days(7));
    let refused = keyring
        .issue_as(&client.id, &capped(Some(8)), NOW)
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "a key cannot live 8 days: 1 to 7 are possible"
    );
    let (_, long) = keyring.issue(&client.id, Some(100), NOW).unwrap();
    let rotation = Rotation {
        days_max: 7,
        ..Rotation::default()
    };
    let (_, successor, _) = keyring.rotate(&long.id, rotation, NOW).unwrap();
    assert_eq!(successor.expires, NOW + days(7));
}

#[test]
fn a_key_that_nobody_uses_is_forgotten_and_one_in_use_is_not() {
    let (dir, keyring, client) = with_client();
    let forgetful = NewCredential {
        days: Some(365),
        idle_days: 10,
        ..NewCredential::default()
    };
    let (unused, _) = keyring.issue_as(&client.id, &forgetful, NOW).unwrap();
    let (used, credential) = keyring.issue_as(&client.id, &forgetful, NOW).unwrap();
    assert_eq!(credential.idles_out(), NOW + days(10));
    assert_eq!(why(&keyring, &ssws(&used), NOW + days(9) + hours(3)), None);
    // A change of anything reads all keys anew; the use is not written down yet and counts all the same.
    keyring
        .register(new_client("another"), NOW + days(9))
        .unwrap();
    assert_eq!(
        why(&keyring, &ssws(&unused), NOW + days(10)),
        Some(Why::Idle)
    );
    assert_eq!(why(&keyring, &ssws(&used), NOW + days(10)), None);
    // The hour of the last use counts as a whole.
    let last = NOW + days(10) + hours(1);
    assert_eq!(
        why(&keyring, &ssws(&used), last + days(10) - hours(1)),
        None
    );
    keyring.record_uses().unwrap();
    let other = keyring_in(&dir, 7);
    assert_eq!(why(&other, &ssws(&used), NOW + days(30)), None);
    assert_eq!(why(&other, &ssws(&used), NOW + days(41)), Some(Why::Idle));
}

#[test]
fn a_key_used_at_another_gateway_is_not_forgotten_here() {
    let (dir, here, client) = with_client();
    let new = NewCredential {
        days: Some(365),
        ..NewCredential::default()
    };
    let (key, _) = here.issue_as(&client.id, &new, NOW).unwrap();
    let there = keyring_in(&dir, 7);
    let idle = days(i64::from(IDLE_DAYS_DEFAULT));
    assert_eq!(why(&there, &ssws(&key), NOW + days(60)), None);
    there.record_uses().unwrap();
    assert_eq!(why(&here, &ssws(&key), NOW + idle), None);
    assert_eq!(
        why(&there, &ssws(&key), NOW + days(60) + idle + hours(1)),
        Some(Why::Idle)
    );
}

#[test]
fn the_last_use_says_where_it_came_from() {
    let (_dir, keyring, client) = with_client();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    let key = ssws(&key);
    for (hour, source) in [(1, "192.0.2.1"), (2, "2001:db8::7")] {
        keyring
            .identify(&from(&key, source), &org(), NOW + hours(hour))
            .unwrap();
    }
    keyring.record_uses().unwrap();
    let known = keyring.credentials(&client.id).unwrap();
    assert_eq!(known[0].last_used, Some(NOW + hours(2)));
    assert_eq!(known[0].last_source, Some("2001:db8::7".parse().unwrap()));
}

#[test]
fn a_client_secret_is_no_key_and_two_are_live_at_most() {
    let (_dir, keyring, client) = with_client();
    let secret = NewCredential {
        kind: CredentialKind::Secret,
        ..NewCredential::default()
    };
    let (text, credential) = keyring.issue_as(&client.id, &secret, NOW).unwrap();
    assert!(
        credential.id.as_str().starts_with("sec"),
        "{}",
        credential.id
    );
    assert_eq!(why(&keyring, &ssws(&text), NOW), Some(Why::Unknown));
    let refused = keyring
        .rotate(&credential.id, Rotation::default(), NOW)
        .unwrap_err();
    assert!(
        matches!(refused, AccessError::NoKey(_)),
        "no key: {refused}"
    );
    let rotation = Rotation {
        kind: CredentialKind::Secret,
        ..Rotation::default()
    };
    keyring.rotate(&credential.id, rotation, NOW).unwrap();
    assert_eq!(keyring.secrets(&client.id).unwrap().len(), 2);
    assert_eq!(keyring.credentials(&client.id).unwrap(), []);
    let refused = keyring.issue_as(&client.id, &secret, NOW).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!("client {} has 2 live secrets already", client.id)
    );
    let other = keyring.register(new_client("another"), NOW).unwrap();
    let two = [(); 2].map(|()| keyring.issue_as(&other.id, &secret, NOW).unwrap().1);
    let refused = keyring.rotate(&two[0].id, rotation, NOW).unwrap_err();
    assert!(
        matches!(refused, AccessError::TooManyKeys { .. }),
        "{refused}"
    );
}

#[test]
fn fourteen_shapes_of_a_wrong_key_are_one_refusal() {
    let (_dir, keyring, client) = with_client();
    let (key, revoked) = keyring.issue(&client.id, None, NOW).unwrap();
    keyring.revoke(&revoked.id, NOW).unwrap();
    let (expired, _) = keyring.issue(&client.id, Some(1), NOW).unwrap();
    let key = key.expose();
    let last = if key.ends_with('0') { "1" } else { "0" };
    let shapes = [
        String::new(),
        "SSWS".to_owned(),
        "SSWS ".to_owned(),
        key.to_owned(),
        format!("Basic {key}"),
        format!("SSWS {}", &key[..41]),
        format!("SSWS {key}0"),
        format!("SSWS {}{last}", &key[..41]),
        format!("SSWS {}", key.to_uppercase()),
        format!("SSWS {}", "a".repeat(9_000)),
        "Bearer eyJhbGciOiJub25lIn0.e30.x".to_owned(),
        "SSWS pcl_000000000000000000000000000000000h2gfJ".to_owned(),
        format!("SSWS {key}"),
        ssws(&expired),
    ];
    let now = NOW + days(2);
    let refusals: BTreeSet<String> = shapes
        .iter()
        .map(|shape| {
            keyring
                .identify(&shown(Some(shape)), &org(), now)
                .unwrap_err()
                .to_string()
        })
        .collect();
    assert_eq!(refusals, BTreeSet::from(["invalid credential".to_owned()]));
}

#[test]
fn guessing_starves_and_the_owner_behind_the_same_address_does_not() {
    let (_dir, keyring, client) = with_client();
    let throttle = Throttle::default();
    let (known, _) = keyring.issue(&client.id, None, NOW).unwrap();
    let (never_shown, _) = keyring.issue(&client.id, None, NOW).unwrap();
    let (known, never_shown) = (ssws(&known), ssws(&never_shown));
    let wrong = "SSWS pcl_0000000000000000000000000000000000000";
    let at = |authorization: &str, source: &str| {
        let presented = from(authorization, source);
        let refused = keyring
            .identify_within(&throttle, &presented, &org(), NOW)
            .err();
        refused.map(|refused| (refused.why(), refused.to_string()))
    };
    let (shared, elsewhere) = ("203.0.113.7", "203.0.113.8");
    assert_eq!(at(&known, shared), None);
    for _ in 0..access::FAILURES_PER_MINUTE_MAX {
        assert_eq!(at(wrong, shared).unwrap().0, Why::Malformed);
    }
    let refused = (Why::Throttled, "invalid credential".to_owned());
    assert_eq!(at(wrong, shared), Some(refused.clone()));
    assert_eq!(
        at(&never_shown, shared),
        Some(refused),
        "the 51st guess is right, and too late"
    );
    assert_eq!(at(&known, shared), None, "the owner");
    assert_eq!(at(&never_shown, elsewhere), None, "another address");
}

#[test]
fn keys_that_are_only_out_of_date_shut_nobody_out() {
    let (_dir, keyring, client) = with_client();
    let throttle = Throttle::default();
    let (old, credential) = keyring.issue(&client.id, None, NOW).unwrap();
    let (fresh, _) = keyring.issue(&client.id, None, NOW).unwrap();
    keyring.revoke(&credential.id, NOW).unwrap();
    let (old, fresh) = (ssws(&old), ssws(&fresh));
    for _ in 0..3 * access::FAILURES_PER_MINUTE_MAX {
        let refused = keyring.identify_within(&throttle, &shown(Some(&old)), &org(), NOW);
        assert_eq!(refused.unwrap_err().why(), Why::Revoked);
        let absent = keyring.identify_within(&throttle, &shown(None), &org(), NOW);
        assert_eq!(absent.unwrap_err().why(), Why::Absent);
    }
    assert!(
        keyring
            .identify_within(&throttle, &shown(Some(&fresh)), &org(), NOW)
            .is_ok()
    );
}

#[test]
fn other_processes_are_asked_every_half_second_and_at_once_when_the_clock_went_back() {
    let (dir, here, client) = with_client();
    let there = keyring_in(&dir, 7);
    let (bound, tick) = (
        SignedDuration::from_millis(access::STALENESS_MS_MAX),
        SignedDuration::from_millis(1),
    );
    let start = NOW + days(1);
    let (first, one) = here.issue(&client.id, None, start).unwrap();
    let (second, two) = here.issue(&client.id, None, start).unwrap();
    let asked = start + bound;
    assert_eq!(why(&here, &ssws(&first), asked), None);
    there.revoke(&one.id, asked).unwrap();
    for between in [asked, asked + bound - tick] {
        assert_eq!(why(&here, &ssws(&first), between), None, "{between}");
    }
    let next = asked + bound;
    assert_eq!(why(&here, &ssws(&first), next), Some(Why::Revoked));
    there.revoke(&two.id, next).unwrap();
    assert_eq!(why(&here, &ssws(&second), next), None);
    assert_eq!(why(&here, &ssws(&second), next - tick), Some(Why::Revoked));
}

#[test]
fn a_key_that_is_out_of_date_is_told_from_a_guess_for_a_month() {
    let (_dir, keyring, client) = with_client();
    let (key, credential) = keyring.issue(&client.id, Some(1), NOW).unwrap();
    let second = SignedDuration::from_secs(1);
    let forgotten = credential.expires + days(30);
    // A change of anything reads all keys anew.
    let reread = |name, now| keyring.register(new_client(name), now).unwrap();
    let key = ssws(&key);
    let refused = |now| {
        let shown = shown(Some(&key));
        keyring.identify(&shown, &org(), now).unwrap_err()
    };
    reread("first", forgotten - second);
    let known = refused(forgotten - second);
    assert_eq!(known.why(), Why::Expired);
    assert_eq!(known.whose(), Some(&(client.id.clone(), credential.id)));
    reread("second", forgotten);
    let unknown = refused(forgotten);
    assert_eq!((unknown.why(), unknown.whose()), (Why::Unknown, None));
}
