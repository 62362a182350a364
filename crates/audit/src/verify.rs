//! Checks a whole chain offline: every hash, every number, every checkpoint and its signature, and the end against `head`. Needs no
//! lock, changes nothing, works on a copy and beside a running writer.
//!
//! Found are edited, removed, added, swapped and repeated entries, missing and swapped files, another chain in the place of this
//! one, a cut-off end, and checkpoints that were changed or cut. An older copy of the whole directory is found with a witness.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::chain::Link;
use crate::directory::{Directory, Head};
use crate::entry::{CLOSED, OPENED};
use crate::keys::PublicKeys;
use crate::limits::CHECKS_MAX;
use crate::list::ReadList;
use crate::promise::Promises;
use crate::scan::{Line, NEVER_FINISHED, scan};
use crate::{AuditError, EntryId, Witnessed};

/// A chain that holds together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries it has.
    pub entries: u64,
    /// In how many files.
    pub files: u32,
    /// Number of the last entry, `None` when there is none yet.
    pub last: Option<EntryId>,
    /// Hash of the last entry, 64 hexadecimal digits.
    pub last_hash: String,
    /// When the last entry was written, as it says.
    pub last_at: Option<String>,
    /// Calls that were opened and never closed: the program stopped, or the disk refused, in between.
    pub unclosed: u64,
    /// Entries that say an earlier time than the one before them: the machine's clock was set back.
    pub clock_set_back: u64,
    /// Bytes at the end that are no entry: being written now, or left by a crash and not yet moved aside.
    pub unfinished_bytes: u64,
    /// How many checkpoints it has.
    pub checkpoints: u64,
    /// Up to which entry it is signed by one of the keys that were given; `None` without keys.
    pub signed: Option<u64>,
    /// How many checkpoints of a witness it was held against.
    pub witnessed: usize,
    /// Whether its writer stopped in good order.
    pub stopped: bool,
}

/// Where and how a chain does not hold together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("audit trail broken at {}: {what}", self.place())]
pub struct Broken {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, if it is about one.
    pub line: Option<u64>,
    /// Number of the entry that belongs there, if it is about one.
    pub entry: Option<u64>,
    /// What is wrong there.
    pub what: String,
    /// What to do next, as a full sentence.
    pub next_step: &'static str,
}

impl Broken {
    pub(crate) fn at(path: &Path, line: Option<u64>, entry: Option<u64>, what: &str) -> Self {
        Self {
            path: path.to_owned(),
            line,
            entry,
            what: what.to_owned(),
            next_step: "Keep a copy of the directory as it is, compare it with its last backup, and find out who changed it; \
                        move the directory aside to begin a new chain.",
        }
    }

    fn place(&self) -> String {
        let mut place = self.path.display().to_string();
        if let Some(line) = self.line {
            place.push_str(&format!(" line {line}"));
        }
        if let Some(entry) = self.entry {
            place.push_str(&format!(" (entry {entry})"));
        }
        place
    }
}

/// What a chain is held against beside itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// The keys that must have signed it. Without them no signature is looked at.
    pub keys: Option<&'a PublicKeys>,
    /// What witnesses have seen of it. Checkpoints of other chains are passed over.
    pub witnessed: &'a [Witnessed],
}

/// Checks the chain of `org` below `dir` from its first entry to its last, without keys or witnesses.
///
/// # Errors
/// As [`verify_against`].
pub fn verify(dir: &Path, org: &str) -> Result<Verified, AuditError> {
    verify_against(dir, org, Evidence::default())
}

/// Checks the chain of `org` below `dir` from its first entry to its last.
///
/// # Errors
/// [`AuditError::Broken`] at the first thing that does not fit; other errors when the chain cannot be read.
pub fn verify_against(
    dir: &Path,
    org: &str,
    evidence: Evidence<'_>,
) -> Result<Verified, AuditError> {
    let directory = Directory::of(dir, org)?;
    let mut checks = 1;
    loop {
        let (list, head) = read_promises(&directory, evidence.keys)?;
        let checked = check(&directory, evidence, list, head.as_ref());
        match checked {
            // A writer that stops, starts or restarts meanwhile makes a check look at two states at once.
            Err(AuditError::Broken(_)) if checks < CHECKS_MAX => {
                checks += 1;
                if directory.read_head(evidence.keys)? == head {
                    return checked;
                }
            }
            other => return other,
        }
    }
}

