//! A repository in memory, its key, and small orgs to back up.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use repository::blobs::Extent;
use repository::{Blobs, Key, Memory, Repository, Saved, Snapshot};
use serde_json::json;
use store::SealKey;

/// Group → key → bytes.
pub(crate) type Org = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

pub(crate) fn key() -> Key {
    Key::File(SealKey::from_bytes([7; 32]))
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

pub(crate) async fn created() -> (Arc<Memory>, Repository) {
    let memory = Arc::new(Memory::new());
    let repository = Repository::create(Arc::clone(&memory) as Arc<dyn Blobs>, &key())
        .await
        .unwrap();
    (memory, repository)
}

/// An org of a few users and groups; `edition` changes one user.
pub(crate) fn small_org(edition: u32) -> Org {
    let user = |n: u32, login: &str| {
        (
            format!("00u{n:017}"),
            json!({"id": n, "login": login}).to_string().into_bytes(),
        )
    };
    let users = (0..20)
        .map(|n| user(n, "ada"))
        .chain([user(20, &format!("edition {edition}"))])
        .collect();
    let groups = [("00g1".to_owned(), b"{\"name\":\"Everyone\"}".to_vec())].into();
    Org::from([
        ("user".to_owned(), users),
        ("group".to_owned(), groups),
        ("network zone".to_owned(), BTreeMap::new()),
    ])
}

pub(crate) async fn back_up(
    repository: &Repository,
    name: &str,
    org: &Org,
) -> Result<Saved, repository::Error> {
    let mut writer = repository.writer(name, at(0)).await?;
    for (group, objects) in org {
        writer.note_group(group)?;
        for (key, bytes) in objects {
            writer.put(group, key, bytes).await?;
        }
    }
    writer.finish(json!({"complete": true}), at(60)).await
}

pub(crate) async fn contents(snapshot: &Snapshot) -> Org {
    let mut org = Org::new();
    for group in snapshot.groups() {
        org.insert(group.to_owned(), snapshot.load_all(group).await.unwrap());
    }
    org
}

pub(crate) async fn latest(repository: &Repository, name: &str) -> Org {
    contents(&repository.snapshot(name, "latest").await.unwrap()).await
}

/// Puts other bytes under a name, as somebody with access to the storage would.
pub(crate) async fn replace(blobs: &dyn Blobs, name: &str, bytes: Vec<u8>) {
    let _ = blobs.remove(name).await;
    blobs.create(name, bytes).await.unwrap();
}

pub(crate) async fn read(blobs: &dyn Blobs, name: &str) -> Vec<u8> {
    blobs.read(name, Extent::Whole).await.unwrap()
}
