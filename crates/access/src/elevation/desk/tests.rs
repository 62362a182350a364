//! What an owner of an org relies on: nobody gets more than people agreed to, nobody agrees with themselves, and it ends.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use store::{Database, SealKey};
use tempfile::TempDir;

use super::*;
use crate::{ApiKey, Call, Caller, Circumstances, NewClient, Presented, Terms, decide};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 5);

struct Company {
    dir: TempDir,
    keyring: Keyring,
    script: ClientId,
    key: ApiKey,
}

fn org() -> OrgName {
    OrgName::parse("production").unwrap()
}

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

fn opened(dir: &TempDir) -> Keyring {
    let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
    Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap()
}

/// A script that reads users, and may ask for managing users and roles.
fn company() -> Company {
    let dir = tempfile::tempdir().unwrap();
    let keyring = opened(&dir);
    let new = NewClient {
        scopes: vec!["okta.users.read".to_owned()],
        eligible: vec![
            "okta.users.manage".to_owned(),
            "okta.roles.manage".to_owned(),
        ],
        ..NewClient::new(org(), "script")
    };
    let script = keyring.register(new, NOW).unwrap().id;
    let (key, _) = keyring.issue(&script, None, NOW).unwrap();
    Company {
        dir,
        keyring,
        script,
        key,
    }
}

impl Company {
    fn person(&self, name: &str) -> Approver {
        let (key, _) = self
            .keyring
            .add_approver(&org(), name, &[], None, NOW)
            .unwrap();
        self.keyring.approver(&org(), key.expose(), NOW).unwrap()
    }

    fn ask(&self, operation: &str) -> Elevation {
        let asked = Asked {
            operations: vec![operation.to_owned()],
            reason: "ticket 4711".to_owned(),
            minutes: 30,
            ..Asked::default()
        };
        self.keyring.ask(&self.script, asked, NOW).unwrap()
    }

    /// On which terms the script may make the call, if at all.
    fn tries(&self, keyring: &Keyring, operation: &str, now: Timestamp) -> Option<Terms> {
        let call = match operation {
            "listUsers" => Call::new(operation, &[]),
            "assignRoleToUser" => Call::new(operation, &[("userId", "00u1")]),
            _ => Call::new(operation, &[("id", "00u1")]),
        };
        let permit = decide(
            &caller(keyring, &self.key, now),
            call.unwrap(),
            &Circumstances::default(),
            now,
        );
        permit.ok().map(|permit| permit.terms().clone())
    }
}

fn caller(keyring: &Keyring, key: &ApiKey, now: Timestamp) -> Caller {
    let authorization = format!("SSWS {}", key.expose());
    let presented = Presented {
        authorization: Some(&authorization),
        proof: None,
        certificate: None,
        subject: None,
        source: IpAddr::from([127, 0, 0, 1]),
        method: "POST",
        url: "https://gateway.example.com/api/v1/users",
    };
    keyring.identify(&presented, &org(), now).unwrap()
}