/// The list of checkpoints and `head`, as they were at one time: the list has at most one checkpoint that `head` does not know.
fn read_promises(
    directory: &Directory,
    keys: Option<&PublicKeys>,
) -> Result<(ReadList, Option<Head>), AuditError> {
    let mut list = ReadList::open(directory)?;
    let mut before = None;
    loop {
        list.read_on(keys)?;
        let head = directory.read_head(keys)?;
        let known = head.as_ref().map_or(0, |head| head.checkpoint.after.number);
        let listed = list.last().number;
        // In both cases a writer may have gone on between the two readings; if so, `head` or the list says more the next time.
        if (known > listed || listed > known + 1) && before != Some((listed, head.clone())) {
            before = Some((listed, head));
            continue;
        }
        return Ok((list, head));
    }
}

fn check(
    directory: &Directory,
    evidence: Evidence<'_>,
    list: ReadList,
    head: Option<&Head>,
) -> Result<Verified, AuditError> {
    let start = Link::genesis(directory.name());
    let stopped = head.is_some_and(|head| head.checkpoint.closed);
    let checkpoints = list.last().number;
    let mut promises = Promises::new(directory, head, &list)?;
    let mut witnessed = 0;
    for witness in evidence.witnessed {
        witnessed += promises.add_witnessed(directory.name(), witness, &list)?;
    }
    promises.arm(&start)?;
    let mut link = start;
    let mut tally = Tally::default();
    let mut unfinished_bytes = 0;
    let files = directory.last_file()?;
    for number in 1..=files {
        let path = directory.file(number);
        // After an orderly stop nothing may follow; otherwise the end of the last file may be what a power failure left.
        let torn_after = match head {
            Some(head) if number == files && !stopped => Some(head.checkpoint.link.number),
            _ => None,
        };
        let scanned = scan(&path, &mut link, torn_after, |line, link, position| {
            tally.count(line);
            promises.pass(link, &path, position)
        })?;
        if scanned.torn > 0 && (number < files || stopped) {
            let what = if stopped {
                "something follows the last entry, although the writer stopped in good order"
            } else {
                NEVER_FINISHED
            };
            return Err(Broken::at(&path, None, None, what).into());
        }
        unfinished_bytes = scanned.torn;
    }
    promises.confirm(&link)?;
    Ok(Verified {
        entries: link.number,
        files,
        last: (link.number > 0).then(|| EntryId::new(link.number)),
        last_hash: link.hash.hex().as_str().to_owned(),
        unclosed: tally.open.len() as u64,
        clock_set_back: tally.clock_set_back,
        last_at: (!tally.last_at.is_empty()).then_some(tally.last_at),
        unfinished_bytes,
        checkpoints,
        signed: evidence
            .keys
            .map(|_| head.map_or(0, |head| head.checkpoint.link.number)),
        witnessed,
        stopped,
    })
}

/// What is counted on the way.
#[derive(Default)]
struct Tally {
    open: HashSet<u64>,
    last_at: String,
    clock_set_back: u64,
}

impl Tally {
    fn count(&mut self, line: &Line<'_>) {
        match (line.kind, line.call) {
            (OPENED, _) => {
                self.open.insert(line.seq);
            }
            (CLOSED, Some(call)) => {
                self.open.remove(&call);
            }
            _ => {}
        }
        // Times are written in one form, so that texts compare as times do.
        if line.at < self.last_at.as_str() {
            self.clock_set_back += 1;
        }
        self.last_at.clear();
        self.last_at.push_str(line.at);
    }
}
