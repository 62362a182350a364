//! A stream whose frames are counted as they pass.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::allowance::Allowance;
use super::open::Open;
use super::scan::{CONTINUATION, END_HEADERS, Frame, GOAWAY, HEADERS, RST_STREAM, SETTINGS, Scan};
use super::{Abuse, ENHANCE_YOUR_CALM, Verdict};
use crate::limits::HEAD_WAIT_MAX;

/// What every HTTP/2 connection begins with (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// GOAWAY with this error; the stream it names is the highest there is, because which ones were answered is the library's to know.
const fn farewell(error: u8) -> [u8; 17] {
    [
        0, 0, 8, GOAWAY, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, error,
    ]
}

/// Error codes with which streams end in the ordinary course: NO_ERROR and CANCEL (RFC 9113 section 7).
const ORDINARY: [u32; 2] = [0, 8];

/// The decrypted stream of a connection.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    stream: S,
    spoken: Spoken,
    watch: Watch,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the other end was told that the connection is cut.
    told: bool,
}

/// What is spoken on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoken {
    /// So many bytes of the preface came.
    Preface(usize),
    Http2,
    Other,
}

/// What is counted.
#[derive(Debug)]
struct Watch {
    began: Instant,
    read: Scan,
    written: Scan,
    allowance: Allowance,
    open: Open,
    /// Whether a first frame came.
    greeted: bool,
    /// Until when the header block that was begun must have ended.
    head_until: Option<Instant>,
    verdict: Verdict,
}

impl<S> Watched<S> {
    /// Counts from here on, ending a connection whose answers are not taken within `answer_wait`. The verdict is told even after the
    /// protocol has dropped the stream.
    pub(crate) fn new(stream: S, answer_wait: Duration) -> (Self, Verdict) {
        let verdict = Verdict::default();
        let watch = Watch {
            began: Instant::now(),
            read: Scan::default(),
            written: Scan::default(),
            allowance: Allowance::default(),
            open: Open::within(answer_wait),
            greeted: false,
            head_until: None,
            verdict: verdict.clone(),
        };
        let watched = Self {
            stream,
            spoken: Spoken::Preface(0),
            watch,
            timer: None,
            told: false,
        };
        (watched, verdict)
    }

    fn heard(&mut self, mut bytes: &[u8]) {
        if let Spoken::Preface(have) = self.spoken {
            let rest = PREFACE.get(have..).unwrap_or_default();
            let length = rest.len().min(bytes.len());
            let (begin, later) = bytes.split_at(length);
            self.spoken = match rest.strip_prefix(begin) {
                Some([]) => Spoken::Http2,
                Some(_) => Spoken::Preface(have + length),
                None => Spoken::Other,
            };
            bytes = later;
        }
        if self.spoken == Spoken::Http2 && !bytes.is_empty() {
            self.watch.heard(bytes);
        }
    }

    fn said(&mut self, bytes: &[u8]) {
        if self.spoken != Spoken::Other {
            self.watch.said(bytes);
        }
    }

    /// Whether the connection may go on; otherwise the error that ends it.
    fn standing(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.spoken == Spoken::Other {
            return Ok(());
        }
        let deadline = self.watch.open.deadline();
        let deadline = deadline.into_iter().chain(self.watch.head_until).min();
        if let Some(deadline) = deadline {
            let timer = self
                .timer
                .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            if timer.as_mut().poll(context).is_ready() {
                let late = self.watch.head_until == Some(deadline);
                self.watch.verdict.find(match late {
                    true => Abuse::SlowHead,
                    false => Abuse::Untaken,
                });
            }
        }
        match self.watch.verdict.abuse() {
            Some(Abuse::Uncalm) | None => Ok(()),
            Some(abuse) => Err(io::Error::other(abuse.code())),
        }
    }
}

impl Watch {
    fn heard(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let age = now.saturating_duration_since(self.began);
        let (mut found, mut ended) = (Ok(()), self.head_until);
        let (allowance, open, greeted) = (&mut self.allowance, &mut self.open, &mut self.greeted);
        self.read.feed(bytes, |frame: Frame| {
            if !std::mem::replace(greeted, true) && frame.kind != SETTINGS {
                found = Err(Abuse::NoSettings);
            }
            if found.is_ok() {
                found = allowance.take(frame, age);
            }
            match frame.kind {
                HEADERS | CONTINUATION if frame.has(END_HEADERS) => ended = None,
                HEADERS => ended = Some(now + HEAD_WAIT_MAX),
                RST_STREAM => open.end(frame.stream),
                _ => {}
            }
        });
        self.head_until = ended;
        if let Err(abuse) = found {
            self.verdict.find(abuse);
        }
    }

    fn said(&mut self, bytes: &[u8]) {
        let now = Instant::now();
        let age = now.saturating_duration_since(self.began);
        let mut found = Ok(());
        let (allowance, open) = (&mut self.allowance, &mut self.open);
        self.written.feed(bytes, |frame: Frame| {
            open.wrote(frame, now);
            match frame.kind {
                RST_STREAM if !ORDINARY.contains(&frame.error()) && found.is_ok() => {
                    found = allowance.take_break(age);
                }
                GOAWAY if frame.error() == u32::from(ENHANCE_YOUR_CALM) => {
                    found = Err(Abuse::Uncalm)
                }
                _ => {}
            }
        });
        if let Err(abuse) = found {
            self.verdict.find(abuse);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Watched<S> {
    /// Ends the connection if it is to be ended; tells the other end why, if it listens at once.
    fn judge(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        let standing = self.standing(context);
        if standing.is_err() && !self.told && self.watch.written.is_between() {
            self.told = true;
            let mut stream = pin!(&mut self.stream);
            let abuse = self.watch.verdict.abuse();
            let farewell = farewell(abuse.map_or(ENHANCE_YOUR_CALM, Abuse::error));
            if let Poll::Ready(Ok(_)) = stream.as_mut().poll_write(context, &farewell) {
                let _ = stream.as_mut().poll_flush(context);
            }
        }
        standing
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            let new = buffer.filled().get(before..).unwrap_or_default();
            self.heard(new);
        }
        match self.judge(context) {
            Ok(()) => read,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = written {
            self.said(bytes.get(..count).unwrap_or_default());
        }
        self.judge(context)?;
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        if let Poll::Ready(Ok(mut count)) = written {
            for piece in pieces {
                let length = piece.len().min(count);
                self.said(piece.get(..length).unwrap_or_default());
                count -= length;
            }
        }
        self.judge(context)?;
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.judge(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests;
