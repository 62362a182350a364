//! What a killed program or a power failure leaves behind, and what only looks like it.

use std::fs;

use audit::AuditError;

use crate::world::{Files, World, chain_of_five, lines, make_call, opening};

const FIRST: &str = "00000001.jsonl";

/// The files of a chain of four entries, and the line of a fifth that `head` does not know of.
async fn four_and_a_fifth(world: &World) -> (Files, Vec<u8>) {
    let trail = world.open();
    make_call(&trail, "getUser").await;
    make_call(&trail, "listUsers").await;
    trail.flush().await.unwrap();
    let four = world.files();
    trail
        .open_entry((), opening("deleteUser", true))
        .await
        .unwrap();
    let fifth = world.files()[FIRST][four[FIRST].len()..].to_vec();
    (four, fifth)
}

fn with_end(files: &Files, end: &[u8]) -> Files {
    let mut files = files.clone();
    files.get_mut(FIRST).unwrap().extend_from_slice(end);
    files
}

#[tokio::test]
async fn a_last_line_cut_short_at_any_byte_is_moved_aside_and_noted() {
    let world = World::new();
    let (four, fifth) = four_and_a_fifth(&world).await;
    let complete = four[FIRST].len();
    for cut in 1..fifth.len() {
        world.put(&with_end(&four, &fifth[..cut]));
        assert_eq!(world.verify().unwrap().unfinished_bytes as usize, cut);
        drop(world.open());
        let torn = world.path().join(format!("torn-00000001-{complete}.txt"));
        assert_eq!(fs::read(&torn).unwrap(), &fifth[..cut]);
        let verified = world.verify().unwrap();
        assert_eq!((verified.entries, verified.unfinished_bytes), (5, 0));
        assert!(lines(&world.file(1))[4].contains("torn_line_moved_aside"));
    }
}

#[tokio::test]
async fn whatever_a_power_failure_leaves_after_the_last_promised_entry_is_moved_aside() {
    let world = World::new();
    let (four, fifth) = four_and_a_fifth(&world).await;
    let mut random = fastrand::Rng::with_seed(7);
    let mut noise = vec![0; 70_000];
    random.fill(&mut noise);
    let half = &fifth[..fifth.len() / 2];
    let ends: [(Vec<u8>, u64); 7] = [
        (vec![0; 4_096], 4),
        (noise.clone(), 4),
        ([half, &[0; 512]].concat(), 4),
        ([half, b"\n", &[0; 512], b"\n"].concat(), 4),
        ([fifth.as_slice(), &[0; 100_000]].concat(), 5),
        ([fifth.as_slice(), b"\n\n"].concat(), 5),
        (b"{\"seq\":5}\n".to_vec(), 4),
    ];
    for (end, kept) in ends {
        world.put(&with_end(&four, &end));
        let verified = world.verify().unwrap();
        assert_eq!(verified.entries, kept);
        assert!(verified.unfinished_bytes > 0);
        drop(world.open());
        let verified = world.verify().unwrap();
        // What was kept, and the entry that says what was moved.
        assert_eq!((verified.entries, verified.unfinished_bytes), (kept + 1, 0));
        assert_eq!(verified.signed, Some(kept + 1));
    }
}

#[tokio::test]
async fn entries_that_were_promised_cannot_be_passed_off_as_torn() {
    let world = World::new();
    let (four, _) = four_and_a_fifth(&world).await;
    for (cut, end) in [(1, 0), (200, 0), (1, 4_096)] {
        let mut files = four.clone();
        let entries = files.get_mut(FIRST).unwrap();
        entries.truncate(entries.len() - cut);
        entries.resize(entries.len() + end, 0);
        world.put(&files);
        assert!(matches!(world.verify(), Err(AuditError::Broken(_))));
        assert!(matches!(world.try_open(), Err(AuditError::Broken(_))));
    }
}

#[tokio::test]
async fn only_the_last_file_can_end_torn() {
    let world = World::of_tiny_files();
    let trail = world.open();
    make_call(&trail, "getUser").await;
    let early = world.files();
    make_call(&trail, "listUsers").await;
    trail.flush().await.unwrap();
    let mut files = world.files();
    drop(trail);
    files.insert("head".to_owned(), early["head"].clone());
    files.insert("checkpoints".to_owned(), early["checkpoints"].clone());
    world.put(&files);
    world.verify().unwrap();
    files.get_mut(FIRST).unwrap().extend_from_slice(&[0; 64]);
    world.put(&files);
    assert!(world.verify().is_err() && world.try_open().is_err());
}

#[tokio::test]
async fn a_head_that_lags_behind_is_no_reason_to_refuse() {
    let world = World::new();
    let trail = world.open();
    make_call(&trail, "getUser").await;
    trail.flush().await.unwrap();
    let early = world.files();
    make_call(&trail, "listUsers").await;
    trail.flush().await.unwrap();
    let mut files = world.files();
    drop(trail);
    files.insert("head".to_owned(), early["head"].clone());
    world.put(&files);
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.signed), (4, Some(2)));
    make_call(&world.open(), "getUser").await;
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.signed), (6, Some(6)));
}

#[tokio::test]
async fn what_a_killed_writer_left_is_signed_when_the_chain_is_opened_again() {
    let world = World::new();
    let trail = world.open();
    make_call(&trail, "getUser").await;
    trail.flush().await.unwrap();
    let killed = world.files();
    drop(trail);
    world.put(&killed);
    assert_eq!(world.verify().unwrap().checkpoints, 0);
    let _trail = world.open();
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.checkpoints), (2, 1));
}

#[tokio::test]
async fn a_checkpoint_cut_short_is_cut_off_and_one_that_is_missing_is_not_overlooked() {
    let world = World::new();
    chain_of_five(&world).await;
    let trail = world.open();
    make_call(&trail, "getUser").await;
    trail.flush().await.unwrap();
    let killed = world.files();
    drop(trail);
    let whole = killed["checkpoints"].clone();
    for end in [&b"portcullis.audit/gateway/prod"[..], &[0; 512], &[0xff; 3]] {
        let mut files = killed.clone();
        files.insert("checkpoints".to_owned(), [&whole, end].concat());
        world.put(&files);
        world.verify().unwrap();
        drop(world.open());
        // One over what was found, and one of the orderly stop.
        assert_eq!(world.verify().unwrap().checkpoints, 3);
    }
    let mut files = killed;
    files.insert("checkpoints".to_owned(), Vec::new());
    world.put(&files);
    assert!(world.verify().is_err() && world.try_open().is_err());
}
