//! What a caller may do when registration, policies, elevations and shadow mode come together: a policy that forbids is final, nothing
//! is permitted beyond the scopes, and what is not known is refused.

use access::{Basis, Circumstances, Keyring, Meter, NewClient, Objects, Permit, Reason};
use policy::{Attribute, Object};

use super::*;

/// A keyring whose org has these policies and one client, and the way to ask about it.
struct Stage {
    _dir: TempDir,
    keyring: Keyring,
    authorization: String,
}

impl Stage {
    fn with(client: NewClient, policies: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring_in(&dir, 7);
        for (name, text) in policies {
            keyring.put_policy(&org(), name, text, NOW).unwrap();
        }
        let client = keyring.register(client, NOW).unwrap();
        let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
        let authorization = format!("SSWS {}", key.expose());
        Self {
            _dir: dir,
            keyring,
            authorization,
        }
    }

    fn decide(&self, call: Call, objects: Objects, now: Timestamp) -> Result<Permit, Reason> {
        let presented = shown(Some(&self.authorization));
        let caller = self.keyring.identify(&presented, &org(), now).unwrap();
        let seen = Circumstances {
            source: Some(presented.source),
            objects,
            fields: Vec::new(),
        };
        let decided = access::decide(&caller, call, &seen, now).map_err(|denial| denial.reason);
        let screened = access::screen(&caller, operation("getUser"), now);
        assert!(
            decided.is_err() || screened.is_ok(),
            "what may be permitted is not screened out"
        );
        decided
    }
}

fn operation(id: &str) -> &'static Operation {
    catalog::operations().by_id(id).unwrap()
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

fn get_user(id: &str) -> Call {
    Call::new("getUser", &[("id", id)]).unwrap()
}

fn person(id: &str, admin: bool) -> Objects {
    let body = serde_json::json!({"id": id, "status": "ACTIVE",
        "profile": {"login": "ada@example.com", "email": "ada@example.com"}});
    let person = Object::read("User", id, &body).with("admin", Attribute::Flag(admin));
    Objects::Known(vec![person])
}

fn reader(basis: Basis) -> NewClient {
    NewClient {
        basis,
        ..new_client("reader")
    }
}

const SPARE_ADMINS: &str =
    r#"forbid (principal, action, resource is User) when { resource.admin };"#;
const READ_USERS: &str =
    r#"permit (principal == Client::"reader", action in Action::"okta.users.read", resource);"#;
const WRITE_USERS: &str =
    r#"permit (principal == Client::"reader", action in Action::"okta.users.manage", resource);"#;

#[test]
fn a_policy_that_forbids_is_final_and_what_is_not_known_is_refused() {
    let stage = Stage::with(
        reader(Basis::Registration),
        &[("spare-admins", SPARE_ADMINS)],
    );
    let permit = stage
        .decide(get_user("00u1"), person("00u1", false), NOW)
        .unwrap();
    assert_eq!(permit.terms().policies, ["registration".into()]);
    assert_eq!(
        stage
            .decide(get_user("00u2"), person("00u2", true), NOW)
            .unwrap_err(),
        Reason::Forbidden {
            policies: vec!["spare-admins".into()]
        }
    );
    let unknown = Objects::Unknown { parameter: "id" };
    assert_eq!(
        stage.decide(get_user("00u3"), unknown, NOW).unwrap_err(),
        Reason::UnknownObject { named: "id" }
    );
    assert!(matches!(
        stage
            .decide(get_user("00u4"), Objects::NotAsked, NOW)
            .unwrap_err(),
        Reason::UnknownObject { .. }
    ));
}

#[test]
fn a_client_on_policies_alone_may_do_what_one_permits_and_nothing_beyond_its_scopes() {
    let nothing = Stage::with(reader(Basis::Policies), &[]);
    assert_eq!(
        nothing
            .decide(get_user("00u1"), Objects::NotAsked, NOW)
            .unwrap_err(),
        Reason::NoPolicy
    );
    let stage = Stage::with(
        reader(Basis::Policies),
        &[("read", READ_USERS), ("write", WRITE_USERS)],
    );
    let permit = stage
        .decide(get_user("00u1"), Objects::NotAsked, NOW)
        .unwrap();
    assert_eq!(permit.terms().policies, ["read".into()]);
    let delete = Call::new("deleteUser", &[("id", "00u1")]).unwrap();
    assert_eq!(
        stage.decide(delete, Objects::NotAsked, NOW).unwrap_err(),
        Reason::MissingScopes {
            missing: vec!["okta.users.manage"]
        }
    );
}

