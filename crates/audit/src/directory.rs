//! What lies in a chain's directory: numbered files, `head`, `lock`, and torn lines moved aside. Knows names, not entries.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::chain::Link;
use crate::{AuditError, Broken};

/// Directory of one org's chain.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
}

impl Directory {
    pub(crate) fn of(dir: &Path, org: &str) -> Result<Self, AuditError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if org.is_empty() || !org.bytes().all(fits) {
            return Err(AuditError::BadName(org.chars().take(40).collect()));
        }
        Ok(Self {
            path: dir.join(org),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Path of the chain's file of this number.
    pub(crate) fn file(&self, number: u32) -> PathBuf {
        self.path.join(format!("{number:08}.jsonl"))
    }

    /// Makes the directory and those above it, and brings their names to disk: a chain is no safer than the way to it.
    pub(crate) fn create(&self) -> Result<(), AuditError> {
        let above = |path: &Path| {
            let parent = path.parent().filter(|path| !path.as_os_str().is_empty());
            parent.unwrap_or(Path::new(".")).to_owned()
        };
        let missing = self.path.ancestors().take_while(|path| !path.exists());
        let parents: Vec<PathBuf> = missing.map(above).collect();
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder
            .create(&self.path)
            .and_then(|()| parents.iter().try_for_each(|parent| flush(parent)))
            .map_err(|error| AuditError::disk("create", &self.path, error))
    }

    /// Takes the lock of the one writer; it is released when the file is dropped, also by a crash.
    pub(crate) fn lock(&self) -> Result<File, AuditError> {
        let path = self.path.join("lock");
        let file = open_append(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(AuditError::InUse {
                path: self.path.clone(),
            }),
            Err(fs::TryLockError::Error(error)) => Err(AuditError::disk("lock", &path, error)),
        }
    }

    /// Number of the last file, 0 when there is none. The files must count from 1 without a gap.
    pub(crate) fn last_file(&self) -> Result<u32, AuditError> {
        let failed = |error| AuditError::disk("list", &self.path, error);
        let mut numbers = Vec::new();
        for item in fs::read_dir(&self.path).map_err(failed)? {
            let name = item.map_err(failed)?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
            numbers.extend(number.and_then(|number| number.parse::<u32>().ok()));
        }
        numbers.sort_unstable();
        for (expected, found) in (1..).zip(&numbers) {
            if *found != expected {
                let what = format!("file {} is missing", self.file(expected).display());
                return Err(Broken::at(&self.path, 0, what).into());
            }
        }
        Ok(numbers.last().copied().unwrap_or(0))
    }

    /// Opens `head` for reading and writing, creating it when absent.
    pub(crate) fn open_head(&self) -> Result<Head, AuditError> {
        let path = self.path.join("head");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = owner_only(&mut options)
            .open(&path)
            .map_err(|error| AuditError::disk("open", &path, error))?;
        Ok(Head { path, file })
    }

    /// What `head` says, `None` when there is no such file or nothing in it.
    pub(crate) fn read_head(&self) -> Result<Option<Link>, AuditError> {
        let path = self.path.join("head");
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(AuditError::disk("read", &path, error)),
        };
        if text.is_empty() {
            return Ok(None);
        }
        let written: Option<Written> = serde_json::from_slice(&text).ok();
        let hash = written
            .as_ref()
            .and_then(|written| blake3::Hash::from_hex(&written.hash).ok());
        match (written, hash) {
            (Some(Written { seq: number, .. }), Some(hash)) => Ok(Some(Link { number, hash })),
            _ => Err(Broken::at(&path, 1, "it does not name a line".to_owned()).into()),
        }
    }

    /// Moves the end of a file from `offset` on into a file of its own, and cuts it off. Flushed before and after.
    pub(crate) fn move_aside(&self, number: u32, offset: u64) -> Result<PathBuf, AuditError> {
        let from = self.file(number);
        let to = self.path.join(format!("torn-{number:08}-{offset}.txt"));
        let work = || -> io::Result<()> {
            let mut file = OpenOptions::new().read(true).write(true).open(&from)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut torn = Vec::new();
            file.read_to_end(&mut torn)?;
            let mut aside = File::create(&to)?;
            aside.write_all(&torn)?;
            aside.sync_all()?;
            self.flush_names()?;
            file.set_len(offset)?;
            file.sync_all()
        };
        work().map_err(|error| AuditError::disk("move a torn line out of", &from, error))?;
        Ok(to)
    }

    /// Brings new names in the directory to disk.
    pub(crate) fn flush_names(&self) -> io::Result<()> {
        flush(&self.path)
    }
}

fn flush(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Opens a file to append to, creating it (mode 0600) when absent.
pub(crate) fn open_append(path: &Path) -> Result<File, AuditError> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    owner_only(&mut options)
        .open(path)
        .map_err(|error| AuditError::disk("open", path, error))
}

fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// The small file that remembers the last line known to be on disk, so that a cut-off tail is noticed. Flushed when the chain is
/// opened, so that it is there; from then on overwritten in place (one sector) and never flushed: it may lag behind the chain,
/// but is never ahead of it.
#[derive(Debug)]
pub(crate) struct Head {
    path: PathBuf,
    file: File,
}

#[derive(Deserialize)]
struct Written {
    seq: u64,
    hash: String,
}

impl Head {
    pub(crate) fn write(&mut self, link: &Link) -> Result<(), AuditError> {
        // Always the same length, so that it can be overwritten.
        let text = format!(
            "{{\"seq\":{:>20},\"hash\":\"{}\"}}\n",
            link.number,
            link.hash.to_hex()
        );
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(text.as_bytes()))
            .map_err(|error| AuditError::disk("write", &self.path, error))
    }

    /// Brings the file to disk, its name excepted.
    pub(crate) fn flush(&self) -> Result<(), AuditError> {
        self.file
            .sync_all()
            .map_err(|error| AuditError::disk("flush", &self.path, error))
    }
}
