//! The 32-byte key that seals, and the file it lives in.
//!
//! A key file is one line, `portcullis-key-1 <base64>`, readable by its owner only. It is created by an explicit
//! call and never overwritten; a key that others may read is refused, not silently repaired.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::Secret;

/// A key of 256 bits. Its bytes never appear in `Debug`.
#[derive(Clone, Debug)]
pub struct SealKey(Secret<[u8; LENGTH]>);

/// Why a key file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no key file at this path.
    #[error("no key file at {}", path.display())]
    Absent {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// A key file is already there; it is never overwritten.
    #[error("a key file already exists at {}", path.display())]
    Exists {
        /// Where it lies.
        path: PathBuf,
    },
    /// The file is not a key file.
    #[error("{} is not a key file: {reason}", path.display())]
    NotAKey {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it, without its contents.
        reason: &'static str,
    },
    /// Group or others may read or write the file.
    #[error("key file {} is open to other users (mode {mode:03o})", path.display())]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file system refused.
    #[error("cannot {action} key file {}", path.display())]
    Failed {
        /// What was tried.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system's random source or key derivation refused.
    #[error("the system's cryptography failed")]
    Unavailable,
}

impl KeyError {
    /// What to do next, as a full sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Absent { .. } => {
                "Name the right key file, or create a new key if nothing has been sealed yet."
            }
            Self::Exists { .. } => {
                "Use the existing key, or name another path; a lost key cannot be made again."
            }
            Self::NotAKey { .. } => {
                "Name the key file that was created for this state, or restore it from its copy."
            }
            Self::Exposed { .. } => {
                "Run `chmod 600` on the key file, and replace the key if others may have read it."
            }
            Self::Failed { .. } => {
                "Check the directory, its owner and the free space, then try again."
            }
            Self::Unavailable => "Check that the system's random source works, then try again.",
        }
    }
}

impl SealKey {
    /// Takes 32 bytes as the key.
    pub fn from_bytes(bytes: [u8; LENGTH]) -> Self {
        Self(Secret::new(bytes))
    }

    /// Makes a new random key, without a file.
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        rand::fill(bytes.as_mut()).map_err(|_| KeyError::Unavailable)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// Makes a new random key and its file (mode 0600, flushed to disk). Never overwrites.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self::generate()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        owner_only(&mut options);
        let mut file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => KeyError::Exists {
                path: path.to_owned(),
            },
            _ => failed("create", path, source),
        })?;
        let encoded = Zeroizing::new(STANDARD.encode(key.expose()));
        let line = Zeroizing::new(format!("{PREFIX}{}\n", *encoded));
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| flush_directory(path))
            .map_err(|source| {
                // Nobody has this key: a file of half of it would only stand in the way of the next try.
                let _ = fs::remove_file(path);
                failed("write", path, source)
            })?;
        Ok(key)
    }

    /// Reads the key from its file; refuses a file that others may read.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let file = File::open(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Absent {
                path: path.to_owned(),
            },
            _ => failed("open", path, source),
        })?;
        refuse_exposed(&file, path)?;
        let mut line = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX));
        file.take(FILE_BYTES_MAX as u64)
            .read_to_string(&mut line)
            .map_err(|source| match source.kind() {
                io::ErrorKind::InvalidData => KeyError::NotAKey {
                    path: path.to_owned(),
                    reason: "it is not text",
                },
                _ => failed("read", path, source),
            })?;
        parse(&line).map_err(|reason| KeyError::NotAKey {
            path: path.to_owned(),
            reason,
        })
    }

    /// Derives a key for one purpose (HKDF-SHA256, purpose as info), so that one file can serve several uses.
    pub fn derive(&self, purpose: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        Salt::new(HKDF_SHA256, b"portcullis key")
            .extract(self.expose())
            .expand(&[purpose.as_bytes()], Length)
            .and_then(|okm| okm.fill(bytes.as_mut()))
            .map_err(|_| KeyError::Unavailable)?;
        Ok(Self::from_bytes(*bytes))
    }

    /// Shows the 32 bytes, to the cipher.
    pub fn expose(&self) -> &[u8; LENGTH] {
        self.0.expose()
    }
}

