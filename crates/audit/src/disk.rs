//! The end of the chain on disk: chains entries, appends them, flushes, signs checkpoints, begins new files. One owner, no threads.
//!
//! Lines stay in memory until they are known to be on disk. Whatever fails half-way (a write, a flush, a new file) is undone
//! by cutting the file back to what is known, and tried again with the next call.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clock::Clock;

use crate::chain::Link;
use crate::directory::{Directory, HeadFile, open_append};
use crate::hash::Hex;
use crate::limits::{FLUSH_AFTER, FLUSH_BYTES, ROOM_BYTES_KEPT};
use crate::list::List;
use crate::opening::{self, Opened, Torn};
use crate::queue::Room;
use crate::seal::{Form, Seal};
use crate::{AuditError, TrailSettings};

pub(crate) struct Disk {
    directory: Directory,
    settings: TrailSettings,
    _lock: File,
    seal: Seal,
    head: HeadFile,
    list: List,
    number: u32,
    file: File,
    /// Length of the file as far as it is flushed.
    flushed: u64,
    /// The last line that is flushed.
    flushed_link: Link,
    /// Lines after that.
    pending: Vec<u8>,
    /// How many bytes of `pending` have been written.
    written: usize,
    /// Whether the file may hold bytes beyond `flushed + written`.
    soiled: bool,
    /// Since when something pends.
    since: Option<Instant>,
    link: Link,
    /// Its hash as digits.
    hex: Hex,
    /// Whether `head` lags behind what is flushed.
    head_lags: bool,
    /// Number of the last entry under a checkpoint, whether that checkpoint is one of an orderly stop, and since when there are
    /// entries after it.
    checkpointed: u64,
    stop_is_listed: bool,
    unsigned_since: Option<Instant>,
}

impl Disk {
    /// Opens a chain at its end. Checks its last file, `head` and the last checkpoint; moves a torn end aside; refuses anything else.
    pub(crate) fn open(
        dir: &Path,
        org: &str,
        settings: TrailSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Option<Torn>), AuditError> {
        let directory = Directory::of(dir, org)?;
        directory.create()?;
        let lock = directory.lock()?;
        let Opened {
            link,
            number,
            flushed,
            torn,
            list,
            checkpointed,
            stop_is_listed,
        } = opening::open(&directory, settings.keys())?;
        let seal = Seal::new(&directory, &settings, clock);
        let file = new_file(&directory, number)?;
        let head = directory.open_head()?;
        let mut disk = Self {
            directory,
            settings,
            _lock: lock,
            seal,
            head,
            list,
            number,
            file,
            flushed,
            flushed_link: link,
            pending: Vec::new(),
            written: 0,
            soiled: false,
            since: None,
            hex: link.hash.hex(),
            link,
            head_lags: true,
            checkpointed,
            stop_is_listed,
            unsigned_since: None,
        };
        disk.settle()?;
        Ok((disk, torn))
    }

    /// Brings what was found to disk before anything is added: it may not have been flushed before a crash, and a chain with entries
    /// and without a head looks cut off. What was found and not signed is signed now.
    fn settle(&mut self) -> Result<(), AuditError> {
        self.list.cut_back()?;
        self.sync()?;
        self.write_head(false)?;
        self.head.flush()?;
        flush_names(&self.directory)?;
        if self.link.number > self.checkpointed {
            self.checkpoint()?;
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.link.number
    }

    /// Chains entries; they pend until written and flushed.
    pub(crate) fn chain(&mut self, room: &Room) {
        for begun in room.entries() {
            self.link.extend(begun, &mut self.hex, &mut self.pending);
        }
        if !self.pending.is_empty() {
            self.since.get_or_insert_with(Instant::now);
        }
    }

    /// How long what pends may still wait for its flush, or what is flushed for its checkpoint; `None` when there is neither.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let flush = left(self.since, FLUSH_AFTER);
        let checkpoint = left(self.unsigned_since, self.settings.checkpoint_after);
        flush.into_iter().chain(checkpoint).min()
    }

