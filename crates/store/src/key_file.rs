//! A file with one key in it, in the clear or wrapped.
//!
//! One line: `portcullis-key-1 KEY`, or `portcullis-key-2 passphrase …`, or `portcullis-key-2 command …`. It is readable by its
//! owner only; one that others may read is refused, not silently repaired. A key is never overwritten: it is rewrapped into a new file
//! that takes the place of the old one after it has been read back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::private::mode_for_others;
use crate::{KeyError, KeyWrapping, SealKey, WrappingError, WrappingKind, Zeroizing};

/// The file of a key.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

impl KeyFile {
    /// The file at this path, whether it is there or not.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    /// Makes a new random key and its file (mode 0600, flushed to disk). Never overwrites.
    ///
    /// # Errors
    /// [`KeyError`]; no file is left behind.
    pub fn create(&self, wrapping: &dyn KeyWrapping) -> Result<SealKey, KeyError> {
        let key = SealKey::generate()?;
        self.write(&key, wrapping)?;
        Ok(key)
    }

    /// How the key lies in the file.
    ///
    /// # Errors
    /// [`KeyError`], when there is no key file.
    pub fn kind(&self) -> Result<WrappingKind, KeyError> {
        let line = self.read()?;
        self.parted(&line).map(|(kind, _)| kind)
    }

    /// Reads the key out of the file.
    ///
    /// # Errors
    /// [`KeyError`]; a key that lies there in another way than `wrapping` is not opened.
    pub fn load(&self, wrapping: &dyn KeyWrapping) -> Result<SealKey, KeyError> {
        let line = self.read()?;
        let (found, wrapped) = self.parted(&line)?;
        if found != wrapping.kind() {
            return Err(KeyError::OtherWrapping {
                path: self.path.clone(),
                found,
                given: wrapping.kind(),
            });
        }
        wrapping.open(wrapped).map_err(|source| match source {
            WrappingError::Malformed(reason) => self.not_a_key(reason),
            source => self.refused(source),
        })
    }

    /// Wraps the key anew. The file is either the old one or the new one, whenever this is broken off; the new one takes its place
    /// only after it has been opened and gave the same key.
    ///
    /// # Errors
    /// [`KeyError`]; the file is as it was.
    pub fn rewrap(&self, from: &dyn KeyWrapping, to: &dyn KeyWrapping) -> Result<(), KeyError> {
        let key = self.load(from)?;
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let draft = Self::at(Path::new(&name));
        draft.write(&key, to).map_err(|error| match error {
            KeyError::Exists { path } => KeyError::Unfinished { path },
            other => other,
        })?;
        let read_back = draft.load(to).and_then(|opened| {
            verify_slices_are_equal(opened.expose(), key.expose()).map_err(|_| {
                KeyError::ReadsBackOtherwise {
                    path: draft.path.clone(),
                }
            })
        });
        if let Err(error) = read_back {
            // What cannot be removed is named by the error of the next rewrap.
            let _ = fs::remove_file(&draft.path);
            return Err(error);
        }
        fs::rename(&draft.path, &self.path)
            .and_then(|()| flush_directory(&self.path))
            .map_err(|source| self.failed("replace", source))
    }

    fn write(&self, key: &SealKey, wrapping: &dyn KeyWrapping) -> Result<(), KeyError> {
        let head = match wrapping.kind() {
            WrappingKind::Plain => PLAIN,
            WrappingKind::Passphrase => PASSPHRASE,
            WrappingKind::Command => COMMAND,
        };
        let wrapped = wrapping.wrap(key).map_err(|source| self.refused(source))?;
        let line = Zeroizing::new(format!("{head}{}\n", *wrapped));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options
            .open(&self.path)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => KeyError::Exists {
                    path: self.path.clone(),
                },
                _ => self.failed("create", source),
            })?;
        file.write_all(line.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| flush_directory(&self.path))
            .map_err(|source| {
                // Half a key would only stand in the way of the next try.
                let _ = fs::remove_file(&self.path);
                self.failed("write", source)
            })
    }

    fn read(&self) -> Result<Zeroizing<String>, KeyError> {
        let file = File::open(&self.path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => KeyError::Absent {
                path: self.path.clone(),
            },
            _ => self.failed("open", source),
        })?;
        let mode = mode_for_others(&file).map_err(|source| self.failed("inspect", source))?;
        if let Some(mode) = mode {
            return Err(KeyError::Exposed {
                path: self.path.clone(),
                mode,
            });
        }
        let mut line = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX));
        file.take(FILE_BYTES_MAX as u64)
            .read_to_string(&mut line)
            .map_err(|source| match source.kind() {
                io::ErrorKind::InvalidData => self.not_a_key("it is not text"),
                _ => self.failed("read", source),
            })?;
        Ok(line)
    }

    fn parted<'line>(&self, line: &'line str) -> Result<(WrappingKind, &'line str), KeyError> {
        [
            (PLAIN, WrappingKind::Plain),
            (PASSPHRASE, WrappingKind::Passphrase),
            (COMMAND, WrappingKind::Command),
        ]
        .into_iter()
        .find_map(|(head, kind)| Some((kind, line.strip_prefix(head)?.trim_end())))
        .ok_or_else(|| self.not_a_key("it does not begin with `portcullis-key-`"))
    }

    fn not_a_key(&self, reason: &'static str) -> KeyError {
        KeyError::NotAKey {
            path: self.path.clone(),
            reason,
        }
    }

    fn refused(&self, source: WrappingError) -> KeyError {
        KeyError::Wrapping {
            path: self.path.clone(),
            source,
        }
    }

    fn failed(&self, action: &'static str, source: io::Error) -> KeyError {
        KeyError::Failed {
            action,
            path: self.path.clone(),
            source,
        }
    }
}

