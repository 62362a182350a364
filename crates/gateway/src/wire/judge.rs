//! The judge of everything a sender puts on an HTTP/1.1 connection: request after request, whatever pieces it comes in. Pure: bytes
//! in, verdict out; keeps offsets and counts, never bytes.

use super::chunks::{Came, Chunks};
use super::fault::Fault;
use super::framing::Framing;
use super::head::Head;

/// How far a connection has come.
#[derive(Debug)]
pub(super) struct Judge {
    at: At,
    /// Heads found whole and right.
    heads: u64,
}

#[derive(Clone, Copy, Debug)]
enum At {
    Head(Head),
    Body { left: u64 },
    Chunks(Chunks),
}

/// What is known of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    /// So many bytes from the first on may be passed on.
    pub(super) sound: usize,
    /// What is wrong with those that follow. There is no judging on after it.
    pub(super) fault: Option<Fault>,
}

impl Judge {
    pub(super) fn new() -> Self {
        Self {
            at: At::Head(Head::default()),
            heads: 0,
        }
    }

    /// Heads found whole and right so far.
    pub(super) const fn heads(&self) -> u64 {
        self.heads
    }

    /// Whether a body has begun and not ended.
    pub(super) const fn is_in_body(&self) -> bool {
        !matches!(self.at, At::Head(_))
    }

    /// Judges `bytes`: all that came and was not found sound before.
    pub(super) fn judge(&mut self, bytes: &[u8]) -> Judged {
        let mut sound = 0;
        while let Some(rest) = bytes.get(sound..).filter(|rest| !rest.is_empty()) {
            match self.step(rest) {
                Ok(Some(more)) => sound += more,
                Ok(None) => break,
                Err((more, fault)) => {
                    return Judged {
                        sound: sound + more,
                        fault: Some(fault),
                    };
                }
            }
        }
        Judged { sound, fault: None }
    }

    /// Judges up to the end of a head or body; `None` when more has to come first.
    fn step(&mut self, rest: &[u8]) -> Result<Option<usize>, (usize, Fault)> {
        match &mut self.at {
            At::Head(head) => {
                let Some((length, framing)) = head.judge(rest).map_err(|fault| (0, fault))? else {
                    return Ok(None);
                };
                self.heads += 1;
                self.at = match framing {
                    Framing::Length(0) => At::Head(Head::default()),
                    Framing::Length(left) => At::Body { left },
                    Framing::Chunked => At::Chunks(Chunks::none()),
                };
                Ok(Some(length))
            }
            At::Body { left } => {
                let there = u64::try_from(rest.len()).unwrap_or(u64::MAX);
                let took = there.min(*left);
                *left -= took;
                if *left == 0 {
                    self.at = At::Head(Head::default());
                }
                Ok(Some(usize::try_from(took).unwrap_or(rest.len())))
            }
            At::Chunks(chunks) => match chunks.judge(rest) {
                Came::All => Ok(Some(rest.len())),
                Came::Whole(length) => {
                    self.at = At::Head(Head::default());
                    Ok(Some(length))
                }
                Came::Wrong(sound, fault) => Err((sound, fault)),
            },
        }
    }
}

#[cfg(test)]
mod tests;
