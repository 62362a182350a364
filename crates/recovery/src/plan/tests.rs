//! Plans as people would expect them, for orgs small enough to check by eye; whole plans are golden files beside the stories.

use super::*;
use crate::Selection;
use crate::diff;
use crate::sample::{company, golden, id, key, member, put, user};
use org::{Kind, Org};
use serde_json::json;

mod caution;

fn planned_with(wanted: &Org, live: &Org, options: &Options) -> Plan {
    let (wanted, live) = (Image::whole(wanted.clone()), Image::whole(live.clone()));
    let changes = diff(&wanted, &live, &Selection::All, &IdMap::default());
    plan(&changes, &wanted, &live, options).unwrap()
}

fn planned(wanted: &Org, live: &Org) -> Plan {
    planned_with(wanted, live, &Options::default())
}

/// The org without what people made: what is left after a wipe.
fn born(org: &Org) -> Org {
    let mut born = Org::new();
    for object in org
        .iter()
        .filter(|object| object.key().kind().facts().is_system(object.body()))
    {
        born.insert(object.as_ref().clone());
    }
    born
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps
        .iter()
        .map(|step| format!("{} {} {}", step.action, step.object.kind(), step.title))
        .collect()
}

/// The printed plan; its digest changes with every fact of the catalog and is tested elsewhere.
fn without_digest(plan: &Plan) -> String {
    plan.to_string()
        .replace(&plan.digest().as_str()[..16], "<digest>")
}

fn position(plan: &Plan, action: Action, kind: &str, title: &str) -> usize {
    let found = plan
        .steps
        .iter()
        .position(|s| s.action == action && s.object.kind().name() == kind && s.title == title);
    found.unwrap_or_else(|| panic!("no {action} {kind} {title} in {:#?}", steps(plan)))
}

#[test]
fn a_wiped_company_comes_back_in_an_order_that_works() {
    let wanted = company();
    let plan = planned(&wanted, &born(&wanted));
    golden!("wiped-company", without_digest(&plan));
    for step in &plan.steps {
        assert!(
            step.needs.iter().all(|needed| *needed < step.number),
            "{step}"
        );
    }
    let activation = position(&plan, Action::Activate, "group-rule", "Field people");
    assert!(
        position(
            &plan,
            Action::Link,
            "group-membership",
            "ana@example.com in Field"
        ) > activation
    );
    assert_eq!(
        position(&plan, Action::Create, "event-hook", "hook"),
        plan.steps.len() - 2,
        "only what rules do comes later"
    );
}

#[test]
fn memberships_ride_along_with_the_person() {
    let wanted = company();
    let plan = planned(&wanted, &born(&wanted));
    let ana = &plan.steps[position(&plan, Action::Create, "user", "ana@example.com")];
    let groups = ana.body.as_ref().unwrap().0["groupIds"].clone();
    assert_eq!(
        groups,
        json!([id("00g", "Legal"), id("00g", "Sales")]),
        "the group a rule fills is not among them"
    );
    let linked = plan
        .steps
        .iter()
        .filter(|step| step.object.kind().name() == "group-membership")
        .count();
    assert_eq!(linked, 1);
    assert!(ana.body.as_ref().unwrap().0.get("status").is_none());
}

#[test]
fn the_same_orgs_give_the_same_bytes_however_they_were_put_together() {
    let wanted = company();
    let mut objects: Vec<_> = wanted.iter().cloned().collect();
    objects.reverse();
    let mut shuffled = Org::new();
    objects
        .iter()
        .for_each(|object| drop(shuffled.insert(object.as_ref().clone())));
    let (one, other) = (
        planned(&wanted, &born(&wanted)),
        planned(&shuffled, &born(&wanted)),
    );
    assert_eq!(
        serde_json::to_string(&one).unwrap(),
        serde_json::to_string(&other).unwrap()
    );
    assert_eq!(one.digest(), other.digest());
}

