//! What is stored comes back, byte for byte, from every snapshot; unchanged objects are stored once.

use std::sync::Arc;

use proptest::prelude::*;
use repository::{Blobs, Depth, Directory, Error, Repository};
use serde_json::json;

use crate::world::{Org, at, back_up, contents, created, key, latest, small_org};

fn orgs() -> impl Strategy<Value = Vec<Org>> {
    let bytes = prop_oneof![
        4 => proptest::collection::vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), 0..200_000_usize).prop_map(|(fill, length)| vec![fill; length]),
    ];
    let objects = proptest::collection::btree_map("[a-c]{1,3}", bytes, 0..12);
    let org = proptest::collection::btree_map("user|group|app", objects, 0..4);
    proptest::collection::vec(org, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_snapshot_gives_back_what_it_was_given(orgs in orgs()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (memory, repository) = created().await;
            let mut ids = Vec::new();
            for org in &orgs {
                ids.push(back_up(&repository, "production", org).await.unwrap().id);
            }
            let reopened = Repository::open(memory, &key()).await.unwrap();
            for (org, id) in orgs.iter().zip(&ids) {
                let snapshot = reopened.snapshot("production", &id.to_string()).await.unwrap();
                assert_eq!(&contents(&snapshot).await, org);
                for (group, objects) in org {
                    for (key, bytes) in objects {
                        assert_eq!(&snapshot.read(group, key).await.unwrap(), bytes);
                    }
                }
            }
            assert!(reopened.check(Depth::Data, &[]).await.unwrap().is_sound());
        });
    }
}

#[tokio::test]
async fn an_unchanged_org_costs_a_manifest_only_and_one_changed_object_little_more() {
    let (memory, repository) = created().await;
    let first = back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    assert_eq!((first.objects, first.new_objects), (22, 22));
    let packs = memory.list("packs/").await.unwrap();
    let same = back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    assert_eq!((same.objects, same.new_objects), (22, 0));
    assert_eq!(memory.list("packs/").await.unwrap(), packs);
    let changed = back_up(&repository, "production", &small_org(2))
        .await
        .unwrap();
    assert_eq!((changed.objects, changed.new_objects), (22, 1));
    assert!(changed.written_bytes < 1_500, "{changed:?}");
}

#[tokio::test]
async fn two_orgs_share_objects_and_nothing_else() {
    let (_memory, repository) = created().await;
    back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    let preview = back_up(&repository, "preview", &small_org(1))
        .await
        .unwrap();
    assert_eq!((preview.sequence, preview.new_objects), (1, 0));
    back_up(&repository, "production", &small_org(2))
        .await
        .unwrap();
    assert_eq!(repository.orgs().await.unwrap(), ["preview", "production"]);
    assert_eq!(
        repository
            .snapshots("preview")
            .await
            .unwrap()
            .snapshots
            .len(),
        1
    );
    assert_eq!(latest(&repository, "preview").await, small_org(1));
    assert_eq!(latest(&repository, "production").await, small_org(2));
}

#[tokio::test]
async fn a_long_chain_of_changes_stays_readable_at_every_point() {
    let (_memory, repository) = created().await;
    for edition in 0..40 {
        back_up(&repository, "production", &small_org(edition))
            .await
            .unwrap();
    }
    let history = repository.snapshots("production").await.unwrap();
    assert_eq!((history.snapshots.len(), history.unreadable.len()), (40, 0));
    for (edition, summary) in history.snapshots.iter().enumerate() {
        let snapshot = repository
            .snapshot("production", &summary.id.to_string()[..16])
            .await
            .unwrap();
        assert_eq!(contents(&snapshot).await, small_org(edition as u32));
        assert_eq!(summary.sequence, edition as u64 + 1);
    }
}

