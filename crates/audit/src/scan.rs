//! Reads a file of a chain line by line and checks that each continues the one before. Changes nothing.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::chain::{Link, own_hash};
use crate::hash::Hash;
use crate::limits::LINE_BYTES_MAX;
use crate::{AuditError, Broken};

/// The members of a line that the checks look at.
#[derive(Deserialize)]
pub(crate) struct Line<'a> {
    pub(crate) seq: u64,
    pub(crate) at: &'a str,
    pub(crate) prev: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) call: Option<u64>,
}

/// How far a file holds together.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// Bytes up to the end of the last complete line.
    pub(crate) complete: u64,
    /// Bytes after that: a line that was never finished.
    pub(crate) torn: u64,
}

/// Checks every line of the file at `path` as a continuation of `link`, and moves `link` to the last.
///
/// With `torn_after`, whatever does not fit after that entry counts as torn: the disk never promised to keep it, and a power
/// failure may leave anything there.
pub(crate) fn scan(
    path: &Path,
    link: &mut Link,
    torn_after: Option<u64>,
    mut visit: impl FnMut(&Line<'_>, &Link, u64) -> Result<(), AuditError>,
) -> Result<Scanned, AuditError> {
    let mut lines = Lines::open(path)?;
    loop {
        let position = lines.position + 1;
        match lines.next(link) {
            Ok(Some((line, _))) => visit(&line, link, position)?,
            Ok(None) => return Ok(lines.scanned),
            Err(AuditError::Broken(_))
                if torn_after.is_some_and(|number| link.number >= number) =>
            {
                return lines.give_up();
            }
            Err(error) => return Err(error),
        }
    }
}

/// The complete lines of one file, each checked as it is read. Holds one line in memory.
pub(crate) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    bytes: Vec<u8>,
    position: u64,
    scanned: Scanned,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, AuditError> {
        let file = File::open(path).map_err(|error| AuditError::disk("read", path, error))?;
        Ok(Self {
            path: path.to_owned(),
            reader: BufReader::new(file),
            bytes: Vec::new(),
            position: 0,
            scanned: Scanned {
                complete: 0,
                torn: 0,
            },
        })
    }

    /// The next complete line, parsed and as bytes, if it continues `link`, which moves there. `None` at the end, and from then on.
    pub(crate) fn next(
        &mut self,
        link: &mut Link,
    ) -> Result<Option<(Line<'_>, &[u8])>, AuditError> {
        if self.scanned.torn > 0 {
            return Ok(None);
        }
        self.bytes.clear();
        self.position += 1;
        let read = self
            .reader
            .by_ref()
            .take(LINE_BYTES_MAX as u64 + 1)
            .read_until(b'\n', &mut self.bytes)
            .map_err(|error| AuditError::disk("read", &self.path, error))?;
        if read == 0 {
            return Ok(None);
        }
        let expected = link.number + 1;
        let broken = |what: String| {
            AuditError::from(Broken::at(
                &self.path,
                Some(self.position),
                Some(expected),
                &what,
            ))
        };
        if read > LINE_BYTES_MAX {
            return Err(broken(format!("it has more than {LINE_BYTES_MAX} bytes")));
        }
        let Some(line) = self.bytes.strip_suffix(b"\n") else {
            self.scanned.torn = read as u64;
            return Ok(None);
        };
        let parsed = check(line, link).map_err(broken)?;
        self.scanned.complete += read as u64;
        Ok(Some((parsed, line)))
    }

    /// Takes everything from the last line that fitted to the end of the file for torn.
    fn give_up(mut self) -> Result<Scanned, AuditError> {
        let length = self.reader.get_ref().metadata();
        let length = length
            .map_err(|error| AuditError::disk("read", &self.path, error))?
            .len();
        self.scanned.torn = length.saturating_sub(self.scanned.complete);
        Ok(self.scanned)
    }

    /// Number of the line read last.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How far it has been read.
    pub(crate) fn scanned(&self) -> &Scanned {
        &self.scanned
    }
}

/// The place and the time (as written) that the last line of a finished file claims; its own hash is checked, what came before is
/// not.
pub(crate) fn last_line(path: &Path) -> Result<(Link, Option<Timestamp>), AuditError> {
    let work = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(
            length.saturating_sub(LINE_BYTES_MAX as u64),
        ))?;
        let mut end = Vec::new();
        file.take(LINE_BYTES_MAX as u64).read_to_end(&mut end)?;
        Ok(end)
    };
    let end = work().map_err(|error| AuditError::disk("read", path, error))?;
    let broken = |what: &str| AuditError::from(Broken::at(path, None, None, what));
    let end = end
        .strip_suffix(b"\n")
        .ok_or_else(|| broken(NEVER_FINISHED))?;
    let line = end.rsplit(|byte| *byte == b'\n').next().unwrap_or(end);
    let hash = own_hash(line).map_err(|_| broken("its last line is no entry as it was written"))?;
    let parsed: Line<'_> =
        serde_json::from_slice(line).map_err(|_| broken("its last line is not an entry"))?;
    let link = Link {
        number: parsed.seq,
        hash,
    };
    Ok((link, parsed.at.parse().ok()))
}

fn check<'a>(line: &'a [u8], link: &mut Link) -> Result<Line<'a>, String> {
    let hash = own_hash(line)?;
    let parsed: Line<'a> =
        serde_json::from_slice(line).map_err(|_| "the line is not an entry".to_owned())?;
    let expected = link.number + 1;
    if parsed.seq > expected {
        return Err(format!(
            "entry {expected} is missing, entry {} stands in its place",
            parsed.seq
        ));
    }
    if parsed.seq < expected {
        return Err(format!(
            "entry {} stands where entry {expected} belongs",
            parsed.seq
        ));
    }
    if Hash::from_hex(parsed.prev) != Some(link.hash) {
        return Err("what came before this entry was replaced".to_owned());
    }
    *link = Link {
        number: expected,
        hash,
    };
    Ok(parsed)
}

/// What is said of a file that ends in a torn line although another follows.
pub(crate) const NEVER_FINISHED: &str =
    "its last line was never finished, but another file follows";

#[cfg(test)]
mod fuzz;
