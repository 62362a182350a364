//! The two keys of this machine and what opens their files: nothing, a passphrase, or a command of the operator's.

use crate::failure::{Exit, Failure};
use crate::prompt;
use crate::settings::{KeySource, Settings};
use std::fmt;
use std::path::Path;
use store::{
    ExternalCommand, KeyFile, KeyWrapping, Passphrase, Plain, SealKey, Secret, WrappingKind,
    read_private,
};

/// A key of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MachineKey {
    /// What seals the state.
    State,
    /// What opens the repository.
    Repository,
}

impl MachineKey {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::State, Self::Repository];

    /// Name of its file in the state directory.
    pub(crate) const fn file_name(self) -> &'static str {
        match self {
            Self::State => "state.key",
            Self::Repository => "repository.key",
        }
    }

    /// Its file.
    pub(crate) fn file(self, settings: &Settings) -> KeyFile {
        KeyFile::at(&settings.state.join(self.file_name()))
    }

    fn source(self, settings: &Settings) -> &KeySource {
        match self {
            Self::State => &settings.state_key,
            Self::Repository => &settings.repository_key,
        }
    }

    /// Opens it as the settings say. A key that lies there in another way is not opened: whoever asked for a wrapping has one.
    pub(crate) fn open(self, settings: &Settings) -> Result<SealKey, Failure> {
        let file = self.file(settings);
        let wrapping = match self.source(settings) {
            KeySource::Unsaid => self.wrapping_found(settings)?,
            said => meant(said, settings)?,
        };
        Ok(file.load(&*wrapping)?)
    }

    /// What opens the file as it is, with what the settings say.
    pub(crate) fn wrapping_found(
        self,
        settings: &Settings,
    ) -> Result<Box<dyn KeyWrapping>, Failure> {
        match (self.file(settings).kind()?, self.source(settings)) {
            (WrappingKind::Plain, _) => Ok(Box::new(Plain)),
            (WrappingKind::Passphrase, KeySource::Unsaid) => {
                let typed = prompt::ask(&format!("passphrase of {self}"))?;
                Ok(Box::new(Passphrase::new(&typed)))
            }
            (_, said) => meant(said, settings),
        }
    }
}

impl fmt::Display for MachineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file_name())
    }
}

/// The wrapping that `source` stands for.
pub(crate) fn meant(
    source: &KeySource,
    settings: &Settings,
) -> Result<Box<dyn KeyWrapping>, Failure> {
    match source {
        KeySource::Unsaid => {
            let hint =
                "Say what opens it in the table [state-key] or [repository-key] of the settings.";
            Err(Failure::new(
                Exit::Settings,
                "the key lies under an external command that the settings do not name",
                hint,
            ))
        }
        KeySource::PassphraseFile(path) => Ok(Box::new(passphrase_file(path)?)),
        KeySource::PassphraseEnv(name) => Ok(Box::new(passphrase_env(name)?)),
        KeySource::Command(words) => Ok(Box::new(command(words, settings)?)),
    }
}

/// The passphrase in a file.
pub(crate) fn passphrase_file(path: &Path) -> Result<Passphrase, Failure> {
    Ok(Passphrase::new(&read_private(path)?))
}

fn passphrase_env(name: &str) -> Result<Passphrase, Failure> {
    let value = std::env::var(name).map_err(|_| {
        Failure::new(
            Exit::Settings,
            format!("the environment variable {name} is not set or not text"),
            "Set it to the passphrase, or name a file with passphrase-file.",
        )
    })?;
    Ok(Passphrase::new(&Secret::new(value)))
}

/// A command, which sees no secret of ours in its environment.
pub(crate) fn command(words: &[String], settings: &Settings) -> Result<ExternalCommand, Failure> {
    Ok(ExternalCommand::new(words)?.withholding(settings.secret_variables()))
}
