//! The file `checkpoints`: signed notes, one after the other, each naming the one before it. Appended to by the writer of the chain,
//! read by whoever checks it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::checkpoint::{Checkpoint, Place};
use crate::directory::{Directory, open_append};
use crate::keys::PublicKeys;
use crate::limits::{LIST_END_BYTES, NOTE_BYTES_MAX};
use crate::note::Note;
use crate::{AuditError, Broken};

/// The list, held open by the writer.
pub(crate) struct List {
    path: PathBuf,
    file: File,
    /// Length up to the end of the last whole checkpoint.
    length: u64,
    /// Whether the file may hold bytes beyond `length`.
    soiled: bool,
    last: Place,
}

impl List {
    /// Opens the list at its end. Changes nothing yet.
    ///
    /// # Errors
    /// [`AuditError::Broken`], when its end is not of this chain or not signed by one of `keys`.
    pub(crate) fn open(
        directory: &Directory,
        keys: Option<&PublicKeys>,
    ) -> Result<(Self, Option<Listed>), AuditError> {
        let path = directory.checkpoints();
        let file = open_append(&path)?;
        let (end, last) = end_of(&path, directory.name(), keys)?;
        let soiled = file
            .metadata()
            .map_err(|error| AuditError::disk("read", &path, error))?
            .len()
            > end;
        let place = last.as_ref().and_then(|last| last.checkpoint.place());
        let list = Self {
            path,
            file,
            length: end,
            soiled,
            last: place.unwrap_or_else(|| Place::start(directory.name())),
        };
        Ok((list, last))
    }

    /// Whether something follows the last whole checkpoint.
    pub(crate) fn is_unfinished(&self) -> bool {
        self.soiled
    }

    /// The place of the last checkpoint.
    pub(crate) fn last(&self) -> Place {
        self.last
    }

    /// Appends a checkpoint and brings it to disk.
    pub(crate) fn append(&mut self, note: &str, place: Place) -> Result<(), AuditError> {
        self.cut_back()?;
        self.soiled = true;
        self.file
            .write_all(note.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| AuditError::disk("write", &self.path, error))?;
        self.soiled = false;
        self.length += note.len() as u64;
        self.last = place;
        Ok(())
    }

    /// Cuts off what a crash left of an unfinished checkpoint, or a disk that refused.
    pub(crate) fn cut_back(&mut self) -> Result<(), AuditError> {
        if self.soiled {
            self.file
                .set_len(self.length)
                .map_err(|error| AuditError::disk("cut back", &self.path, error))?;
            self.soiled = false;
        }
        Ok(())
    }
}

/// Where the last whole checkpoint of the list ends, and that checkpoint.
fn end_of(
    path: &Path,
    chain: &str,
    keys: Option<&PublicKeys>,
) -> Result<(u64, Option<Listed>), AuditError> {
    let work = || -> std::io::Result<(u64, Vec<u8>)> {
        let mut file = File::open(path)?;
        let start = file.metadata()?.len().saturating_sub(LIST_END_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut end = Vec::new();
        file.take(LIST_END_BYTES).read_to_end(&mut end)?;
        Ok((start, end))
    };
    let (start, bytes) = work().map_err(|error| AuditError::disk("read", path, error))?;
    let broken = |what: &str| AuditError::from(Broken::at(path, None, None, what));
    // What a power failure leaves need not be text.
    let text = match str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) if start == 0 || error.valid_up_to() > 0 => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| str::from_utf8(valid).ok())
            .unwrap_or_default(),
        // The first character may be cut in half.
        Err(_) => return Err(broken("its end is not text")),
    };
    let skipped = match start {
        0 => 0,
        _ => text
            .find(&format!("\n\n{}", Checkpoint::origin(chain)))
            .map(|place| place + 2)
            .ok_or_else(|| broken("no checkpoint of this chain is at its end"))?,
    };
    let mut rest = text.get(skipped..).unwrap_or_default();
    let mut last = None;
    while let Some((note, after)) = Note::first(rest) {
        let (checkpoint, key) = Checkpoint::read(&note, chain, keys).map_err(broken)?;
        if checkpoint.number.is_none() {
            return Err(broken("a head stands in it"));
        }
        last = Some(Listed {
            checkpoint,
            key,
            line: 0,
        });
        rest = after;
    }
    let end = start + (text.len() - rest.len()) as u64;
    Ok((if last.is_some() { end } else { 0 }, last))
}

/// One checkpoint as read from a list or from a witness.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) key: usize,
    /// Line of the file at which it begins, from 1; 0 when that is not known.
    pub(crate) line: u64,
}

/// Reads notes out of a file, from its beginning to its end; can go on when the file has grown.
pub(crate) struct Notes {
    path: PathBuf,
    reader: BufReader<File>,
    line: u64,
    /// What has been read of a note that is not whole yet.
    begun: Vec<u8>,
    begun_lines: u64,
    empty_lines: u8,
}

