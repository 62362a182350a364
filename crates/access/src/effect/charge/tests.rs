//! Budgets hold, whoever calls, through however many processes, whenever.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::SignedDuration;
use proptest::prelude::*;
use store::{Database, SealKey};

use super::*;
use crate::effect::{Overrides, Raise};
use crate::{Approver, Asked, ClientId, CredentialId, NewClient, OrgName};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn production() -> OrgName {
    OrgName::parse("production").unwrap()
}

/// A process on this state.
fn process(path: &Path) -> Keyring {
    let database = Arc::new(Database::open(path).unwrap());
    Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap()
}

fn client(keyring: &Keyring, name: &str, budgets: &[&str]) -> ClientId {
    let mut own = Overrides::default();
    budgets.iter().for_each(|budget| own.put(budget).unwrap());
    let new = NewClient {
        budgets: own,
        ..NewClient::new(production(), name)
    };
    keyring.register(new, NOW).unwrap().id
}

fn caller(keyring: &Keyring, id: &ClientId, now: Timestamp) -> Caller {
    let current = keyring.current_within(0, now).unwrap();
    let standing = Arc::clone(&current.clients[id].standing);
    Caller::new(standing, CredentialId::new("key1"), None)
}

fn budgets(client: &str, org: &str) -> Budgets {
    let mut budgets = Budgets::default();
    budgets.client.put(&format!("deletes={client}")).unwrap();
    budgets.org.put(&format!("deletes={org}")).unwrap();
    budgets
}

fn delete(object: &str, count: u32) -> Toll {
    Toll {
        class: Class::Deletes,
        object: object.to_owned(),
        count,
        guessed: false,
    }
}

fn charge(
    keyring: &Keyring,
    caller: &Caller,
    budgets: &Budgets,
    tolls: &[Toll],
    now: Timestamp,
) -> Result<(), Exceeded> {
    let charge = Charge {
        caller,
        budgets,
        tolls,
    };
    keyring.charge(&charge, now).unwrap()
}

fn later(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

#[test]
fn a_caller_stops_at_its_budget_and_goes_on_when_the_first_has_left_the_hour() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = process(&dir.path().join("state.db"));
    let script = caller(&keyring, &client(&keyring, "script", &[]), NOW);
    let budgets = budgets("2/hour", "100/hour");
    let go =
        |object: &str, at| charge(&keyring, &script, &budgets, &[delete(object, 1)], later(at));
    assert_eq!(go("users/a", 0), Ok(()));
    assert_eq!(go("users/b", 10), Ok(()));
    assert_eq!(go("users/a", 20), Ok(()), "the same once more");
    let stopped = go("users/c", 30).unwrap_err();
    assert_eq!(
        (stopped.holder, stopped.period),
        (Holder::Client, Period::Hour)
    );
    assert_eq!((stopped.limit, stopped.used, stopped.asked), (2, 2, 1));
    assert_eq!(
        stopped.again,
        Some(later(10 + 3_600)),
        "b is the first to leave"
    );
    assert!(stopped.first);
    assert!(!go("users/c", 40).unwrap_err().first, "told once");
    assert_eq!(go("users/c", 10 + 3_600), Ok(()));
    assert!(
        !go("users/d", 10 + 3_600).unwrap_err().first,
        "told 3,580 s ago"
    );
    assert_eq!(go("users/d", 20 + 3_600), Ok(()), "a has left");
    assert!(
        go("users/e", 30 + 3_600).unwrap_err().first,
        "a window later"
    );
}

#[test]
fn ten_callers_share_what_the_org_has() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = process(&dir.path().join("state.db"));
    let budgets = budgets("50/hour", "7/hour,9/day");
    let mut passed = 0;
    for one in 0..10 {
        let script = caller(&keyring, &client(&keyring, &format!("s{one}"), &[]), NOW);
        for object in 0..3 {
            let toll = delete(&format!("users/{one}-{object}"), 1);
            passed += u32::from(charge(&keyring, &script, &budgets, &[toll], NOW).is_ok());
        }
    }
    assert_eq!(passed, 7);
    let script = caller(&keyring, &client(&keyring, "late", &[]), NOW);
    let at = later(3_600);
    for object in 0..3 {
        let toll = delete(&format!("users/late-{object}"), 1);
        let charged = charge(&keyring, &script, &budgets, &[toll], at);
        assert_eq!(charged.is_ok(), object < 2, "{charged:?}");
    }
}

