//! What a writer finds when it opens a chain: where it ends, and whether what lies there is what was left there.

use std::path::PathBuf;

use crate::chain::Link;
use crate::directory::Directory;
use crate::keys::PublicKeys;
use crate::list::List;
use crate::promise::Promises;
use crate::scan::{NEVER_FINISHED, last_line, scan};
use crate::{AuditError, Broken, Event};

/// The end of a chain.
pub(crate) struct Opened {
    pub(crate) link: Link,
    /// Number of the file that is written to.
    pub(crate) number: u32,
    /// Its length.
    pub(crate) flushed: u64,
    pub(crate) torn: Option<Torn>,
    pub(crate) list: List,
    /// Number of the last entry under a checkpoint.
    pub(crate) checkpointed: u64,
    /// Whether that checkpoint is one of an orderly stop.
    pub(crate) stop_is_listed: bool,
}

/// An end that a crash cut short, or that a power failure left.
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

/// Checks the end of a chain and moves aside what was never promised to be on disk. Only the last file can have such an end: the
/// others were flushed before the next was begun.
pub(crate) fn open(directory: &Directory, keys: Option<&PublicKeys>) -> Result<Opened, AuditError> {
    let head = directory.read_head(keys)?;
    let (list, last) = List::open(directory, keys)?;
    let number = directory.last_file()?;
    let known = head.as_ref().map(|head| head.checkpoint.link);
    let (first, mut link) = start_of_check(directory, number, known.as_ref())?;
    let promises = Promises::of_end(
        directory,
        head.as_ref(),
        last.as_ref(),
        list.is_unfinished(),
    )?;
    let mut promises = promises.from(&link);
    promises.arm(&link)?;
    let stopped = head.as_ref().is_some_and(|head| head.checkpoint.closed);
    let mut flushed = 0;
    let mut torn = 0;
    for file in first..=number {
        let path = directory.file(file);
        let torn_after = known
            .filter(|_| file == number && !stopped)
            .map(|known| known.number);
        let scanned = scan(&path, &mut link, torn_after, |_, link, line| {
            promises.pass(link, &path, line)
        })?;
        flushed = scanned.complete;
        torn = scanned.torn;
        if torn > 0 && (file < number || stopped) {
            return Err(Broken::at(&path, None, None, NEVER_FINISHED).into());
        }
    }
    promises.confirm(&link)?;
    let torn = match torn {
        0 => None,
        bytes => Some(Torn {
            bytes,
            kept_in: directory.move_aside(number, flushed)?,
        }),
    };
    Ok(Opened {
        link,
        number: number.max(1),
        flushed,
        torn,
        list,
        stop_is_listed: last.as_ref().is_some_and(|last| last.checkpoint.closed),
        checkpointed: last.map_or(0, |last| last.checkpoint.link.number),
    })
}

/// The file from which the chain is checked when it is opened, and the line before it: the last file, or the one that holds
/// the line named by `head` when that lags behind.
fn start_of_check(
    directory: &Directory,
    last: u32,
    head: Option<&Link>,
) -> Result<(u32, Link), AuditError> {
    for number in (2..=last).rev() {
        let (before, _) = last_line(&directory.file(number - 1))?;
        if head.is_some_and(|head| head.number >= before.number) {
            return Ok((number, before));
        }
    }
    Ok((1, Link::genesis(directory.name())))
}
