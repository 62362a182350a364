//! What a chain does in ordinary times, and when something is missing.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use audit::{AuditError, Entry, Event, Followed, Following, ReadUpTo, Trail, entries, verify};
use clock::Manual;
use jiff::Timestamp;

use crate::world::{ORG, World, chain_of_five, lines, make_call, opening};

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
    let head = world.path().join("head");
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
    fs::rename(world.path(), world.dir().join("preview")).unwrap();
    let refused = verify(&world.dir(), "preview").unwrap_err();
    assert!(
        refused.to_string().contains("of another chain"),
        "{refused}"
    );
    fs::rename(world.dir().join("preview"), world.path()).unwrap();
    fs::remove_file(world.file(2)).unwrap();
    let refused = world.verify().unwrap_err();
    assert!(
        refused.to_string().contains("00000002.jsonl is missing"),
        "{refused}"
    );
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
    entries(&world.dir(), ORG, from)?.collect()
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
    let settings = world.settings.clone();
    let trail = Trail::open_with(&world.dir(), ORG, Arc::new(clock.clone()), settings).unwrap();
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
    let mut found = entries(&world.dir(), ORG, None).unwrap();
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

fn read_on(following: &mut Following) -> Vec<Followed> {
    std::iter::from_fn(|| following.read().unwrap()).collect()
}

#[tokio::test]
async fn a_chain_is_read_on_as_it_grows_and_again_from_where_one_was() {
    let world = World::of_files(900);
    let nothing = ReadUpTo {
        entry: 0,
        hash: String::new(),
    };
    let mut following = Following::open(&world.dir(), ORG, nothing).unwrap();
    assert!(following.read().unwrap().is_none(), "a chain never begun");
    let trail = world.open();
    let mut all = Vec::new();
    for _ in 0..6 {
        make_call(&trail, "getUser").await;
        trail.flush().await.unwrap();
        all.extend(read_on(&mut following));
    }
    let numbers: Vec<u64> = all.iter().map(|followed| followed.entry.number).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    assert!(world.verify().unwrap().files > 2);
    for place in 0..12 {
        let start = ReadUpTo {
            entry: all[place].entry.number,
            hash: all[place].hash.clone(),
        };
        let mut again = Following::open(&world.dir(), ORG, start.clone()).unwrap();
        let read = read_on(&mut again);
        let new = read.iter().filter(|followed| !followed.known);
        let new: Vec<&str> = new.map(|followed| followed.line.as_str()).collect();
        let expected = all[place + 1..]
            .iter()
            .map(|followed| followed.line.as_str());
        assert_eq!(new, expected.collect::<Vec<_>>());
        let other = ReadUpTo {
            hash: all[11 - place].hash.clone(),
            ..start
        };
        let opened = Following::open(&world.dir(), ORG, other);
        let refused = opened.and_then(|mut following| {
            while following.read()?.is_some() {}
            Ok(())
        });
        assert!(refused.is_err(), "another entry stands at {place}");
    }
}