#[test]
fn shadow_mode_tells_what_it_would_refuse_until_it_ends_and_never_lifts_what_is_forbidden() {
    let ends = NOW + days(7);
    let client = NewClient {
        shadow_until: Some(ends),
        ..reader(Basis::Registration)
    };
    let stage = Stage::with(client, &[("spare-admins", SPARE_ADMINS)]);
    let groups = || Call::new("listGroups", &[]).unwrap();
    let permit = stage.decide(groups(), Objects::NotAsked, NOW).unwrap();
    let would_refuse = permit.terms().would_refuse.as_ref().unwrap();
    assert_eq!(would_refuse.code(), "missing_scope");
    assert!(
        stage
            .decide(get_user("00u2"), person("00u2", true), NOW)
            .is_err()
    );
    assert!(stage.decide(groups(), Objects::NotAsked, ends).is_err());
}

#[test]
fn a_policy_in_shadow_decides_nothing_and_is_told() {
    let shadow = format!("@shadow(\"trying it out\")\n{SPARE_ADMINS}");
    let stage = Stage::with(reader(Basis::Registration), &[("spare-admins", &shadow)]);
    let permit = stage
        .decide(get_user("00u2"), person("00u2", true), NOW)
        .unwrap();
    assert_eq!(permit.terms().would_forbid, ["spare-admins".into()]);
}

#[test]
fn a_policy_in_shadow_is_told_of_a_call_that_shadow_mode_lifts_too() {
    let client = NewClient {
        shadow_until: Some(NOW + days(7)),
        ..reader(Basis::Policies)
    };
    let no_deletes = r#"@shadow("trying it out")
        forbid (principal, action == Action::"deleteUser", resource);"#;
    let stage = Stage::with(
        client,
        &[("write", WRITE_USERS), ("no-deletes", no_deletes)],
    );
    let delete = Call::new("deleteUser", &[("id", "00u1")]).unwrap();
    let permit = stage.decide(delete, Objects::NotAsked, NOW).unwrap();
    let terms = permit.terms();
    let would_refuse = terms.would_refuse.as_ref().unwrap();
    assert_eq!(would_refuse.code(), "missing_scope");
    assert_eq!(terms.would_forbid, ["no-deletes".into()]);
}

#[test]
fn a_policy_that_does_not_fit_the_schema_is_not_kept() {
    let stage = Stage::with(reader(Basis::Registration), &[]);
    for wrong in [
        r#"permit (principal, action == Action::"dropTable", resource);"#,
        r#"permit (principal, action, resource) when { resource.shoeSize > 40 };"#,
        "permit (principal",
    ] {
        let error = stage
            .keyring
            .put_policy(&org(), "wrong", wrong, NOW)
            .unwrap_err();
        assert!(matches!(error, AccessError::Policy(_)), "{error}");
    }
    assert!(stage.keyring.policies(&org()).unwrap().is_empty());
}

#[test]
fn a_policy_put_in_another_process_is_in_force_within_a_second_and_so_is_its_removal() {
    let stage = Stage::with(reader(Basis::Registration), &[]);
    let later = NOW + SignedDuration::from_millis(access::STALENESS_MS_MAX);
    let other = keyring_in(&stage._dir, 7);
    let asked = |now| stage.decide(get_user("00u2"), person("00u2", true), now);
    assert!(asked(NOW).is_ok());
    other
        .put_policy(&org(), "spare-admins", SPARE_ADMINS, NOW)
        .unwrap();
    assert!(asked(later).is_err());
    other.remove_policy(&org(), "spare-admins", NOW).unwrap();
    assert!(asked(later + SignedDuration::from_millis(access::STALENESS_MS_MAX)).is_ok());
    assert!(matches!(
        other.remove_policy(&org(), "spare-admins", NOW),
        Err(AccessError::NoPolicy(_))
    ));
}

