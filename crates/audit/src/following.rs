//! A chain read on as it grows: from a file's beginning, entry by entry, as far as it is known to be on disk. Changes nothing.

use std::path::Path;

use crate::chain::Link;
use crate::directory::Directory;
use crate::hash::Hash;
use crate::reading::Entry;
use crate::scan::{Lines, last_line};
use crate::{AuditError, Broken};

/// A place in a chain that somebody has read up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadUpTo {
    /// Number of the entry; 0: nothing yet.
    pub entry: u64,
    /// Its hash, 64 hexadecimal digits; empty for 0.
    pub hash: String,
}

/// Reads a chain on. Entries that are not known to be on disk are left for later, so that none is handed out that a crash takes
/// back.
pub struct Following {
    directory: Directory,
    link: Link,
    /// Number of the last entry known to be on disk.
    durable: u64,
    /// The next file to open.
    next: u32,
    lines: Option<Lines>,
    start: ReadUpTo,
}

/// An entry, with its line as it stands in the file.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The entry.
    pub entry: Entry,
    /// The line, without its end.
    pub line: String,
    /// Its hash, 64 hexadecimal digits.
    pub hash: String,
    /// Whether it was read before: it is not after the place that reading was to go on from.
    pub known: bool,
}

impl Following {
    /// Reads the chain of `org` below `dir` from the beginning of the file that goes on after `start`; what is in that file and not
    /// after it is handed out as known.
    ///
    /// # Errors
    /// [`AuditError`], when the chain cannot be read or its files have a gap.
    pub fn open(dir: &Path, org: &str, start: ReadUpTo) -> Result<Self, AuditError> {
        let directory = Directory::of(dir, org)?;
        let mut link = Link::genesis(directory.name());
        let mut next = 1;
        if directory.path().exists() {
            for file in (2..=directory.last_file()?).rev() {
                let (before, _) = last_line(&directory.file(file - 1))?;
                if before.number <= start.entry {
                    (link, next) = (before, file);
                    break;
                }
            }
        }
        let following = Self {
            directory,
            link,
            durable: 0,
            next,
            lines: None,
            start,
        };
        following.recognise(&following.directory.head())?;
        Ok(following)
    }

    /// The next entry, `None` if there is none for the time being.
    ///
    /// # Errors
    /// [`AuditError`]; what comes after that is not to be relied on.
    pub fn read(&mut self) -> Result<Option<Followed>, AuditError> {
        if self.link.number >= self.durable {
            let head = self.directory.read_head(None)?;
            self.durable = head.map_or(0, |head| head.checkpoint.link.number);
        }
        while self.link.number < self.durable {
            let Some(lines) = &mut self.lines else {
                self.lines = Some(Lines::open(&self.directory.file(self.next))?);
                self.next += 1;
                continue;
            };
            let path = lines.path().to_owned();
            let Some((_, line)) = lines.next(&mut self.link)? else {
                if lines.scanned().torn > 0 {
                    let what = "it ends before the last entry that was on disk";
                    return Err(Broken::at(&path, None, None, what).into());
                }
                self.lines = None;
                continue;
            };
            let unfit = || Broken::at(&path, None, None, "an entry of it has another form");
            let entry: Entry = serde_json::from_slice(line).map_err(|_| unfit())?;
            let line = str::from_utf8(line).map_err(|_| unfit())?.to_owned();
            self.recognise(&path)?;
            return Ok(Some(Followed {
                known: entry.number <= self.start.entry,
                entry,
                line,
                hash: self.link.hash.hex().as_str().to_owned(),
            }));
        }
        Ok(None)
    }

    /// Fails if the entry that was read up to is another one now.
    fn recognise(&self, path: &Path) -> Result<(), AuditError> {
        let here = self.link.number > 0 && self.link.number == self.start.entry;
        if here && Hash::from_hex(&self.start.hash) != Some(self.link.hash) {
            let what = "it is not the entry that was read here before";
            return Err(Broken::at(path, None, Some(self.link.number), what).into());
        }
        Ok(())
    }
}

impl std::fmt::Debug for Following {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Following")
            .field("directory", &self.directory)
            .field("after", &self.link.number)
            .finish_non_exhaustive()
    }
}
