//! A restore that cannot do everything: what is in the way is named, what depends on it is left, the rest is done; and when the
//! obstacle is gone, the same run goes on.

use crate::world::World;
use emulator::Seed;
use recovery::Options;
use recovery::plan::Action;
use serde_json::json;

fn named(name: &str) -> serde_json::Value {
    json!({"profile": {"name": name, "description": name}})
}

/// An org of two people in two groups, wiped; the plan to bring it back; and then somebody takes a name.
#[tokio::test]
async fn what_is_in_the_way_is_named_and_the_rest_is_done() {
    let world = World::seeded(Seed::Born).await;
    let born = world.kept();
    let sales = world.write("addGroup", &[], &named("Sales"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let legal = world.write("addGroup", &[], &named("Legal"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (name, group) in [("ana", &sales), ("bob", &legal)] {
        let login = format!("{name}@example.com");
        let profile =
            json!({"firstName": name, "lastName": "Test", "login": login, "email": login});
        world.write(
            "createUser",
            &[],
            &json!({"profile": profile, "groupIds": [group]}),
        );
    }
    let wanted = world.image().await;
    world.wipe_all_but(&born).await;
    let (plan, before) = world.plan(&wanted).await;
    let squatter = world.write("addGroup", &[], &named("Sales"))["id"]
        .as_str()
        .unwrap()
        .to_owned();

    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    assert_eq!(run.failed.len(), 1, "{:?}", run.failed);
    assert!(run.failed[0].title.contains("Sales") && run.failed[0].reason.contains("E0000001"));
    assert!(
        run.skipped.iter().all(|step| step.title.contains("ana")),
        "{:?}",
        run.skipped
    );
    assert_eq!(run.done, plan.steps.len() - 1 - run.skipped.len());

    assert_eq!(world.attack("deleteGroup", &[("groupId", &squatter)]), 204);
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    assert!(run.is_complete(), "{:?} {:?}", run.failed, run.skipped);
    let report = world.verify(&wanted, &plan, &before, &run.ids).await;
    assert!(report.is_clean(), "{report}");
}

/// What was added behind the snapshot's back goes when that is asked for: switched off, parted, deleted, people deactivated.
#[tokio::test]
async fn extras_go_only_when_asked() {
    let world = World::seeded(Seed::Born).await;
    let wanted = world.image().await;
    let login = json!({"firstName": "M", "lastName": "T", "login": "mallory@example.com", "email": "mallory@example.com"});
    let evil = world.write("addGroup", &[], &named("Evil"))["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.write(
        "createUser",
        &[],
        &json!({"profile": login, "groupIds": [evil]}),
    );
    let (plan, _) = world.plan(&wanted).await;
    assert!(plan.is_empty() && plan.extras().count() >= 2);

    let (plan, before) = world
        .plan_with(
            &wanted,
            &Options {
                prune: true,
                ..Options::default()
            },
        )
        .await;
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    assert!(run.is_complete(), "{:?}", run.failed);
    assert!(
        !plan
            .steps
            .iter()
            .any(|step| step.action == Action::Delete && step.object.kind().name() == "user")
    );
    let fresh = world.image().await;
    let of = |kind: &str| fresh.org.count(org::Kind::named(kind).unwrap());
    let was = |kind: &str| wanted.org.count(org::Kind::named(kind).unwrap());
    assert_eq!(
        (of("group"), of("user")),
        (was("group"), was("user") + 1),
        "{plan} {:?}",
        before.org.len()
    );
}
