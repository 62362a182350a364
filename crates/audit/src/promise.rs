//! What was promised of a chain (by `head`, by its checkpoints, by witnesses), held against the entries as they are come by.

use std::path::{Path, PathBuf};

use crate::chain::Link;
use crate::checkpoint::Place;
use crate::directory::{Directory, Head};
use crate::list::{Listed, ReadList};
use crate::{AuditError, Broken, Witnessed};

/// One promise: at this entry the chain has this hash.
struct Promise {
    link: Link,
    /// Who says so: the file and the line.
    path: PathBuf,
    line: Option<u64>,
    time: String,
}

/// All of them, the nearest at the end.
pub(crate) struct Promises {
    open: Vec<Promise>,
    head: Option<Link>,
    /// Whether the last entry must be the one of `head`.
    stopped: bool,
    head_path: PathBuf,
}

impl Promises {
    /// What `head` and the list promise, if they fit together.
    pub(crate) fn new(
        directory: &Directory,
        head: Option<&Head>,
        list: &ReadList,
    ) -> Result<Self, AuditError> {
        agree(directory, head, list.listed.last(), list.unfinished())?;
        Ok(Self::of(directory, head, &list.listed))
    }

    /// What `head` and the last checkpoint promise, if they fit together: what a writer looks at when it opens a chain.
    pub(crate) fn of_end(
        directory: &Directory,
        head: Option<&Head>,
        last: Option<&Listed>,
        unfinished: bool,
    ) -> Result<Self, AuditError> {
        agree(directory, head, last, unfinished.then_some(0))?;
        Ok(Self::of(directory, head, last))
    }

    /// What `head` alone promises.
    pub(crate) fn of_head(directory: &Directory, head: Option<&Head>) -> Self {
        Self::of(directory, head, [])
    }

    /// Keeps what is promised of the entries from `start` on.
    pub(crate) fn from(mut self, start: &Link) -> Self {
        self.open
            .retain(|promise| promise.link.number >= start.number);
        self
    }

    fn of<'l>(
        directory: &Directory,
        head: Option<&Head>,
        listed: impl IntoIterator<Item = &'l Listed>,
    ) -> Self {
        let mut promises = Self {
            open: Vec::new(),
            head: head.map(|head| head.checkpoint.link),
            stopped: head.is_some_and(|head| head.checkpoint.closed),
            head_path: directory.head(),
        };
        for listed in listed {
            promises.add(listed, &directory.checkpoints());
        }
        if let Some(head) = head {
            promises.open.push(Promise {
                link: head.checkpoint.link,
                path: directory.head(),
                line: None,
                time: head.checkpoint.time.clone(),
            });
        }
        promises
    }

    fn add(&mut self, listed: &Listed, path: &Path) {
        self.open.push(Promise {
            link: listed.checkpoint.link,
            path: path.to_owned(),
            line: (listed.line > 0).then_some(listed.line),
            time: listed.checkpoint.time.clone(),
        });
    }

    /// Adds what witnesses saw of this chain; says how many checkpoints that is. Those that are in the list must be the same there.
    pub(crate) fn add_witnessed(
        &mut self,
        chain: &str,
        witnessed: &Witnessed,
        list: &ReadList,
    ) -> Result<usize, AuditError> {
        let mut count = 0;
        for listed in witnessed.of(chain) {
            let broken = |what: &str| Broken::at(witnessed.path(), Some(listed.line), None, what);
            if let Some(place) = listed.checkpoint.place() {
                if place.number > list.last().number {
                    let what = format!(
                        "the witness saw checkpoint {}, which the chain does not have: it was cut, or replaced by an older copy",
                        place.number
                    );
                    return Err(broken(&what).into());
                }
                if place_in(list, place.number) != Some(place) {
                    let what = format!(
                        "checkpoint {} of the chain is not the one the witness saw",
                        place.number
                    );
                    return Err(broken(&what).into());
                }
            }
            self.add(listed, witnessed.path());
            count += 1;
        }
        Ok(count)
    }

    /// Puts them in order, and looks at those about the beginning.
    pub(crate) fn arm(&mut self, start: &Link) -> Result<(), AuditError> {
        self.open
            .sort_by_key(|promise| std::cmp::Reverse(promise.link.number));
        let path = self.head_path.clone();
        self.pass(start, &path, 0)
    }

    /// The entry at `link` was come by, in this file and line.
    pub(crate) fn pass(&mut self, link: &Link, path: &Path, line: u64) -> Result<(), AuditError> {
        while self
            .open
            .last()
            .is_some_and(|promise| promise.link.number == link.number)
        {
            let Some(promise) = self.open.pop() else {
                break;
            };
            if promise.link.hash != link.hash {
                let what = format!(
                    "it is not the entry that was signed on {} ({}{})",
                    promise.time,
                    promise.path.display(),
                    promise
                        .line
                        .map(|line| format!(" line {line}"))
                        .unwrap_or_default()
                );
                let line = (line > 0).then_some(line);
                return Err(Broken::at(path, line, Some(link.number), &what).into());
            }
        }
        Ok(())
    }

    /// Fails if the chain ends before the last promise, or goes on after an orderly stop.
    pub(crate) fn confirm(self, last: &Link) -> Result<(), AuditError> {
        if let (Some(head), true) = (self.head, self.stopped)
            && head.number < last.number
        {
            let what = format!(
                "entries {} to {} follow the one at which the writer stopped in good order",
                head.number + 1,
                last.number
            );
            return Err(Broken::at(&self.head_path, None, Some(head.number + 1), &what).into());
        }
        self.confirm_head(last)
    }

    /// The same for who reads beside a writer that may have begun anew since `head` was read.
    pub(crate) fn confirm_head(self, last: &Link) -> Result<(), AuditError> {
        if let Some(promise) = self.open.first() {
            let what = format!(
                "entries {} to {} were on disk on {} and are missing at the end of the chain",
                last.number + 1,
                promise.link.number,
                promise.time
            );
            let entry = Some(last.number + 1);
            return Err(Broken::at(&promise.path, promise.line, entry, &what).into());
        }
        if self.head.is_none() && last.number > 0 {
            let what = "it is missing, but there are entries";
            return Err(Broken::at(&self.head_path, None, None, what).into());
        }
        Ok(())
    }
}

