//! Answers that have begun and not ended, by their streams: each must be taken within a time of its own. A caller that keeps its
//! window shut, or opens it by a byte now and then, would otherwise hold an answer's memory for as long as it makes other calls.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::scan::{DATA, END_STREAM, Frame, HEADERS, RST_STREAM};

/// The answers that are being taken, the oldest first.
#[derive(Debug)]
pub(super) struct Open {
    answers: VecDeque<(u32, Instant)>,
    wait: Duration,
}

impl Open {
    /// No answer yet; each must be taken within `wait`.
    pub(super) fn within(wait: Duration) -> Self {
        Self {
            answers: VecDeque::new(),
            wait,
        }
    }

    /// Notes a frame of the gateway's.
    pub(super) fn wrote(&mut self, frame: Frame, now: Instant) {
        match frame.kind {
            HEADERS | DATA if frame.has(END_STREAM) => self.end(frame.stream),
            HEADERS
                if !self
                    .answers
                    .iter()
                    .any(|(stream, _)| *stream == frame.stream) =>
            {
                self.answers.push_back((frame.stream, now + self.wait));
            }
            RST_STREAM => self.end(frame.stream),
            _ => {}
        }
    }

    /// Notes that the stream is over.
    pub(super) fn end(&mut self, stream: u32) {
        if let Some(place) = self.answers.iter().position(|(open, _)| *open == stream) {
            self.answers.remove(place);
        }
    }

    /// When the oldest of them must have been taken.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.answers.front().map(|(_, deadline)| *deadline)
    }
}
