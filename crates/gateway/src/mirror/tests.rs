//! A small company as a snapshot shows it, and what the mirror makes of it and of answers that follow.

use std::sync::Arc;

use access::{Call, Objects};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use org::{Key, Kind, Object, Org};
use policy::Attribute;
use serde_json::{Value, json};
use upstream::Answer;

use super::{Mirror, Sighting};

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

fn kind(name: &str) -> Kind {
    Kind::named(name).unwrap()
}

fn keep(org: &mut Org, name: &str, ids: &[&str], body: Value) {
    org.insert(Object::new(Key::new(kind(name), ids), body));
}

fn person(id: &str, login: &str, status: &str) -> Value {
    json!({"id": id, "status": status, "profile": {"login": login, "email": login}})
}

/// Ada administers by a role of her own, Ben through a group; Cleo does not.
fn company() -> Org {
    let mut org = Org::new();
    for (id, login) in [
        ("00u1", "Ada@example.com"),
        ("00u2", "ben@example.com"),
        ("00u3", "cleo@example.com"),
    ] {
        keep(&mut org, "user", &[id], person(id, login, "ACTIVE"));
    }
    let group = |kind: &str, name: &str| json!({"type": kind, "profile": {"name": name}});
    keep(&mut org, "group", &["00g0"], group("BUILT_IN", "Everyone"));
    keep(
        &mut org,
        "group",
        &["00g1"],
        group("OKTA_GROUP", "Helpdesk"),
    );
    keep(&mut org, "group", &["00g2"], group("OKTA_GROUP", "Sales"));
    keep(
        &mut org,
        "group-membership",
        &["00g1", "00u2"],
        json!({"id": "00u2"}),
    );
    keep(
        &mut org,
        "group-membership",
        &["00g2", "00u3"],
        json!({"id": "00u3"}),
    );
    keep(
        &mut org,
        "user-role",
        &["00u1", "ra1"],
        json!({"id": "ra1", "type": "SUPER_ADMIN"}),
    );
    keep(
        &mut org,
        "group-role",
        &["00g1", "grA"],
        json!({"id": "grA", "type": "HELP_DESK_ADMIN"}),
    );
    keep(
        &mut org,
        "policy",
        &["00p1"],
        json!({"id": "00p1", "name": "Sign-on", "type": "OKTA_SIGN_ON", "status": "ACTIVE"}),
    );
    keep(
        &mut org,
        "policy-rule",
        &["00p1", "0pr1"],
        json!({"id": "0pr1", "name": "Office", "type": "SIGN_ON", "status": "ACTIVE"}),
    );
    keep(
        &mut org,
        "custom-role",
        &["cr01"],
        json!({"id": "cr01", "label": "Readers"}),
    );
    org
}

fn mirror() -> Mirror {
    let mirror = Mirror::new();
    sight(&mirror, &company(), NOW);
    mirror
}

fn sight(mirror: &Mirror, org: &Org, begun: Timestamp) {
    mirror.replace(&Sighting {
        org,
        begun,
        partial: &[],
    });
}

fn call(operation: &str, params: &[(&str, &str)]) -> Call {
    Call::new(operation, params).unwrap()
}

/// The objects of a call, or the parameter that names an unknown one.
fn seen(
    mirror: &Mirror,
    operation: &str,
    params: &[(&str, &str)],
) -> Result<Vec<policy::Object>, &'static str> {
    match mirror.look_up(&mut call(operation, params)) {
        Objects::Known(objects) => Ok(objects),
        Objects::Unknown { parameter } => Err(parameter),
        Objects::NotAsked => Err("not asked"),
    }
}

fn user(mirror: &Mirror, id: &str) -> Option<policy::Object> {
    seen(mirror, "getUser", &[("id", id)]).ok()?.pop()
}

fn admin(mirror: &Mirror, id: &str) -> bool {
    user(mirror, id).unwrap().attribute("admin") == Some(&Attribute::Flag(true))
}

fn groups(mirror: &Mirror, id: &str) -> Vec<String> {
    let parents = user(mirror, id).unwrap().parents;
    parents.iter().map(|(_, group)| group.to_string()).collect()
}

fn status(mirror: &Mirror, id: &str) -> Option<Attribute> {
    user(mirror, id)?.attribute("status").cloned()
}

fn teach(mirror: &Mirror, call: &Call, status: u16, body: &Value, at: Timestamp) {
    let answer = Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::new(),
        body: Bytes::from(body.to_string()),
        merged: false,
    };
    mirror.learn(call, &answer, at);
}

