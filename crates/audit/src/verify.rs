//! Checks a whole chain offline: every hash, every number, and the end against `head`. Needs no lock and changes nothing.
//!
//! Found are edited, removed, added, swapped and repeated entries, missing files, and a cut-off end. Not found is the
//! replacement of the whole directory by an older or new one: that takes a witness elsewhere.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::chain::Link;
use crate::directory::Directory;
use crate::entry::{CLOSED, OPENED};
use crate::scan::scan;
use crate::{AuditError, EntryId};

/// A chain that holds together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// In how many files.
    pub files: u32,
    /// Number of the last entry, `None` when there is none yet.
    pub last: Option<EntryId>,
    /// Hash of the last entry, 64 hexadecimal digits: to be kept elsewhere by who wants a witness.
    pub last_hash: String,
    /// Calls that were opened and never closed: the program stopped, or the disk refused, in between.
    pub unclosed: u64,
    /// Bytes of a last line that is not finished: being written now, or cut short by a crash and not yet moved aside.
    pub unfinished_bytes: u64,
}

/// Where and how a chain does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit trail broken at {at}: {what}")]
pub struct Broken {
    /// File and line.
    pub at: String,
    /// What is wrong there.
    pub what: String,
    /// What to do next, as a full sentence.
    pub next_step: &'static str,
}

impl Broken {
    pub(crate) fn at(path: &Path, line: u64, what: String) -> Self {
        let at = match line {
            0 => path.display().to_string(),
            line => format!("{} line {line}", path.display()),
        };
        Self {
            at,
            what,
            next_step: "Keep a copy of the directory as it is, compare it with its last backup, and find out who changed it; \
                        move the directory aside to begin a new chain.",
        }
    }
}

/// Checks the chain of `org` below `dir` from its first entry to its last.
///
/// # Errors
/// [`AuditError::Broken`] at the first thing that does not fit; other errors when the chain cannot be read.
pub fn verify(dir: &Path, org: &str) -> Result<Verified, AuditError> {
    let directory = Directory::of(dir, org)?;
    let head = directory.read_head()?;
    let files = directory.last_file()?;
    let mut link = Link::genesis(org);
    let mut open = HashSet::new();
    let mut seen = Seen::new(head, &link);
    let mut unfinished_bytes = 0;
    for number in 1..=files {
        let path = directory.file(number);
        let scanned = scan(&path, &mut link, |line, link| {
            seen.pass(link);
            match (line.kind, line.call) {
                (OPENED, _) => {
                    open.insert(line.seq);
                }
                (CLOSED, Some(call)) => {
                    open.remove(&call);
                }
                _ => {}
            }
        })?;
        if scanned.torn > 0 && number < files {
            let what = "its last line was never finished, but another file follows".to_owned();
            return Err(Broken::at(&path, 0, what).into());
        }
        unfinished_bytes = scanned.torn;
    }
    seen.confirm(&link, directory.path().join("head"))?;
    Ok(Verified {
        entries: link.number,
        files,
        last: (link.number > 0).then(|| EntryId::new(link.number)),
        last_hash: link.hash.to_hex().to_string(),
        unclosed: open.len() as u64,
        unfinished_bytes,
    })
}

/// Whether the line that `head` names has been come by.
pub(crate) struct Seen {
    head: Option<Link>,
    found: bool,
}

impl Seen {
    pub(crate) fn new(head: Option<Link>, start: &Link) -> Self {
        let found = head.as_ref() == Some(start);
        Self { head, found }
    }

    pub(crate) fn pass(&mut self, link: &Link) {
        self.found |= self.head.as_ref() == Some(link);
    }

    /// Fails if the chain ends before the line that `head` names, or has another line in its place.
    pub(crate) fn confirm(self, last: &Link, path: PathBuf) -> Result<(), AuditError> {
        let what = match self.head {
            None if last.number == 0 => return Ok(()),
            None => "it is missing, but there are entries".to_owned(),
            Some(_) if self.found => return Ok(()),
            Some(head) if head.number > last.number => format!(
                "entries {} to {} were on disk and are missing at the end of the chain",
                last.number + 1,
                head.number
            ),
            Some(head) => format!("entry {} is not the one that was written", head.number),
        };
        Err(Broken::at(&path, 0, what).into())
    }
}