#[test]
fn a_plan_survives_being_written_down() {
    let wanted = company();
    let plan = planned(&wanted, &born(&wanted));
    let back: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(back, plan);
    assert!(Approved::new(back.clone(), plan.digest().as_str(), "ana").is_ok());
    assert!(Approved::new(back, "0123456789abcdef", "ana").is_err());
    assert!(
        !format!("{plan:?}").contains("hush"),
        "bodies hold client secrets"
    );
}

#[test]
fn nothing_to_do_is_an_empty_plan() {
    let org = company();
    assert!(planned(&org, &org).is_empty());
}

#[test]
fn managers_who_manage_each_other_are_written_in_two_steps() {
    let mut wanted = Org::new();
    let (ana, bob) = (
        user(&mut wanted, "ana", "STAGED"),
        user(&mut wanted, "bob", "STAGED"),
    );
    for (person, manager) in [(&ana, &bob), (&bob, &ana)] {
        let mut object = wanted
            .get(&key("user", &[person]))
            .unwrap()
            .as_ref()
            .clone();
        object.body_mut()["profile"]["managerId"] = json!(manager);
        object.body_mut()["type"] = json!(null);
        wanted.insert(object);
    }
    let plan = planned(&wanted, &Org::new());
    let (created, filled): (Vec<_>, Vec<_>) = plan
        .steps
        .iter()
        .partition(|step| step.action == Action::Create);
    assert_eq!((created.len(), filled.len()), (2, 2));
    assert!(created.iter().all(|step| {
        step.body.as_ref().unwrap().0["profile"]
            .get("managerId")
            .is_none()
    }));
    assert!(
        filled
            .iter()
            .all(|step| step.body.as_ref().unwrap().0["profile"]["managerId"].is_string())
    );
    assert!(filled.iter().all(|step| step.needs.len() == 2), "{plan}");
}

#[test]
fn a_cycle_that_cannot_be_broken_names_the_objects() {
    let mut wanted = Org::new();
    let (one, two) = (id("00p", "one"), id("00p", "two"));
    for (own, other) in [(&one, &two), (&two, &one)] {
        // Two policies whose declared references name each other cannot occur at Okta; the planner must still not loop.
        let people = json!({"people": {"groups": {"include": [other]}}});
        put(
            &mut wanted,
            "policy",
            &[own],
            json!({"type": "PASSWORD", "name": own, "conditions": people}),
        );
    }
    let (wanted, live) = (Image::whole(wanted), Image::whole(Org::new()));
    let changes = diff(&wanted, &live, &Selection::All, &IdMap::default());
    let error = plan(&changes, &wanted, &live, &Options::default()).unwrap_err();
    assert_eq!(error.0.len(), 2);
}

#[test]
fn extras_stay_unless_pruned_and_people_are_never_deleted() {
    let wanted = company();
    let mut live = wanted.clone();
    user(&mut live, "mallory", "ACTIVE");
    put(
        &mut live,
        "zone",
        &[&id("nzo", "evil")],
        json!({"name": "evil", "type": "IP", "status": "ACTIVE"}),
    );
    member(&mut live, &id("00g", "Sales"), &id("00u", "mallory"));
    let kept = planned(&wanted, &live);
    assert!(kept.is_empty());
    assert_eq!(kept.extras().count(), 3);
    let pruned = planned_with(
        &wanted,
        &live,
        &Options {
            prune: true,
            ..Options::default()
        },
    );
    golden!("pruned-extras", without_digest(&pruned));
}

