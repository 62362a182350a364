//! The stream of a connection as the library behind may see it: bytes that were judged, and nothing of what was found wrong.
//!
//! In place of a head that is wrong it is handed a request of the guard's own, so that the refusal is answered in its turn, after
//! the answers to the sound requests before it, and by the same hand as they. A body that goes wrong breaks off with an error that
//! tells why. Either way the sender's connection is closed once that answer is out, and not before it could be read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::fault::Fault;
use super::judge::Judge;
use super::sentence::Sentence;
use crate::limits::{LINGER_READS_MAX, LINGER_WAIT_MAX, PIECE_BYTES};

/// What every HTTP/2 connection begins with (RFC 9113 section 3.4). In HTTP/1.1 it would be refused.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What stands in for a head that is wrong. Whoever gets it without knowing of the sentence refuses it for its host.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\nHost: refused.invalid\r\nConnection: close\r\n\r\n";

/// A stream whose reads are judged. Writes pass.
#[derive(Debug)]
pub(crate) struct Guarded<S> {
    stream: S,
    state: State,
    judge: Judge,
    sentence: Sentence,
    /// Bytes that came and were not handed on: first those that may be, then those that are not judged to the end.
    held: Vec<u8>,
    /// So many of those held may be handed on.
    sound: usize,
    linger: Option<Linger>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing was judged yet: it may become HTTP/2.
    Fresh,
    /// HTTP/1.1.
    Judging,
    /// HTTP/2, which has its own guard.
    Aside,
    /// A head was wrong.
    HeadRefused,
    /// A body was wrong.
    BodyRefused(Fault),
}

/// The end of a refused connection: what still comes is thrown away for a while, because closing on unread bytes would make the
/// other end's system throw away the refusal (RFC 9112 section 9.6).
#[derive(Debug)]
struct Linger {
    until: Pin<Box<Sleep>>,
    reads: usize,
}

impl<S> Guarded<S> {
    /// Guards `stream`. The sentence tells what became of it even after the library has dropped it.
    pub(crate) fn new(stream: S) -> (Self, Sentence) {
        let sentence = Sentence::default();
        let guarded = Self {
            stream,
            state: State::Fresh,
            judge: Judge::new(),
            sentence: sentence.clone(),
            held: Vec::new(),
            sound: 0,
            linger: None,
        };
        (guarded, sentence)
    }

    /// Judges `bytes`, all that came and was not handed on; says how many of them may be.
    fn judge(&mut self, bytes: &[u8]) -> usize {
        if self.state == State::Fresh {
            if bytes.starts_with(PREFACE) {
                self.state = State::Aside;
                return bytes.len();
            }
            if PREFACE.starts_with(bytes) {
                return 0;
            }
            self.state = State::Judging;
        }
        let judged = self.judge.judge(bytes);
        if let Some(fault) = judged.fault {
            self.refuse(fault);
        }
        judged.sound
    }

    fn refuse(&mut self, fault: Fault) {
        let heads = self.judge.heads();
        if self.judge.is_in_body() {
            self.sentence.pass(heads, fault);
            self.state = State::BodyRefused(fault);
        } else {
            self.sentence.pass(heads + 1, fault);
            self.state = State::HeadRefused;
        }
    }

    fn is_refused(&self) -> bool {
        matches!(self.state, State::HeadRefused | State::BodyRefused(_))
    }

    /// Keeps `sound` bytes of those held to be handed on; after them, what stands in for the rest if that was refused.
    fn keep(&mut self, sound: usize) {
        self.sound = sound;
        if self.is_refused() {
            self.held.truncate(sound);
        }
        if self.state == State::HeadRefused {
            self.held.extend_from_slice(STAND_IN);
            self.sound = self.held.len();
        }
    }

    fn hand_on(&mut self, buf: &mut ReadBuf<'_>) {
        let count = self.sound.min(buf.remaining());
        buf.put_slice(self.held.get(..count).unwrap_or_default());
        self.held.drain(..count);
        self.sound -= count;
        if self.held.is_empty() {
            // An idle connection keeps no memory for its next request.
            self.held = Vec::new();
        }
    }
}

impl<S: AsyncRead + Unpin> Guarded<S> {
    /// Reads into `buf` and judges there; only what is not sound yet is moved. Whether anything came.
    fn read_in_place(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<bool>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let came = buf.filled().get(before..).unwrap_or_default();
        if came.is_empty() {
            return Poll::Ready(Ok(false));
        }
        let sound = self.judge(came);
        if sound < came.len() {
            self.held
                .extend_from_slice(came.get(sound..).unwrap_or_default());
            buf.set_filled(before + sound);
            self.keep(0);
        }
        Poll::Ready(Ok(true))
    }

    /// Reads behind the bytes that are held. Whether anything came.
    fn read_behind(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut held = std::mem::take(&mut self.held);
        let before = held.len();
        held.resize(before + PIECE_BYTES, 0);
        let mut buf = ReadBuf::new(held.get_mut(before..).unwrap_or_default());
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut buf);
        let came = buf.filled().len();
        held.truncate(before + came);
        self.held = held;
        ready!(read)?;
        if came == 0 {
            return Poll::Ready(Ok(false));
        }
        let held = std::mem::take(&mut self.held);
        let sound = self.judge(&held);
        self.held = held;
        self.keep(sound);
        Poll::Ready(Ok(true))
    }

    /// Throws away what still comes, until the other end closes, too, or has had its time.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let linger = self.linger.get_or_insert_with(|| Linger {
            until: Box::pin(sleep(LINGER_WAIT_MAX)),
            reads: 0,
        });
        let mut waste = [0; 1024];
        while linger.reads < LINGER_READS_MAX {
            let mut buf = ReadBuf::new(&mut waste);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => linger.reads += 1,
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return linger.until.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        let before = buf.filled().len();
        loop {
            if guard.sound > 0 {
                guard.hand_on(buf);
            }
            if buf.filled().len() > before || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            let came = match guard.state {
                State::Aside => return Pin::new(&mut guard.stream).poll_read(cx, buf),
                // Not an end: the library would take it for the sender's going away and not answer at all.
                State::HeadRefused => return Poll::Pending,
                State::BodyRefused(fault) => {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, fault)));
                }
                State::Judging if guard.held.is_empty() => ready!(guard.read_in_place(cx, buf))?,
                State::Fresh | State::Judging => ready!(guard.read_behind(cx))?,
            };
            if !came && guard.held.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if !came {
                guard.refuse(Fault::HeadCutShort);
                guard.keep(0);
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let guard = self.get_mut();
        if guard.linger.is_none() {
            ready!(Pin::new(&mut guard.stream).poll_shutdown(cx))?;
        }
        if guard.is_refused() {
            ready!(guard.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests;
