//! An emulated org, a clock, a repository in memory and an audit trail in a folder that goes with the world.

use access::{Caller, Grant, OrgName};
use audit::{AuditError, Trail};
use clock::Manual;
use emulator::{Direct, Emulator, Limits, Seed, SeedError, Settings};
use jiff::Timestamp;
use repository::{Key, Memory, Repository};
use std::path::PathBuf;
use std::sync::Arc;
use store::SealKey;
use tempfile::TempDir;
use upstream::{Line, Upstream};

/// Everything a story of backup and restore needs.
#[derive(Debug)]
pub struct World {
    /// The org.
    pub org: Emulator,
    /// The time it lives by.
    pub clock: Manual,
    /// Where snapshots go.
    pub repository: Repository,
    /// Where calls are written down.
    pub trail: Trail,
    name: OrgName,
    folder: TempDir,
}

/// Why a world could not be made: a defect of the machine or of the seed.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No folder for the audit trail.
    #[error("no temporary folder")]
    Folder(#[from] std::io::Error),
    /// No audit trail.
    #[error(transparent)]
    Trail(#[from] AuditError),
    /// No repository.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// The org refuses its seed.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The name or the key that every world has is refused.
    #[error("the world's {0} is refused")]
    Fixed(&'static str),
}

impl World {
    /// A world whose org holds `seed`.
    ///
    /// # Errors
    /// [`WorldError`].
    pub async fn new(seed: Seed) -> Result<Self, WorldError> {
        let clock = Manual::at(NOW);
        let org = Emulator::new(Settings {
            base_url: BASE_URL.to_owned(),
            seed: 7,
            clock: Arc::new(clock.clone()),
            limits: Limits::Off,
            token: TOKEN.to_owned(),
        });
        emulator::plant(&org, seed)?;
        let folder = TempDir::new()?;
        let trail = Trail::open(folder.path(), NAME, Arc::new(clock.clone()))?;
        let key = Key::File(SealKey::generate().map_err(|_| WorldError::Fixed("key"))?);
        let repository = Repository::create(Arc::new(Memory::new()), &key).await?;
        let name = NAME.parse().map_err(|_| WorldError::Fixed("name"))?;
        Ok(Self {
            org,
            clock,
            repository,
            trail,
            name,
            folder,
        })
    }

    /// A line that may read everything.
    pub fn backup(&self) -> Line {
        self.line("backup", Grant::backup())
    }

    /// A line that may write everything.
    pub fn restore(&self) -> Line {
        self.line("restore", Grant::restore())
    }

    /// A line that may write everything, by way of `upstream`: one that breaks, say.
    pub fn restore_through(&self, upstream: Arc<dyn Upstream>) -> Line {
        self.line_through(upstream, "restore", Grant::restore())
    }

    /// Where a file of this world may be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn line(&self, job: &'static str, grant: Grant) -> Line {
        let upstream = Arc::new(Direct::new(self.org.clone(), TOKEN));
        self.line_through(upstream, job, grant)
    }

    fn line_through(&self, upstream: Arc<dyn Upstream>, job: &'static str, grant: Grant) -> Line {
        let caller = Caller::internal(job, self.name.clone(), grant);
        Line::new(
            upstream,
            self.trail.clone(),
            caller,
            Arc::new(self.clock.clone()),
        )
    }
}

/// Address of every world's org.
pub const BASE_URL: &str = "https://acme.example.com";
/// API token of the org's first administrator.
pub const TOKEN: &str = "00T-for-tests-only";
/// When every story begins.
const NOW: Timestamp = Timestamp::constant(1_735_689_600, 0);
/// Name of the org in settings, snapshots and trail.
const NAME: &str = "production";