#[test]
fn a_call_with_several_effects_passes_as_a_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = process(&dir.path().join("state.db"));
    let script = caller(
        &keyring,
        &client(&keyring, "script", &["removals=10/hour"]),
        NOW,
    );
    let budgets = budgets("1/hour", "100/hour");
    let group = |name: &str, members| {
        let removed = Toll {
            class: Class::Removals,
            ..delete(&format!("groups/{name}/*"), members)
        };
        vec![delete(&format!("groups/{name}"), 1), removed]
    };
    let stopped = charge(&keyring, &script, &budgets, &group("big", 11), NOW).unwrap_err();
    assert_eq!((stopped.class, stopped.again), (Class::Removals, None));
    assert_eq!(stopped.short, [(Class::Removals, 11)]);
    assert_eq!(
        charge(&keyring, &script, &budgets, &group("small", 10), NOW),
        Ok(()),
        "the refused call took no room"
    );
    let both = charge(&keyring, &script, &budgets, &group("next", 3), NOW).unwrap_err();
    assert_eq!(both.short, [(Class::Deletes, 1), (Class::Removals, 3)]);
}

#[test]
fn a_restart_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let budgets = budgets("1/day", "100/day");
    let keyring = process(&path);
    let id = client(&keyring, "script", &[]);
    let script = caller(&keyring, &id, NOW);
    charge(&keyring, &script, &budgets, &[delete("users/a", 1)], NOW).unwrap();
    // No closing of any kind: as after `kill -9`.
    std::mem::forget(keyring);
    let again = process(&path);
    let script = caller(&again, &id, NOW);
    assert!(
        charge(
            &again,
            &script,
            &budgets,
            &[delete("users/b", 1)],
            later(60)
        )
        .is_err()
    );
    assert!(
        charge(
            &again,
            &script,
            &budgets,
            &[delete("users/b", 1)],
            later(86_400)
        )
        .is_ok()
    );
}

#[test]
fn an_approved_raise_is_for_its_client_and_its_amount() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = process(&dir.path().join("state.db"));
    let (one, other) = (client(&keyring, "one", &[]), client(&keyring, "other", &[]));
    let budgets = budgets("1/hour", "1/hour");
    let go = |id: &ClientId, object: &str, at| {
        let caller = caller(&keyring, id, later(at));
        charge(&keyring, &caller, &budgets, &[delete(object, 1)], later(at))
    };
    assert_eq!(go(&one, "users/a", 0), Ok(()));
    assert!(go(&one, "users/b", 1).is_err());
    let asked = Asked {
        reason: "ticket 4711".to_owned(),
        minutes: 10,
        raises: vec![Raise {
            class: Class::Deletes,
            amount: 2,
        }],
        ..Asked::default()
    };
    let elevation = keyring.ask(&one, asked, later(1)).unwrap();
    assert_eq!(elevation.course.needed, 1);
    assert!(go(&one, "users/b", 2).is_err(), "nobody agreed yet");
    let (_, ana): (_, Approver) = keyring
        .add_approver(&production(), "ana", &[], None, NOW)
        .unwrap();
    keyring.approve(&elevation.id, &ana, later(2)).unwrap();
    assert_eq!(go(&one, "users/b", 3), Ok(()));
    assert_eq!(go(&one, "users/b", 4), Ok(()), "tried again");
    assert!(
        go(&other, "users/x", 4).is_err(),
        "it is one client's alone"
    );
    assert_eq!(go(&one, "users/c", 5), Ok(()));
    assert!(go(&one, "users/d", 6).is_err(), "used up");
    assert!(go(&one, "users/b", 2 + 600).is_err(), "over");
}

