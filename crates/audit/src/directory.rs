//! What lies in a chain's directory: numbered files, `head`, `checkpoints`, `lock`, and torn lines moved aside. Knows names, not
//! entries.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::keys::PublicKeys;
use crate::limits::{HEAD_READS_MAX, NOTE_BYTES_MAX};
use crate::note::Note;
use crate::{AuditError, Broken};

/// Directory of one org's chain.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    name: String,
}

impl Directory {
    /// The chain of `org` below `dir`. Its name is made of the last name in `dir`, which says who writes it, and the org's.
    pub(crate) fn of(dir: &Path, org: &str) -> Result<Self, AuditError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if org.is_empty() || !org.bytes().all(fits) {
            return Err(AuditError::BadName(org.chars().take(40).collect()));
        }
        let writer = dir.file_name().and_then(|name| name.to_str());
        let fits = |name: &&str| !name.chars().any(|c| c.is_whitespace() || c.is_control());
        let writer = writer
            .filter(fits)
            .ok_or_else(|| AuditError::BadName(dir.display().to_string()))?;
        Ok(Self {
            path: dir.join(org),
            name: format!("{writer}/{org}"),
        })
    }

    /// Name of the chain.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Path of the chain's file of this number.
    pub(crate) fn file(&self, number: u32) -> PathBuf {
        self.path.join(format!("{number:08}.jsonl"))
    }

    /// Path of the list of checkpoints.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Path of `head`.
    pub(crate) fn head(&self) -> PathBuf {
        self.path.join("head")
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
                return Err(Broken::at(&self.path, None, None, &what).into());
            }
        }
        Ok(numbers.last().copied().unwrap_or(0))
    }

    /// Opens `head` for reading and writing, creating it when absent.
    pub(crate) fn open_head(&self) -> Result<HeadFile, AuditError> {
        let path = self.head();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = owner_only(&mut options)
            .open(&path)
            .map_err(|error| AuditError::disk("open", &path, error))?;
        Ok(HeadFile { path, file })
    }

    /// What `head` says, `None` when there is no such file or nothing in it. With `keys`, it must be signed by one of them.
    pub(crate) fn read_head(&self, keys: Option<&PublicKeys>) -> Result<Option<Head>, AuditError> {
        let path = self.head();
        let mut wrong = "it is not read";
        for _ in 0..HEAD_READS_MAX {
            let bytes = match read_at_most(&path, NOTE_BYTES_MAX) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(AuditError::disk("read", &path, error)),
            };
            if bytes.is_empty() {
                return Ok(None);
            }
            match self.parse_head(&bytes, keys) {
                Ok(head) => return Ok(Some(head)),
                Err(what) => wrong = what,
            }
        }
        Err(Broken::at(&path, None, None, wrong).into())
    }

    fn parse_head(&self, bytes: &[u8], keys: Option<&PublicKeys>) -> Result<Head, &'static str> {
        let note = str::from_utf8(bytes)
            .ok()
            .and_then(Note::first)
            .filter(|(_, rest)| rest.is_empty());
        let (note, _) = note.ok_or("it is not a signed note")?;
        let (checkpoint, key) = Checkpoint::read(&note, &self.name, keys)?;
        if checkpoint.number.is_some() {
            return Err("it is a checkpoint out of the list");
        }
        Ok(Head { checkpoint, key })
    }

    /// Moves the end of a file from `offset` on into a file of its own, and cuts it off. Flushed before and after.
    pub(crate) fn move_aside(&self, number: u32, offset: u64) -> Result<PathBuf, AuditError> {
        let from = self.file(number);
        let to = self.path.join(format!("torn-{number:08}-{offset}.txt"));
        let work = || -> io::Result<()> {
            let mut file = OpenOptions::new().read(true).write(true).open(&from)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut aside = File::create(&to)?;
            io::copy(&mut file, &mut aside)?;
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

/// At most `most` bytes from the beginning of a file, and one more if there is more.
fn read_at_most(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What `head` says, and which key signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) key: usize,
}

/// The small file that remembers the last line known to be on disk, so that a cut-off tail is noticed. Flushed when the chain is
/// opened, with every checkpoint and when it is closed; in between overwritten in place (one sector) and not flushed: it may lag
/// behind the chain, but is never ahead of it.
#[derive(Debug)]
pub(crate) struct HeadFile {
    path: PathBuf,
    file: File,
}

impl HeadFile {
    pub(crate) fn write(&mut self, note: &str) -> Result<(), AuditError> {
        let mut write = || -> io::Result<()> {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(note.as_bytes())?;
            // Notes do not get shorter, but for a chain that changes its kind of signature.
            let length = note.len() as u64;
            if self.file.metadata()?.len() > length {
                self.file.set_len(length)?;
            }
            Ok(())
        };
        write().map_err(|error| AuditError::disk("write", &self.path, error))
    }

    /// Brings the file to disk, its name excepted.
    pub(crate) fn flush(&self) -> Result<(), AuditError> {
        self.file
            .sync_all()
            .map_err(|error| AuditError::disk("flush", &self.path, error))
    }
}