fn objection<T>(outcome: Result<T, AccessError>) -> Objection {
    match outcome {
        Err(AccessError::Elevation(objection)) => objection,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[test]
fn an_approved_elevation_permits_what_was_asked_and_ends_by_itself() {
    let company = company();
    let other_process = opened(&company.dir);
    let before = company.tries(&company.keyring, "deactivateUser", NOW);
    assert!(before.is_none());
    let asked = company.ask("deactivateUser");
    let ana = company.person("Ana");
    let running = company.keyring.approve(&asked.id, &ana, NOW).unwrap();
    let Stage::Running { until } = running.stage(NOW) else {
        panic!("{:?}", running.course)
    };
    let soon = NOW + SignedDuration::from_millis(500);
    for keyring in [&company.keyring, &other_process] {
        let terms = company.tries(keyring, "deactivateUser", soon).unwrap();
        assert_eq!(terms.elevation.as_deref(), Some(asked.id.as_str()));
        assert!(
            company.tries(keyring, "deleteUser", soon).is_none(),
            "nothing beside it"
        );
        let own = company.tries(keyring, "listUsers", soon).unwrap();
        assert_eq!(
            own.elevation, None,
            "what it may do anyway needs no elevation"
        );
        let last = until - SignedDuration::from_nanos(1);
        assert!(company.tries(keyring, "deactivateUser", last).is_some());
        assert!(company.tries(keyring, "deactivateUser", until).is_none());
    }
}

#[test]
fn what_a_client_is_eligible_for_no_more_runs_no_more() {
    let company = company();
    let asked = company.ask("deactivateUser");
    let ana = company.person("Ana");
    company.keyring.approve(&asked.id, &ana, NOW).unwrap();
    let lifted = || company.tries(&company.keyring, "deactivateUser", NOW);
    assert!(lifted().is_some());
    let clients = company.keyring.clients(&org()).unwrap();
    let script = clients.into_iter().find(|one| one.id == company.script);
    let amended = crate::Client {
        eligible: vec!["okta.roles.manage".to_owned()],
        ..script.unwrap()
    };
    company.keyring.amend(&amended, NOW).unwrap();
    assert!(lifted().is_none());
}

#[test]
fn what_changes_privileges_takes_two_people() {
    let company = company();
    let asked = company.ask("assignRoleToUser");
    assert_eq!(asked.course.needed, 2);
    let (ana, ben) = (company.person("Ana"), company.person("Ben"));
    for _ in 0..2 {
        let once = company.keyring.approve(&asked.id, &ana, NOW).unwrap();
        assert_eq!(once.stage(NOW), Stage::Open { missing: 1 });
        assert!(
            company
                .tries(&company.keyring, "assignRoleToUser", NOW)
                .is_none()
        );
    }
    company.keyring.approve(&asked.id, &ben, NOW).unwrap();
    assert!(
        company
            .tries(&company.keyring, "assignRoleToUser", NOW)
            .is_some()
    );
}

#[test]
fn nobody_approves_for_a_client_of_their_own_nor_without_a_live_key() {
    let company = company();
    let asked = company.ask("deactivateUser");
    let owner = company.keyring.add_approver(
        &org(),
        "Own",
        std::slice::from_ref(&company.script),
        None,
        NOW,
    );
    let owner = owner.unwrap().1;
    assert_eq!(
        objection(company.keyring.approve(&asked.id, &owner, NOW)),
        Objection::OwnClient
    );
    let ana = company.person("Ana");
    company.keyring.remove_approver(&org(), "Ana", NOW).unwrap();
    assert_eq!(
        objection(company.keyring.approve(&asked.id, &ana, NOW)),
        Objection::Stranger
    );
    assert_eq!(
        objection(company.keyring.deny(&asked.id, &ana, NOW)),
        Objection::Stranger
    );
    let (key, short) = company
        .keyring
        .add_approver(&org(), "Short", &[], Some(1), NOW)
        .unwrap();
    let expired = NOW + SignedDuration::from_hours(24);
    assert_eq!(
        objection(company.keyring.approver(&org(), key.expose(), expired)),
        Objection::Stranger
    );
    let again = company.ask("deactivateUser");
    assert_eq!(
        objection(company.keyring.approve(&again.id, &short, expired)),
        Objection::Stranger
    );
    let elsewhere = OrgName::parse("preview").unwrap();
    assert_eq!(
        objection(company.keyring.approver(&elsewhere, key.expose(), NOW)),
        Objection::Stranger
    );
    let calls = company.key.expose();
    assert_eq!(
        objection(company.keyring.approver(&org(), calls, NOW)),
        Objection::Stranger
    );
}

#[test]
fn the_approval_of_somebody_removed_in_between_does_not_count() {
    let company = company();
    let asked = company.ask("assignRoleToUser");
    let people = ["Ana", "Ben", "Cem"].map(|name| company.person(name));
    company.keyring.approve(&asked.id, &people[0], NOW).unwrap();
    company.keyring.remove_approver(&org(), "Ana", NOW).unwrap();
    let second = company.keyring.approve(&asked.id, &people[1], NOW).unwrap();
    assert_eq!(second.stage(NOW), Stage::Open { missing: 1 });
    company.keyring.approve(&asked.id, &people[2], NOW).unwrap();
    assert!(
        company
            .tries(&company.keyring, "assignRoleToUser", NOW)
            .is_some()
    );
    company.keyring.remove_approver(&org(), "Ben", NOW).unwrap();
    assert!(
        company
            .tries(&company.keyring, "assignRoleToUser", NOW)
            .is_some(),
        "what runs was decided by people in office"
    );
}

#[test]
fn a_denial_is_final_and_an_early_end_is_at_once() {
    let company = company();
    let ana = company.person("Ana");
    let asked = company.ask("deactivateUser");
    company.keyring.deny(&asked.id, &ana, NOW).unwrap();
    let stage = Stage::Denied;
    assert_eq!(
        objection(company.keyring.approve(&asked.id, &ana, NOW)),
        Objection::NotOpen { stage }
    );
    let second = company.ask("deactivateUser");
    company.keyring.approve(&second.id, &ana, NOW).unwrap();
    assert!(
        company
            .tries(&company.keyring, "deactivateUser", NOW)
            .is_some()
    );
    company.keyring.end(&org(), &second.id, NOW).unwrap();
    assert!(
        company
            .tries(&company.keyring, "deactivateUser", NOW)
            .is_none()
    );
}

#[test]
fn a_forbidding_policy_outlasts_every_elevation() {
    let company = company();
    let asked = company.ask("deactivateUser");
    company
        .keyring
        .approve(&asked.id, &company.person("Ana"), NOW)
        .unwrap();
    let forbid = "forbid (principal, action == Action::\"deactivateUser\", resource);";
    company
        .keyring
        .put_policy(&org(), "freeze", forbid, NOW)
        .unwrap();
    assert!(
        company
            .tries(&company.keyring, "deactivateUser", NOW)
            .is_none()
    );
}

#[test]
fn one_of_all_processes_tells_that_an_elevation_ended_or_lapsed() {
    let company = company();
    let other_process = opened(&company.dir);
    let run = company.ask("deactivateUser");
    company
        .keyring
        .approve(&run.id, &company.person("Ana"), NOW)
        .unwrap();
    let forgotten = company.ask("deactivateUser");
    let stopped = company.ask("deactivateUser");
    company.keyring.end(&org(), &stopped.id, NOW).unwrap();
    assert_eq!(
        company
            .keyring
            .take_ended(&org(), NOW + minutes(29))
            .unwrap(),
        []
    );
    let late = NOW + minutes(24 * 60);
    let mut told = company.keyring.take_ended(&org(), late).unwrap();
    told.extend(other_process.take_ended(&org(), late).unwrap());
    told.extend(company.keyring.take_ended(&org(), late).unwrap());
    let mut told: Vec<_> = told.into_iter().map(|one| one.id).collect();
    told.sort();
    let mut expected = vec![run.id, forgotten.id];
    expected.sort();
    assert_eq!(told, expected);
}

#[test]
fn a_client_keeps_a_handful_of_requests_open_and_another_org_sees_none() {
    let company = company();
    for _ in 0..OPEN_ELEVATIONS_PER_CLIENT_MAX {
        company.ask("deactivateUser");
    }
    let asked = Asked {
        scopes: vec!["okta.users.manage".to_owned()],
        reason: "more".to_owned(),
        minutes: 1,
        ..Asked::default()
    };
    let refused = company.keyring.ask(&company.script, asked.clone(), NOW);
    assert_eq!(objection(refused), Objection::TooManyOpen);
    company
        .keyring
        .ask(
            &company.script,
            asked,
            NOW + minutes(ELEVATION_LAPSE_MINUTES),
        )
        .unwrap();
    let elsewhere = OrgName::parse("preview").unwrap();
    let open = company.keyring.elevations(&org(), None).unwrap();
    assert_eq!(company.keyring.elevations(&elsewhere, None).unwrap(), []);
    let unknown = company.keyring.elevation(&elsewhere, &open[0].id);
    assert_eq!(objection(unknown), Objection::Unknown(open[0].id.clone()));
}

#[test]
fn a_caller_that_waited_is_known_again_with_what_was_approved_meanwhile() {
    let company = company();
    let early = caller(&company.keyring, &company.key, NOW);
    let asked = company.ask("deactivateUser");
    company
        .keyring
        .approve(&asked.id, &company.person("Ana"), NOW)
        .unwrap();
    let source = IpAddr::from([127, 0, 0, 1]);
    let renewed = company.keyring.renew(&early, source, NOW).unwrap();
    let call = |caller: &Caller| {
        let call = Call::new("deactivateUser", &[("id", "00u1")]).unwrap();
        decide(caller, call, &Circumstances::default(), NOW)
    };
    assert!(call(&early).is_err() && call(&renewed).is_ok());
    company.keyring.revoke(early.credential(), NOW).unwrap();
    assert_eq!(
        company.keyring.renew(&early, source, NOW).unwrap_err(),
        crate::Why::Revoked
    );
}

#[test]
fn whoever_asks_and_withdraws_in_a_loop_is_stopped() {
    let company = company();
    for _ in 0..ELEVATIONS_PER_CLIENT_HOUR_MAX {
        let asked = company.ask("deactivateUser");
        company.keyring.end(&org(), &asked.id, NOW).unwrap();
    }
    let asked = || Asked {
        operations: vec!["deactivateUser".to_owned()],
        reason: "once more".to_owned(),
        minutes: 1,
        ..Asked::default()
    };
    let refused = company
        .keyring
        .ask(&company.script, asked(), NOW + minutes(59));
    assert_eq!(objection(refused), Objection::TooOften);
    let later = NOW + minutes(60);
    company
        .keyring
        .ask(&company.script, asked(), later)
        .unwrap();
}
