//! What calls do, as administrators would count it.

use super::*;
use serde_json::json;

fn call(id: &str, params: &[(&str, &str)]) -> Call {
    Call::new(id, params).unwrap()
}

fn counted(call: &Call, seen: &Seen) -> Vec<(Class, u32)> {
    let tolls = tolls(call, seen);
    tolls.iter().map(|toll| (toll.class, toll.count)).collect()
}

#[test]
fn reads_and_everyday_writes_cost_nothing() {
    for id in [
        "listUsers",
        "getUser",
        "addGroup",
        "replaceGroup",
        "activateUser",
        "authorize",
    ] {
        let operation = catalog::operations().by_id(id).unwrap();
        assert_eq!(sought(operation), None, "{id}");
    }
    let renamed =
        call("updateUser", &[("id", "00u1")]).with_json(&json!({"profile": {"nickName": "x"}}));
    assert_eq!(tolls(&renamed, &Seen::default()), []);
}

#[test]
fn a_group_counts_with_its_members_and_an_app_with_its_people() {
    let seen = Seen {
        size: Some(321),
        ..Seen::default()
    };
    let group = call("deleteGroup", &[("groupId", "00g1")]);
    assert_eq!(
        counted(&group, &seen),
        [(Class::Deletes, 1), (Class::Removals, 321)]
    );
    let app = call("deactivateApplication", &[("appId", "0oa1")]);
    assert_eq!(
        counted(&app, &seen),
        [(Class::Deactivations, 1), (Class::Removals, 321)]
    );
    let unseen = tolls(&app, &Seen::default());
    assert!(unseen[1].guessed && unseen[1].count == 20, "{unseen:?}");
    let empty = Seen {
        size: Some(0),
        ..Seen::default()
    };
    assert_eq!(counted(&group, &empty), [(Class::Deletes, 1)]);
}

#[test]
fn a_bulk_counts_each_of_what_it_names() {
    let path = [("identitySourceId", "0oa1"), ("sessionId", "s1")];
    let people = json!({"entityType": "USERS", "profiles": [{"externalId": "a"}, {"externalId": "b"}, {"externalId": "a"}]});
    let bulk = call("uploadIdentitySourceDataForDelete", &path).with_json(&people);
    let mut objects: Vec<String> = tolls(&bulk, &Seen::default())
        .into_iter()
        .map(|toll| toll.object)
        .collect();
    objects.dedup();
    objects.sort();
    objects.dedup();
    assert_eq!(objects.len(), 2);
    let groups = json!({"memberships": [{"groupExternalId": "g", "memberExternalIds": ["a", "b"]}, {"memberExternalIds": ["c"]}]});
    let bulk = call("uploadIdentitySourceGroupMembershipsForDelete", &path).with_json(&groups);
    assert_eq!(tolls(&bulk, &Seen::default()).len(), 3);
    let modify = call("updateGroupMembership", &[("appInstanceId", "0oa1")]);
    let change =
        |action: &str| json!({"id": "g", "parameters": {"action": action, "values": ["a", "b"]}});
    assert_eq!(
        tolls(
            &modify.clone().with_json(&change("REMOVE")),
            &Seen::default()
        )
        .len(),
        2
    );
    assert_eq!(
        tolls(&modify.with_json(&change("ADD")), &Seen::default()),
        []
    );
    let unreadable =
        call("uploadIdentitySourceDataForDelete", &path).with_body("application/json", "{");
    assert!(tolls(&unreadable, &Seen::default())[0].guessed);
}

#[test]
fn two_ways_to_switch_somebody_off_are_one_object() {
    let object = |id| tolls(&call(id, &[("id", "00u1")]), &Seen::default()).remove(0);
    assert_eq!(object("deactivateUser").object, "users/00u1");
    assert_eq!(object("deactivateUser"), object("suspendUser"));
    assert_eq!(object("deleteUser").class, Class::Deletes);
    let sessions = call("revokeUserSessions", &[("userId", "00u1")]);
    let grants = call("revokeUserGrants", &[("userId", "00u1")]);
    let one = |call: &Call| tolls(call, &Seen::default()).remove(0);
    assert_ne!(one(&sessions).object, one(&grants).object);
}

