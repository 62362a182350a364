//! Signatures and witnesses: what hashes alone cannot show.

use std::sync::Arc;
use std::time::Duration;

use audit::{AuditError, CheckpointKey, Evidence, PublicKeys, Signer, succession, verify_against};
use jiff::Timestamp;

use crate::world::{ORG, World, chain_of_five, make_call, opening, signer};

#[tokio::test]
async fn a_chain_closed_in_good_order_is_signed_to_its_end() {
    let world = World::new();
    chain_of_five(&world).await;
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.signed), (5, Some(5)));
    assert!(verified.stopped);
    assert_eq!(verified.checkpoints, 1);
    drop(world.open());
    assert_eq!(world.verify().unwrap().checkpoints, 1, "nothing is new");
}

#[tokio::test]
async fn checkpoints_are_signed_every_so_many_entries_and_every_so_often() {
    let mut world = World::new().witnessed();
    world.settings.checkpoint_entries = 2;
    let trail = world.open();
    for _ in 0..3 {
        make_call(&trail, "getUser").await;
        trail.flush().await.unwrap();
    }
    assert!(world.verify().unwrap().checkpoints >= 3);
    drop(trail);
    let mut world = World::new();
    world.settings.checkpoint_after = Duration::ZERO;
    let trail = world.open();
    make_call(&trail, "getUser").await;
    trail.flush().await.unwrap();
    assert!(world.verify().unwrap().checkpoints >= 1);
}

#[tokio::test]
async fn a_file_ends_with_a_checkpoint() {
    let world = World::of_tiny_files();
    chain_of_five(&world).await;
    let verified = world.verify().unwrap();
    assert!(verified.files > 2);
    assert!(
        verified.checkpoints >= u64::from(verified.files),
        "{verified:?}"
    );
}

#[tokio::test]
async fn a_chain_written_anew_without_the_key_is_found_by_its_key() {
    let world = World::new();
    chain_of_five(&world).await;
    let mut forger = World::new();
    forger.settings.signer = Some(signer());
    chain_of_five(&forger).await;
    assert_eq!(forger.verify().unwrap().signed, Some(5), "sound in itself");
    let evidence = Evidence {
        keys: Some(world.keys()),
        witnessed: &[],
    };
    let refused = verify_against(&forger.dir(), ORG, evidence).unwrap_err();
    assert!(refused.to_string().contains("no known key"), "{refused}");
    world.put(&forger.files());
    assert!(matches!(world.try_open(), Err(AuditError::Broken(_))));
}

#[tokio::test]
async fn an_older_copy_of_everything_is_found_by_a_witness_and_by_nothing_else() {
    let world = World::new().witnessed();
    chain_of_five(&world).await;
    let older = world.files();
    make_call(&world.open(), "deleteUser").await;
    assert_eq!(
        world.verify_with(Some(&world.witness())).unwrap().witnessed,
        2
    );
    world.put(&older);
    assert_eq!(world.verify().unwrap().entries, 5);
    let refused = world.verify_with(Some(&world.witness())).unwrap_err();
    assert!(
        refused.to_string().contains("the witness saw checkpoint 2"),
        "{refused}"
    );
}

#[tokio::test]
async fn keys_follow_each_other_and_an_old_one_does_not_come_back() {
    let mut world = World::new();
    let (one, two) = (
        CheckpointKey::generate().unwrap(),
        CheckpointKey::generate().unwrap(),
    );
    let again = CheckpointKey::from_pkcs8(&one.to_pkcs8().unwrap()).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let list = succession(&one, None, now) + &succession(&two, Some((&one, 1)), now);
    let known = PublicKeys::parse(&list, None).unwrap();
    let sign = |key| Some(Arc::new(Signer::new(key, known.clone()).unwrap()));
    world.settings.signer = sign(one);
    make_call(&world.open(), "getUser").await;
    world.settings.signer = sign(two);
    make_call(&world.open(), "getUser").await;
    assert_eq!(world.verify().unwrap().signed, Some(4));
    world.settings.signer = sign(again);
    make_call(&world.open(), "getUser").await;
    let refused = world.verify().unwrap_err();
    assert!(
        refused.to_string().contains("had been replaced"),
        "{refused}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_verifies_while_it_is_written_and_reopened() {
    let mut world = World::of_files(4_096).witnessed();
    world.settings.checkpoint_entries = 7;
    let world = Arc::new(world);
    let writing = Arc::clone(&world);
    let writer = tokio::spawn(async move {
        for round in 0..30 {
            let trail = writing.open();
            for call in 0..20 {
                let durable = (round + call) % 3 == 0;
                let what = opening("getUser", durable);
                let recorded = trail.open_entry((), what).await.unwrap();
                trail
                    .close_entry(recorded, Default::default())
                    .await
                    .unwrap();
            }
        }
    });
    let mut checks = 0;
    while !writer.is_finished() || checks == 0 {
        if world.witness_path().exists() {
            let witness = world.witness();
            let checked = world.verify_with(Some(&witness));
            assert!(checked.is_ok(), "check {checks}: {checked:?}");
            checks += 1;
        }
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
    assert_eq!(world.verify().unwrap().entries, 1_200);
    println!("{checks} checks beside a running writer");
}
