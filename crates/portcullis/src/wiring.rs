//! Puts the rooms together for one org of the settings: its state, its trail, its line to Okta, its repository.

use crate::failure::{Exit, Failure};
pub(crate) mod keys;
pub(crate) mod signer;
pub(crate) mod witness;

use crate::settings::{Credential, OrgSettings, Settings};
use access::{Caller, Grant, Keyring, OrgName};
use audit::{PublicKey, Signer, Trail, TrailEnd, TrailSettings, Witness, WitnessFile};
use clock::Clock;
use gateway::{MaskKey, Redaction};
use repository::{Blobs, Directory, Key, Repository};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store::{Database, SealKey, Secret, read_private};
use upstream::{Address, CredentialSource, CredentialText, Line, Okta, Pace, Vault};

pub(crate) use keys::MachineKey;
use signer::CheckpointKeys;

/// Everything the product keeps on this machine.
pub(crate) struct State {
    directory: PathBuf,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Clients and keys.
    pub keyring: Arc<Keyring>,
    /// What Okta is shown, where it is kept sealed.
    pub vault: Arc<Vault>,
    /// Opens and seals what the state holds.
    key: SealKey,
    /// Who signs the trail.
    signer: Arc<Signer>,
    /// The file that is shown its checkpoints.
    witness: Option<Arc<WitnessFile>>,
    /// The ends of the trails that were opened.
    ends: Mutex<Vec<TrailEnd>>,
}

impl State {
    /// Opens the state directory that `init` made.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let directory = settings.state.clone();
        let clock: Arc<dyn Clock> = Arc::new(clock::System);
        let key = MachineKey::State.open(settings)?;
        let database = Arc::new(Database::open(&directory.join(DATABASE))?);
        let keyring = Keyring::open(Arc::clone(&database), &key, clock.now())?;
        let vault = Vault::open(database, &key)?;
        let signer = CheckpointKeys::of(&directory).open(&key, clock.now())?;
        let witness = settings.audit.witness.as_deref().map(WitnessFile::at);
        Ok(Self {
            directory,
            clock,
            keyring: Arc::new(keyring),
            vault: Arc::new(vault),
            key,
            signer: Arc::new(signer),
            witness: witness.map(Arc::new),
            ends: Mutex::default(),
        })
    }

    /// Opens the trail of `writer` for the org. One process writes one chain, so the gateway and the jobs have one each.
    pub(crate) fn trail(&self, org: &OrgName, writer: Writer) -> Result<Trail, Failure> {
        self.trail_shown(org, writer, None)
    }

    /// The same, its checkpoints shown to one more witness.
    pub(crate) fn trail_shown(
        &self,
        org: &OrgName,
        writer: Writer,
        witness: Option<Arc<dyn Witness>>,
    ) -> Result<Trail, Failure> {
        let file = self.witness.clone().map(|file| file as Arc<dyn Witness>);
        let settings = TrailSettings {
            signer: Some(Arc::clone(&self.signer)),
            witnesses: file.into_iter().chain(witness).collect(),
            ..TrailSettings::default()
        };
        let directory = writer.directory(&self.directory);
        let clock = Arc::clone(&self.clock);
        let trail = Trail::open_with(&directory, org.as_str(), clock, settings)?;
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.push(trail.end());
        Ok(trail)
    }

    /// Ends every trail that was opened here, whoever still holds it, and waits until all of it is on disk.
    pub(crate) fn close_trails(&self) {
        let ends = std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner));
        ends.iter().for_each(TrailEnd::close);
    }

    /// Who signs the trail.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// What of the org's answers callers do not get to see.
    pub(crate) fn redaction(
        &self,
        org: &OrgName,
        settings: &OrgSettings,
    ) -> Result<Redaction, Failure> {
        let redact = &settings.redact;
        let key = MaskKey::new(&self.key, org)?;
        Ok(Redaction::new(key, redact.hidden.clone(), redact.show_new))
    }

    /// Puts a new key in the place of the one that signs the trail.
    pub(crate) fn rotate_checkpoint_key(&self, settings: &Settings) -> Result<PublicKey, Failure> {
        let key = MachineKey::State.open(settings)?;
        CheckpointKeys::of(&self.directory).rotate(&key, self.clock.now())
    }

    /// A line to the org for a job of ours, waiting for its share of the budget.
    pub(crate) fn line(
        &self,
        org: &OrgName,
        settings: &OrgSettings,
        job: Job,
    ) -> Result<Line, Failure> {
        let okta = self.okta(org, settings)?;
        let caller = Caller::internal(job.name(), org.clone(), job.grant());
        let trail = self.trail(org, Writer::Jobs)?;
        let line = Line::new(Arc::new(okta), trail, caller, Arc::clone(&self.clock));
        Ok(match job {
            Job::RestoreDespiteFreeze => line,
            Job::Backup | Job::Restore => line.heeding_freezes(Arc::clone(&self.keyring)),
        })
    }

    /// Prepares to speak to the org as the settings say; contacts nothing yet. The pace is that of our own jobs.
    pub(crate) fn okta(&self, org: &OrgName, settings: &OrgSettings) -> Result<Okta, Failure> {
        let text = match &settings.credential {
            Credential::Sealed => {
                let kept = CredentialSource::Kept {
                    vault: Arc::clone(&self.vault),
                    org: org.clone(),
                };
                return self.okta_as(kept, settings);
            }
            Credential::TokenFile(path) => CredentialText::ApiToken(read_private(path)?),
            Credential::TokenEnv(name) => CredentialText::ApiToken(token_variable(name)?),
            Credential::PrivateKey {
                client_id,
                key_file,
                key_id,
                scopes,
            } => CredentialText::ServiceApp {
                client_id: client_id.clone(),
                key: read_private(key_file)?,
                key_id: key_id.clone(),
                scopes: scopes.clone(),
            },
        };
        self.okta_as(text.read()?.into(), settings)
    }

    /// The same with another credential.
    pub(crate) fn okta_as(
        &self,
        credential: CredentialSource,
        settings: &OrgSettings,
    ) -> Result<Okta, Failure> {
        let pace = Pace {
            share_percent: u32::from(settings.share),
            ..Pace::JOB
        };
        Ok(Okta::connect(upstream::Settings {
            address: Address::parse(settings.okta.as_str())?,
            credential,
            pace,
            clock: Arc::clone(&self.clock),
        })?)
    }

    /// Client id of the service app that speaks to the org, where it is one.
    pub(crate) fn own_app(
        &self,
        org: &OrgName,
        settings: &OrgSettings,
    ) -> Result<Option<String>, Failure> {
        match &settings.credential {
            Credential::Sealed => Ok(self.vault.kept(org)?.and_then(|kept| kept.client_id)),
            Credential::PrivateKey { client_id, .. } => Ok(Some(client_id.clone())),
            Credential::TokenFile(_) | Credential::TokenEnv(_) => Ok(None),
        }
    }

    /// Directory of the restore runs of the org.
    pub(crate) fn runs(&self, org: &OrgName) -> PathBuf {
        self.directory.join("runs").join(org.as_str())
    }

    /// File that remembers the org's newest snapshot, outside the repository.
    pub(crate) fn witness(&self, org: &OrgName) -> PathBuf {
        self.directory.join("witness").join(org.as_str())
    }
}

