//! The end of the chain on disk: chains entries, appends them, flushes, begins new files. One owner, no threads.
//!
//! Lines stay in memory until they are known to be on disk. Whatever fails half-way (a write, a flush, a new file) is undone
//! by cutting the file back to what is known, and tried again with the next call.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::chain::Link;
use crate::directory::{Directory, Head, open_append};
use crate::limits::FLUSH_AFTER;
use crate::queue::Waiting;
use crate::scan::{last_line, scan};
use crate::verify::Seen;
use crate::{AuditError, Event, TrailSettings};

pub(crate) struct Disk {
    directory: Directory,
    settings: TrailSettings,
    _lock: File,
    head: Head,
    number: u32,
    file: File,
    /// Length of the file as far as it is flushed.
    flushed: u64,
    /// Lines after that.
    pending: Vec<u8>,
    /// How many bytes of `pending` have been written.
    written: usize,
    /// Whether the file may hold bytes beyond `flushed + written`.
    soiled: bool,
    /// Since when something pends.
    since: Option<Instant>,
    link: Link,
}

/// A last line that a crash cut short.
#[derive(Debug)]
pub(crate) struct Torn {
    bytes: u64,
    kept_in: PathBuf,
}

impl Torn {
    pub(crate) fn event(&self) -> Event {
        Event {
            kind: "torn_line_moved_aside",
            reason: Some(
                "the program or the machine stopped while an entry was being written".to_owned(),
            ),
            details: vec![
                ("bytes", self.bytes.to_string()),
                ("kept_in", self.kept_in.display().to_string()),
            ],
            ..Event::default()
        }
    }
}

impl Disk {
    /// Opens a chain at its end. Checks its last file and `head`; moves a torn last line aside; refuses anything else.
    pub(crate) fn open(
        dir: &Path,
        org: &str,
        settings: TrailSettings,
    ) -> Result<(Self, Option<Torn>), AuditError> {
        let directory = Directory::of(dir, org)?;
        directory.create()?;
        let lock = directory.lock()?;
        let known = directory.read_head()?;
        let number = directory.last_file()?;
        let (first, mut link) = start_of_check(&directory, org, number, known.as_ref())?;
        let mut seen = Seen::new(known, &link);
        let mut flushed = 0;
        let mut torn = None;
        for number in first..=number {
            let scanned = scan(&directory.file(number), &mut link, |_, link| {
                seen.pass(link)
            })?;
            flushed = scanned.complete;
            if scanned.torn > 0 {
                torn = Some(Torn {
                    bytes: scanned.torn,
                    kept_in: directory.move_aside(number, flushed)?,
                });
            }
        }
        seen.confirm(&link, directory.path().join("head"))?;
        let number = number.max(1);
        let file = new_file(&directory, number)?;
        let mut head = directory.open_head()?;
        // What was found may not have been flushed before the crash; `head` must not run ahead of the disk.
        file.sync_data()
            .map_err(|error| AuditError::disk("flush", &directory.file(number), error))?;
        head.write(&link)?;
        // A chain with entries and without a head looks cut off: the head must not be what a power failure takes.
        head.flush()?;
        flush_names(&directory)?;
        let disk = Self {
            directory,
            settings,
            _lock: lock,
            head,
            number,
            file,
            flushed,
            pending: Vec::new(),
            written: 0,
            soiled: false,
            since: None,
            link,
        };
        Ok((disk, torn))
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.link.number
    }

    /// Chains entries; they pend until written and flushed.
    pub(crate) fn chain(&mut self, entries: Vec<Waiting>) {
        for entry in entries {
            self.link.extend(entry.at, &entry.fields, &mut self.pending);
        }
        if !self.pending.is_empty() {
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// How long what pends may still wait for its flush; `None` when nothing pends.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.since
            .map(|since| FLUSH_AFTER.saturating_sub(since.elapsed()))
    }

    /// Writes what pends, and flushes it if asked to or if it has waited long enough.
    pub(crate) fn write(&mut self, flush: bool) -> Result<(), AuditError> {
        let flush = flush || self.patience().is_some_and(|left| left.is_zero());
        let result = self
            .write_pending()
            .and_then(|()| if flush { self.flush() } else { Ok(()) });
        if result.is_err() {
            self.written = 0;
            self.soiled = true;
            self.since = Some(Instant::now());
        }
        result
    }

    fn write_pending(&mut self) -> Result<(), AuditError> {
        if self.soiled {
            self.file.set_len(self.flushed).map_err(|error| {
                AuditError::disk("cut back", &self.directory.file(self.number), error)
            })?;
            self.soiled = false;
        }
        if self.flushed >= self.settings.file_bytes_max
            && self.written == 0
            && !self.pending.is_empty()
        {
            self.file = new_file(&self.directory, self.number + 1)?;
            self.number += 1;
            self.flushed = 0;
        }
        let rest = self.pending.get(self.written..).unwrap_or_default();
        self.file
            .write_all(rest)
            .map_err(|error| AuditError::disk("write", &self.directory.file(self.number), error))?;
        self.written = self.pending.len();
        Ok(())
    }

    fn flush(&mut self) -> Result<(), AuditError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.file
            .sync_data()
            .map_err(|error| AuditError::disk("flush", &self.directory.file(self.number), error))?;
        self.head.write(&self.link)?;
        self.flushed += self.pending.len() as u64;
        self.pending.clear();
        self.written = 0;
        self.since = None;
        Ok(())
    }
}

/// The file from which the chain is checked when it is opened, and the line before it: the last file, or the one that holds
/// the line named by `head` when that lags behind.
fn start_of_check(
    directory: &Directory,
    org: &str,
    last: u32,
    head: Option<&Link>,
) -> Result<(u32, Link), AuditError> {
    for number in (2..=last).rev() {
        let (before, _) = last_line(&directory.file(number - 1))?;
        if head.is_some_and(|head| head.number >= before.number) {
            return Ok((number, before));
        }
    }
    Ok((1, Link::genesis(org)))
}

fn new_file(directory: &Directory, number: u32) -> Result<File, AuditError> {
    let file = open_append(&directory.file(number))?;
    flush_names(directory)?;
    Ok(file)
}

fn flush_names(directory: &Directory) -> Result<(), AuditError> {
    directory
        .flush_names()
        .map_err(|error| AuditError::disk("flush", directory.path(), error))
}