#[test]
fn a_person_found_deprovisioned_is_reactivated_in_place() {
    let wanted = company();
    let mut live = wanted.clone();
    let ana = id("00u", "ana");
    let mut object = live.get(&key("user", &[&ana])).unwrap().as_ref().clone();
    object.body_mut()["status"] = json!("DEPROVISIONED");
    object.body_mut()["profile"]["email"] = json!("evil@example.com");
    live.insert(object);
    live.remove(&key("group-membership", &[&id("00g", "Sales"), &ana]));
    let plan = planned(&wanted, &live);
    let expected = [
        "activate user ana@example.com",
        "replace user ana@example.com",
        "link group-membership ana@example.com in Sales",
    ];
    assert_eq!(steps(&plan), expected);
    assert!(plan.losses.iter().any(|loss| loss.loss == "password"));
}

#[test]
fn a_rule_whose_actions_changed_is_made_anew_only_with_consent() {
    let wanted = company();
    let mut live = wanted.clone();
    let rule = key("group-rule", &[&id("0pr", "field")]);
    let mut object = live.get(&rule).unwrap().as_ref().clone();
    object.body_mut()["actions"]["assignUserToGroups"]["groupIds"] = json!([id("00g", "Legal")]);
    live.insert(object);
    let refused = planned(&wanted, &live);
    assert!(refused.is_empty() && refused.notes.iter().any(|note| note.why == Why::Frozen));
    let agreed = planned_with(
        &wanted,
        &live,
        &Options {
            recreate: true,
            ..Options::default()
        },
    );
    let actions: Vec<_> = agreed.steps.iter().map(|step| step.action).collect();
    assert_eq!(
        actions,
        [
            Action::Deactivate,
            Action::Delete,
            Action::Create,
            Action::Activate
        ]
    );
}

#[test]
fn a_rule_whose_group_is_gone_is_made_anew_without_asking() {
    let wanted = company();
    let mut live = wanted.clone();
    let field = id("00g", "Field");
    live.remove(&key("group", &[&field]));
    live.remove(&key("group-membership", &[&field, &id("00u", "ana")]));
    let plan = planned(&wanted, &live);
    assert!(
        position(&plan, Action::Create, "group", "Field")
            < position(&plan, Action::Create, "group-rule", "Field people")
    );
    let delete = position(&plan, Action::Delete, "group-rule", "Field people");
    assert!(delete < position(&plan, Action::Create, "group-rule", "Field people"));
}

#[test]
fn priorities_that_move_back_by_themselves_cost_no_call() {
    let wanted = company();
    let mut live = wanted.clone();
    let strict = id("00p", "strict");
    live.remove(&key("policy", &[&strict]));
    live.remove(&key("policy-rule", &[&strict, &id("0pr", "strict")]));
    let normal = key("policy", &[&id("00p", "normal")]);
    let mut object = live.get(&normal).unwrap().as_ref().clone();
    object.body_mut()["priority"] = json!(1);
    live.insert(object);
    assert_eq!(
        steps(&planned(&wanted, &live)),
        [
            "create policy strict",
            "create policy-rule strict rule in strict"
        ]
    );
}

#[test]
fn what_needs_something_outside_the_plan_is_left_with_a_reason() {
    let wanted = company();
    let live = born(&wanted);
    let (wanted, live) = (Image::whole(wanted), Image::whole(live));
    let only = Selection::Kinds(vec![Kind::named("group-rule").unwrap()]);
    let changes = diff(&wanted, &live, &only, &IdMap::default());
    let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
    assert!(plan.is_empty());
    assert!(
        plan.notes
            .iter()
            .any(|note| note.why == Why::Lacks && note.text.contains("group"))
    );
}

#[test]
fn the_lifeline_is_never_touched() {
    let wanted = company();
    let mut live = wanted.clone();
    let app = id("0oa", "crm");
    let mut object = live.get(&key("app", &[&app])).unwrap().as_ref().clone();
    object.body_mut()["label"] = json!("changed");
    live.insert(object);
    let options = Options {
        lifeline: [app].into(),
        ..Options::default()
    };
    let plan = planned_with(&wanted, &live, &options);
    assert!(plan.is_empty() && plan.notes[0].why == Why::Lifeline);
}

