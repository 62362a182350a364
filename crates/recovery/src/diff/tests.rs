//! Differences as people would expect them, for orgs small enough to check by eye.

use super::*;
use crate::image::{Cause, Gap};
use crate::sample::{company, golden, group, id, key, member, put, user};
use org::Org;
use serde_json::json;

fn between(before: &Org, after: &Org) -> Changes {
    diff(
        &Image::whole(before.clone()),
        &Image::whole(after.clone()),
        &Selection::All,
        &IdMap::default(),
    )
}

fn gap(kind: &str, parent: Option<Key>) -> Gap {
    Gap {
        kind: kind.to_owned(),
        parent,
        part: None,
        cause: Cause::Fail,
        reason: "503 E0000010".to_owned(),
    }
}

#[test]
fn an_org_does_not_differ_from_itself() {
    let org = company();
    assert!(between(&org, &org).is_empty());
}

#[test]
fn a_recreated_group_is_no_difference_in_the_objects_that_name_it() {
    let (mut before, mut after) = (Org::new(), Org::new());
    let rule = |group: &str| json!({"name": "R", "status": "ACTIVE", "actions": {"assignUserToGroups": {"groupIds": [group]}}});
    let sales = group(&mut before, "Sales");
    put(&mut before, "group-rule", &["0pr1"], rule(&sales));
    let again = id("00g", "again");
    put(
        &mut after,
        "group",
        &[&again],
        json!({"type": "OKTA_GROUP", "profile": {"name": "Sales", "description": null}}),
    );
    put(&mut after, "group-rule", &["0pr1"], rule(&again));
    assert!(between(&before, &after).is_empty());

    put(&mut after, "group-rule", &["0pr1"], rule(&sales));
    let left_behind = between(&before, &after);
    assert_eq!(
        left_behind.list.len(),
        1,
        "the old id leads nowhere: {left_behind}"
    );
}

#[test]
fn an_id_that_leads_nowhere_is_a_difference_even_if_both_sides_say_it() {
    let before = company();
    let mut after = before.clone();
    after.remove(&key("group", &[&id("00g", "Field")]));
    let changes = between(&before, &after);
    let rule = changes
        .list
        .iter()
        .find(|change| change.object.kind().name() == "group-rule")
        .unwrap();
    let What::Changed(fields) = &rule.what else {
        panic!("{rule}")
    };
    assert_eq!(fields[0].place, "actions.assignUserToGroups.groupIds.0");
    assert_eq!(
        fields[0].before,
        Some(json!(format!("{GONE}{}", id("00g", "Field"))))
    );
}

#[test]
fn what_was_not_read_to_its_end_is_never_called_removed_or_created() {
    let before = company();
    let mut after = Org::new();
    user(&mut after, "zoe", "ACTIVE");
    let walked: std::collections::BTreeSet<_> = Kind::all().collect();
    let torn = Image::new(
        after.clone(),
        walked.clone(),
        vec![gap("user", None), gap("group", None)],
    );
    let changes = diff(
        &Image::whole(before.clone()),
        &torn,
        &Selection::All,
        &IdMap::default(),
    );
    let kinds: Vec<_> = changes
        .list
        .iter()
        .filter(|change| change.what == What::Removed)
        .map(|change| change.object.kind().name())
        .collect();
    assert!(
        !kinds.contains(&"user") && !kinds.contains(&"group"),
        "{kinds:?}"
    );
    assert!(
        !kinds.contains(&"group-membership"),
        "owned by what may be missing: {kinds:?}"
    );
    assert!(
        changes
            .unknown
            .iter()
            .any(|unknown| unknown.kind == "user" && unknown.reason.contains("503"))
    );

    let torn_before = Image::new(before, walked, vec![gap("user", None)]);
    let changes = diff(
        &torn_before,
        &Image::whole(after),
        &Selection::All,
        &IdMap::default(),
    );
    let zoe = key("user", &[&id("00u", "zoe")]);
    assert!(
        !changes.list.iter().any(|change| change.object == zoe),
        "the snapshot may have missed her"
    );
}

#[test]
fn selections_narrow_the_changes_and_nothing_else() {
    let before = company();
    let mut after = before.clone();
    let (sales, ana) = (id("00g", "Sales"), id("00u", "ana"));
    after.remove(&key("group-membership", &[&sales, &ana]));
    put(
        &mut after,
        "user",
        &[&ana],
        json!({"status": "SUSPENDED", "profile": {"login": "ana@example.com", "email": "evil@example.com"}}),
    );
    let of = |selection| {
        let changes = diff(
            &Image::whole(before.clone()),
            &Image::whole(after.clone()),
            &selection,
            &IdMap::default(),
        );
        changes.list
    };
    assert_eq!(of(Selection::All).len(), 2);
    assert_eq!(
        of(Selection::Kinds(vec![Kind::named("user").unwrap()])).len(),
        1
    );
    assert_eq!(
        of(Selection::Objects(vec![key("user", &[&ana])])).len(),
        2,
        "a person and their memberships"
    );
    assert_eq!(
        of(Selection::Objects(vec![key("group", &[&sales])])).len(),
        1
    );
    let email = of(Selection::Attribute(
        key("user", &[&ana]),
        "profile.email".to_owned(),
    ));
    let What::Changed(fields) = &email[0].what else {
        panic!()
    };
    assert_eq!(fields.len(), 1);
}

#[test]
fn differences_read_well_and_show_no_secret() {
    let before = company();
    let mut after = before.clone();
    member(&mut after, &id("00g", "Legal"), &id("00u", "bob"));
    after.remove(&key(
        "policy-rule",
        &[&id("00p", "strict"), &id("0pr", "strict")],
    ));
    let app = id("0oa", "crm");
    put(
        &mut after,
        "app",
        &[&app],
        json!({
            "name": "oidc_client", "label": "CRM", "signOnMode": "OPENID_CONNECT", "status": "INACTIVE",
            "credentials": {"oauthClient": {"client_id": app, "client_secret": "changed"}}, "notes": null,
        }),
    );
    let text = between(&before, &after).to_string();
    assert!(
        !text.contains("hush") && !text.contains("changed\""),
        "{text}"
    );
    golden!("differences", text);
}