fn parse(line: &str) -> Result<SealKey, &'static str> {
    let encoded = line
        .strip_prefix(PREFIX)
        .ok_or("it does not begin with `portcullis-key-1`")?;
    let mut bytes = Zeroizing::new([0_u8; LENGTH]);
    // `decode_slice` asks for room for the largest value the encoded length could mean.
    let mut room = Zeroizing::new([0_u8; LENGTH + 3]);
    let written = STANDARD
        .decode_slice(encoded.trim_end(), room.as_mut())
        .map_err(|_| "its key is not base64 of 32 bytes")?;
    let decoded = room
        .get(..written)
        .filter(|d| d.len() == LENGTH)
        .ok_or("its key is not 32 bytes long")?;
    bytes.copy_from_slice(decoded);
    Ok(SealKey::from_bytes(*bytes))
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> KeyError {
    KeyError::Failed {
        action,
        path: path.to_owned(),
        source,
    }
}

fn flush_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(unix)]
fn owner_only(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(unix)]
fn refuse_exposed(file: &File, path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file
        .metadata()
        .map_err(|source| failed("inspect", path, source))?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 == 0 {
        Ok(())
    } else {
        Err(KeyError::Exposed {
            path: path.to_owned(),
            mode,
        })
    }
}

#[cfg(not(unix))]
fn owner_only(_: &mut OpenOptions) {}

#[cfg(not(unix))]
fn refuse_exposed(_: &File, _: &Path) -> Result<(), KeyError> {
    Ok(())
}

/// Tells HKDF how much key material is wanted.
struct Length;

impl KeyType for Length {
    fn len(&self) -> usize {
        LENGTH
    }
}

/// Bytes of a key (AES-256).
const LENGTH: usize = 32;
/// What a key file begins with; the number is the version of the form.
const PREFIX: &str = "portcullis-key-1 ";
/// Bytes read of a key file: prefix (17) + base64 of 32 bytes (44) + line end (2), rounded up.
const FILE_BYTES_MAX: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_key_file_loads_and_is_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.key");
        let key = SealKey::create(&path).unwrap();
        assert_eq!(SealKey::load(&path).unwrap().expose(), key.expose());
        assert!(matches!(
            SealKey::create(&path),
            Err(KeyError::Exists { .. })
        ));
        assert_eq!(SealKey::load(&path).unwrap().expose(), key.expose());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_open_to_others_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.key");
        SealKey::create(&path).unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let refused = SealKey::load(&path).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("open to other users (mode 640)"),
            "{refused}"
        );
    }

    #[test]
    fn an_absent_file_and_another_file_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.key");
        assert!(matches!(SealKey::load(&path), Err(KeyError::Absent { .. })));
        for text in [
            "",
            "-----BEGIN PRIVATE KEY-----",
            "portcullis-key-1 AAAA\n",
            "portcullis-key-1 !!!!\n",
        ] {
            SealKey::create(&path).unwrap();
            std::fs::write(&path, text).unwrap();
            assert!(
                matches!(SealKey::load(&path), Err(KeyError::NotAKey { .. })),
                "{text:?}"
            );
            std::fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_are_stable() {
        let key = SealKey::from_bytes([3; 32]);
        assert_eq!(
            key.derive("audit").unwrap().expose(),
            key.derive("audit").unwrap().expose()
        );
        assert_ne!(
            key.derive("audit").unwrap().expose(),
            key.derive("access").unwrap().expose()
        );
        assert_ne!(key.derive("audit").unwrap().expose(), key.expose());
    }

    #[test]
    fn debug_of_a_key_shows_no_byte_of_it() {
        assert_eq!(
            format!("{:?}", SealKey::from_bytes([0xAB; 32])),
            "SealKey(Secret(..))"
        );
    }
}