fn flush_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

/// What key files begin with; the number is the version of the form.
const PLAIN: &str = "portcullis-key-1 ";
const PASSPHRASE: &str = "portcullis-key-2 passphrase ";
const COMMAND: &str = "portcullis-key-2 command ";
/// Bytes read of a key file: the longest is a command's blob of 16 KiB as base64 (21.8 KiB), its proof (44) and the head.
const FILE_BYTES_MAX: usize = 24 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Passphrase, Plain, Secret, Stretch};

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
            "portcullis-key-2 horse AAAA\n",
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

    fn passphrase(text: &str) -> Passphrase {
        Passphrase::new(&Secret::new(text.to_owned())).at_cost(Stretch {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        })
    }

    #[test]
    fn a_rewrapped_key_is_the_same_key_and_opens_in_the_new_way_only() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.key");
        let key = SealKey::create(&path).unwrap();
        let file = KeyFile::at(&path);
        let horse = passphrase("correct horse battery");
        file.rewrap(&Plain, &horse).unwrap();
        assert_eq!(file.kind().unwrap(), WrappingKind::Passphrase);
        assert_eq!(file.load(&horse).unwrap().expose(), key.expose());
        let refused = SealKey::load(&path).unwrap_err();
        assert!(
            refused
                .to_string()
                .ends_with("lies there under a passphrase, not in the clear"),
            "{refused}"
        );
        let donkey = passphrase("incorrect donkey battery");
        assert!(matches!(
            file.load(&donkey),
            Err(KeyError::Wrapping {
                source: WrappingError::WrongPassphrase,
                ..
            })
        ));
        file.rewrap(&horse, &donkey).unwrap();
        assert_eq!(file.load(&donkey).unwrap().expose(), key.expose());
        file.rewrap(&donkey, &Plain).unwrap();
        assert_eq!(SealKey::load(&path).unwrap().expose(), key.expose());
        let held: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
        assert_eq!(held.len(), 1, "no draft is left behind");
    }

    /// Wraps like a passphrase, and forgets which key it was.
    #[derive(Debug)]
    struct Forgetful;

    impl KeyWrapping for Forgetful {
        fn kind(&self) -> WrappingKind {
            WrappingKind::Command
        }
        fn wrap(&self, _: &SealKey) -> Result<Zeroizing<String>, WrappingError> {
            Ok(Zeroizing::new("QUJD".to_owned()))
        }
        fn open(&self, _: &str) -> Result<SealKey, WrappingError> {
            Ok(SealKey::from_bytes([1; 32]))
        }
    }

    #[test]
    fn a_key_that_does_not_read_back_stays_as_it_was() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.key");
        let key = SealKey::create(&path).unwrap();
        let file = KeyFile::at(&path);
        assert!(matches!(
            file.rewrap(&Plain, &Forgetful),
            Err(KeyError::ReadsBackOtherwise { .. })
        ));
        assert!(matches!(
            file.rewrap(&Plain, &passphrase("short")),
            Err(KeyError::Wrapping { .. })
        ));
        let draft = directory.path().join("state.key.new");
        assert!(!draft.exists());
        fs::write(&draft, "somebody's").unwrap();
        let refused = file.rewrap(&Plain, &passphrase("correct horse battery"));
        assert!(matches!(refused, Err(KeyError::Unfinished { .. })));
        assert_eq!(fs::read_to_string(&draft).unwrap(), "somebody's");
        assert_eq!(SealKey::load(&path).unwrap().expose(), key.expose());
    }
}
