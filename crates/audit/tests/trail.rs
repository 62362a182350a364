//! What an auditor relies on: entries are there in order, nothing can be changed unnoticed, and a disk that refuses is heard.
#![expect(
    clippy::unwrap_used,
    reason = "a failing test is a report, not an outage"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audit::{AuditError, Entry, Event, Opening, Outcome, Trail, TrailSettings, entries, verify};
use clock::Manual;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;

const ORG: &str = "production";

struct World {
    dir: TempDir,
    settings: TrailSettings,
}

impl World {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            settings: TrailSettings::default(),
        }
    }

    /// Begins a new file with every entry that is flushed.
    fn of_tiny_files() -> Self {
        Self {
            settings: TrailSettings { file_bytes_max: 1 },
            ..Self::new()
        }
    }

    fn open(&self) -> Trail {
        self.try_open().unwrap()
    }

    fn try_open(&self) -> Result<Trail, AuditError> {
        let clock = Arc::new(Manual::at(Timestamp::UNIX_EPOCH));
        Trail::open_with(self.dir.path(), ORG, clock, self.settings)
    }

    fn file(&self, number: u32) -> PathBuf {
        self.dir.path().join(ORG).join(format!("{number:08}.jsonl"))
    }

    fn verify(&self) -> Result<audit::Verified, AuditError> {
        verify(self.dir.path(), ORG)
    }
}

fn opening(operation: &str, durable: bool) -> Opening {
    Opening {
        client: "cliTerraform".to_owned(),
        credential: "key1".to_owned(),
        operation: operation.to_owned(),
        resources: vec![("userId".to_owned(), "00u1".to_owned())],
        durable,
        ..Opening::default()
    }
}

async fn make_call(trail: &Trail, operation: &str) {
    let recorded = trail
        .open_entry((), opening(operation, true))
        .await
        .unwrap();
    let outcome = Outcome {
        status: Some(200),
        ..Outcome::default()
    };
    trail.close_entry(recorded, outcome).await.unwrap();
}

/// A chain of three calls, one of them in flight when the program stopped: five entries.
async fn chain_of_five(world: &World) {
    let trail = world.open();
    make_call(&trail, "getUser").await;
    make_call(&trail, "listUsers").await;
    trail
        .open_entry((), opening("deleteUser", true))
        .await
        .unwrap();
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

#[tokio::test]
async fn a_call_is_written_before_and_after_and_an_interrupted_one_stays_open() {
    let world = World::new();
    chain_of_five(&world).await;
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.unclosed), (5, 1));
    let first: serde_json::Value = serde_json::from_str(&lines(&world.file(1))[0]).unwrap();
    assert_eq!(first["kind"], "call_opened");
    assert_eq!(first["client"], "cliTerraform");
    assert_eq!(first["resources"]["userId"], "00u1");
    let second: serde_json::Value = serde_json::from_str(&lines(&world.file(1))[1]).unwrap();
    assert_eq!(
        (&second["kind"], &second["call"]),
        (&"call_closed".into(), &1.into())
    );
}

#[tokio::test]
async fn a_durable_entry_is_on_disk_when_its_call_may_be_made() {
    let world = World::new();
    let trail = world.open();
    let recorded = trail
        .open_entry((), opening("deleteUser", true))
        .await
        .unwrap();
    assert_eq!(recorded.entry().number(), 1);
    assert_eq!(
        world.verify().unwrap().entries,
        1,
        "while the trail is still open"
    );
}

