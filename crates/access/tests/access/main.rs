//! What an owner of an org relies on: only live keys of this org let anyone in, and nobody does what was not granted.
#![expect(
    clippy::unwrap_used,
    reason = "a failing test is a report, not an outage"
)]

mod decisions;
mod keys;
mod oauth;
mod workload;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use access::{
    AccessError, Call, Caller, Circumstances, Client, Denial, Grant, Keyring, NewClient,
    Operations, OrgName, OrgRules, Permit, Presented, Reason, Why,
};
use catalog::{Kind, Operation};
use jiff::{SignedDuration, Timestamp};
use store::{Database, SealKey};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn org() -> OrgName {
    OrgName::parse("production").unwrap()
}

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn keyring_in(dir: &TempDir, pepper: u8) -> Keyring {
    let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
    Keyring::open(database, &SealKey::from_bytes([pepper; 32]), NOW).unwrap()
}

fn new_client(name: &str) -> NewClient {
    NewClient {
        scopes: vec!["okta.users.read".to_owned()],
        ..NewClient::new(org(), name)
    }
}

fn with_client() -> (TempDir, Keyring, Client) {
    let dir = tempfile::tempdir().unwrap();
    let keyring = keyring_in(&dir, 7);
    let client = keyring.register(new_client("reader"), NOW).unwrap();
    (dir, keyring, client)
}

/// What a request from the loopback address shows, with this `Authorization` header.
fn shown(authorization: Option<&str>) -> Presented<'_> {
    Presented {
        authorization,
        proof: None,
        certificate: None,
        subject: None,
        source: IpAddr::from([127, 0, 0, 1]),
        method: "GET",
        url: "https://gateway.example.com/api/v1/users",
    }
}

fn why(keyring: &Keyring, authorization: &str, now: Timestamp) -> Option<Why> {
    let refused = keyring
        .identify(&shown(Some(authorization)), &org(), now)
        .err()?;
    assert_eq!(
        refused.to_string(),
        "invalid credential",
        "the same for every reason"
    );
    Some(refused.why())
}

#[test]
fn a_key_is_accepted_as_an_api_token_and_as_a_bearer_token_until_it_expires() {
    let (_dir, keyring, client) = with_client();
    let (key, credential) = keyring.issue(&client.id, None, NOW).unwrap();
    let ssws = format!("SSWS {}", key.expose());
    let no_space = format!("SSWS{}", key.expose());
    let caller = keyring.identify(&shown(Some(&ssws)), &org(), NOW).unwrap();
    assert_eq!(
        (caller.client(), caller.credential()),
        (&client.id, &credential.id)
    );
    assert_eq!(
        why(&keyring, &format!("bearer {}", key.expose()), NOW),
        None
    );
    assert_eq!(
        why(&keyring, &no_space, NOW),
        None,
        "as Okta's Python SDK sends it"
    );
    assert_eq!(credential.expires, NOW + days(30));
    assert_eq!(
        why(
            &keyring,
            &ssws,
            NOW + days(30) - SignedDuration::from_secs(1)
        ),
        None
    );
    assert_eq!(why(&keyring, &ssws, NOW + days(30)), Some(Why::Expired));
}

#[test]
fn whatever_is_wrong_with_a_credential_it_is_refused_alike() {
    let (_dir, keyring, client) = with_client();
    let (key, credential) = keyring.issue(&client.id, None, NOW).unwrap();
    let key = key.expose();
    let refused = keyring.identify(&shown(None), &org(), NOW).unwrap_err();
    assert_eq!(
        (refused.why(), refused.to_string().as_str()),
        (Why::Absent, "invalid credential")
    );
    for malformed in [
        "",
        "SSWS",
        "SSWS ",
        key,
        &format!("Basic {key}"),
        &format!("SSWS {key}x"),
        "Bearer eyJhbGciOi.e30.x",
    ] {
        assert_eq!(
            why(&keyring, malformed, NOW),
            Some(Why::Malformed),
            "{malformed}"
        );
    }
    let other = OrgName::parse("preview").unwrap();
    let refused = keyring
        .identify(&shown(Some(&format!("SSWS {key}"))), &other, NOW)
        .unwrap_err();
    assert_eq!(
        (refused.why(), refused.to_string().as_str()),
        (Why::OtherOrg, "invalid credential")
    );
    keyring.revoke(&credential.id, NOW).unwrap();
    assert_eq!(
        why(&keyring, &format!("SSWS {key}"), NOW),
        Some(Why::Revoked)
    );
}