#[test]
fn whoever_broke_the_glass_has_an_account_of_its_own_and_a_bound() {
    let dir = tempfile::tempdir().unwrap();
    let keyring = process(&dir.path().join("state.db"));
    let budgets = budgets("50/hour", "2/hour");
    let raider = caller(&keyring, &client(&keyring, "raider", &[]), NOW);
    for object in ["users/a", "users/b"] {
        charge(&keyring, &raider, &budgets, &[delete(object, 1)], NOW).unwrap();
    }
    let opening = crate::Opening {
        id: "opn1".into(),
        org: production(),
        reason: "fire".to_owned(),
        opened: NOW,
        ends: later(900),
    };
    let standing = Arc::new(crate::Standing::behind_glass(&opening));
    let rescuer = Caller::new(standing, CredentialId::new("opn1"), None);
    let go = |object: &str| charge(&keyring, &rescuer, &budgets, &[delete(object, 1)], NOW);
    assert_eq!(go("users/c"), Ok(()), "the raid left it room");
    assert_eq!(go("users/d"), Ok(()));
    assert_eq!(go("users/e").unwrap_err().holder, Holder::Opening);
}

#[test]
fn raising_what_changes_privileges_takes_two() {
    let needed = |class| {
        let raises = vec![Raise { class, amount: 1 }];
        Asked {
            raises,
            ..Asked::default()
        }
        .approvals_needed()
    };
    for class in Class::ALL {
        assert_eq!(
            needed(class),
            if class.is_privileged() { 2 } else { 1 },
            "{class}"
        );
    }
}

#[test]
fn ten_keys_in_two_processes_at_once_stop_at_the_budget() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let processes = [process(&path), process(&path)];
    let ids: Vec<ClientId> = (0..10)
        .map(|one| client(&processes[0], &format!("s{one}"), &[]))
        .collect();
    let budgets = budgets("20/hour", "25/hour");
    let passed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for (at, id) in ids.iter().enumerate() {
            let (keyring, budgets, passed) = (&processes[at % 2], &budgets, &passed);
            scope.spawn(move || {
                let caller = caller(keyring, id, NOW);
                for object in 0..10 {
                    let toll = delete(&format!("users/{at}-{object}"), 1);
                    if charge(keyring, &caller, budgets, &[toll], NOW).is_ok() {
                        passed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 25);
}

/// One try: which of ten callers through which of two processes touches which object, after how many seconds.
fn tries() -> impl Strategy<Value = Vec<(usize, usize, u8, i64)>> {
    let seconds = prop_oneof![6 => 0_i64..30, 2 => 30_i64..1_800, 1 => 1_800_i64..50_000];
    prop::collection::vec((0_usize..10, 0_usize..2, 0_u8..40, seconds), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn in_no_window_passes_more_than_the_budget(tries in tries(), hour in 0_u32..8, day in 0_u32..12, own in 1_u32..5) {
        let database = Arc::new(Database::open_in_memory().unwrap());
        let open = || Keyring::open(Arc::clone(&database), &SealKey::from_bytes([7; 32]), NOW).unwrap();
        let processes = [open(), open()];
        let ids: Vec<ClientId> = (0..10).map(|one| client(&processes[0], &format!("s{one}"), &[])).collect();
        let budgets = budgets(&format!("{own}/hour"), &format!("{hour}/hour,{day}/day"));
        let mut passed: Vec<(i64, usize, u8)> = Vec::new();
        let mut at = 0;
        for (who, through, object, seconds) in tries {
            at += seconds;
            let keyring = &processes[through];
            let caller = caller(keyring, &ids[who], later(at));
            let toll = delete(&format!("users/{object}"), 1);
            if charge(keyring, &caller, &budgets, &[toll], later(at)).is_ok() {
                passed.push((at, who, object));
            }
            let touched = |window: i64, of: Option<usize>| {
                let within = passed.iter().filter(|(when, by, _)| *when > at - window && of.is_none_or(|of| of == *by));
                within.map(|(_, _, object)| object).collect::<BTreeSet<_>>().len()
            };
            prop_assert!(touched(3_600, None) <= hour as usize);
            prop_assert!(touched(86_400, None) <= day as usize);
            prop_assert!(touched(3_600, Some(who)) <= own as usize);
        }
    }
}