/// Whether `head` and the list can have been left by one writer. `last` is the last of the list; `unfinished` the line at which
/// something follows it.
fn agree(
    directory: &Directory,
    head: Option<&Head>,
    last: Option<&Listed>,
    unfinished: Option<u64>,
) -> Result<(), AuditError> {
    let (head_path, list_path) = (directory.head(), directory.checkpoints());
    let broken = |path: &Path, what: &str| Err(Broken::at(path, None, None, what).into());
    let start = Place::start(directory.name());
    let place = last
        .and_then(|last| last.checkpoint.place())
        .unwrap_or(start);
    let Some(head) = head else {
        return match last {
            Some(_) => broken(&head_path, "it is missing, but there are checkpoints"),
            None => Ok(()),
        };
    };
    let known = head.checkpoint.after;
    if known.number > place.number {
        let (first, last) = (place.number + 1, known.number);
        let what = format!("checkpoints {first} to {last} were in it and are missing");
        return broken(&list_path, &what);
    }
    let older = "it is older than the checkpoints: an earlier copy stands in its place";
    let expected = match (place.number - known.number, last) {
        (0, _) => place,
        // The one state in between: the list was written, `head` not yet. An orderly stop writes `head` before.
        (1, Some(last)) if head.checkpoint.closed || !last.checkpoint.closed => {
            last.checkpoint.after
        }
        _ => return broken(&head_path, older),
    };
    if known != expected {
        return broken(
            &list_path,
            "the checkpoint that `head` names is another one",
        );
    }
    if let Some(last) = last.filter(|_| known.number == place.number) {
        if head.checkpoint.link.number < last.checkpoint.link.number {
            return broken(&head_path, older);
        }
        if head.key < last.key {
            return broken(&head_path, "a key signed it that had been replaced");
        }
    }
    match unfinished {
        Some(line) if head.checkpoint.closed => {
            let what =
                "something follows the last checkpoint, although the writer stopped in good order";
            let line = (line > 0).then_some(line);
            Err(Broken::at(&list_path, line, None, what).into())
        }
        _ => Ok(()),
    }
}

/// The place of the checkpoint of this number.
fn place_in(list: &ReadList, number: u64) -> Option<Place> {
    let position = usize::try_from(number.checked_sub(1)?).ok()?;
    list.listed.get(position)?.checkpoint.place()
}
