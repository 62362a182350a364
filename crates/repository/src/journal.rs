//! The write-ahead journal of a restore run: what is about to be done, and what came of it, durable before going on.
//!
//! One record per line: 32 hex digits and the record as JSON. The digits hash the line before and the record, so that no
//! line is lost or altered by accident unnoticed (they are no defence against a forger). A crash may tear the last line;
//! opening drops it and says so. Damage anywhere else is refused. The journal knows nothing of what the records mean, and
//! its calls block for one flush to disk.

mod error;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use error::JournalError;

use crate::hex;
use crate::limits::{JOURNAL_BYTES_MAX, RECORD_BYTES_MAX};

/// An append-only file of records of one kind.
#[derive(Debug)]
pub struct Journal<R> {
    path: PathBuf,
    file: File,
    chain: [u8; 16],
    closed: bool,
    records: PhantomData<fn(R)>,
}

/// A journal, opened, with what it holds.
#[derive(Debug)]
pub struct Opened<R> {
    /// Ready for more records.
    pub journal: Journal<R>,
    /// All intact records, in order.
    pub records: Vec<R>,
    /// Bytes of a torn last record that were dropped; 0 after a clean end.
    pub torn_bytes: u64,
}

impl<R: Serialize + DeserializeOwned> Journal<R> {
    /// Begins a journal (mode 0600). Never overwrites; the directory must exist.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options.open(path).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists {
                path: path.to_owned(),
            },
            _ => failed("create", path, source),
        })?;
        lock(&file, path)?;
        let chain = link(&[0; 16], TITLE.as_bytes());
        let mut journal = Self {
            path: path.to_owned(),
            file,
            chain,
            closed: false,
            records: PhantomData,
        };
        journal.write(&format!("{} {TITLE}\n", hex::encode(&chain)))?;
        let parent = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(parent)
            .and_then(|directory| directory.sync_all())
            .map_err(|source| failed("flush", path, source))?;
        Ok(journal)
    }

    /// Opens a journal to read it and go on: verifies every record and drops a torn last one.
    pub fn open(path: &Path) -> Result<Opened<R>, JournalError> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(|source| match source.kind() {
                io::ErrorKind::NotFound => JournalError::Absent {
                    path: path.to_owned(),
                },
                _ => failed("open", path, source),
            })?;
        lock(&file, path)?;
        let length = file
            .metadata()
            .map_err(|source| failed("inspect", path, source))?
            .len();
        if length > JOURNAL_BYTES_MAX {
            return Err(JournalError::TooLarge {
                what: "the journal",
                bytes: length,
                limit: JOURNAL_BYTES_MAX,
            });
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)
            .map_err(|source| failed("read", path, source))?;
        let Contents {
            chain,
            records,
            intact_bytes,
        } = read(path, &bytes)?;
        let torn_bytes = bytes.len() as u64 - intact_bytes;
        if torn_bytes > 0 {
            file.set_len(intact_bytes)
                .and_then(|()| file.seek(SeekFrom::End(0)))
                .and_then(|_| file.sync_all())
                .map_err(|source| failed("repair", path, source))?;
        }
        let journal = Self {
            path: path.to_owned(),
            file,
            chain,
            closed: false,
            records: PhantomData,
        };
        Ok(Opened {
            journal,
            records,
            torn_bytes,
        })
    }

    /// Appends a record; when this returns, it survives a power cut. After a failure the journal takes nothing more.
    pub fn append(&mut self, record: &R) -> Result<(), JournalError> {
        if self.closed {
            return Err(JournalError::Closed {
                path: self.path.clone(),
            });
        }
        let json = serde_json::to_string(record).map_err(JournalError::NotJson)?;
        if json.len() > RECORD_BYTES_MAX {
            let (bytes, limit) = (json.len() as u64, RECORD_BYTES_MAX as u64);
            return Err(JournalError::TooLarge {
                what: "the record",
                bytes,
                limit,
            });
        }
        let chain = link(&self.chain, json.as_bytes());
        self.write(&format!("{} {json}\n", hex::encode(&chain)))?;
        self.chain = chain;
        Ok(())
    }

    /// Where this journal lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, line: &str) -> Result<(), JournalError> {
        self.closed = true;
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|source| failed("write", &self.path, source))?;
        self.closed = false;
        Ok(())
    }
}

struct Contents<R> {
    chain: [u8; 16],
    records: Vec<R>,
    intact_bytes: u64,
}

fn read<R: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<Contents<R>, JournalError> {
    let mut lines = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .enumerate()
        .peekable();
    let title = lines.next().and_then(|(_, line)| intact(&[0; 16], line));
    let Some((mut chain, title)) = title else {
        return Err(JournalError::NotAJournal {
            path: path.to_owned(),
        });
    };
    if title != TITLE.as_bytes() {
        return Err(JournalError::Newer {
            path: path.to_owned(),
        });
    }
    let mut records = Vec::new();
    let mut intact_bytes = title_bytes(title) as u64;
    while let Some((number, line)) = lines.next() {
        let Some((next, json)) = intact(&chain, line) else {
            if lines.peek().is_none() {
                break;
            }
            return Err(JournalError::Damaged {
                path: path.to_owned(),
                line: number + 1,
            });
        };
        records.push(
            serde_json::from_slice(json).map_err(|source| JournalError::OtherRecord {
                path: path.to_owned(),
                line: number + 1,
                source,
            })?,
        );
        chain = next;
        intact_bytes += line.len() as u64;
    }
    Ok(Contents {
        chain,
        records,
        intact_bytes,
    })
}

/// The chain after a line and the line's JSON, if the line is whole and continues the chain.
fn intact<'a>(before: &[u8; 16], line: &'a [u8]) -> Option<([u8; 16], &'a [u8])> {
    let (digits, rest) = line.strip_suffix(b"\n")?.split_at_checked(32)?;
    let json = rest.strip_prefix(b" ")?;
    let chain = hex::decode(std::str::from_utf8(digits).ok()?)?;
    (link(before, json) == chain).then_some((chain, json))
}

fn title_bytes(title: &[u8]) -> usize {
    32 + 1 + title.len() + 1
}

fn link(before: &[u8; 16], json: &[u8]) -> [u8; 16] {
    let hash = blake3::Hasher::new().update(before).update(json).finalize();
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::Busy {
            path: path.to_owned(),
        },
        TryLockError::Error(source) => failed("lock", path, source),
    })
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> JournalError {
    JournalError::Failed {
        action,
        path: path.to_owned(),
        source,
    }
}

/// The first line's JSON; the number is the version of the form.
const TITLE: &str = r#"{"journal":1}"#;

#[cfg(test)]
mod tests;
