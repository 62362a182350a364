//! A chunked body (RFC 9112 section 7.1), byte by byte: a short hexadecimal size, CR LF, as many bytes, CR LF, and in the end a zero
//! and two CR LF. No extensions, which nobody uses and proxies disagree on; no trailers, which would be headers nobody judged.

use super::fault::Fault;
use crate::limits::{BODY_BYTES_MAX, CHUNK_DIGITS_MAX, CHUNKS_MAX};

/// How far a chunked body has come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunks {
    next: Next,
    begun: usize,
}

/// What must come next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// A digit of a size, or the end of its line; so many digits came, which make so much.
    Size {
        digits: usize,
        size: usize,
    },
    SizeLineFeed {
        size: usize,
    },
    Data {
        left: usize,
    },
    DataReturn,
    DataLineFeed,
    LastReturn,
    LastLineFeed,
}

/// How much of some bytes is sound, and what then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// All of them, and there is more to come.
    All,
    /// So many, and with them the body ends.
    Whole(usize),
    /// So many; what comes then is wrong.
    Wrong(usize, Fault),
}

impl Chunks {
    pub(super) const fn none() -> Self {
        Self {
            next: SIZE,
            begun: 0,
        }
    }

    /// Judges what comes next.
    pub(super) fn judge(&mut self, bytes: &[u8]) -> Came {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if let Next::Data { left } = self.next {
                let took = left.min(bytes.len() - at);
                at += took;
                self.next = if took == left {
                    Next::DataReturn
                } else {
                    Next::Data { left: left - took }
                };
                continue;
            }
            match self.step(*byte) {
                Ok(Some(next)) => self.next = next,
                Ok(None) => return Came::Whole(at + 1),
                Err(fault) => return Came::Wrong(at, fault),
            }
            at += 1;
        }
        Came::All
    }

    /// What must come after `byte`; nothing after the last.
    fn step(&mut self, byte: u8) -> Result<Option<Next>, Fault> {
        let next = match (self.next, byte) {
            (Next::Size { digits, size }, b'\r') if digits > 0 => {
                self.begun += 1;
                if self.begun > CHUNKS_MAX {
                    return Err(Fault::TooManyChunks);
                }
                Next::SizeLineFeed { size }
            }
            (Next::Size { digits, size }, _) => {
                let size = size * 16 + digit(byte)?;
                if digits == CHUNK_DIGITS_MAX {
                    return Err(Fault::ChunkSize);
                }
                if size > BODY_BYTES_MAX {
                    return Err(Fault::ChunkTooLarge);
                }
                Next::Size {
                    digits: digits + 1,
                    size,
                }
            }
            (Next::SizeLineFeed { size: 0 }, b'\n') => Next::LastReturn,
            (Next::SizeLineFeed { size }, b'\n') => Next::Data { left: size },
            (Next::DataReturn, b'\r') => Next::DataLineFeed,
            (Next::DataLineFeed, b'\n') => SIZE,
            (Next::LastReturn, b'\r') => Next::LastLineFeed,
            (Next::LastLineFeed, b'\n') => return Ok(None),
            (Next::SizeLineFeed { .. } | Next::DataLineFeed | Next::LastLineFeed, _) => {
                return Err(Fault::BareCarriageReturn);
            }
            (Next::DataReturn, _) => return Err(Fault::ChunkEnd),
            (Next::LastReturn, b'\n') => return Err(Fault::BareLineFeed),
            (Next::LastReturn, _) => return Err(Fault::Trailers),
            // `judge` takes the bytes of a chunk without asking.
            (Next::Data { .. }, _) => return Err(Fault::ChunkEnd),
        };
        Ok(Some(next))
    }
}

const SIZE: Next = Next::Size { digits: 0, size: 0 };

fn digit(byte: u8) -> Result<usize, Fault> {
    match byte {
        b'0'..=b'9' => Ok(usize::from(byte - b'0')),
        b'a'..=b'f' => Ok(usize::from(byte - b'a' + 10)),
        b'A'..=b'F' => Ok(usize::from(byte - b'A' + 10)),
        b';' => Err(Fault::ChunkExtension),
        b'\n' => Err(Fault::BareLineFeed),
        _ => Err(Fault::ChunkSize),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(body: &str) -> Came {
        Chunks::none().judge(body.as_bytes())
    }

    #[test]
    fn a_body_ends_with_its_last_chunk() {
        for whole in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "00000005\r\nhello\r\na\r\n0123456789\r\n000\r\n\r\n",
            "A\r\n\r\n0\r\n\r\nabc\r\n0\r\n\r\n",
        ] {
            assert_eq!(came(whole), Came::Whole(whole.len()), "{whole:?}");
            let followed = format!("{whole}GET");
            assert_eq!(came(&followed), Came::Whole(whole.len()), "{followed:?}");
            let (cut, _) = whole.split_at(whole.len() - 1);
            assert_eq!(came(cut), Came::All, "{cut:?}");
        }
        assert_eq!(came(&format!("{BODY_BYTES_MAX:x}\r\n")), Came::All);
    }

    #[test]
    fn everything_readers_disagree_on_is_wrong() {
        for (body, sound, fault) in [
            ("\r\n", 0, Fault::ChunkSize),
            ("5\nhello", 1, Fault::BareLineFeed),
            ("5\rhello", 2, Fault::BareCarriageReturn),
            ("5 \r\nhello", 1, Fault::ChunkSize),
            (" 5\r\nhello", 0, Fault::ChunkSize),
            ("0x5\r\nhello", 1, Fault::ChunkSize),
            ("-5\r\n", 0, Fault::ChunkSize),
            ("5;a=b\r\nhello", 1, Fault::ChunkExtension),
            ("000000005\r\nhello", 8, Fault::ChunkSize),
            ("FFFFFFFF\r\n", 5, Fault::ChunkTooLarge),
            ("100001\r\n", 5, Fault::ChunkTooLarge),
            ("5\r\nhello!\r\n", 8, Fault::ChunkEnd),
            ("5\r\nhello\n0\r\n\r\n", 8, Fault::ChunkEnd),
            ("5\r\nhello\r0\r\n\r\n", 9, Fault::BareCarriageReturn),
            ("5\r\nhell\r\n0\r\n\r\n", 8, Fault::ChunkEnd),
            ("0\r\nA: b\r\n\r\n", 3, Fault::Trailers),
            ("0\r\n\n", 3, Fault::BareLineFeed),
            ("0\r\n\rX", 4, Fault::BareCarriageReturn),
        ] {
            assert_eq!(came(body), Came::Wrong(sound, fault), "{body:?}");
        }
    }

    #[test]
    fn a_body_is_not_cut_into_crumbs() {
        let crumbs = "1\r\nx\r\n".repeat(CHUNKS_MAX - 1);
        assert!(matches!(
            came(&format!("{crumbs}0\r\n\r\n")),
            Came::Whole(_)
        ));
        let more = came(&format!("{crumbs}1\r\nx\r\n0\r\n\r\n"));
        assert!(matches!(more, Came::Wrong(_, Fault::TooManyChunks)));
    }
}
