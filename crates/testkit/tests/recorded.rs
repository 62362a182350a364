//! The proof that matters most: an org is backed up, deleted through its API, restored, and held against its snapshot. Played on
//! a seed, and on the org that recorded conversations make when `PORTCULLIS_CORPUS` names a file of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a story that cannot be told fails its test, and says where"
)]

use emulator::{Loaded, Seed, recording};
use recovery::apply::open_journal;
use recovery::plan::{Approved, Options};
use recovery::snapshot::{self, FACTS_FORMAT, Facts};
use recovery::verify::Background;
use recovery::{
    Capture, IdMap, Image, Report, Run, Selection, Standing, What, apply, capture, diff, plan,
    verify,
};
use std::path::Path;
use std::time::Instant;
use testkit::{World, wipe};

const ORG: &str = "production";

async fn read(world: &World) -> Capture {
    capture(&world.backup(), &|_| {}).await.unwrap()
}

/// Backs the org up and hands back what the repository then holds.
async fn back_up(world: &World) -> Image {
    let taken = read(world).await;
    let facts = Facts {
        format: FACTS_FORMAT,
        gaps: taken.image.gaps().to_vec(),
        calls_used: taken.calls_used,
        calls_minimum: taken.calls_minimum,
    };
    let now = clock::Clock::now(&world.clock);
    let repository = &world.repository;
    let saved = snapshot::save(&taken.image, &facts, repository, ORG, now, now).await;
    saved.unwrap();
    let newest = repository.snapshot(ORG, "latest").await.unwrap();
    snapshot::load(&newest).await.unwrap()
}

/// Objects of the org that its backup lacks, though their kind can be listed and their owner is worth asking.
fn missed(world: &World, image: &Image) -> Vec<String> {
    let org = world.org.org();
    let is_read = |object: &&std::sync::Arc<org::Object>| {
        let facts = object.key().kind().facts();
        let owner = object.key().parent().and_then(|owner| org.get(&owner));
        let asked = owner.is_none_or(|owner| {
            let mut needed = facts.listing.only_if.iter();
            needed.all(|condition| condition.holds(owner.body()))
        });
        (facts.singleton || facts.verbs.list.is_some()) && asked
    };
    let missed = org
        .iter()
        .filter(is_read)
        .filter(|object| image.org.get(object.key()).is_none());
    missed.map(|object| object.key().to_string()).collect()
}

/// Whoever holds the API token everything is done with.
fn administrator(world: &World) -> String {
    let org = world.org.org();
    let mut users = org.of(org::Kind::named("user").unwrap());
    let own = users.find(|user| user.title() == "avery.stone@example.com");
    own.unwrap().key().id()
}

struct Restored {
    report: Report,
    run: Run,
    destroyed: usize,
}

/// Wipes the org and brings it back.
async fn wreck_and_restore(world: &World) -> Restored {
    let wanted = back_up(world).await;
    assert_eq!(missed(world, &wanted), [""; 0], "not in the backup");
    let me = administrator(world);
    let wiped = wipe(
        &world.restore(),
        &world.org.org(),
        std::slice::from_ref(&me),
    )
    .await;
    let wiped = wiped.unwrap();
    for refused in &wiped.refused {
        eprintln!("not wiped: {} {}", refused.object, refused.answer);
    }
    let ruins = read(world).await.image;
    let changes = diff(&wanted, &ruins, &Selection::All, &IdMap::default());
    let options = Options {
        lifeline: [me].into(),
        ..Options::default()
    };
    let plan = plan(&changes, &wanted, &ruins, &options).unwrap();
    let digest = plan.digest().to_string();
    let approved = Approved::new(plan, &digest, "the test").unwrap();
    let journal = open_journal(&world.path("restore.journal")).unwrap();
    let line = world.restore();
    let run = apply(&approved, &wanted, &line, journal, &world.clock, &|_| {}).await;
    let run = run.unwrap();
    let fresh = read(world).await.image;
    let background = Background {
        ids: Some(&run.ids),
        plan: Some(approved.plan()),
        before: Some(&ruins),
    };
    Restored {
        report: verify(&wanted, &fresh, &background),
        run,
        destroyed: wiped.total(),
    }
}

fn assert_restored(restored: &Restored) {
    let Restored { report, run, .. } = restored;
    for step in run.failed.iter().chain(&run.skipped) {
        eprintln!("step {} {}: {}", step.step, step.title, step.reason);
    }
    for remaining in &report.unexplained {
        let change = &remaining.change;
        eprintln!(
            "unexplained: {} {} {:?}",
            change.title, change.object, change.what
        );
    }
    assert!(
        run.is_complete(),
        "{} failed, {} skipped",
        run.failed.len(),
        run.skipped.len()
    );
    let lost = report.explained.iter().filter(|remaining| {
        remaining.change.what == What::Removed && remaining.change.standing == Standing::Made
    });
    let lost: Vec<String> = lost.map(|lost| lost.change.object.to_string()).collect();
    assert_eq!(lost, [""; 0], "lost, whatever explains it");
    let unknown: Vec<&str> = report.unknown.iter().map(|unknown| unknown.kind).collect();
    assert_eq!(unknown, [""; 0], "nothing is known of them");
    assert_eq!(report.unexplained.len(), 0);
    assert_eq!(report.doubled, []);
    assert_eq!(report.dangling, []);
}

#[tokio::test]
async fn a_seeded_org_comes_back() {
    let world = World::new(Seed::Small).await.unwrap();
    let restored = wreck_and_restore(&world).await;
    assert!(restored.destroyed > 20, "{} destroyed", restored.destroyed);
    assert_restored(&restored);
}

#[tokio::test]
async fn a_recorded_org_comes_back() {
    let Some(corpus) = std::env::var_os("PORTCULLIS_CORPUS") else {
        eprintln!("skipped: set PORTCULLIS_CORPUS to a file of recorded conversations");
        return;
    };
    let world = World::new(Seed::Born).await.unwrap();
    let loaded = load(&world, Path::new(&corpus));
    assert!(loaded.total() > 0);
    let restored = wreck_and_restore(&world).await;
    eprintln!(
        "{} destroyed, {} steps done",
        restored.destroyed, restored.run.done
    );
    assert_restored(&restored);
}

fn load(world: &World, corpus: &Path) -> Loaded {
    let start = Instant::now();
    let conversations = recording::read(corpus).unwrap();
    let loaded = emulator::load(&world.org, &conversations).unwrap();
    let (objects, answers) = (loaded.total(), loaded.answers);
    eprintln!(
        "{objects} objects from {answers} answers in {:?}",
        start.elapsed()
    );
    for (kind, count) in &loaded.objects {
        eprintln!("  {count} {kind}");
    }
    for omission in &loaded.left_out {
        let (kind, reason, example) = (omission.kind, omission.reason, &omission.example);
        eprintln!(
            "left out: {} {kind}: {reason} (as {example})",
            omission.count
        );
    }
    loaded
}
