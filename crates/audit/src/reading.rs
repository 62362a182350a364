//! A chain read as values, entry by entry, each checked before it is handed out. Needs no lock, changes nothing, works beside a
//! running writer: what is being written at that moment is the end.

use std::collections::BTreeMap;
use std::iter::FusedIterator;
use std::net::IpAddr;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::chain::Link;
use crate::directory::Directory;
use crate::entry::{CLOSED, OPENED};
use crate::promise::Promises;
use crate::scan::{Lines, NEVER_FINISHED, last_line};
use crate::{AuditError, Broken};

/// One entry as it was written. A member that was not written is `None` or empty.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Entry {
    /// Its number within the chain, from 1.
    #[serde(rename = "seq")]
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened: `call_opened`, `call_closed`, `refused`, …
    pub kind: String,
    /// Of a closing entry: the number of the entry that opened the call.
    pub call: Option<u64>,
    /// Id of the client.
    pub client: Option<String>,
    /// Id of the credential.
    pub credential: Option<String>,
    /// Operation id.
    pub operation: Option<String>,
    /// Path parameters of the operation.
    #[serde(default)]
    pub resources: BTreeMap<String, String>,
    /// Address the call came from.
    pub source: Option<IpAddr>,
    /// The caller's `User-Agent`.
    pub user_agent: Option<String>,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Okta's `X-Okta-Request-Id`.
    pub okta_request_id: Option<String>,
    /// Length of the answer's body, in bytes.
    pub bytes: Option<u64>,
    /// From the call to the whole answer, in microseconds.
    pub duration_us: Option<u64>,
    /// Why.
    pub reason: Option<String>,
    /// Further facts by name.
    #[serde(default)]
    pub details: BTreeMap<String, String>,
}

impl Entry {
    /// Whether it says that a call is about to be made.
    pub fn opens_call(&self) -> bool {
        self.kind == OPENED
    }

    /// Whether it says how a call ended.
    pub fn closes_call(&self) -> bool {
        self.kind == CLOSED
    }
}

/// Reads the chain of `org` below `dir`, in order, from its first entry that is not older than `from`; all of it without `from`.
///
/// Finished files whose last entry is older are not read, so the beginning of the chain is checked only by [`verify`](crate::verify).
/// A chain that was never begun has no entries.
///
/// # Errors
/// [`AuditError`], when the chain cannot be read or its files have a gap. What is wrong inside comes from the iterator, once, as
/// its last item.
pub fn entries(dir: &Path, org: &str, from: Option<Timestamp>) -> Result<Entries, AuditError> {
    let directory = Directory::of(dir, org)?;
    let mut link = Link::genesis(directory.name());
    let mut number = 1;
    let mut last = 0;
    let mut head = None;
    if directory.path().exists() {
        head = directory.read_head(None)?;
        last = directory.last_file()?;
    }
    if let Some(from) = from {
        for finished in (1..last).rev() {
            let (end, at) = last_line(&directory.file(finished))?;
            if at.is_some_and(|at| at < from) {
                (link, number) = (end, finished + 1);
                break;
            }
        }
    }
    // What was promised of entries before the beginning of what is read is for `verify` to check.
    let mut promises = Promises::of_head(&directory, head.as_ref()).from(&link);
    promises.arm(&link)?;
    Ok(Entries {
        promises: Some(promises),
        directory,
        from,
        link,
        next: number,
        last,
        lines: None,
    })
}

/// The entries of a chain, oldest first. One line is in memory at a time.
pub struct Entries {
    directory: Directory,
    from: Option<Timestamp>,
    link: Link,
    /// Number of the next file to open, and of the last there was when reading began.
    next: u32,
    last: u32,
    lines: Option<Lines>,
    /// Taken when the end is reached or something does not fit.
    promises: Option<Promises>,
}

impl Entries {
    fn advance(&mut self) -> Result<Option<Entry>, AuditError> {
        loop {
            let Some(lines) = &mut self.lines else {
                if self.next > self.last {
                    return Ok(None);
                }
                self.lines = Some(Lines::open(&self.directory.file(self.next))?);
                self.next += 1;
                continue;
            };
            if let Some((_, line)) = lines.next(&mut self.link)? {
                let entry: Result<Entry, _> = serde_json::from_slice(line);
                let entry = entry.map_err(|_| unfit(lines, "an entry of it has another form"))?;
                if let Some(promises) = &mut self.promises {
                    promises.pass(&self.link, lines.path(), lines.position())?;
                }
                if self.from.is_none_or(|from| entry.at >= from) {
                    return Ok(Some(entry));
                }
                continue;
            }
            if lines.scanned().torn > 0 && self.next <= self.last {
                return Err(unfit(lines, NEVER_FINISHED));
            }
            self.lines = None;
        }
    }
}

fn unfit(lines: &Lines, what: &str) -> AuditError {
    Broken::at(lines.path(), None, None, what).into()
}

impl Iterator for Entries {
    type Item = Result<Entry, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.promises.as_ref()?;
        match self.advance() {
            Ok(Some(entry)) => Some(Ok(entry)),
            Ok(None) => {
                let confirmed = self.promises.take()?.confirm_head(&self.link);
                confirmed.err().map(Err)
            }
            Err(error) => {
                self.promises = None;
                Some(Err(error))
            }
        }
    }
}

impl FusedIterator for Entries {}

impl std::fmt::Debug for Entries {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Entries")
            .field("directory", &self.directory)
            .field("after", &self.link.number)
            .finish_non_exhaustive()
    }
}