#[test]
fn nothing_is_known_before_the_first_snapshot_but_what_carries_only_an_id() {
    let mirror = Mirror::new();
    assert_eq!(seen(&mirror, "getUser", &[("id", "00u1")]), Err("id"));
    let factor = [("userId", "00u1"), ("factorId", "f1")];
    assert_eq!(seen(&mirror, "getFactor", &factor), Err("userId"));
    assert_eq!(seen(&mirror, "listUsers", &[]), Ok(vec![]));
}

#[test]
fn people_are_found_by_id_login_and_short_name_and_sent_on_by_id() {
    let mirror = mirror();
    for name in ["00u1", "ada@example.com", "ADA@EXAMPLE.COM", "ada"] {
        let mut call = call("getUser", &[("id", name)]);
        assert!(
            matches!(mirror.look_up(&mut call), Objects::Known(_)),
            "{name}"
        );
        assert_eq!(call.param("id"), Some("00u1"));
    }
    for name in ["me", "nobody", "00u9", "ada@example.org"] {
        assert_eq!(
            seen(&mirror, "getUser", &[("id", name)]),
            Err("id"),
            "{name}"
        );
    }
}

#[test]
fn whoever_has_a_role_or_a_group_that_grants_one_is_an_administrator() {
    let mirror = mirror();
    assert_eq!(
        ["00u1", "00u2", "00u3"].map(|id| admin(&mirror, id)),
        [true, true, false]
    );
    assert_eq!(groups(&mirror, "00u2"), ["00g1", "00g0"]);
    let grants = |id| {
        seen(&mirror, "getGroup", &[("groupId", id)]).unwrap()[0]
            .attribute("grantsRoles")
            .cloned()
    };
    assert_eq!(grants("00g1"), Some(Attribute::Flag(true)));
    assert_eq!(grants("00g2"), Some(Attribute::Flag(false)));
}

#[test]
fn what_was_not_seen_whole_is_left_out() {
    let mirror = Mirror::new();
    mirror.replace(&Sighting {
        org: &company(),
        begun: NOW,
        partial: &[kind("group-role")],
    });
    assert_eq!(user(&mirror, "00u3").unwrap().attribute("admin"), None);
    let group = &seen(&mirror, "getGroup", &[("groupId", "00g2")]).unwrap()[0];
    assert_eq!(group.attribute("grantsRoles"), None);
}

#[test]
fn all_objects_of_a_path_are_found_below_their_owners() {
    let mirror = mirror();
    let rule = |policy, rule| {
        seen(
            &mirror,
            "getPolicyRule",
            &[("policyId", policy), ("ruleId", rule)],
        )
    };
    let found = rule("00p1", "0pr1").unwrap();
    assert_eq!(found[1].parents, [("Policy", Arc::from("00p1"))]);
    assert_eq!(rule("00p1", "0pr2"), Err("ruleId"));
    assert_eq!(rule("00p2", "0pr1"), Err("policyId"));
    let member = [("groupId", "00g1"), ("userId", "ben")];
    assert_eq!(
        &*seen(&mirror, "assignUserToGroup", &member).unwrap()[1].id,
        "00u2"
    );
    let role = seen(&mirror, "getRole", &[("roleIdOrLabel", "Readers")]).unwrap();
    assert_eq!(&*role[0].id, "cr01");
}

#[test]
fn what_was_made_a_moment_ago_is_known() {
    let mirror = mirror();
    let made = call("createUser", &[]).with_json(&json!({"profile": {}, "groupIds": ["00g1"]}));
    teach(
        &mirror,
        &made,
        200,
        &person("00u4", "dan@example.com", "STAGED"),
        NOW,
    );
    assert!(admin(&mirror, "dan"), "its group grants a role");
    let refused = call("createUser", &[]).with_json(&json!({}));
    teach(
        &mirror,
        &refused,
        400,
        &person("00u5", "eve@example.com", "STAGED"),
        NOW,
    );
    assert!(user(&mirror, "eve").is_none());
}

#[test]
fn a_changed_login_no_longer_leads_to_the_person() {
    let mirror = mirror();
    let renamed = call("updateUser", &[("id", "ada@example.com")]);
    teach(
        &mirror,
        &renamed,
        200,
        &person("00u1", "lovelace@example.com", "ACTIVE"),
        NOW,
    );
    assert!(user(&mirror, "ada@example.com").is_none() && user(&mirror, "ada").is_none());
    assert!(user(&mirror, "lovelace").is_some());
}

