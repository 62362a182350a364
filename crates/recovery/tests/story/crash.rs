//! A restore that dies: before every call, after every call, with every answer lost. Whatever happens, going on with the same
//! journal ends in the same org as a restore that nothing disturbed.

use crate::world::{Fault, World};
use emulator::Seed;
use recovery::verify::Background;
use recovery::{IdMap, Image, Plan, Selection, diff, verify};
use serde_json::json;

/// An org with one of each thing that is restored in a different way.
fn furnish(world: &World) {
    let id = |value: &serde_json::Value| value["id"].as_str().unwrap().to_owned();
    let named = |name: &str| json!({"profile": {"name": name, "description": name}});
    let sales = id(&world.write("addGroup", &[], &named("Sales")));
    let field = id(&world.write("addGroup", &[], &named("Field")));
    let mut people = Vec::new();
    for name in ["ana", "bob"] {
        let login = format!("{name}@example.com");
        let profile =
            json!({"firstName": name, "lastName": "Test", "login": login, "email": login});
        let person = id(&world.write(
            "createUser",
            &[],
            &json!({"profile": profile, "groupIds": [sales]}),
        ));
        people.push(person);
    }
    for (person, manager) in [(0, 1), (1, 0)] {
        world.write(
            "updateUser",
            &[("id", &people[person])],
            &json!({"profile": {"managerId": people[manager]}}),
        );
    }
    world.attack("deactivateUser", &[("id", &people[1])]);
    let rule = json!({
        "name": "Field", "type": "group_rule",
        "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": format!("isMemberOfGroup(\"{sales}\")")}},
        "actions": {"assignUserToGroups": {"groupIds": [field]}},
    });
    let rule = id(&world.write("createGroupRule", &[], &rule));
    world.attack("activateGroupRule", &[("groupRuleId", &rule)]);
    let policy = json!({"type": "OKTA_SIGN_ON", "name": "Sales", "conditions": {"people": {"groups": {"include": [sales]}}}});
    let policy = id(&world.write("createPolicy", &[], &policy));
    let rule =
        json!({"type": "SIGN_ON", "name": "Allow", "actions": {"signon": {"access": "ALLOW"}}});
    world.write("createPolicyRule", &[("policyId", &policy)], &rule);
    let app = json!({
        "name": "oidc_client", "label": "CRM", "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "client_secret_post"}},
        "settings": {"oauthClient": {"application_type": "web", "grant_types": ["authorization_code"], "response_types": ["code"],
            "redirect_uris": ["https://crm.example.com/callback"]}},
    });
    let app = id(&world.write("createApplication", &[], &app));
    world.write(
        "assignGroupToApplication",
        &[("appId", &app), ("groupId", &sales)],
        &json!({}),
    );
}

/// What every world of this story has in common: the emulated org gives the same ids to the same calls.
struct Script {
    wanted: Image,
    plan: Plan,
    before: Image,
    expected: Image,
    writes: usize,
}

/// The org, made and wrecked.
async fn wrecked() -> World {
    let world = World::seeded(Seed::Born).await;
    let born = world.kept();
    furnish(&world);
    world.wipe_all_but(&born).await;
    world
}

/// Plays the restore once without disturbance.
async fn rehearsed() -> (World, Script) {
    let world = World::seeded(Seed::Born).await;
    let born = world.kept();
    furnish(&world);
    let wanted = world.image().await;
    world.wipe_all_but(&born).await;
    let (plan, before) = world.plan(&wanted).await;
    world.break_at(usize::MAX, Fault::DieBefore);
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    assert!(run.is_complete(), "{:?} {:?}", run.failed, run.skipped);
    let (expected, writes) = (world.image().await, world.writes());
    (
        world,
        Script {
            wanted,
            plan,
            before,
            expected,
            writes,
        },
    )
}

async fn dies_at_every_write(fault: Fault) {
    let (_, script) = rehearsed().await;
    let Script {
        wanted,
        plan,
        before,
        expected,
        writes,
    } = script;
    assert!(writes > 12, "{writes}");
    for at in 1..=writes {
        let world = wrecked().await;
        world.break_at(at, fault);
        let run = match world.apply(&plan, &wanted, "run").await {
            Some(run) => run,
            None => world.apply(&plan, &wanted, "run").await.unwrap(),
        };
        assert!(
            run.is_complete(),
            "{fault:?} at {at}: {:?} {:?}",
            run.failed,
            run.skipped
        );
        let fresh = world.image().await;
        let background = Background {
            ids: Some(&run.ids),
            plan: Some(&plan),
            before: Some(&before),
        };
        let report = verify(&wanted, &fresh, &background);
        assert!(report.is_clean(), "{fault:?} at {at}: {report}");
        let differences = diff(&expected, &fresh, &Selection::All, &IdMap::default());
        assert!(differences.is_empty(), "{fault:?} at {at}: {differences}");
    }
}

#[tokio::test]
async fn a_restore_that_dies_before_any_call_goes_on() {
    dies_at_every_write(Fault::DieBefore).await;
}

#[tokio::test]
async fn a_restore_that_dies_after_any_call_makes_nothing_twice() {
    dies_at_every_write(Fault::DieAfter).await;
}

#[tokio::test]
async fn a_lost_answer_is_found_out_without_stopping() {
    dies_at_every_write(Fault::LoseAnswer).await;
}

#[tokio::test]
async fn a_second_run_of_a_finished_plan_calls_nobody() {
    let (world, script) = rehearsed().await;
    world.break_at(usize::MAX, Fault::DieBefore);
    let again = world
        .apply(&script.plan, &script.wanted, "run")
        .await
        .unwrap();
    assert!(again.is_complete());
    assert_eq!((again.calls, world.writes()), (0, 0));
}

#[tokio::test]
async fn what_failed_is_looked_for_before_it_is_made_again() {
    let (world, script) = rehearsed().await;
    world.write_failures(&script.plan, "failures");
    let run = world.apply(&script.plan, &script.wanted, "failures").await;
    assert!(run.unwrap().found > 0);
    let fresh = world.image().await;
    let differences = diff(&script.expected, &fresh, &Selection::All, &IdMap::default());
    assert!(differences.is_empty(), "{differences}");
}
