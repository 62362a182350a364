//! What opens a key file: a passphrase by reference, a command, or nothing where the key lies in the clear.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// As typed: at most one of the three ways.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenKey {
    /// File that holds the passphrase and nothing else.
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase.
    passphrase_env: Option<String>,
    /// Program and arguments of a command that wraps and unwraps keys.
    command: Option<Vec<String>>,
}

/// What opens a key file.
#[derive(Debug, Clone)]
pub(crate) enum KeySource {
    /// Nothing is said: the key lies in the clear, or its passphrase is asked for on the terminal.
    Unsaid,
    /// A passphrase in a file.
    PassphraseFile(PathBuf),
    /// A passphrase in an environment variable.
    PassphraseEnv(String),
    /// A command of these words.
    Command(Vec<String>),
}

impl WrittenKey {
    pub(super) fn meant(self, base: &Path) -> Result<KeySource, String> {
        match (self.passphrase_file, self.passphrase_env, self.command) {
            (None, None, None) => Ok(KeySource::Unsaid),
            (Some(file), None, None) => Ok(KeySource::PassphraseFile(base.join(file))),
            (None, Some(variable), None) => Ok(KeySource::PassphraseEnv(variable)),
            (None, None, Some(words)) if words.is_empty() => {
                Err("command needs a program, then its arguments".to_owned())
            }
            (None, None, Some(words)) => Ok(KeySource::Command(words)),
            _ => Err("takes one of: passphrase-file, passphrase-env, command".to_owned()),
        }
    }
}

impl KeySource {
    /// The environment variable the passphrase lies in, if it does.
    pub(super) fn variable(&self) -> Option<&str> {
        match self {
            Self::PassphraseEnv(name) => Some(name),
            Self::Unsaid | Self::PassphraseFile(_) | Self::Command(_) => None,
        }
    }
}
