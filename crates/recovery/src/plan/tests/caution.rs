//! What a plan must not do to a live org: lend or take power it should not, bring back old secrets, attempt what Okta refuses.

use super::*;

#[test]
fn an_admin_comes_back_as_the_admin_they_were() {
    let mut wanted = company();
    let ana = id("00u", "ana");
    put(
        &mut wanted,
        "user-role",
        &[&ana, "ra1"],
        json!({"id": "ra1", "type": "ORG_ADMIN", "assignmentType": "USER"}),
    );
    let mut live = wanted.clone();
    live.remove(&key("user-role", &[&ana, "ra1"]));
    let plan = planned(&wanted, &live);
    assert_eq!(steps(&plan).len(), 1);
    assert!(
        plan.steps[0].query.is_empty(),
        "disableNotifications would make a third-party admin of them"
    );
}

#[test]
fn people_who_are_and_were_deprovisioned_are_left_as_they_are_with_a_reason() {
    let mut wanted = company();
    let ana = key("user", &[&id("00u", "ana")]);
    let mut object = wanted.get(&ana).unwrap().as_ref().clone();
    object.body_mut()["status"] = json!("DEPROVISIONED");
    wanted.insert(object.clone());
    let mut live = wanted.clone();
    object.body_mut()["profile"]["firstName"] = json!("Anna");
    live.insert(object);
    let plan = planned(&wanted, &live);
    assert_eq!(steps(&plan), [""; 0], "Okta refuses to change them");
    let told = |note: &Note| note.object.as_ref() == Some(&ana) && note.why == Why::NoOperation;
    assert!(plan.notes.iter().any(told), "{plan}");
}

#[test]
fn whoever_signs_in_to_an_app_as_somebody_else_is_put_right_though_a_group_brought_them() {
    let mut wanted = company();
    let app = wanted.of(Kind::named("app").unwrap()).next().unwrap();
    let person = key("app-user", &[&app.key().id(), &id("00u", "ana")]);
    let body = |name: &str| json!({"id": id("00u", "ana"), "scope": "GROUP", "credentials": {"userName": name}});
    wanted.insert(org::Object::new(person.clone(), body("ana@example.com")));
    let mut live = wanted.clone();
    live.insert(org::Object::new(person.clone(), body("root@example.com")));
    let plan = planned(&wanted, &live);
    assert_eq!(steps(&plan).len(), 1, "{plan}");
    assert_eq!(
        (plan.steps[0].action, &plan.steps[0].object),
        (Action::Replace, &person)
    );
    let report = crate::verify(
        &Image::whole(wanted),
        &Image::whole(live),
        &crate::verify::Background::default(),
    );
    assert_eq!(report.unexplained.len(), 1);
}

#[test]
fn one_attribute_never_brings_back_a_secret_that_was_rotated_since() {
    let wanted = company();
    let mut apps = wanted.of(Kind::named("app").unwrap());
    let mut app = apps
        .find(|app| app.body().pointer(CLIENT_SECRET).is_some())
        .unwrap()
        .as_ref()
        .clone();
    let key = app.key().clone();
    let plan_of_the_label = |live: Org| {
        let (wanted, live) = (Image::whole(wanted.clone()), Image::whole(live));
        let only = Selection::Attribute(key.clone(), "label".to_owned());
        let changes = diff(&wanted, &live, &only, &IdMap::default());
        plan(&changes, &wanted, &live, &Options::default()).unwrap()
    };
    app.body_mut()["label"] = json!("Evil");
    let mut live = wanted.clone();
    live.insert(app.clone());
    assert_eq!(plan_of_the_label(live.clone()).steps.len(), 1);
    *app.body_mut().pointer_mut(CLIENT_SECRET).unwrap() = json!("rotated");
    live.insert(app);
    let plan = plan_of_the_label(live);
    assert!(plan.is_empty(), "{plan}");
    assert_eq!(plan.notes[0].why, Why::Secret);
}

const CLIENT_SECRET: &str = "/credentials/oauthClient/client_secret";

#[test]
fn the_group_that_makes_an_administrator_of_who_restores_is_not_pruned() {
    let wanted = company();
    let mut live = wanted.clone();
    let (ana, admins) = (id("00u", "ana"), id("00g", "Admins"));
    let group = json!({"type": "OKTA_GROUP", "profile": {"name": "Admins", "description": null}});
    put(&mut live, "group", &[&admins], group);
    put(&mut live, "group-membership", &[&admins, &ana], json!({}));
    let role = json!({"type": "SUPER_ADMIN", "assignmentType": "GROUP"});
    put(&mut live, "group-role", &[&admins, "gra1"], role);
    let prune = |lifeline: &[String]| Options {
        prune: true,
        lifeline: lifeline.iter().cloned().collect(),
        ..Options::default()
    };
    assert!(planned_with(&wanted, &live, &prune(&[ana])).is_empty());
    let cleo = id("00u", "cleo");
    assert!(!planned_with(&wanted, &live, &prune(&[cleo])).is_empty());
}