#[test]
fn a_disabled_client_is_refused_with_all_its_keys() {
    let (_dir, keyring, client) = with_client();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    keyring.disable(&client.id, NOW).unwrap();
    assert_eq!(
        why(&keyring, &format!("SSWS {}", key.expose()), NOW),
        Some(Why::Disabled)
    );
}

#[test]
fn a_stolen_database_holds_no_key_and_is_not_opened_with_another_state_key() {
    let (dir, keyring, client) = with_client();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    drop(keyring);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let secret = &key.expose().as_bytes()[4..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    let authorization = format!("SSWS {}", key.expose());
    let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
    let other = Keyring::open(database, &SealKey::from_bytes([8; 32]), NOW).unwrap_err();
    assert!(matches!(other, AccessError::OtherStateKey), "{other}");
    assert_eq!(why(&keyring_in(&dir, 7), &authorization, NOW), None);
}

#[test]
fn a_key_revoked_in_another_process_is_refused_within_a_second() {
    let (dir, keyring, client) = with_client();
    let (key, credential) = keyring.issue(&client.id, None, NOW).unwrap();
    let authorization = format!("SSWS {}", key.expose());
    assert_eq!(why(&keyring, &authorization, NOW), None);
    keyring_in(&dir, 7).revoke(&credential.id, NOW).unwrap();
    let later = NOW + SignedDuration::from_millis(access::STALENESS_MS_MAX);
    assert_eq!(why(&keyring, &authorization, later), Some(Why::Revoked));
}

#[test]
fn the_last_use_of_a_key_is_remembered_to_the_hour() {
    let (dir, keyring, client) = with_client();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    let authorization = format!("SSWS {}", key.expose());
    for minutes in [0, 1, 59, 61, 150] {
        keyring
            .identify(
                &shown(Some(&authorization)),
                &org(),
                NOW + SignedDuration::from_mins(minutes),
            )
            .unwrap();
    }
    keyring.record_uses().unwrap();
    let known = keyring_in(&dir, 7).credentials(&client.id).unwrap();
    assert_eq!(
        known[0].last_used,
        Some(NOW + SignedDuration::from_hours(2))
    );
}

#[test]
fn clients_and_keys_are_bounded_and_typing_errors_noticed() {
    let (_dir, keyring, client) = with_client();
    assert!(matches!(
        keyring.register(new_client("reader"), NOW),
        Err(AccessError::NameTaken { .. })
    ));
    for name in [" ", "a\nb", "a\u{202e}b"] {
        assert!(matches!(
            keyring.register(new_client(name), NOW),
            Err(AccessError::BadName(_))
        ));
        assert!(matches!(
            keyring.put_policy(
                &client.org,
                name,
                "forbid (principal, action, resource);",
                NOW
            ),
            Err(AccessError::BadPolicyName(_))
        ));
    }
    for team in ["", "two words", "a\u{1b}[31m"] {
        let teams = NewClient {
            teams: vec![team.to_owned()],
            ..new_client("a")
        };
        assert!(matches!(
            keyring.register(teams, NOW),
            Err(AccessError::BadTeam(_))
        ));
    }
    let scopes = NewClient {
        scopes: vec!["okta.users.raed".to_owned()],
        ..new_client("a")
    };
    assert!(matches!(
        keyring.register(scopes, NOW),
        Err(AccessError::UnknownScope(_))
    ));
    let operations = NewClient {
        operations: vec!["dropTable".to_owned()],
        ..new_client("a")
    };
    assert!(matches!(
        keyring.register(operations, NOW),
        Err(AccessError::UnknownOperation(_))
    ));
    for life in [0, access::KEY_DAYS_MAX + 1] {
        assert!(matches!(
            keyring.issue(&client.id, Some(life), NOW),
            Err(AccessError::BadLife { .. })
        ));
    }
    for _ in 0..access::KEYS_PER_CLIENT_MAX {
        keyring.issue(&client.id, Some(365), NOW).unwrap();
    }
    assert!(matches!(
        keyring.issue(&client.id, None, NOW),
        Err(AccessError::TooManyKeys { .. })
    ));
    assert_eq!(keyring.clients(&org()).unwrap(), [client]);
}

fn call_of(operation: &'static Operation) -> Call {
    let values: Vec<(&str, &str)> = operation
        .path_parameters()
        .map(|name| (name, "x"))
        .collect();
    Call::new(operation.id, &values).unwrap()
}

/// The decision over a call whose circumstances do not matter.
fn decide(caller: &Caller, call: Call, now: Timestamp) -> Result<Permit, Denial> {
    access::decide(caller, call, &Circumstances::default(), now)
}

fn caller_with(grant: Grant) -> Caller {
    Caller::internal("test", org(), grant)
}

#[test]
fn every_operation_is_refused_without_a_grant_and_allowed_with_exactly_its_scopes() {
    assert!(catalog::operations().len() >= 816 + 162);
    let every_scope: BTreeSet<&str> = catalog::operations()
        .iter()
        .flat_map(|operation| operation.scopes.iter().copied())
        .collect();
    for operation in catalog::operations().iter() {
        let rules = OrgRules { protocol: true };
        let denied =
            |grant: Grant| decide(&caller_with(grant).under(rules), call_of(operation), NOW).err();
        let id = operation.id;
        assert!(denied(Grant::default()).is_some(), "{id} without a grant");
        let by_name = Operations::Only(vec![id.to_owned()]);
        let own = operation.scopes.iter().copied();
        assert!(
            denied(Grant::scoped(own.clone(), by_name.clone())).is_none(),
            "{id} by name"
        );
        let other = Operations::Only(vec!["another".to_owned()]);
        assert!(
            denied(Grant::scoped(own.clone(), other)).is_some(),
            "{id} when others are named"
        );
        assert_eq!(
            denied(Grant::scoped(own, Operations::All)).is_none(),
            !operation.scopes.is_empty(),
            "{id}"
        );
        for missing in &operation.scopes {
            let all_but_one = every_scope.iter().copied().filter(|scope| scope != missing);
            let denial = denied(Grant::scoped(all_but_one, by_name.clone())).unwrap();
            assert_eq!(
                denial.reason,
                Reason::MissingScopes {
                    missing: vec![missing]
                },
                "{id}"
            );
            assert!(denial.hint().contains(missing), "{id}");
        }
    }
}

#[test]
fn sign_in_traffic_needs_the_org_to_switch_it_on() {
    let protocol = catalog::operations()
        .iter()
        .filter(|operation| operation.kind == Kind::Protocol);
    let mut seen = 0;
    for operation in protocol {
        seen += 1;
        let grant = Grant::scoped(
            operation.scopes.iter().copied(),
            Operations::Only(vec![operation.id.to_owned()]),
        );
        let denial = decide(&caller_with(grant), call_of(operation), NOW).unwrap_err();
        assert_eq!(denial.reason, Reason::Protocol, "{}", operation.id);
        assert!(decide(&caller_with(Grant::restore()), call_of(operation), NOW).is_err());
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_products_own_jobs_are_bounded_too() {
    let backup = caller_with(Grant::backup());
    let restore = caller_with(Grant::restore());
    for operation in catalog::operations()
        .iter()
        .filter(|operation| operation.kind != Kind::Protocol)
    {
        let reads = decide(&backup, call_of(operation), NOW).is_ok();
        assert_eq!(reads, operation.kind == Kind::Read, "{}", operation.id);
        assert!(
            decide(&restore, call_of(operation), NOW).is_ok(),
            "{}",
            operation.id
        );
    }
}

#[test]
fn a_grant_holds_for_its_time_only() {
    let (from, until) = (NOW + days(1), NOW + days(2));
    let caller = caller_with(Grant::restore().between(from, until));
    let at = |now| {
        decide(&caller, Call::new("listUsers", &[]).unwrap(), now).map(|permit| permit.granted_at())
    };
    assert_eq!(at(NOW).unwrap_err().reason, Reason::NotYet { from });
    assert_eq!(at(from).unwrap(), from);
    assert_eq!(at(until).unwrap_err().reason, Reason::Over { until });
}
