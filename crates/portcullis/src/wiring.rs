//! Puts the rooms together for one org of the settings: its state, its trail, its line to Okta, its repository.

use crate::failure::{Exit, Failure};
use crate::settings::{Credential, OrgSettings, Settings};
use access::{Caller, Grant, Keyring, OrgName};
use audit::Trail;
use clock::Clock;
use repository::{Blobs, Directory, Key, Repository};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Database, SealKey, Secret};
use upstream::{Address, Line, Okta, Pace, ServiceApp, SigningKey};

/// Everything the product keeps on this machine.
pub(crate) struct State {
    directory: PathBuf,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// Clients and keys.
    pub keyring: Arc<Keyring>,
}

impl State {
    /// Opens the state directory that `init` made.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let directory = settings.state.clone();
        let clock: Arc<dyn Clock> = Arc::new(clock::System);
        let key = SealKey::load(&directory.join(STATE_KEY))?;
        let database = Arc::new(Database::open(&directory.join(DATABASE))?);
        let keyring = Arc::new(Keyring::open(database, &key, clock.now())?);
        Ok(Self {
            directory,
            clock,
            keyring,
        })
    }

    /// Opens the trail of `writer` for the org. One process writes one chain, so the gateway and the jobs have one each.
    pub(crate) fn trail(&self, org: &OrgName, writer: Writer) -> Result<Trail, Failure> {
        Ok(Trail::open(
            &writer.directory(&self.directory),
            org.as_str(),
            Arc::clone(&self.clock),
        )?)
    }

    /// A line to the org for a job of ours, waiting for its share of the budget.
    pub(crate) fn line(
        &self,
        org: &OrgName,
        settings: &OrgSettings,
        job: Job,
    ) -> Result<Line, Failure> {
        let okta = okta(settings, Arc::clone(&self.clock))?;
        let caller = Caller::internal(job.name(), org.clone(), job.grant());
        Ok(Line::new(
            Arc::new(okta),
            self.trail(org, Writer::Jobs)?,
            caller,
            Arc::clone(&self.clock),
        ))
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
}

impl Writer {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Gateway, Self::Jobs];

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Jobs => "jobs",
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
}

impl Job {
    fn name(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Restore => "restore",
        }
    }

    fn grant(self) -> Grant {
        match self {
            Self::Backup => Grant::backup(),
            Self::Restore => Grant::restore(),
        }
    }
}

/// Prepares to speak to the org of `settings`; contacts nothing yet. The pace is that of our own jobs.
pub(crate) fn okta(settings: &OrgSettings, clock: Arc<dyn Clock>) -> Result<Okta, Failure> {
    let address = Address::parse(settings.okta.as_str())?;
    let credential = credential(&settings.credential)?;
    let pace = Pace {
        share_percent: u32::from(settings.share),
        ..Pace::JOB
    };
    Ok(Okta::connect(upstream::Settings {
        address,
        credential: credential.into(),
        pace,
        clock,
    })?)
}

fn credential(written: &Credential) -> Result<upstream::Credential, Failure> {
    match written {
        Credential::TokenFile(path) => Ok(upstream::Credential::ApiToken(Secret::new(
            read_secret(path)?.expose().trim().to_owned(),
        ))),
        Credential::TokenEnv(name) => match std::env::var(name) {
            Ok(token) => Ok(upstream::Credential::ApiToken(Secret::new(
                token.trim().to_owned(),
            ))),
            Err(_) => Err(Failure::new(
                Exit::Settings,
                format!("the environment variable {name} is not set or not text"),
                "Set it to the org's API token, or name a file with token-file in the settings.",
            )),
        },
        Credential::PrivateKey {
            client_id,
            key_file,
            key_id,
            scopes,
        } => {
            let key = SigningKey::read(&read_secret(key_file)?)?;
            Ok(upstream::Credential::ServiceApp(ServiceApp {
                client_id: client_id.clone(),
                key,
                kid: key_id.clone(),
                scopes: scopes.clone(),
            }))
        }
    }
}

fn read_secret(path: &Path) -> Result<Secret<String>, Failure> {
    std::fs::read_to_string(path)
        .map(Secret::new)
        .map_err(|error| {
            let hint =
                "Put Okta's credential there, readable by this user only, or correct the settings.";
            Failure::new(
                Exit::Settings,
                format!("cannot read the credential {}: {error}", path.display()),
                hint,
            )
        })
}

/// Opens the repository, making it at its first use.
pub(crate) async fn repository(settings: &Settings) -> Result<Repository, Failure> {
    let key = Key::File(SealKey::load(&settings.state.join(REPOSITORY_KEY))?);
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

/// File of the key that seals the state, inside the state directory.
pub(crate) const STATE_KEY: &str = "state.key";
/// File of the state database.
pub(crate) const DATABASE: &str = "state.db";
/// File of the key that opens the repository.
pub(crate) const REPOSITORY_KEY: &str = "repository.key";

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