#[test]
fn a_key_bound_to_a_network_is_no_good_elsewhere() {
    let client = NewClient {
        networks: vec!["10.0.0.0/8".parse().unwrap()],
        ..reader(Basis::Registration)
    };
    let dir = tempfile::tempdir().unwrap();
    let keyring = keyring_in(&dir, 7);
    let client = keyring.register(client, NOW).unwrap();
    let (key, _) = keyring.issue(&client.id, None, NOW).unwrap();
    let authorization = format!("SSWS {}", key.expose());
    let from = |source: [u8; 4]| Presented {
        source: IpAddr::from(source),
        ..shown(Some(&authorization))
    };
    assert!(keyring.identify(&from([10, 1, 2, 3]), &org(), NOW).is_ok());
    let refused = keyring
        .identify(&from([192, 0, 2, 1]), &org(), NOW)
        .unwrap_err();
    assert_eq!(refused.why(), Why::OtherNetwork);
}

#[test]
fn what_shadow_mode_would_lift_is_still_looked_at_by_policies_that_forbid() {
    let client = NewClient {
        shadow_until: Some(NOW + days(7)),
        ..reader(Basis::Policies)
    };
    let no_passwords = r#"forbid (principal, action == Action::"updateUser", resource)
        when { context.fields.contains("credentials") };"#;
    let stage = Stage::with(
        client,
        &[
            ("spare-admins", SPARE_ADMINS),
            ("no-passwords", no_passwords),
        ],
    );
    let presented = shown(Some(&stage.authorization));
    let caller = stage.keyring.identify(&presented, &org(), NOW).unwrap();
    let update = operation("updateUser");
    let needs = access::screen(&caller, update, NOW).unwrap();
    assert!(needs.objects && needs.fields, "though no policy permits it");
    let decide = |admin, fields: &[&str]| {
        let seen = Circumstances {
            objects: person("00u1", admin),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            ..Circumstances::default()
        };
        let call = Call::new("updateUser", &[("id", "00u1")]).unwrap();
        access::decide(&caller, call, &seen, NOW).is_ok()
    };
    assert!(decide(false, &["profile"]));
    assert!(!decide(false, &["credentials"]));
    assert!(!decide(true, &["profile"]));
}

#[test]
fn an_operation_that_has_no_scope_is_permitted_to_whoever_is_registered_for_it_by_name() {
    let all = catalog::operations().iter();
    let ids: Vec<String> = all
        .filter(|operation| operation.scopes.is_empty())
        .map(|operation| operation.id.to_owned())
        .take(5)
        .collect();
    let client = NewClient {
        operations: ids.clone(),
        ..reader(Basis::Registration)
    };
    let stage = Stage::with(client, &[]);
    let presented = shown(Some(&stage.authorization));
    let caller = stage.keyring.identify(&presented, &org(), NOW).unwrap();
    let caller = caller.under(OrgRules { protocol: true });
    for id in &ids {
        let permit = decide(&caller, call_of(operation(id)), NOW).unwrap();
        assert_eq!(permit.terms().policies, ["registration".into()], "{id}");
    }
    assert!(decide(&caller, get_user("00u1"), NOW).is_err());
}

#[test]
fn on_limited_terms_a_person_a_list_and_each_creation_count_as_one_object() {
    let limited = |policy: &str| format!("@objects_per_hour(\"2\")\n{policy}");
    let client = NewClient {
        scopes: ["okta.users.read", "okta.users.manage"]
            .map(str::to_owned)
            .to_vec(),
        ..reader(Basis::Policies)
    };
    let (reads, writes) = (limited(READ_USERS), limited(WRITE_USERS));
    let stage = Stage::with(client, &[("read", &reads), ("write", &writes)]);
    let meter = Meter::default();
    let count = |call: Call, second: i64| {
        let now = NOW + SignedDuration::from_secs(second);
        let permit = stage.decide(call, Objects::NotAsked, now).unwrap();
        meter.count(&permit, now)
    };
    let named = |id, values: &[(&str, &str)]| Call::new(id, values).unwrap();
    for second in 0..5 {
        assert_eq!(count(get_user("00u1"), second), Ok(()), "one and the same");
        assert_eq!(count(named("listUsers", &[]), second), Ok(()), "a list");
    }
    let exceeded = count(get_user("00u2"), 5).unwrap_err();
    assert_eq!(
        (exceeded.limit, exceeded.policies),
        (2, vec!["read".into()])
    );
    assert_eq!(
        exceeded.again,
        NOW + hours(1) + SignedDuration::from_secs(4)
    );
    for second in 0..2 {
        assert_eq!(count(named("createUser", &[]), second), Ok(()));
    }
    assert!(count(named("createUser", &[]), 2).is_err(), "the third");
}
