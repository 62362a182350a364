//! Small files that hold a secret: tokens, private keys, passphrases. Read whole, bounded, and only when nobody else may read them.
//!
//! A file that others may read is refused, never silently repaired: whether the secret has leaked is for a person to judge.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::Secret;

/// Why a secret could not be read from its file.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFileError {
    /// Group or others may read or write the file.
    #[error("{} is open to other users (mode {mode:03o})", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file is longer than any secret.
    #[error("{} is longer than {PRIVATE_FILE_BYTES_MAX} bytes", path.display())]
    TooLong {
        /// Which file.
        path: PathBuf,
    },
    /// The file holds nothing but spaces and line ends.
    #[error("{} is empty", path.display())]
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// The file cannot be read, or is not text.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PrivateFileError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Exposed { .. } => {
                "Run `chmod 600` on the file, and replace the secret if others may have read it."
            }
            Self::TooLong { .. } | Self::Empty { .. } => {
                "Name the file that holds the secret and nothing else."
            }
            Self::Unreadable { .. } => {
                "Put the secret there, readable by this user only, or name the right file."
            }
        }
    }
}

/// Reads the secret in the file at `path`, as it stands there.
///
/// # Errors
/// [`PrivateFileError`], which never shows what the file holds.
pub fn read_private(path: &Path) -> Result<Secret<String>, PrivateFileError> {
    let unreadable = |source| PrivateFileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    if let Some(mode) = mode_for_others(&file).map_err(unreadable)? {
        let path = path.to_owned();
        return Err(PrivateFileError::Exposed { path, mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(PRIVATE_FILE_BYTES_MAX + 1));
    file.take(PRIVATE_FILE_BYTES_MAX as u64 + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    let path = path.to_owned();
    if text.len() > PRIVATE_FILE_BYTES_MAX {
        Err(PrivateFileError::TooLong { path })
    } else if text.trim().is_empty() {
        Err(PrivateFileError::Empty { path })
    } else {
        Ok(Secret::new(std::mem::take(&mut *text)))
    }
}

/// The permission bits of an open file, where they let anybody in besides its owner.
pub(crate) fn mode_for_others(file: &File) -> io::Result<Option<u32>> {
    let mode = file.metadata()?.mode() & 0o777;
    Ok((mode & 0o077 != 0).then_some(mode))
}

/// Longest secret file. An RSA key of 4096 bits takes 3.2 KiB as PEM, as a JWK with comments about 4; four times that.
pub const PRIVATE_FILE_BYTES_MAX: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("okta.token");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (directory, path)
    }

    #[test]
    fn a_secret_only_its_owner_may_read_is_read_as_it_stands() {
        for mode in [0o600, 0o400, 0o700] {
            let (_directory, path) = file("00token\n", mode);
            assert_eq!(read_private(&path).unwrap().expose(), "00token\n");
        }
    }

    #[test]
    fn a_secret_others_may_read_or_write_is_refused() {
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644] {
            let (_directory, path) = file("00token", mode);
            let refused = read_private(&path).unwrap_err();
            assert!(matches!(refused, PrivateFileError::Exposed { .. }));
            assert!(refused.hint().contains("chmod 600"));
            assert!(!refused.to_string().contains("00token"), "{refused}");
        }
    }

    #[test]
    fn absent_empty_and_endless_files_are_told_apart() {
        let (directory, empty) = file(" \n", 0o600);
        assert!(matches!(
            read_private(&empty),
            Err(PrivateFileError::Empty { .. })
        ));
        let absent = read_private(&directory.path().join("none"));
        assert!(matches!(absent, Err(PrivateFileError::Unreadable { .. })));
        let (_directory, endless) = file(&"x".repeat(PRIVATE_FILE_BYTES_MAX + 1), 0o600);
        assert!(matches!(
            read_private(&endless),
            Err(PrivateFileError::TooLong { .. })
        ));
    }
}
