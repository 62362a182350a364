//! What every implementation of [`Blobs`] must do, as one suite run on each of them.

use std::sync::Arc;

use super::{BlobError, Blobs, Directory, Extent, Memory};

async fn conforms(blobs: Arc<dyn Blobs>) {
    names_are_listed_by_prefix_and_sorted(&*blobs).await;
    parts_are_read_as_asked(&*blobs).await;
    an_existing_blob_is_never_overwritten(&*blobs).await;
    what_is_removed_is_gone(&*blobs).await;
    names_that_lead_outside_are_refused(&*blobs).await;
    one_of_many_creators_wins(Arc::clone(&blobs)).await;
}

async fn names_are_listed_by_prefix_and_sorted(blobs: &dyn Blobs) {
    assert!(
        blobs.list("").await.unwrap().is_empty(),
        "an empty place lists nothing"
    );
    for name in [
        "packs/b",
        "config.json",
        "packs/a",
        "snapshots/x/0000000001",
        "packs-old",
    ] {
        blobs.create(name, name.as_bytes().to_vec()).await.unwrap();
    }
    assert_eq!(blobs.list("packs/").await.unwrap(), ["packs/a", "packs/b"]);
    assert_eq!(blobs.list("").await.unwrap().len(), 5);
    assert!(blobs.list("nothing/").await.unwrap().is_empty());
}

async fn parts_are_read_as_asked(blobs: &dyn Blobs) {
    blobs.create("parts", b"0123456789".to_vec()).await.unwrap();
    for (extent, expected) in [
        (Extent::Whole, "0123456789"),
        (Extent::First(3), "012"),
        (Extent::First(99), "0123456789"),
        (Extent::Last(3), "789"),
        (Extent::Last(99), "0123456789"),
        (
            Extent::At {
                offset: 4,
                length: 2,
            },
            "45",
        ),
        (
            Extent::At {
                offset: 8,
                length: 99,
            },
            "89",
        ),
        (
            Extent::At {
                offset: 99,
                length: 1,
            },
            "",
        ),
        (
            Extent::At {
                offset: 1,
                length: u64::MAX,
            },
            "123456789",
        ),
    ] {
        assert_eq!(
            blobs.read("parts", extent).await.unwrap(),
            expected.as_bytes(),
            "{extent:?}"
        );
    }
    blobs.create("empty", Vec::new()).await.unwrap();
    assert!(blobs.read("empty", Extent::Whole).await.unwrap().is_empty());
    assert!(
        matches!(blobs.read("packs/none", Extent::Whole).await, Err(BlobError::Absent { name }) if name == "packs/none")
    );
}

async fn an_existing_blob_is_never_overwritten(blobs: &dyn Blobs) {
    blobs.create("once", b"first".to_vec()).await.unwrap();
    let refused = blobs.create("once", b"second".to_vec()).await;
    assert!(matches!(refused, Err(BlobError::Exists { name }) if name == "once"));
    assert_eq!(blobs.read("once", Extent::Whole).await.unwrap(), b"first");
}

async fn what_is_removed_is_gone(blobs: &dyn Blobs) {
    blobs.remove("once").await.unwrap();
    assert!(matches!(
        blobs.remove("once").await,
        Err(BlobError::Absent { .. })
    ));
    assert!(!blobs.list("").await.unwrap().contains(&"once".to_owned()));
    blobs.create("once", b"again".to_vec()).await.unwrap();
}

async fn names_that_lead_outside_are_refused(blobs: &dyn Blobs) {
    for name in [
        "",
        "/",
        "/etc/passwd",
        "..",
        "packs/../../x",
        "packs/",
        "a//b",
        ".hidden",
        "a/.b",
        "A",
        "a b",
        "a\\b",
        "a\0",
    ] {
        assert!(
            matches!(
                blobs.create(name, Vec::new()).await,
                Err(BlobError::InvalidName { .. })
            ),
            "create {name:?}"
        );
        assert!(
            matches!(
                blobs.read(name, Extent::Whole).await,
                Err(BlobError::InvalidName { .. })
            ),
            "read {name:?}"
        );
        assert!(
            matches!(blobs.remove(name).await, Err(BlobError::InvalidName { .. })),
            "remove {name:?}"
        );
    }
}

async fn one_of_many_creators_wins(blobs: Arc<dyn Blobs>) {
    let creators: Vec<_> = (0..8_u8)
        .map(|number| {
            let blobs = Arc::clone(&blobs);
            tokio::spawn(async move {
                blobs
                    .create("contended", vec![number; 1000])
                    .await
                    .is_ok()
                    .then_some(number)
            })
        })
        .collect();
    let mut winners = Vec::new();
    for creator in creators {
        winners.extend(creator.await.unwrap());
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(
        blobs.read("contended", Extent::Whole).await.unwrap(),
        vec![winners[0]; 1000]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_conforms() {
    let root = tempfile::tempdir().unwrap();
    conforms(Arc::new(Directory::at(root.path().join("repository")))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_conforms() {
    conforms(Arc::new(Memory::new())).await;
}
