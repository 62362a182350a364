//! The independent reader in `docs/` reads what this crate writes: the format's document is enough.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use repository::{Blobs, Directory, Key, Repository};
use store::{KeyFile, Passphrase, SealKey, Secret};

use crate::world::{Org, back_up, small_org};

const PASSPHRASE: &str = "correct horse";

/// Runs the reader with the Python named by `PYTHON`, or `python3`.
fn reader(arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/repository_reader.py");
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let output = Command::new(python)
        .arg(script)
        .args(arguments)
        .env("PORTCULLIS_PASSPHRASE", PASSPHRASE)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn dumped(output: &Path, org: &Org) -> Org {
    let file = |group: &str, key: &str| output.join(group).join(format!("{key}.json"));
    let mut found = Org::new();
    for (group, objects) in org {
        let read = objects
            .keys()
            .map(|key| (key.clone(), std::fs::read(file(group, key)).unwrap()));
        found.insert(group.clone(), read.collect());
    }
    found
}

async fn read_back(key: Key, key_file: &[&str], root: &Path) {
    let place: PathBuf = root.join("repository");
    let repository = Repository::create(Arc::new(Directory::at(&place)) as Arc<dyn Blobs>, &key)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for edition in 0..20 {
        ids.push(
            back_up(&repository, "production", &small_org(edition))
                .await
                .unwrap()
                .id
                .to_string(),
        );
    }
    let place = place.to_str().unwrap();
    let listed = String::from_utf8(reader(&[key_file, &["list", place]].concat()).stdout).unwrap();
    let listed: Vec<&str> = listed
        .lines()
        .map(|line| line.split('\t').nth(2).unwrap())
        .collect();
    assert_eq!(listed, ids);
    for (wanted, edition) in [("latest", 19), (ids[4].as_str(), 4), ("17", 16)] {
        let output = root.join(format!("dump {edition}"));
        reader(
            &[
                key_file,
                &[
                    "dump",
                    place,
                    "production",
                    wanted,
                    output.to_str().unwrap(),
                ],
            ]
            .concat(),
        );
        assert_eq!(dumped(&output, &small_org(edition)), small_org(edition));
    }
}

#[tokio::test]
#[ignore = "needs Python with the packages cryptography, zstandard and blake3"]
async fn the_independent_reader_reads_a_repository_with_a_key_file() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("state.key");
    let key = Key::File(SealKey::create(&file).unwrap());
    read_back(key, &["--key-file", file.to_str().unwrap()], root.path()).await;
}

#[tokio::test]
#[ignore = "needs Python with the packages cryptography, zstandard and blake3"]
async fn the_independent_reader_opens_a_key_file_that_is_under_a_passphrase() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("repository.key");
    let file = KeyFile::at(&path);
    let key = file
        .create(&Passphrase::new(&Secret::new(PASSPHRASE.to_owned())))
        .unwrap();
    let words = ["--key-file", path.to_str().unwrap()];
    read_back(Key::File(key), &words, root.path()).await;
}

#[tokio::test]
#[ignore = "needs Python with the packages cryptography, zstandard and blake3"]
async fn the_independent_reader_reads_a_repository_with_a_passphrase() {
    let root = tempfile::tempdir().unwrap();
    read_back(
        Key::Passphrase(Secret::new(PASSPHRASE.to_owned())),
        &[],
        root.path(),
    )
    .await;
}
