//! The whole story: read, wipe, plan, restore, verify.

use crate::world::World;
use emulator::Seed;
use recovery::plan::Why;

#[tokio::test]
async fn a_small_org_is_read_within_the_computed_minimum() {
    let world = World::seeded(Seed::Small);
    let captured = world.captured().await;
    for gap in captured.image.gaps() {
        println!("gap: {gap:?}");
    }
    assert_eq!(captured.calls_used, captured.calls_minimum);
    assert!(captured.image.org.len() > 100);
}

#[tokio::test]
async fn a_wiped_org_comes_back_with_nothing_lost_doubled_or_dangling() {
    let world = World::seeded(Seed::Small);
    let wanted = world.image().await;
    let destroyed = world.wipe().await;
    assert!(destroyed > 50, "{destroyed}");
    let (plan, before) = world.plan(&wanted).await;
    println!("{plan}");
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    for unfinished in run.failed.iter().chain(&run.skipped) {
        println!("{unfinished:?}");
    }
    let report = world.verify(&wanted, &plan, &before, &run.ids).await;
    println!("{report}");
    assert!(run.is_complete());
    assert!(report.is_clean());
    assert!(
        !plan.notes.iter().any(|note| note.why == Why::Lacks),
        "{}",
        plan.summary()
    );
}
