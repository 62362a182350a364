//! Tampering: whatever somebody with access to the storage changes, swaps or takes away is found.

use std::sync::Arc;

use repository::{Blobs, Depth, Error, Finding, Head, Memory, Report, Repository};

use crate::world::{at, back_up, created, key, latest, read, replace, small_org};

/// Three snapshots of production, one of preview.
async fn four_snapshots() -> (Arc<Memory>, Repository) {
    let (memory, repository) = created().await;
    for edition in 1..=3 {
        back_up(&repository, "production", &small_org(edition))
            .await
            .unwrap();
    }
    back_up(&repository, "preview", &small_org(9))
        .await
        .unwrap();
    (memory, repository)
}

/// The manifests' names: production's three in order.
async fn production_manifests(memory: &Memory) -> Vec<String> {
    let names = memory.list("snapshots/").await.unwrap();
    let third = names
        .iter()
        .find(|name| name.ends_with("/0000000003"))
        .unwrap();
    let folder = third.strip_suffix("0000000003").unwrap().to_owned();
    names
        .into_iter()
        .filter(|name| name.starts_with(&folder))
        .collect()
}

async fn heads(repository: &Repository) -> Vec<Head> {
    let mut heads = Vec::new();
    for org in repository.orgs().await.unwrap() {
        heads.push(
            repository
                .snapshots(&org)
                .await
                .unwrap()
                .snapshots
                .last()
                .unwrap()
                .head(),
        );
    }
    heads
}

async fn checked(repository: &Repository, witnesses: &[Head]) -> Report {
    repository.check(Depth::Data, witnesses).await.unwrap()
}

#[tokio::test]
async fn an_untouched_repository_is_sound() {
    let (_memory, repository) = four_snapshots().await;
    let report = checked(&repository, &heads(&repository).await).await;
    assert_eq!(
        (report.is_sound(), report.snapshots, report.leftovers.len()),
        (true, 4, 0),
        "{report:?}"
    );
}

#[tokio::test]
async fn a_flipped_bit_in_any_file_is_found() {
    let (memory, _) = four_snapshots().await;
    let mut looked_at = 0;
    for name in memory.list("").await.unwrap() {
        let whole = read(&*memory, &name).await;
        // Every bit of the file in the clear; one bit of every byte of the others, whose seals treat bits alike.
        let step = if name == "config.json" { 1 } else { 9 };
        for bit in (0..whole.len() * 8).step_by(step) {
            let mut changed = whole.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            replace(&*memory, &name, changed).await;
            let opened = Repository::open(Arc::clone(&memory) as Arc<dyn Blobs>, &key()).await;
            if let Ok(repository) = opened {
                let report = checked(&repository, &[]).await;
                let named = |finding: &Finding| matches!(finding, Finding::Damaged { name: at, .. } if *at == name);
                assert!(
                    report.findings.iter().any(named),
                    "{name}, bit {bit}: {report:?}"
                );
            }
            looked_at += 1;
        }
        replace(&*memory, &name, whole).await;
    }
    assert!(looked_at > 5_000, "{looked_at}");
}

#[tokio::test]
async fn a_file_cut_anywhere_is_found() {
    let (memory, repository) = four_snapshots().await;
    for name in memory
        .list("")
        .await
        .unwrap()
        .into_iter()
        .filter(|name| name != "config.json")
    {
        let whole = read(&*memory, &name).await;
        for length in (0..whole.len()).step_by(7) {
            replace(&*memory, &name, whole[..length].to_vec()).await;
            assert!(
                !checked(&repository, &[]).await.is_sound(),
                "{name} cut to {length}"
            );
        }
        replace(&*memory, &name, whole).await;
    }
}

#[tokio::test]
async fn a_snapshot_taken_out_of_the_middle_is_named() {
    let (memory, repository) = four_snapshots().await;
    memory
        .remove(&production_manifests(&memory).await[1])
        .await
        .unwrap();
    let report = checked(&repository, &[]).await;
    let missing =
        |finding: &Finding| matches!(finding, Finding::SnapshotMissing { sequence: 2, .. });
    assert!(report.findings.iter().any(missing), "{report:?}");
}

#[tokio::test]
async fn the_newest_snapshot_taken_away_is_found_by_the_witness() {
    let (memory, repository) = four_snapshots().await;
    let witnesses = heads(&repository).await;
    memory
        .remove(&production_manifests(&memory).await[2])
        .await
        .unwrap();
    let report = checked(&repository, &witnesses).await;
    let expected = Finding::RolledBack {
        org: "production".to_owned(),
        witnessed: 3,
        newest: Some(2),
    };
    assert_eq!(report.findings, [expected]);
    assert_eq!(report.leftovers.len(), 1, "its pack is needed by nobody");
}

#[tokio::test]
async fn history_rewritten_after_a_rollback_is_found_by_the_witness() {
    let (memory, repository) = four_snapshots().await;
    let witnesses = heads(&repository).await;
    memory
        .remove(&production_manifests(&memory).await[2])
        .await
        .unwrap();
    back_up(&repository, "production", &small_org(99))
        .await
        .unwrap();
    back_up(&repository, "production", &small_org(100))
        .await
        .unwrap();
    let report = checked(&repository, &witnesses).await;
    let expected = Finding::RolledBack {
        org: "production".to_owned(),
        witnessed: 3,
        newest: Some(4),
    };
    assert_eq!(report.findings, [expected]);
}

#[tokio::test]
async fn a_whole_org_taken_away_is_found_by_the_witness() {
    let (memory, repository) = four_snapshots().await;
    let witnesses = heads(&repository).await;
    for name in production_manifests(&memory).await {
        memory.remove(&name).await.unwrap();
    }
    let report = checked(&repository, &witnesses).await;
    assert_eq!(
        report.findings,
        [Finding::RolledBack {
            org: "production".to_owned(),
            witnessed: 3,
            newest: None
        }]
    );
}