#[tokio::test]
async fn absent_and_empty_groups_stay_two_things() {
    let (_memory, repository) = created().await;
    back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    let mut org = small_org(1);
    org.remove("network zone");
    org.insert("group".to_owned(), Default::default());
    back_up(&repository, "production", &org).await.unwrap();
    let snapshot = repository.snapshot("production", "latest").await.unwrap();
    assert_eq!(snapshot.groups().collect::<Vec<_>>(), ["group", "user"]);
    assert_eq!(snapshot.keys("group").count(), 0);
    assert_eq!(snapshot.summary().groups.get("group"), Some(&0));
    assert!(matches!(
        snapshot.read("group", "00g1").await,
        Err(Error::NoObject { .. })
    ));
}

#[tokio::test]
async fn the_later_of_two_readings_of_one_object_is_kept() {
    let (_memory, repository) = created().await;
    let mut writer = repository.writer("production", at(0)).await.unwrap();
    writer.put("user", "00u1", b"page 1").await.unwrap();
    writer.put("user", "00u1", b"page 2").await.unwrap();
    writer.finish(json!(null), at(1)).await.unwrap();
    let snapshot = repository.snapshot("production", "latest").await.unwrap();
    assert_eq!(snapshot.read("user", "00u1").await.unwrap(), b"page 2");
}

#[tokio::test]
async fn facts_times_and_parents_are_kept() {
    let (_memory, repository) = created().await;
    let first = back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    back_up(&repository, "production", &small_org(2))
        .await
        .unwrap();
    let history = repository.snapshots("production").await.unwrap().snapshots;
    assert_eq!(history[0].parent, None);
    assert_eq!(history[1].parent, Some(first.id));
    assert_eq!((history[1].started, history[1].finished), (at(0), at(60)));
    assert_eq!(history[1].facts, json!({"complete": true}));
    assert_eq!(history[1].object_count(), 22);
}

#[tokio::test]
async fn a_directory_keeps_it_all_and_large_objects_spread_over_packs() {
    let root = tempfile::tempdir().unwrap();
    let directory: Arc<dyn Blobs> = Arc::new(Directory::at(root.path().join("repository")));
    let repository = Repository::create(Arc::clone(&directory), &key())
        .await
        .unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let objects = (0..4).map(|n| {
        (
            format!("logo {n}"),
            std::iter::repeat_with(|| random.u8(..))
                .take(7 << 20)
                .collect(),
        )
    });
    let org = Org::from([("app logo".to_owned(), objects.collect())]);
    back_up(&repository, "production", &org).await.unwrap();
    assert_eq!(
        directory.list("packs/").await.unwrap().len(),
        2,
        "two 7 MiB objects fit a pack of 16 MiB"
    );
    let reopened = Repository::open(directory, &key()).await.unwrap();
    assert_eq!(latest(&reopened, "production").await, org);
    assert!(reopened.check(Depth::Data, &[]).await.unwrap().is_sound());
}

#[tokio::test]
async fn an_object_beyond_the_limit_is_refused_by_name() {
    let (_memory, repository) = created().await;
    let mut writer = repository.writer("production", at(0)).await.unwrap();
    let refused = writer
        .put("app", "0oa1", &vec![0; (8 << 20) + 1])
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "app 0oa1 has 8388609 bytes, at most 8388608 are kept"
    );
}

#[tokio::test]
async fn a_small_group_in_a_large_pack_is_read_without_the_rest() {
    let (_memory, repository) = created().await;
    let mut random = fastrand::Rng::with_seed(3);
    let mut logo = vec![0; 6 << 20];
    random.fill(&mut logo);
    let mut org = small_org(1);
    org.insert("app logo".to_owned(), [("0oa1".to_owned(), logo)].into());
    back_up(&repository, "production", &org).await.unwrap();
    assert_eq!(latest(&repository, "production").await, org);
}

#[tokio::test]
async fn a_backup_and_a_reading_may_run_on_any_thread() {
    let (_memory, repository) = created().await;
    let ours = repository.clone();
    tokio::spawn(async move { back_up(&ours, "production", &small_org(1)).await })
        .await
        .unwrap()
        .unwrap();
    let read = tokio::spawn(async move { latest(&repository, "production").await })
        .await
        .unwrap();
    assert_eq!(read, small_org(1));
}