#[test]
fn memberships_and_roles_follow_the_calls_that_change_them() {
    let mirror = mirror();
    let member = [("groupId", "00g1"), ("userId", "cleo")];
    teach(
        &mirror,
        &call("assignUserToGroup", &member),
        204,
        &json!(null),
        NOW,
    );
    assert!(admin(&mirror, "00u3"));
    teach(
        &mirror,
        &call("unassignUserFromGroup", &member),
        204,
        &json!(null),
        NOW,
    );
    assert!(!admin(&mirror, "00u3"));
    let assigned = call("assignRoleToUser", &[("userId", "00u3")]);
    teach(
        &mirror,
        &assigned,
        201,
        &json!({"id": "ra9", "type": "USER_ADMIN"}),
        NOW,
    );
    assert!(admin(&mirror, "00u3"));
    let ended = call(
        "unassignRoleFromUser",
        &[("userId", "00u3"), ("roleAssignmentId", "ra9")],
    );
    teach(&mirror, &ended, 204, &json!(null), NOW);
    assert!(!admin(&mirror, "00u3"));
}

#[test]
fn whoever_is_named_in_a_binding_counts_as_an_administrator() {
    let mirror = mirror();
    let id = "00uCleo0000000000003";
    teach(
        &mirror,
        &call("createUser", &[]),
        200,
        &person(id, "zoe@example.com", "ACTIVE"),
        NOW,
    );
    assert!(!admin(&mirror, id));
    let bound = call(
        "createResourceSetBinding",
        &[("resourceSetIdOrLabel", "iam1")],
    );
    let members =
        json!({"role": "cr01", "members": [format!("https://example.okta.com/api/v1/users/{id}")]});
    teach(&mirror, &bound.with_json(&members), 200, &json!({}), NOW);
    assert!(admin(&mirror, id));
}

#[test]
fn whoever_may_have_got_a_role_counts_as_an_administrator() {
    let mirror = mirror();
    let assigned = |user| call("assignRoleToUser", &[("userId", user)]);
    teach(&mirror, &assigned("00u3"), 403, &json!({}), NOW);
    assert!(!admin(&mirror, "00u3"), "that was refused");
    teach(&mirror, &assigned("cleo"), 503, &json!({}), NOW);
    assert!(admin(&mirror, "00u3"), "it failed, and may have been done");
    let unknown = call("assignRoleToGroup", &[("groupId", "00g2")]);
    mirror.suspect(&unknown, NOW);
    let group = seen(&mirror, "getGroup", &[("groupId", "00g2")]).unwrap();
    assert_eq!(
        group[0].attribute("grantsRoles"),
        Some(&Attribute::Flag(true))
    );
}

#[test]
fn people_are_deactivated_by_the_first_delete_and_gone_after_the_second() {
    let mirror = mirror();
    let delete = call("deleteUser", &[("id", "00u3")]);
    teach(&mirror, &delete, 204, &json!(null), NOW);
    assert_eq!(
        status(&mirror, "00u3"),
        Some(Attribute::Text("DEPROVISIONED".into()))
    );
    teach(&mirror, &delete, 204, &json!(null), NOW);
    assert!(user(&mirror, "00u3").is_none() && user(&mirror, "cleo").is_none());
    teach(
        &mirror,
        &call("suspendUser", &[("id", "ben")]),
        200,
        &json!({}),
        NOW,
    );
    assert_eq!(
        status(&mirror, "00u2"),
        Some(Attribute::Text("SUSPENDED".into()))
    );
}

#[test]
fn a_snapshot_begun_before_a_lesson_does_not_undo_it() {
    let mirror = mirror();
    let made = call("createUser", &[]);
    let later = NOW + jiff::Span::new().seconds(60);
    teach(
        &mirror,
        &made,
        200,
        &person("00u4", "dan@example.com", "STAGED"),
        later,
    );
    sight(&mirror, &company(), NOW);
    assert!(user(&mirror, "dan").is_some());
    sight(&mirror, &company(), later + jiff::Span::new().seconds(1));
    assert!(user(&mirror, "dan").is_none());
}

#[test]
fn an_app_does_not_shrink_by_taking_the_same_person_off_again_and_again() {
    let mut org = company();
    keep(&mut org, "app", &["0oa9"], json!({"label": "Payroll"}));
    for user in ["00u1", "00u2"] {
        keep(&mut org, "app-user", &["0oa9", user], json!({"id": user}));
    }
    let mirror = Mirror::new();
    sight(&mirror, &org, NOW);
    let taking = call(
        "unassignUserFromApplication",
        &[("appId", "0oa9"), ("userId", "00u1")],
    );
    for _ in 0..3 {
        teach(&mirror, &taking, 204, &Value::Null, NOW);
    }
    let state = mirror.0.read().unwrap();
    assert_eq!(state.known.as_ref().unwrap().users_of("0oa9"), Some(2));
}