#[test]
fn cost_is_reckoned_by_bucket_at_half_the_published_limit() {
    let wanted = company();
    let plan = planned(&wanted, &born(&wanted));
    let cost = plan.cost();
    assert_eq!(
        cost.calls,
        plan.steps.len() + 1,
        "one reading for the group that a rule fills"
    );
    assert_eq!(
        cost.buckets
            .iter()
            .map(|bucket| bucket.calls)
            .sum::<usize>(),
        cost.calls
    );
    let apps = cost
        .buckets
        .iter()
        .find(|bucket| bucket.bucket == "/api/v1/apps")
        .unwrap();
    assert!((apps.minutes_workforce.unwrap() - apps.calls as f64 / 50.0).abs() < 1e-9);
    assert_eq!(plan.impact().people_recreated, 3);
}

#[test]
fn one_attribute_comes_back_and_the_others_stay_as_they_are() {
    let wanted = company();
    let mut live = wanted.clone();
    let ana = key("user", &[&id("00u", "ana")]);
    let mut object = live.get(&ana).unwrap().as_ref().clone();
    object.body_mut()["status"] = json!("SUSPENDED");
    object.body_mut()["profile"]["email"] = json!("evil@example.com");
    object.body_mut()["profile"]["title"] = json!("Director");
    live.insert(object);
    let (wanted, live) = (Image::whole(wanted), Image::whole(live));
    let only = Selection::Attribute(ana, "profile.email".to_owned());
    let changes = diff(&wanted, &live, &only, &IdMap::default());
    let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
    assert_eq!(steps(&plan), ["replace user ana@example.com"]);
    let profile = &plan.steps[0].body.as_ref().unwrap().0["profile"];
    assert_eq!(
        (&profile["email"], &profile["title"]),
        (&json!("ana@example.com"), &json!("Director"))
    );
}

#[test]
fn one_member_of_a_rule_comes_back_and_the_rule_stays_off_if_it_was() {
    let wanted = company();
    let mut live = wanted.clone();
    let rule = key("group-rule", &[&id("0pr", "field")]);
    let mut object = live.get(&rule).unwrap().as_ref().clone();
    object.body_mut()["status"] = json!("INACTIVE");
    object.body_mut()["name"] = json!("renamed");
    live.insert(object);
    let (wanted, live) = (Image::whole(wanted), Image::whole(live));
    let only = Selection::Attribute(rule, "name".to_owned());
    let changes = diff(&wanted, &live, &only, &IdMap::default());
    let plan = plan(&changes, &wanted, &live, &Options::default()).unwrap();
    assert_eq!(steps(&plan), ["replace group-rule Field people"]);
}

#[test]
fn what_okta_makes_with_an_owner_is_written_only_if_it_was_altered() {
    let mut wanted = Org::new();
    let servers = ["one", "two", "three"].map(|name| id("aus", name));
    for (at, server) in servers.iter().enumerate() {
        put(
            &mut wanted,
            "authorization-server",
            &[server],
            json!({"name": server, "status": "ACTIVE"}),
        );
        let publish = if at == 2 { "NO_CLIENTS" } else { "ALL_CLIENTS" };
        let scope = json!({"name": "openid", "system": true, "metadataPublish": publish});
        put(
            &mut wanted,
            "as-scope",
            &[server, &id("scp", &format!("openid{at}"))],
            scope,
        );
    }
    let plan = planned(&wanted, &Org::new());
    let scopes: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.object.kind().name() == "as-scope")
        .collect();
    let actions: Vec<_> = scopes
        .iter()
        .map(|step| (step.action, step.object.ids()[0].clone()))
        .collect();
    assert_eq!(
        actions,
        [
            (Action::Find, servers[2].clone()),
            (Action::Replace, servers[2].clone())
        ]
    );
    assert_eq!(
        plan.notes
            .iter()
            .filter(|note| note.why == Why::ComesAlong)
            .count(),
        2
    );
}