#[tokio::test]
async fn swapped_and_moved_manifests_do_not_open() {
    let (memory, repository) = four_snapshots().await;
    let names = production_manifests(&memory).await;
    let (one, two) = (
        read(&*memory, &names[0]).await,
        read(&*memory, &names[1]).await,
    );
    replace(&*memory, &names[0], two).await;
    replace(&*memory, &names[1], one.clone()).await;
    let damaged = |report: &Report, name: &str| {
        report
            .findings
            .iter()
            .any(|f| matches!(f, Finding::Damaged { name: at, .. } if at == name))
    };
    let report = checked(&repository, &[]).await;
    assert!(
        damaged(&report, &names[0]) && damaged(&report, &names[1]),
        "{report:?}"
    );
    // An old state replayed as the newest.
    let replayed = names[2].replace("0000000003", "0000000004");
    memory.create(&replayed, one).await.unwrap();
    assert!(damaged(&checked(&repository, &[]).await, &replayed));
    assert!(matches!(
        repository.snapshot("production", "latest").await,
        Err(Error::Damaged { .. })
    ));
}

#[tokio::test]
async fn a_body_under_another_head_is_found() {
    let (memory, repository) = four_snapshots().await;
    let names = production_manifests(&memory).await;
    let mut mixed = read(&*memory, &names[1]).await;
    mixed.truncate(mixed.len() - 1);
    mixed.push(0);
    replace(&*memory, &names[1], mixed).await;
    let history = repository.snapshots("production").await.unwrap();
    assert_eq!(history.snapshots.len(), 3, "the heads still open");
    assert!(!checked(&repository, &[]).await.is_sound());
}

#[tokio::test]
async fn a_lost_pack_is_reported_by_snapshot_and_key_and_stored_again_by_the_next_backup() {
    let (memory, repository) = created().await;
    back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    let packs = memory.list("packs/").await.unwrap();
    memory.remove(&packs[0]).await.unwrap();
    let report = checked(&repository, &[]).await;
    let lost = |finding: &Finding| matches!(finding, Finding::ObjectsMissing { group, count: 21, keys, .. } if group == "user" && keys.len() == 3);
    assert!(report.findings.iter().any(lost), "{report:?}");
    let saved = back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    assert_eq!(saved.new_objects, 22);
    assert!(
        checked(&repository, &[]).await.is_sound(),
        "the first snapshot is whole again too"
    );
}

#[tokio::test]
async fn a_damaged_newest_manifest_neither_hides_the_others_nor_stops_the_next_backup() {
    let (memory, repository) = four_snapshots().await;
    let names = production_manifests(&memory).await;
    replace(&*memory, &names[2], b"garbage".to_vec()).await;
    let history = repository.snapshots("production").await.unwrap();
    assert_eq!(
        (history.snapshots.len(), history.unreadable[0].sequence),
        (2, 3)
    );
    assert!(matches!(
        repository.snapshot("production", "latest").await,
        Err(Error::Damaged { .. })
    ));
    let saved = back_up(&repository, "production", &small_org(4))
        .await
        .unwrap();
    assert_eq!(saved.sequence, 4);
    assert_eq!(latest(&repository, "production").await, small_org(4));
    assert!(
        !checked(&repository, &[]).await.is_sound(),
        "the damage stays reported"
    );
}

#[tokio::test]
async fn files_of_strangers_are_named() {
    let (memory, repository) = four_snapshots().await;
    memory.create("notes.txt", b"hello".to_vec()).await.unwrap();
    memory
        .create("packs/upload.part", b"hello".to_vec())
        .await
        .unwrap();
    let report = checked(&repository, &[]).await;
    assert!(
        report.findings.contains(&Finding::Foreign {
            name: "notes.txt".to_owned()
        }),
        "{report:?}"
    );
    assert!(
        report
            .findings
            .iter()
            .any(|f| matches!(f, Finding::Damaged { name, .. } if name == "packs/upload.part"))
    );
}

#[tokio::test]
async fn a_pack_of_another_repository_is_no_pack_of_ours() {
    let (memory, repository) = four_snapshots().await;
    let other = Arc::new(Memory::new());
    let stranger = Repository::create(Arc::clone(&other) as Arc<dyn Blobs>, &key())
        .await
        .unwrap();
    back_up(&stranger, "production", &small_org(1))
        .await
        .unwrap();
    let name = other.list("packs/").await.unwrap().remove(0);
    memory
        .create(&name, read(&*other, &name).await)
        .await
        .unwrap();
    let report = checked(&repository, &[]).await;
    assert_eq!(report.findings.len(), 1);
    assert!(
        report.findings[0]
            .to_string()
            .contains("of another repository"),
        "{}",
        report.findings[0]
    );
}

#[tokio::test]
async fn nothing_of_an_org_can_be_read_in_the_files() {
    let (memory, repository) = created().await;
    let mut writer = repository.writer("production", at(0)).await.unwrap();
    writer.put("user", "00u1", b"canary-bytes").await.unwrap();
    writer
        .finish(serde_json::json!({"note": "canary-fact"}), at(1))
        .await
        .unwrap();
    for name in memory.list("").await.unwrap() {
        let bytes = read(&*memory, &name).await;
        for canary in ["canary", "00u1", "production"] {
            assert!(!name.contains(canary));
            assert!(
                !bytes
                    .windows(canary.len())
                    .any(|window| window == canary.as_bytes()),
                "{canary} in {name}"
            );
        }
    }
}
