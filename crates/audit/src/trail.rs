//! The handle through which everybody writes to one org's chain. Cheap to clone; the chain is closed with the last handle.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use clock::Clock;

use crate::disk::Disk;
use crate::entry::Fields;
use crate::limits::{CHECKPOINT_AFTER, CHECKPOINT_ENTRIES};
use crate::queue::{Answer, Queue};
use crate::writer::Writer;
use crate::{
    AuditError, Entered, EntryId, Event, FILE_BYTES_MAX, Opening, Outcome, PublicKeys, Recorded,
    Signer, Witness,
};

/// Writes one org's chain. Clones share it.
#[derive(Clone)]
pub struct Trail(Arc<Shared>);

/// How a chain is laid out on disk, who signs it and who is shown its checkpoints.
#[derive(Clone, Debug)]
pub struct TrailSettings {
    /// Size from which a new file is begun, in bytes.
    pub file_bytes_max: u64,
    /// Entries after which a checkpoint is signed.
    pub checkpoint_entries: u64,
    /// How long entries may stay without a checkpoint.
    pub checkpoint_after: Duration,
    /// Who signs. `None`: checkpoints bear no signature, and only an edit that forgets to hash anew is found.
    pub signer: Option<Arc<Signer>>,
    /// Who is shown each checkpoint.
    pub witnesses: Vec<Arc<dyn Witness>>,
}

impl TrailSettings {
    pub(crate) fn keys(&self) -> Option<&PublicKeys> {
        self.signer.as_deref().map(Signer::known)
    }
}

impl Default for TrailSettings {
    fn default() -> Self {
        Self {
            file_bytes_max: FILE_BYTES_MAX,
            checkpoint_entries: CHECKPOINT_ENTRIES,
            checkpoint_after: CHECKPOINT_AFTER,
            signer: None,
            witnesses: Vec::new(),
        }
    }
}

struct Shared {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    queue: Arc<Queue>,
    end: TrailEnd,
}

/// Ends a trail although others may still hold a handle: whoever is about to leave the program waits here until everything is on
/// disk and under a checkpoint. Does not keep the trail open.
#[derive(Clone)]
pub struct TrailEnd {
    queue: Arc<Queue>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl TrailEnd {
    /// Lets the writer finish (a few flushes) and waits for it, so that the chain can be opened again at once.
    pub fn close(&self) {
        self.queue.close();
        // Whoever comes second waits for the first.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(writer) = writer.take() {
            let _ = writer.join();
        }
    }
}

impl fmt::Debug for TrailEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TrailEnd")
    }
}

impl Trail {
    /// Opens the chain of `org` below `dir`, creating it when there is none.
    ///
    /// The last name in `dir` says who writes and is part of the chain's name: a copy keeps both names. An end cut short by a crash
    /// is moved into a file beside the chain, and that is noted as an entry.
    ///
    /// # Errors
    /// [`AuditError`]: the chain is in use by another process, does not hold together, or cannot be read or written.
    pub fn open(dir: &Path, org: &str, clock: Arc<dyn Clock>) -> Result<Self, AuditError> {
        Self::open_with(dir, org, clock, TrailSettings::default())
    }

    /// As [`Trail::open`], with another layout.
    ///
    /// # Errors
    /// As [`Trail::open`].
    pub fn open_with(
        dir: &Path,
        org: &str,
        clock: Arc<dyn Clock>,
        settings: TrailSettings,
    ) -> Result<Self, AuditError> {
        let (disk, torn) = Disk::open(dir, org, settings, Arc::clone(&clock))?;
        let path = disk.path().to_owned();
        let queue = Arc::new(Queue::after(disk.last_number()));
        let writer = Writer::new(disk, Arc::clone(&queue));
        let writer = std::thread::Builder::new()
            .name(format!("audit-{org}"))
            .spawn(move || writer.run())
            .map_err(|source| AuditError::disk("start the writer of", &path, source))?;
        let end = TrailEnd {
            queue: Arc::clone(&queue),
            writer: Arc::new(Mutex::new(Some(writer))),
        };
        let trail = Self(Arc::new(Shared {
            path,
            clock,
            queue,
            end,
        }));
        if let Some(torn) = torn {
            trail.push(&Fields::from(&torn.event()), false)?;
        }
        Ok(trail)
    }

    /// Writes down that a call is about to be made. When this returns, the entry is chained and queued, and on disk if
    /// `what.durable`.
    ///
    /// # Errors
    /// [`AuditError`], when the entry cannot be written: the call must not be made.
    pub async fn open_entry<P>(
        &self,
        permit: P,
        what: Opening<'_>,
    ) -> Result<Recorded<P>, AuditError> {
        Ok(self.enter(what).await?.with(permit))
    }

    /// As [`Trail::open_entry`], for an opening that borrows from the permit: the permit is handed over afterwards.
    ///
    /// # Errors
    /// [`AuditError`], when the entry cannot be written: the call must not be made.
    pub async fn enter(&self, what: Opening<'_>) -> Result<Entered, AuditError> {
        let entry = self.write(&Fields::from(&what), what.durable).await?;
        Ok(Entered::new(entry))
    }

    /// Writes down how a call ended.
    ///
    /// # Errors
    /// [`AuditError`], when the entry cannot be written.
    pub async fn close_entry<P>(
        &self,
        recorded: Recorded<P>,
        outcome: Outcome,
    ) -> Result<(), AuditError> {
        self.write(&Fields::from((recorded.entry(), &outcome)), false)
            .await?;
        Ok(())
    }

    /// Writes down anything else.
    ///
    /// # Errors
    /// [`AuditError`], when the entry cannot be written.
    pub async fn note(&self, event: Event) -> Result<EntryId, AuditError> {
        self.write(&Fields::from(&event), event.durable).await
    }

    /// Waits until everything written so far is on disk.
    ///
    /// # Errors
    /// [`AuditError`], when it cannot be brought there.
    pub async fn flush(&self) -> Result<(), AuditError> {
        let answer = self.0.queue.flush()?;
        answer.await.unwrap_or(Err(AuditError::Closed))
    }

    /// What ends it, to be kept by whoever leaves the program last.
    pub fn end(&self) -> TrailEnd {
        self.0.end.clone()
    }

    /// Directory of the chain.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    async fn write(&self, fields: &Fields<'_>, durable: bool) -> Result<EntryId, AuditError> {
        let (entry, answer) = self.push(fields, durable)?;
        match answer {
            None => Ok(entry),
            Some(answer) => answer
                .await
                .unwrap_or(Err(AuditError::Closed))
                .map(|()| entry),
        }
    }

    fn push(
        &self,
        fields: &Fields<'_>,
        durable: bool,
    ) -> Result<(EntryId, Option<Answer>), AuditError> {
        self.0.queue.push(&*self.0.clock, fields, durable)
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Trail")
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.end.close();
    }
}
