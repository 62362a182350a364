//! Opening says what is wrong: no repository, other key, other kind of key, newer format; and two writers never both win.

use std::sync::Arc;

use repository::{Blobs, Error, Key, Memory, Repository};
use serde_json::json;
use store::{SealKey, Secret};

use crate::world::{at, back_up, created, key, latest, read, replace, small_org};

async fn opened(memory: &Arc<Memory>, key: &Key) -> Result<Repository, Error> {
    Repository::open(Arc::clone(memory) as Arc<dyn Blobs>, key).await
}

#[tokio::test]
async fn a_passphrase_opens_what_it_created_and_no_other_does() {
    let memory = Arc::new(Memory::new());
    let key = |text: &str| Key::Passphrase(Secret::new(text.to_owned()));
    Repository::create(Arc::clone(&memory) as Arc<dyn Blobs>, &key("correct horse"))
        .await
        .unwrap();
    opened(&memory, &key("correct horse")).await.unwrap();
    assert!(matches!(
        opened(&memory, &key("correct hors")).await,
        Err(Error::WrongKey { .. })
    ));
    let refused = opened(&memory, &crate::world::key()).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the repository at memory opens with a passphrase, not with a key file"
    );
}

#[tokio::test]
async fn another_key_file_is_refused() {
    let (memory, _repository) = created().await;
    let other = Key::File(SealKey::from_bytes([8; 32]));
    assert!(matches!(
        opened(&memory, &other).await,
        Err(Error::WrongKey { .. })
    ));
}

#[tokio::test]
async fn an_empty_place_is_no_repository_and_a_full_one_takes_none() {
    let memory = Arc::new(Memory::new());
    assert!(matches!(
        opened(&memory, &key()).await,
        Err(Error::NotARepository { .. })
    ));
    memory.create("photo", vec![1]).await.unwrap();
    let refused = Repository::create(Arc::clone(&memory) as Arc<dyn Blobs>, &key())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::NotEmpty { .. }), "{refused}");
    let (memory, _repository) = created().await;
    let refused = Repository::create(memory, &key()).await.unwrap_err();
    assert!(
        matches!(refused, Error::AlreadyARepository { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn a_newer_format_is_told_from_damage() {
    let (memory, _repository) = created().await;
    replace(
        &*memory,
        "config.json",
        br#"{"format": 2, "id": {"kind": "new"}}"#.to_vec(),
    )
    .await;
    assert!(matches!(
        opened(&memory, &key()).await,
        Err(Error::NewerFormat {
            found: 2,
            known: 1,
            ..
        })
    ));
    replace(&*memory, "config.json", b"{}".to_vec()).await;
    assert!(matches!(
        opened(&memory, &key()).await,
        Err(Error::ConfigDamaged { .. })
    ));
}

#[tokio::test]
async fn costs_of_a_changed_config_cannot_exhaust_memory() {
    let memory = Arc::new(Memory::new());
    let key = Key::Passphrase(Secret::new("correct horse".to_owned()));
    Repository::create(Arc::clone(&memory) as Arc<dyn Blobs>, &key)
        .await
        .unwrap();
    let text = String::from_utf8(read(&*memory, "config.json").await).unwrap();
    replace(
        &*memory,
        "config.json",
        text.replace("65536", "4000000000").into_bytes(),
    )
    .await;
    assert!(matches!(
        opened(&memory, &key).await,
        Err(Error::ConfigDamaged { .. })
    ));
}

#[tokio::test]
async fn a_snapshot_is_found_by_latest_id_or_unique_prefix_only() {
    let (_memory, repository) = created().await;
    let refused = repository
        .snapshot("production", "latest")
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "no snapshot `latest` of org production"
    );
    for edition in 0..17 {
        back_up(&repository, "production", &small_org(edition))
            .await
            .unwrap();
    }
    // Of 17 ids two begin with the same of 16 digits.
    let history = repository.snapshots("production").await.unwrap().snapshots;
    let shared = ('0'..='f')
        .find(|digit| {
            history
                .iter()
                .filter(|summary| summary.id.to_string().starts_with(*digit))
                .count()
                > 1
        })
        .unwrap();
    let refused = repository
        .snapshot("production", &shared.to_string())
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Ambiguous { .. }), "{refused}");
    assert!(matches!(
        repository.snapshot("production", "").await,
        Err(Error::NoSnapshot { .. })
    ));
    assert!(matches!(
        repository.snapshot("preview", "latest").await,
        Err(Error::NoSnapshot { .. })
    ));
}

#[tokio::test]
async fn of_two_writers_at_once_the_first_to_finish_wins_and_the_other_is_told() {
    let (_memory, repository) = created().await;
    back_up(&repository, "production", &small_org(1))
        .await
        .unwrap();
    let mut slow = repository.writer("production", at(0)).await.unwrap();
    slow.put("user", "00u1", b"slow").await.unwrap();
    back_up(&repository, "production", &small_org(2))
        .await
        .unwrap();
    let refused = slow.finish(json!(null), at(9)).await.unwrap_err();
    assert!(
        matches!(refused, Error::Overtaken { sequence: 2, .. }),
        "{refused}"
    );
    assert_eq!(latest(&repository, "production").await, small_org(2));
}
