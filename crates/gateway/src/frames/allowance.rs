//! How many frames of each kind one connection may send: a stock that is used up by frames and filled again by time. What a caller's
//! library sends in its ordinary course stays far below; the arithmetic is in `limits`.

use std::time::Duration;

use super::Abuse;
use super::scan::{
    CONTINUATION, DATA, Frame, HEADERS, PING, PRIORITY, PRIORITY_UPDATE, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
};
use crate::admission::{Bucket, Rate};
use crate::limits::{
    BREAKS_ALLOWED, CONTINUATIONS_ALLOWED, OTHER_FRAMES_ALLOWED, PINGS_ALLOWED, PRIORITIES_ALLOWED,
    RESETS_ALLOWED, SETTINGS_ALLOWED, WINDOW_UPDATES_ALLOWED,
};

/// What is left to one connection.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    settings: Bucket,
    pings: Bucket,
    priorities: Bucket,
    resets: Bucket,
    continuations: Bucket,
    window_updates: Bucket,
    others: Bucket,
    breaks: Bucket,
}

impl Allowance {
    /// Counts a frame of the caller's, `age` after the connection began.
    pub(super) fn take(&mut self, frame: Frame, age: Duration) -> Result<(), Abuse> {
        let (bucket, rate, code) = match frame.kind {
            // Bounded by the library: by flow control, by streams at a time, by its count of small frames.
            DATA | HEADERS => return Ok(()),
            SETTINGS => (&mut self.settings, SETTINGS_ALLOWED, "http2_settings_flood"),
            PING => (&mut self.pings, PINGS_ALLOWED, "http2_ping_flood"),
            PRIORITY | PRIORITY_UPDATE => (
                &mut self.priorities,
                PRIORITIES_ALLOWED,
                "http2_priority_flood",
            ),
            RST_STREAM => (&mut self.resets, RESETS_ALLOWED, "http2_rapid_reset"),
            CONTINUATION => (
                &mut self.continuations,
                CONTINUATIONS_ALLOWED,
                "http2_continuation_flood",
            ),
            WINDOW_UPDATE => (
                &mut self.window_updates,
                WINDOW_UPDATES_ALLOWED,
                "http2_window_update_flood",
            ),
            _ => (
                &mut self.others,
                OTHER_FRAMES_ALLOWED,
                "http2_unknown_frame_flood",
            ),
        };
        taken(bucket, rate, age, code)
    }

    /// Counts a stream that the gateway's side broke off because of what the caller sent on it.
    pub(super) fn take_break(&mut self, age: Duration) -> Result<(), Abuse> {
        taken(
            &mut self.breaks,
            BREAKS_ALLOWED,
            age,
            "http2_made_you_reset",
        )
    }
}

fn taken(bucket: &mut Bucket, rate: Rate, age: Duration, code: &'static str) -> Result<(), Abuse> {
    let age_us = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    let taken = bucket.take(rate, age_us);
    taken.map_err(|_| Abuse::Flood(code))
}
