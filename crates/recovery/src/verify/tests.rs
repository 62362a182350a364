//! Verifications as people would expect them: what is explained, and what must never be.

use super::*;
use crate::image::{Cause, Gap};
use crate::sample::{company, group, id, key, put, user};
use crate::{Options, plan};
use org::{Kind, Org};
use serde_json::json;

fn image(org: &Org) -> Image {
    Image::whole(org.clone())
}

#[test]
fn an_untouched_org_is_clean() {
    let org = company();
    let report = verify(&image(&org), &image(&org), &Background::default());
    assert!(report.is_clean() && report.explained.is_empty());
    assert!(report.kinds.iter().all(|kind| kind.equal == kind.wanted));
}

#[test]
fn a_person_without_password_is_explained_and_a_changed_name_is_not() {
    let wanted = company();
    let mut fresh = wanted.clone();
    let ana = key("user", &[&id("00u", "ana")]);
    let mut object = fresh.get(&ana).unwrap().as_ref().clone();
    object.body_mut()["status"] = json!("PROVISIONED");
    fresh.insert(object.clone());
    let report = verify(&image(&wanted), &image(&fresh), &Background::default());
    assert!(report.is_clean());
    assert!(
        report.explained[0].why[0].contains("PROVISIONED"),
        "{report}"
    );
    object.body_mut()["profile"]["firstName"] = json!("Anna");
    fresh.insert(object);
    let report = verify(&image(&wanted), &image(&fresh), &Background::default());
    assert_eq!(
        report.unexplained.len(),
        1,
        "one explained member does not excuse the other"
    );
}

#[test]
fn strangers_are_explained_only_if_they_were_there_before() {
    let wanted = company();
    let mut fresh = wanted.clone();
    user(&mut fresh, "mallory", "ACTIVE");
    let before = image(&fresh);
    let alone = verify(&image(&wanted), &image(&fresh), &Background::default());
    assert_eq!(alone.unexplained.len(), 1);
    let background = Background {
        before: Some(&before),
        ..Background::default()
    };
    assert!(verify(&image(&wanted), &image(&fresh), &background).is_clean());
}

#[test]
fn an_object_made_twice_is_found() {
    let wanted = company();
    let mut fresh = wanted.clone();
    let again = id("00g", "again");
    put(
        &mut fresh,
        "group",
        &[&again],
        json!({"type": "OKTA_GROUP", "profile": {"name": "Sales", "description": null}}),
    );
    let report = verify(&image(&wanted), &image(&fresh), &Background::default());
    assert_eq!(report.doubled.len(), 1);
    assert_eq!(report.doubled[0].objects.len(), 2);
    assert!(!report.is_clean());
}

#[test]
fn an_old_id_that_was_left_behind_is_found() {
    let (mut wanted, mut fresh) = (Org::new(), Org::new());
    let sales = group(&mut wanted, "Sales");
    let rule = json!({"name": "R", "actions": {"assignUserToGroups": {"groupIds": [sales]}}});
    put(&mut wanted, "group-rule", &["0pr1"], rule.clone());
    let again = id("00g", "again");
    put(
        &mut fresh,
        "group",
        &[&again],
        json!({"type": "OKTA_GROUP", "profile": {"name": "Sales", "description": null}}),
    );
    put(&mut fresh, "group-rule", &["0pr1"], rule);
    let report = verify(&image(&wanted), &image(&fresh), &Background::default());
    assert_eq!(report.dangling.len(), 1);
    assert_eq!(
        report.dangling[0].place,
        "actions.assignUserToGroups.groupIds.0"
    );
}

#[test]
fn what_was_left_for_want_of_consent_is_named_and_not_excused() {
    let wanted = company();
    let mut live = wanted.clone();
    let rule = key("group-rule", &[&id("0pr", "field")]);
    let mut object = live.get(&rule).unwrap().as_ref().clone();
    object.body_mut()["actions"]["assignUserToGroups"]["groupIds"] = json!([id("00g", "Legal")]);
    live.insert(object);
    let (wanted, live) = (image(&wanted), image(&live));
    let changes = diff(&wanted, &live, &Selection::All, &IdMap::default());
    let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
    let background = Background {
        plan: Some(&plan),
        ..Background::default()
    };
    let report = verify(&wanted, &live, &background);
    assert!(!report.is_clean());
    assert!(
        report.unexplained[0].why[0].contains("not consented"),
        "{report}"
    );
}

#[test]
fn a_state_that_cannot_be_reached_excuses_neither_a_missing_person_nor_a_changed_name() {
    let mut wanted = company();
    let ana = key("user", &[&id("00u", "ana")]);
    let mut suspended = wanted.get(&ana).unwrap().as_ref().clone();
    suspended.body_mut()["status"] = json!("SUSPENDED");
    wanted.insert(suspended.clone());
    let mut live = wanted.clone();
    live.remove(&ana);
    let (wanted, live) = (image(&wanted), image(&live));
    let changes = diff(&wanted, &live, &Selection::All, &IdMap::default());
    let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
    let background = Background {
        plan: Some(&plan),
        ..Background::default()
    };
    let report = verify(&wanted, &live, &background);
    let missing = |remaining: &&Remaining| remaining.change.object == ana;
    assert_eq!(report.unexplained.iter().filter(missing).count(), 1);

    let mut fresh = wanted.org.clone();
    suspended.body_mut()["status"] = json!("STAGED");
    fresh.insert(suspended.clone());
    assert!(verify(&wanted, &image(&fresh), &background).is_clean());
    suspended.body_mut()["profile"]["firstName"] = json!("Anna");
    fresh.insert(suspended);
    assert_eq!(
        verify(&wanted, &image(&fresh), &background)
            .unexplained
            .len(),
        1
    );
}

#[test]
fn what_could_not_be_read_is_not_taken_for_what_the_snapshot_says() {
    let wanted = company();
    let mut org = wanted.clone();
    org.remove(&key("group-rule", &[&id("0pr", "field")]));
    let refused = Gap {
        kind: "group-rule".to_owned(),
        parent: None,
        part: None,
        cause: Cause::Refuse,
        reason: "403 E0000006".to_owned(),
    };
    let fresh = Image::new(org, Kind::all().collect(), vec![refused]);
    let report = verify(&image(&wanted), &fresh, &Background::default());
    assert!(
        report.unexplained.is_empty() && !report.is_clean(),
        "{report}"
    );
    let ana = Selection::Objects(vec![key("user", &[&id("00u", "ana")])]);
    assert!(report.is_clean_within(&ana));
    let backwards = verify(&fresh, &image(&wanted), &Background::default());
    assert!(
        backwards.unknown.iter().all(|unknown| !unknown.missing),
        "what the snapshot lacks is nobody's loss"
    );
}