impl Notes {
    /// Opens a file; `None` when there is none.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, AuditError> {
        match File::open(path) {
            Ok(file) => Ok(Some(Self {
                path: path.to_owned(),
                reader: BufReader::new(file),
                line: 1,
                begun: Vec::new(),
                begun_lines: 0,
                empty_lines: 0,
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(AuditError::disk("read", path, error)),
        }
    }

    /// The next whole note as bytes and the line it begins at; `None` at the end, for the time being.
    pub(crate) fn next(&mut self) -> Result<Option<(Vec<u8>, u64)>, AuditError> {
        loop {
            let before = self.begun.len();
            let room = (NOTE_BYTES_MAX + 1).saturating_sub(before);
            let read = self
                .reader
                .by_ref()
                .take(room as u64)
                .read_until(b'\n', &mut self.begun)
                .map_err(|error| AuditError::disk("read", &self.path, error))?;
            if self.begun.len() > NOTE_BYTES_MAX {
                let what = "it has more bytes than a checkpoint";
                return Err(Broken::at(&self.path, Some(self.line), None, what).into());
            }
            if read == 0 || !self.begun.ends_with(b"\n") {
                return Ok(None);
            }
            self.begun_lines += 1;
            if self.begun.get(before..) == Some(b"\n") {
                self.empty_lines += 1;
            }
            if self.empty_lines == 2 {
                let line = self.line;
                self.line += self.begun_lines;
                (self.begun_lines, self.empty_lines) = (0, 0);
                return Ok(Some((std::mem::take(&mut self.begun), line)));
            }
        }
    }

    /// Whether something follows the last whole note.
    pub(crate) fn is_unfinished(&self) -> bool {
        !self.begun.is_empty()
    }

    /// Line at which the unfinished rest begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }
}

/// The list as read by whoever checks a chain: every checkpoint follows the one before it.
pub(crate) struct ReadList {
    path: PathBuf,
    chain: String,
    notes: Option<Notes>,
    pub(crate) listed: Vec<Listed>,
    last: Place,
}

impl ReadList {
    pub(crate) fn open(directory: &Directory) -> Result<Self, AuditError> {
        let path = directory.checkpoints();
        Ok(Self {
            notes: Notes::open(&path)?,
            chain: directory.name().to_owned(),
            last: Place::start(directory.name()),
            listed: Vec::new(),
            path,
        })
    }

    /// Reads what there is more. Bytes after the last whole checkpoint are not an error here.
    pub(crate) fn read_on(&mut self, keys: Option<&PublicKeys>) -> Result<(), AuditError> {
        let Some(notes) = &mut self.notes else {
            return Ok(());
        };
        while let Some((bytes, line)) = notes.next()? {
            let text = str::from_utf8(&bytes).unwrap_or_default();
            let read = Note::first(text)
                .filter(|(_, rest)| rest.is_empty())
                .ok_or("it is not a signed note")
                .and_then(|(note, _)| Checkpoint::read(&note, &self.chain, keys))
                .and_then(|(checkpoint, key)| {
                    continues(&checkpoint, key, self.last, self.listed.last())?;
                    Ok((checkpoint, key))
                });
            let (checkpoint, key) =
                read.map_err(|what| Broken::at(&self.path, Some(line), None, what))?;
            self.last = checkpoint.place().unwrap_or(self.last);
            self.listed.push(Listed {
                checkpoint,
                key,
                line,
            });
        }
        Ok(())
    }

    /// Place of the last checkpoint read.
    pub(crate) fn last(&self) -> Place {
        self.last
    }

    /// Line at which something follows the last whole checkpoint, if there is anything.
    pub(crate) fn unfinished(&self) -> Option<u64> {
        let notes = self.notes.as_ref()?;
        notes.is_unfinished().then(|| notes.line())
    }
}

/// Whether a checkpoint is the next one of a list.
fn continues(
    checkpoint: &Checkpoint,
    key: usize,
    last: Place,
    before: Option<&Listed>,
) -> Result<(), &'static str> {
    if checkpoint.number != Some(last.number + 1) || checkpoint.after != last {
        return Err("it does not follow the checkpoint before it");
    }
    if before.is_some_and(|before| before.key > key) {
        return Err("a key signed it that had been replaced");
    }
    let (entries, stopped) = before.map_or((0, false), |before| {
        (before.checkpoint.link.number, before.checkpoint.closed)
    });
    // An orderly stop is said even when nothing is new.
    let stops = checkpoint.closed && !stopped && checkpoint.link.number == entries;
    if checkpoint.link.number <= entries && !stops {
        return Err("it covers no more entries than the one before it");
    }
    Ok(())
}
