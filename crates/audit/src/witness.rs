//! Witnesses: whoever keeps checkpoints out of reach of those who can write the trail. What they saw is held against the chain.

use std::fmt;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::directory::open_append;
use crate::keys::PublicKeys;
use crate::limits::WITNESS_BYTES_MAX;
use crate::list::{Listed, Notes};
use crate::note::Note;
use crate::{AuditError, Broken};

/// Is shown every checkpoint after it is on disk. Called by the thread that writes the chain: whoever takes long makes calls wait.
/// What a witness cannot keep is its own to tell; no call fails for it.
pub trait Witness: Send + Sync + fmt::Debug {
    /// Sees a checkpoint of the chain of this name: a signed note, with the empty line that ends it.
    fn see(&self, chain: &str, note: &str);
}

/// A file elsewhere that checkpoints are appended to: on a mount that this machine can only append to, at best. Several chains and
/// processes may share it.
#[derive(Debug)]
pub struct WitnessFile {
    path: PathBuf,
}

impl WitnessFile {
    /// The file at this path, which need not be there yet.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    fn keep(&self, note: &str) -> Result<(), AuditError> {
        // Opened anew each time: a mount may go and come back.
        let mut file = open_append(&self.path)?;
        file.write_all(note.as_bytes())
            .and_then(|()| file.sync_data())
            .map_err(|error| AuditError::disk("write", &self.path, error))
    }
}

impl Witness for WitnessFile {
    fn see(&self, chain: &str, note: &str) {
        if let Err(error) = self.keep(note) {
            tracing::error!(chain, %error, "the witness did not get a checkpoint; the next one will say as much");
        }
    }
}

/// What a witness has seen.
#[derive(Clone, Debug)]
pub struct Witnessed {
    path: PathBuf,
    seen: Vec<Listed>,
}

impl Witnessed {
    /// Reads checkpoints of any chains from a file, each signed by one of `keys` if these are given. An unfinished note at the end
    /// is passed over.
    ///
    /// # Errors
    /// [`AuditError`], when the file cannot be read or holds anything else.
    pub fn read(path: &Path, keys: Option<&PublicKeys>) -> Result<Self, AuditError> {
        let length = File::open(path)
            .and_then(|file| file.metadata())
            .map_err(|error| AuditError::disk("read", path, error))?
            .len();
        if length > WITNESS_BYTES_MAX {
            let what = "it has more bytes than are read of a witness";
            return Err(Broken::at(path, None, None, what).into());
        }
        let mut seen = Vec::new();
        let mut notes = Notes::open(path)?;
        while let Some((bytes, line)) = notes.as_mut().map(Notes::next).transpose()?.flatten() {
            let read = str::from_utf8(&bytes)
                .ok()
                .and_then(Note::first)
                .ok_or("it is not a signed note")
                .and_then(|(note, _)| {
                    let read = Checkpoint::parse(note.text).ok_or("it is not a checkpoint")?;
                    Checkpoint::read(&note, &read.chain, keys)
                });
            let (checkpoint, key) =
                read.map_err(|what| Broken::at(path, Some(line), None, what))?;
            seen.push(Listed {
                checkpoint,
                key,
                line,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            seen,
        })
    }

    /// Names of the chains of which it has seen anything: writer and org, joined by `/`.
    pub fn chains(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .seen
            .iter()
            .map(|listed| listed.checkpoint.chain.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn of<'w>(&'w self, chain: &'w str) -> impl Iterator<Item = &'w Listed> {
        self.seen
            .iter()
            .filter(move |listed| listed.checkpoint.chain == chain)
    }
}

/// Reads a list of keys from its file.
///
/// # Errors
/// [`AuditError`], when it cannot be read or is not text.
pub fn read_key_list(path: &Path) -> Result<String, AuditError> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(WITNESS_BYTES_MAX).read_to_string(&mut text))
        .map_err(|error| AuditError::disk("read", path, error))?;
    Ok(text)
}