#[test]
fn joining_a_group_counts_only_where_the_group_grants_roles_or_may() {
    let joins = call(
        "assignUserToGroup",
        &[("groupId", "00g1"), ("userId", "00u1")],
    );
    assert_eq!(groups_named(&joins), ["00g1"]);
    let seen = |grants| Seen {
        grants,
        ..Seen::default()
    };
    assert_eq!(counted(&joins, &seen(Some(true))), [(Class::Privileges, 1)]);
    assert_eq!(counted(&joins, &seen(Some(false))), []);
    assert!(tolls(&joins, &seen(None))[0].guessed);
    let born =
        call("createUser", &[]).with_json(&json!({"profile": {}, "groupIds": ["00g1", "00g2"]}));
    assert_eq!(groups_named(&born), ["00g1", "00g2"]);
}

#[test]
fn roles_and_providers_are_privileges_and_passwords_revocations() {
    let role =
        call("assignRoleToUser", &[("userId", "00u1")]).with_json(&json!({"type": "SUPER_ADMIN"}));
    assert_eq!(tolls(&role, &Seen::default())[0].object, "users/00u1");
    let provider = |name: &str| {
        tolls(
            &call("createIdentityProvider", &[]).with_json(&json!({"name": name})),
            &Seen::default(),
        )
        .remove(0)
    };
    assert_eq!(provider("a").class, Class::Privileges);
    assert_ne!(provider("a").object, provider("b").object);
    let password = call("updateUser", &[("id", "00u1")])
        .with_json(&json!({"credentials": {"password": {"value": "x"}}}));
    assert_eq!(
        counted(&password, &Seen::default()),
        [(Class::Revocations, 1)]
    );
}

#[test]
fn a_rule_counts_when_it_becomes_looser_than_it_was_seen() {
    let before = json!({"status": "ACTIVE", "actions": {"signon": {"access": "DENY"}}});
    let path = [("policyId", "00p1"), ("ruleId", "0pr1")];
    let replaced = call("replacePolicyRule", &path);
    assert_eq!(
        sought(replaced.operation).unwrap().stance,
        Some("policy-rule")
    );
    let seen = Seen {
        before: Stance::of("policy-rule", &before),
        ..Seen::default()
    };
    let same = replaced.clone().with_json(&before);
    assert_eq!(tolls(&same, &seen), []);
    let mut after = before;
    after["actions"]["signon"]["access"] = json!("ALLOW");
    let looser = replaced.with_json(&after);
    assert_eq!(counted(&looser, &seen), [(Class::Loosenings, 1)]);
    assert!(tolls(&same, &Seen::default())[0].guessed, "never seen");
    let gone = call("deletePolicyRule", &path);
    assert_eq!(
        counted(&gone, &Seen::default()),
        [(Class::Deletes, 1), (Class::Loosenings, 1)]
    );
}

#[test]
fn features_count_when_they_are_switched_off_and_rules_when_people_leave_with_them() {
    let feature = |lifecycle| {
        counted(
            &call(
                "updateFeatureLifecycle",
                &[("featureId", "f"), ("lifecycle", lifecycle)],
            ),
            &Seen::default(),
        )
    };
    assert_eq!(feature("DISABLE"), [(Class::Deactivations, 1)]);
    assert_eq!(feature("enable"), []);
    let rule = call("deleteGroupRule", &[("groupRuleId", "0pr1")]);
    assert_eq!(counted(&rule, &Seen::default()), [(Class::Deletes, 1)]);
    let with_people = rule.with_query("removeUsers", "true");
    assert_eq!(
        counted(&with_people, &Seen::default()),
        [(Class::Deletes, 1), (Class::Removals, 20)]
    );
}