    /// Writes what pends, and flushes it if asked to or if it has waited long enough; signs a checkpoint when it is time.
    pub(crate) fn write(&mut self, flush: bool) -> Result<(), AuditError> {
        let waited = left(self.since, FLUSH_AFTER).is_some_and(|left| left.is_zero());
        let flush = flush || waited || self.pending.len() >= FLUSH_BYTES;
        let result = self
            .write_pending()
            .and_then(|()| if flush { self.flush() } else { Ok(()) })
            .and_then(|()| {
                if self.is_checkpoint_due() {
                    self.checkpoint()
                } else {
                    Ok(())
                }
            });
        if result.is_err() {
            self.written = 0;
            self.soiled = true;
            self.since = Some(Instant::now());
        }
        result
    }

    /// Ends in good order: everything is flushed, under a checkpoint, and said to be all there is. What fails here is found when the
    /// chain is opened again.
    pub(crate) fn close(&mut self) -> Result<(), AuditError> {
        if !self.pending.is_empty() {
            return Ok(());
        }
        // `head` first: a list that ends in an orderly stop is never there without a `head` that says so.
        self.write_head(true)?;
        self.head.flush()?;
        if self.flushed_link.number > self.checkpointed || !self.stop_is_listed {
            self.append_checkpoint(true)?;
            self.write_head(true)?;
            self.head.flush()?;
        }
        Ok(())
    }

    fn write_pending(&mut self) -> Result<(), AuditError> {
        if self.soiled {
            self.file.set_len(self.flushed).map_err(|error| {
                AuditError::disk("cut back", &self.directory.file(self.number), error)
            })?;
            self.soiled = false;
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        if self.flushed >= self.settings.file_bytes_max && self.written == 0 {
            if self.flushed_link.number > self.checkpointed {
                self.checkpoint()?;
            }
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
        if !self.pending.is_empty() {
            self.sync()?;
            self.flushed += self.pending.len() as u64;
            self.flushed_link = self.link;
            self.pending.clear();
            self.pending.shrink_to(FLUSH_BYTES + ROOM_BYTES_KEPT);
            self.written = 0;
            self.head_lags = true;
            self.unsigned_since.get_or_insert_with(Instant::now);
        }
        self.since = None;
        if self.head_lags {
            self.write_head(false)
        } else {
            Ok(())
        }
    }

    fn sync(&self) -> Result<(), AuditError> {
        self.file
            .sync_data()
            .map_err(|error| AuditError::disk("flush", &self.directory.file(self.number), error))
    }

    fn is_checkpoint_due(&self) -> bool {
        let entries = self.flushed_link.number - self.checkpointed;
        let waited = left(self.unsigned_since, self.settings.checkpoint_after);
        entries > 0
            && (entries >= self.settings.checkpoint_entries
                || waited.is_some_and(|left| left.is_zero()))
    }

    fn checkpoint(&mut self) -> Result<(), AuditError> {
        self.append_checkpoint(false)?;
        self.write_head(false)?;
        self.head.flush()
    }

    fn append_checkpoint(&mut self, closed: bool) -> Result<(), AuditError> {
        let form = Form::Listed { closed };
        let (note, place) = self.seal.write(self.flushed_link, self.list.last(), form);
        self.head_lags = true;
        self.list.append(&note, place)?;
        self.checkpointed = self.flushed_link.number;
        self.stop_is_listed = closed;
        self.unsigned_since = None;
        self.seal.show(&note);
        Ok(())
    }

    fn write_head(&mut self, closed: bool) -> Result<(), AuditError> {
        let form = Form::Head { closed };
        let (note, _) = self.seal.write(self.flushed_link, self.list.last(), form);
        self.head.write(&note)?;
        self.head_lags = false;
        Ok(())
    }
}

/// What is left of `most` since a moment.
fn left(since: Option<Instant>, most: Duration) -> Option<Duration> {
    since.map(|since| most.saturating_sub(since.elapsed()))
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