/// Who writes an audit chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writer {
    /// The gateway.
    Gateway,
    /// Backup, restore and the other jobs.
    Jobs,
    /// People on the command line.
    Operator,
}

impl Writer {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Gateway, Self::Jobs, Self::Operator];

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Jobs => "jobs",
            Self::Operator => "operator",
        }
    }

    /// Where its chains are.
    pub(crate) fn directory(self, state: &Path) -> PathBuf {
        state.join("audit").join(self.name())
    }
}

/// The product's own jobs: callers with grants like everyone else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Reads the org.
    Backup,
    /// Writes it back.
    Restore,
    /// The same, though the org is frozen.
    RestoreDespiteFreeze,
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restore | Self::RestoreDespiteFreeze => "restore",
        }
    }

    fn grant(self) -> Grant {
        match self {
            Self::Backup => Grant::backup(),
            Self::Restore | Self::RestoreDespiteFreeze => Grant::restore(),
        }
    }
}

fn token_variable(name: &str) -> Result<Secret<String>, Failure> {
    std::env::var(name).map(Secret::new).map_err(|_| {
        Failure::new(
            Exit::Settings,
            format!("the environment variable {name} is not set or not text"),
            "Set it to the org's API token, or name a file with token-file in the settings.",
        )
    })
}

/// Opens the repository, making it at its first use.
pub(crate) async fn repository(settings: &Settings) -> Result<Repository, Failure> {
    let key = Key::File(MachineKey::Repository.open(settings)?);
    if !settings.repository.exists() {
        make_private(&settings.repository)
            .map_err(|error| cannot_make(&settings.repository, &error))?;
    }
    let blobs = Arc::new(Directory::at(&settings.repository));
    match Repository::open(Arc::clone(&blobs) as Arc<dyn Blobs>, &key).await {
        // A new volume, or a crash before anything was kept. A place that holds anything is refused by `create`.
        Err(repository::Error::NotARepository { .. }) => Ok(Repository::create(blobs, &key).await?),
        other => Ok(other?),
    }
}

/// Writes a small file so that it is either the old one or the new one after a crash, making its directory if need be. Only its
/// owner may read it: plans and reports name people.
pub(crate) fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        make_private(directory)?;
        let mut draft = path.as_os_str().to_owned();
        draft.push(".draft");
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        std::fs::File::open(directory)?.sync_all()
    };
    write().map_err(|error| {
        let hint = "Check the volume's free space and the owner of the directory, then run the command again.";
        Failure::new(Exit::Settings, format!("cannot write {}: {error}", path.display()), hint)
    })
}

/// Makes a directory, and those above it that are missing, for this user only. One that is there stays as it is.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// The failure of making a directory.
pub(crate) fn cannot_make(path: &Path, error: &std::io::Error) -> Failure {
    let hint = "Check the parent directory's owner and free space, or choose another place in the settings.";
    Failure::new(
        Exit::Settings,
        format!("cannot make the directory {}: {error}", path.display()),
        hint,
    )
}

/// File of the state database.
pub(crate) const DATABASE: &str = "state.db";

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_plan_is_written_beside_others_and_for_its_owner_only() {
        let directory = tempfile::tempdir().unwrap();
        let (plan, other) = (
            directory.path().join("runs/plan.json"),
            directory.path().join("runs/plan.draft"),
        );
        write_whole(&other, "somebody's").unwrap();
        write_whole(&plan, "{}").unwrap();
        assert_eq!(std::fs::read_to_string(&plan).unwrap(), "{}");
        assert_eq!(std::fs::read_to_string(&other).unwrap(), "somebody's");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&plan), 0o600);
        assert_eq!(mode(plan.parent().unwrap()), 0o700);
    }

    #[test]
    fn a_bare_file_name_means_the_directory_one_is_in() {
        let name = format!("portcullis-plan-{}.json", std::process::id());
        let written = write_whole(Path::new(&name), "{}");
        let removed = std::fs::remove_file(&name);
        written.unwrap();
        removed.unwrap();
    }
}
