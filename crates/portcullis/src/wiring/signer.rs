//! The key that signs the trail's checkpoints: its private half sealed in the state directory, its public half and those of the keys
//! before it in a list beside the chains, where a copy of the trail takes them along.

use crate::failure::{Exit, Failure};
use audit::{BadCheckpointKey, BadKeys, CheckpointKey, PublicKey, PublicKeys, Signer};
use jiff::Timestamp;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::{SealKey, read_private};

use super::write_whole;

/// Where the keys of checkpoints lie.
pub(crate) struct CheckpointKeys {
    sealed: PathBuf,
    list: PathBuf,
}

impl CheckpointKeys {
    /// Those of a state directory.
    pub(crate) fn of(state: &Path) -> Self {
        Self {
            sealed: state.join("checkpoint.key"),
            list: list_in(&state.join("audit")),
        }
    }

    /// Opens the key; makes the first one when there is none.
    pub(crate) fn open(&self, seal: &SealKey, now: Timestamp) -> Result<Signer, Failure> {
        if !self.sealed.exists() && !self.draft().exists() {
            let key = CheckpointKey::generate().map_err(bad_key)?;
            match self.write_sealed(&self.sealed, &key, seal) {
                Ok(()) => {}
                // Another command was faster; its key is the one.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot("write", &self.sealed, &error)),
            }
        }
        if !self.list.exists() {
            let key = self.read_sealed(&self.sealed, seal)?;
            write_whole(&self.list, &audit::succession(&key, None, now))?;
        }
        let known = read_list(&self.list, None)?;
        let mut key = self.read_sealed(&self.sealed, seal)?;
        if known.newest() != Some(key.public()) && self.draft().exists() {
            // A rotation that was broken off after the list had taken the new key.
            key = self.read_sealed(&self.draft(), seal)?;
            self.replace()?;
        }
        Signer::new(key, known).map_err(|error| self.bad_list(&error))
    }

    /// Puts a new key in the place of the one that signs. The list has it before it signs anything.
    pub(crate) fn rotate(&self, seal: &SealKey, now: Timestamp) -> Result<PublicKey, Failure> {
        let known = self.open(seal, now)?.known().clone();
        let old = self.read_sealed(&self.sealed, seal)?;
        let new = CheckpointKey::generate().map_err(bad_key)?;
        match std::fs::remove_file(self.draft()) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(cannot("remove", &self.draft(), &error));
            }
            _ => {}
        }
        self.write_sealed(&self.draft(), &new, seal)
            .map_err(|error| cannot("write", &self.draft(), &error))?;
        let before = audit::read_key_list(&self.list)?;
        let after = audit::succession(&new, Some((&old, known.iter().count())), now);
        write_whole(&self.list, &format!("{before}{after}"))?;
        self.replace()?;
        Ok(new.public().clone())
    }

    fn draft(&self) -> PathBuf {
        self.sealed.with_extension("key.new")
    }

    fn replace(&self) -> Result<(), Failure> {
        std::fs::rename(self.draft(), &self.sealed)
            .map_err(|error| cannot("replace", &self.sealed, &error))
    }

    fn write_sealed(
        &self,
        path: &Path,
        key: &CheckpointKey,
        seal: &SealKey,
    ) -> std::io::Result<()> {
        let pkcs8 = key.to_pkcs8().map_err(std::io::Error::other)?;
        let sealed = store::seal(seal, PURPOSE, &pkcs8).map_err(std::io::Error::other)?;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        let digits: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
        file.write_all(format!("{FORM}{digits}\n").as_bytes())?;
        file.sync_all()
    }

    fn read_sealed(&self, path: &Path, seal: &SealKey) -> Result<CheckpointKey, Failure> {
        let text = read_private(path)?;
        let unfit = || {
            Failure::new(
                Exit::Settings,
                format!("{} does not hold a key for checkpoints", path.display()),
                "Restore it from its copy; a trail whose key is lost is begun anew, beside the old one.",
            )
        };
        let digits = text
            .expose()
            .trim_end()
            .strip_prefix(FORM)
            .ok_or_else(unfit)?;
        let sealed = from_hex(digits).ok_or_else(unfit)?;
        let opened = store::open(seal, PURPOSE, &sealed).map_err(|error| {
            let hint = error.hint().to_owned();
            Failure::new(Exit::Settings, format!("{}: {error}", path.display()), hint)
        })?;
        CheckpointKey::from_pkcs8(&opened).map_err(bad_key)
    }

    fn bad_list(&self, error: &BadKeys) -> Failure {
        bad_list(&self.list, error)
    }
}

/// The list of public keys beside the chains.
pub(crate) fn list_in(audit: &Path) -> PathBuf {
    audit.join("keys")
}

/// Reads a list of public keys; with `believed`, that key must be among them.
pub(crate) fn read_list(path: &Path, believed: Option<&PublicKey>) -> Result<PublicKeys, Failure> {
    let text = audit::read_key_list(path)?;
    PublicKeys::parse(&text, believed).map_err(|error| bad_list(path, &error))
}

fn bad_list(path: &Path, error: &BadKeys) -> Failure {
    Failure::new(
        Exit::Audit,
        format!("{}: {error}", path.display()),
        "Compare the list with the key you wrote down, and find out who changed it; restore it from a copy.",
    )
}

fn bad_key(error: BadCheckpointKey) -> Failure {
    Failure::new(Exit::Settings, error.to_string(), error.hint())
}

fn cannot(action: &'static str, path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot {action} {}: {error}", path.display());
    let hint = "Check the volume's free space and the owner of the state directory.";
    Failure::new(Exit::Settings, message, hint)
}

impl From<BadCheckpointKey> for Failure {
    fn from(error: BadCheckpointKey) -> Self {
        bad_key(error)
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// What the key is sealed for.
const PURPOSE: &str = "audit checkpoint key";
/// What the file begins with; the number is the version of the form.
const FORM: &str = "portcullis-sealed-1 ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_kept_sealed_and_followed_by_another() {
        let state = tempfile::tempdir().unwrap();
        let keys = CheckpointKeys::of(state.path());
        let seal = SealKey::from_bytes([7; 32]);
        let now = Timestamp::UNIX_EPOCH;
        let first = keys.open(&seal, now).unwrap().known().newest().cloned();
        assert_eq!(
            keys.open(&seal, now).unwrap().known().newest().cloned(),
            first
        );
        assert!(keys.open(&SealKey::from_bytes([8; 32]), now).is_err());
        let second = keys.rotate(&seal, now).unwrap();
        let signer = keys.open(&seal, now).unwrap();
        assert_eq!(signer.known().newest(), Some(&second));
        assert_eq!(signer.known().iter().next().cloned(), first);
        read_list(&keys.list, first.as_ref()).unwrap();
    }

    #[test]
    fn a_rotation_broken_off_is_finished() {
        let state = tempfile::tempdir().unwrap();
        let keys = CheckpointKeys::of(state.path());
        let seal = SealKey::from_bytes([7; 32]);
        let now = Timestamp::UNIX_EPOCH;
        keys.open(&seal, now).unwrap();
        let before = std::fs::read(&keys.sealed).unwrap();
        let second = keys.rotate(&seal, now).unwrap();
        std::fs::rename(&keys.sealed, keys.draft()).unwrap();
        std::fs::write(&keys.sealed, before).unwrap();
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&keys.sealed, std::fs::Permissions::from_mode(0o600)).unwrap();
        let signer = keys.open(&seal, now).unwrap();
        assert_eq!(signer.known().newest(), Some(&second));
        assert!(!keys.draft().exists());
    }
}
