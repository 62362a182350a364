//! The whole story: read, wipe, plan, restore, verify.

use crate::world::World;
use emulator::Seed;
use recovery::plan::Why;

#[tokio::test]
async fn a_small_org_comes_back() {
    comes_back(Seed::Small).await;
}

#[tokio::test]
async fn a_company_comes_back() {
    comes_back(Seed::Company).await;
}

/// Reads the org with as few calls as can be, wipes it, brings it back: nothing lost, nothing doubled, nothing dangling.
async fn comes_back(seed: Seed) {
    let world = World::seeded(seed).await;
    let captured = world.captured().await;
    assert_eq!(captured.calls_used, captured.calls_minimum);
    let wanted = captured.image;
    let destroyed = world.wipe().await;
    assert!(destroyed > 50, "{destroyed}");
    let (plan, before) = world.plan(&wanted).await;
    assert!(
        !plan.notes.iter().any(|note| note.why == Why::Lacks),
        "{}",
        plan.summary()
    );
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    assert!(run.is_complete(), "{:#?} {:#?}", run.failed, run.skipped);
    // What rules restored by themselves cost nothing; an object Okta made with its owner costs a look and a write more.
    assert_eq!(
        run.calls + run.needless,
        plan.cost().calls + 2 * run.adopted
    );
    let report = world.verify(&wanted, &plan, &before, &run.ids).await;
    assert!(report.is_clean(), "{report}");
    let people = report
        .kinds
        .iter()
        .find(|kind| kind.kind == "user")
        .unwrap();
    assert_eq!(people.unexplained, 0);
}