#[tokio::test]
async fn entries_nobody_waits_for_are_there_when_the_trail_is_closed() {
    let world = World::new();
    let trail = world.open();
    for _ in 0..100 {
        trail
            .open_entry((), opening("getUser", false))
            .await
            .unwrap();
    }
    drop(trail);
    assert_eq!(world.verify().unwrap().entries, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_at_once_share_one_chain() {
    let world = World::new();
    let trail = world.open();
    let writers = (0..8).map(|_| {
        let trail = trail.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                make_call(&trail, "getUser").await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    drop(trail);
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.unclosed), (400, 0));
}

#[tokio::test]
async fn a_chain_goes_on_after_reopening_and_over_many_files() {
    let world = World::of_tiny_files();
    chain_of_five(&world).await;
    make_call(&world.open(), "getUser").await;
    let verified = world.verify().unwrap();
    assert_eq!(verified.entries, 7);
    assert!(verified.files > 2, "{verified:?}");
}

#[tokio::test]
async fn a_last_line_cut_short_at_any_byte_is_moved_aside_and_noted() {
    let world = World::new();
    chain_of_five(&world).await;
    let whole = fs::read(world.file(1)).unwrap();
    let last = lines(&world.file(1)).pop().unwrap();
    let complete = whole.len() - last.len();
    // The head was written after the last line, so it must not know of it here.
    let head = world.dir.path().join(ORG).join("head");
    let four: serde_json::Value = serde_json::from_str(&lines(&world.file(1))[3]).unwrap();
    for cut in complete + 1..whole.len() {
        fs::write(world.file(1), &whole[..cut]).unwrap();
        fs::write(&head, format!("{{\"seq\":4,\"hash\":{}}}\n", four["hash"])).unwrap();
        assert_eq!(
            world.verify().unwrap().unfinished_bytes as usize,
            cut - complete
        );
        drop(world.open());
        let torn = world
            .dir
            .path()
            .join(ORG)
            .join(format!("torn-00000001-{complete}.txt"));
        assert_eq!(fs::read(&torn).unwrap(), &whole[complete..cut]);
        let verified = world.verify().unwrap();
        assert_eq!((verified.entries, verified.unfinished_bytes), (5, 0));
        assert!(lines(&world.file(1))[4].contains("torn_line_moved_aside"));
    }
}

#[tokio::test]
async fn removed_swapped_repeated_and_cut_off_entries_are_found() {
    let world = World::new();
    chain_of_five(&world).await;
    let all = lines(&world.file(1));
    let refused = |lines: Vec<String>| {
        fs::write(world.file(1), lines.concat()).unwrap();
        assert!(
            matches!(world.verify(), Err(AuditError::Broken(_))),
            "{lines:?}"
        );
        assert!(
            world.try_open().is_err(),
            "a broken chain is not appended to"
        );
    };
    for position in 0..all.len() {
        let mut removed = all.clone();
        removed.remove(position);
        refused(removed);
        let mut repeated = all.clone();
        repeated.insert(position, all[position].clone());
        refused(repeated);
        refused(all[..position].to_vec());
    }
    for position in 1..all.len() {
        let mut swapped = all.clone();
        swapped.swap(position - 1, position);
        refused(swapped);
    }
    fs::write(world.file(1), all.concat()).unwrap();
    world.verify().unwrap();
}

#[tokio::test]
async fn a_missing_file_a_missing_head_and_another_orgs_chain_are_found() {
    let world = World::of_tiny_files();
    chain_of_five(&world).await;
    let head = world.dir.path().join(ORG).join("head");
    let text = fs::read(&head).unwrap();
    fs::remove_file(&head).unwrap();
    assert!(
        world
            .verify()
            .unwrap_err()
            .to_string()
            .contains("it is missing")
    );
    fs::write(&head, text).unwrap();
    fs::rename(world.dir.path().join(ORG), world.dir.path().join("preview")).unwrap();
    let refused = verify(world.dir.path(), "preview").unwrap_err();
    assert!(refused.to_string().contains("line 1"), "{refused}");
    fs::rename(world.dir.path().join("preview"), world.dir.path().join(ORG)).unwrap();
    fs::remove_file(world.file(2)).unwrap();
    let refused = world.verify().unwrap_err();
    assert!(
        refused.to_string().contains("00000002.jsonl is missing"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_head_that_lags_behind_by_whole_files_is_no_reason_to_refuse() {
    let world = World::of_tiny_files();
    chain_of_five(&world).await;
    let first: serde_json::Value = serde_json::from_str(&lines(&world.file(1))[0]).unwrap();
    let head = world.dir.path().join(ORG).join("head");
    fs::write(head, format!("{{\"seq\":1,\"hash\":{}}}\n", first["hash"])).unwrap();
    world.verify().unwrap();
    make_call(&world.open(), "getUser").await;
    assert_eq!(world.verify().unwrap().entries, 7);
}

#[tokio::test]
async fn one_chain_has_one_writer() {
    let world = World::new();
    let _first = world.open();
    assert!(matches!(world.try_open(), Err(AuditError::InUse { .. })));
}

#[tokio::test]
async fn a_disk_that_refuses_is_heard_by_reads_and_writes_and_what_was_taken_is_not_lost() {
    let world = World::of_tiny_files();
    let trail = world.open();
    make_call(&trail, "getUser").await;
    trail.flush().await.unwrap();
    // The next file cannot be made where a directory stands.
    let next = world.file(world.verify().unwrap().files + 1);
    fs::create_dir(&next).unwrap();
    let refused = trail
        .open_entry((), opening("deleteUser", true))
        .await
        .unwrap_err();
    assert!(matches!(refused, AuditError::Disk { .. }), "{refused}");
    assert!(
        trail
            .open_entry((), opening("getUser", false))
            .await
            .is_err(),
        "reads too"
    );
    assert!(trail.note(Event::default()).await.is_err());
    fs::remove_dir(&next).unwrap();
    trail.flush().await.unwrap();
    make_call(&trail, "getUser").await;
    drop(trail);
    let verified = world.verify().unwrap();
    assert_eq!((verified.entries, verified.unclosed), (5, 1));
}

#[tokio::test]
async fn texts_of_the_callers_making_are_cut_and_stay_one_line() {
    let world = World::new();
    let trail = world.open();
    let hostile = format!("curl\n{{\"seq\":1}}\u{0}{}", "é".repeat(10_000));
    let event = Event {
        kind: "refused",
        user_agent: Some(hostile),
        ..Event::default()
    };
    trail.note(event).await.unwrap();
    drop(trail);
    world.verify().unwrap();
    let line = &lines(&world.file(1))[0];
    assert!(line.len() < 1_024, "{}", line.len());
}

fn read(world: &World, from: Option<Timestamp>) -> Result<Vec<Entry>, AuditError> {
    entries(world.dir.path(), ORG, from)?.collect()
}

#[tokio::test]
async fn entries_are_read_as_they_were_written_beside_a_running_writer() {
    let world = World::of_tiny_files();
    assert_eq!(read(&world, None).unwrap(), [], "a chain never begun");
    let trail = world.open();
    make_call(&trail, "getUser").await;
    let hostile = Event {
        kind: "refused",
        user_agent: Some("a\n\"b\"".to_owned()),
        source: Some("2001:db8::7".parse().unwrap()),
        details: vec![("error_id", "oae1".to_owned())],
        durable: true,
        ..Event::default()
    };
    trail.note(hostile).await.unwrap();
    let entries = read(&world, None).unwrap();
    let numbers: Vec<u64> = entries.iter().map(|entry| entry.number).collect();
    assert_eq!(numbers, [1, 2, 3]);
    let [opened, closed, refused] = entries.as_slice() else {
        unreachable!("three entries")
    };
    assert!(opened.opens_call() && closed.closes_call());
    assert_eq!(opened.client.as_deref(), Some("cliTerraform"));
    assert_eq!(opened.operation.as_deref(), Some("getUser"));
    assert_eq!(opened.resources["userId"], "00u1");
    assert_eq!((closed.call, closed.status), (Some(1), Some(200)));
    assert_eq!(refused.user_agent.as_deref(), Some("a\n\"b\""));
    assert_eq!(refused.source.unwrap().to_string(), "2001:db8::7");
    assert_eq!(refused.details["error_id"], "oae1");
}

#[tokio::test]
async fn reading_from_a_time_on_leaves_out_what_is_older_and_skips_whole_files() {
    let world = World::of_tiny_files();
    let clock = Manual::at(Timestamp::UNIX_EPOCH);
    let settings = world.settings;
    let trail = Trail::open_with(world.dir.path(), ORG, Arc::new(clock.clone()), settings).unwrap();
    for _ in 0..5 {
        make_call(&trail, "getUser").await;
        trail.flush().await.unwrap();
        clock.advance(jiff::SignedDuration::from_hours(24));
    }
    drop(trail);
    let since = |days: i64| Timestamp::from_second(days * 24 * 3_600).unwrap();
    for days in 0..6 {
        let found = read(&world, Some(since(days))).unwrap();
        assert_eq!(found.len() as i64, 2 * (5 - days), "{days} days");
        assert!(found.iter().all(|entry| entry.at >= since(days)));
    }
    let first = fs::read_to_string(world.file(1)).unwrap();
    fs::write(world.file(1), first.replace("getUser", "putUser")).unwrap();
    assert!(read(&world, None).is_err(), "edited, and read");
    assert_eq!(read(&world, Some(since(4))).unwrap().len(), 2, "not read");
}

#[tokio::test]
async fn reading_ends_at_the_first_entry_that_does_not_fit_and_hands_it_not_out() {
    let world = World::new();
    chain_of_five(&world).await;
    let mut all = lines(&world.file(1));
    all[2] = all[2].replace("listUsers", "listApps");
    fs::write(world.file(1), all.concat()).unwrap();
    let mut found = entries(world.dir.path(), ORG, None).unwrap();
    let numbers: Vec<Option<u64>> = found
        .by_ref()
        .map(|entry| entry.ok().map(|entry| entry.number))
        .collect();
    assert_eq!(numbers, [Some(1), Some(2), None]);
    assert!(found.next().is_none());
}

#[tokio::test]
async fn a_cut_off_end_is_noticed_when_reading_and_a_torn_line_is_not_an_entry() {
    let world = World::new();
    chain_of_five(&world).await;
    let all = lines(&world.file(1));
    fs::write(world.file(1), all[..4].concat()).unwrap();
    assert!(matches!(read(&world, None), Err(AuditError::Broken(_))));
    fs::write(world.file(1), format!("{}{{\"seq\":6,", all.concat())).unwrap();
    assert_eq!(read(&world, None).unwrap().len(), 5);
}

#[test]
fn names_cannot_leave_the_directory() {
    for bad in ["", "..", "a/b", "a b"] {
        assert!(
            matches!(verify(Path::new("/tmp"), bad), Err(AuditError::BadName(_))),
            "{bad}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_changed_byte_anywhere_is_found(place in any::<prop::sample::Index>(), to in any::<u8>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let world = World::new();
        runtime.block_on(chain_of_five(&world));
        let mut bytes = fs::read(world.file(1)).unwrap();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != to);
        bytes[place] = to;
        fs::write(world.file(1), bytes).unwrap();
        prop_assert!(world.verify().is_err());
    }
}
