//! A chain in a directory of its own, signed, and what is written to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use audit::{
    AuditError, CheckpointKey, Evidence, Opening, Outcome, PublicKeys, Signer, Trail,
    TrailSettings, Verified, Witness, WitnessFile, Witnessed, verify_against,
};
use clock::Manual;
use jiff::Timestamp;
use tempfile::TempDir;

pub(crate) const ORG: &str = "production";

/// A signed chain.
pub(crate) struct World {
    root: TempDir,
    pub(crate) clock: Manual,
    pub(crate) settings: TrailSettings,
}

/// The files of a chain by name, its lock aside.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn signer() -> Arc<Signer> {
    let key = CheckpointKey::generate().unwrap();
    let known = PublicKeys::of(key.public().clone());
    Arc::new(Signer::new(key, known).unwrap())
}

impl World {
    pub(crate) fn new() -> Self {
        let settings = TrailSettings {
            signer: Some(signer()),
            ..TrailSettings::default()
        };
        Self {
            root: tempfile::tempdir().unwrap(),
            clock: Manual::at(Timestamp::UNIX_EPOCH),
            settings,
        }
    }

    /// Begins a new file with every entry that is flushed.
    pub(crate) fn of_tiny_files() -> Self {
        Self::of_files(1)
    }

    pub(crate) fn of_files(bytes: u64) -> Self {
        let mut world = Self::new();
        world.settings.file_bytes_max = bytes;
        world
    }

    /// What the gateway writes.
    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join("gateway")
    }

    /// The chain.
    pub(crate) fn path(&self) -> PathBuf {
        self.dir().join(ORG)
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn file(&self, number: u32) -> PathBuf {
        self.path().join(format!("{number:08}.jsonl"))
    }

    pub(crate) fn open(&self) -> Trail {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<Trail, AuditError> {
        let clock = Arc::new(self.clock.clone());
        Trail::open_with(&self.dir(), ORG, clock, self.settings.clone())
    }

    pub(crate) fn keys(&self) -> &PublicKeys {
        self.settings.signer.as_ref().unwrap().known()
    }

    /// Verifies with the keys.
    pub(crate) fn verify(&self) -> Result<Verified, AuditError> {
        self.verify_with(None)
    }

    pub(crate) fn verify_with(
        &self,
        witnessed: Option<&Witnessed>,
    ) -> Result<Verified, AuditError> {
        let evidence = Evidence {
            keys: Some(self.keys()),
            witnessed: witnessed.map(std::slice::from_ref).unwrap_or_default(),
        };
        verify_against(&self.dir(), ORG, evidence)
    }

    pub(crate) fn witness_path(&self) -> PathBuf {
        self.root.path().join("witness")
    }

    /// Lets a file elsewhere see the checkpoints.
    pub(crate) fn witnessed(mut self) -> Self {
        let witness: Arc<dyn Witness> = Arc::new(WitnessFile::at(&self.witness_path()));
        self.settings.witnesses = vec![witness];
        self
    }

    pub(crate) fn witness(&self) -> Witnessed {
        Witnessed::read(&self.witness_path(), Some(self.keys())).unwrap()
    }

    /// The chain's files as they are now: what a killed program leaves.
    pub(crate) fn files(&self) -> Files {
        files(&self.path())
    }

    /// Puts exactly these files in the place of the chain's.
    pub(crate) fn put(&self, files: &Files) {
        let there = self.files();
        for (name, bytes) in files {
            if there.get(name) != Some(bytes) {
                fs::write(self.path().join(name), bytes).unwrap();
            }
        }
        for name in there.keys() {
            if !files.contains_key(name) {
                fs::remove_file(self.path().join(name)).unwrap();
            }
        }
    }
}

pub(crate) fn files(path: &Path) -> Files {
    fs::read_dir(path)
        .unwrap()
        .map(|item| item.unwrap().path())
        .filter(|path| !path.ends_with("lock"))
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

pub(crate) fn opening(operation: &str, durable: bool) -> Opening<'_> {
    static RESOURCES: LazyLock<[(String, String); 1]> =
        LazyLock::new(|| [("userId".to_owned(), "00u1".to_owned())]);
    Opening {
        client: "cliTerraform",
        credential: "key1",
        operation,
        resources: &*RESOURCES,
        durable,
        ..Opening::default()
    }
}

pub(crate) async fn make_call(trail: &Trail, operation: &str) {
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
pub(crate) async fn chain_of_five(world: &World) {
    let trail = world.open();
    make_call(&trail, "getUser").await;
    make_call(&trail, "listUsers").await;
    trail
        .open_entry((), opening("deleteUser", true))
        .await
        .unwrap();
}

pub(crate) fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}
