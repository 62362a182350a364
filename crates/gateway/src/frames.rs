//! HTTP/2 frames, counted on the decrypted stream. The library bounds what it keeps; what it does not bound is how often it may be
//! asked for nothing: SETTINGS, PINGs, priorities, resets, window updates, and streams that are opened only to be broken. Nor does
//! it end an answer that nobody takes.
//!
//! Reads the 9 bytes of each frame's head (RFC 9113 section 4.1) and at most 8 of its body; never decodes header blocks, never changes
//! a byte. A connection that goes too far is told ENHANCE_YOUR_CALM where a frame may stand, and closed. HTTP/1.1 passes untouched.
//! Cost: some 5 ns per frame, no allocation until an answer waits for its reader.

mod allowance;
mod open;
mod scan;
mod watched;

use std::sync::{Arc, OnceLock};

use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto::Http2Builder;

use crate::limits::{
    BREAKS_OF_LIBRARY_MAX, CONNECTION_WINDOW_BYTES, HEAD_BYTES_MAX, HEAD_WAIT_MAX, PING_WAIT_MAX,
    RESETS_PENDING_MAX, SEND_BUFFER_BYTES, STREAM_WINDOW_BYTES, STREAMS_PER_CONNECTION_MAX,
};

pub(crate) use watched::Watched;

/// Why a connection was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abuse {
    /// More frames of a kind than anybody needs.
    Flood(&'static str),
    /// Something other than SETTINGS behind the preface (RFC 9113 section 3.4), which the library lets pass.
    NoSettings,
    /// A header block that was begun and not ended.
    SlowHead,
    /// An answer that its caller did not take.
    Untaken,
    /// What the library itself counted: resets, broken streams, pieces of a head.
    Uncalm,
}

impl Abuse {
    /// One word for the trail.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Flood(code) => code,
            Self::NoSettings => "http2_no_settings",
            Self::SlowHead => "http2_slow_head",
            Self::Untaken => "http2_answer_not_taken",
            Self::Uncalm => "http2_abuse",
        }
    }

    /// The error code it ends with (RFC 9113 section 7).
    fn error(self) -> u8 {
        match self {
            Self::NoSettings => PROTOCOL_ERROR,
            _ => ENHANCE_YOUR_CALM,
        }
    }
}

const PROTOCOL_ERROR: u8 = 1;
const ENHANCE_YOUR_CALM: u8 = 11;

/// What a connection was cut for, if it was; shared between the stream, which the protocol consumes, and whoever tells of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict(Arc<OnceLock<Abuse>>);

impl Verdict {
    /// What it was cut for.
    pub(crate) fn abuse(&self) -> Option<Abuse> {
        self.0.get().copied()
    }

    fn find(&self, abuse: Abuse) {
        // The first finding ends the connection; a second one is a consequence of it.
        let _ = self.0.set(abuse);
    }
}

/// Bounds what the library keeps of a connection: streams, heads, bodies on the way, resets.
pub(crate) fn bound<E>(mut http2: Http2Builder<'_, E>) {
    http2
        .timer(TokioTimer::new())
        .keep_alive_interval(HEAD_WAIT_MAX)
        .keep_alive_timeout(PING_WAIT_MAX)
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .max_frame_size(FRAME_BYTES_MAX)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(SEND_BUFFER_BYTES)
        .max_pending_accept_reset_streams(RESETS_PENDING_MAX)
        .max_local_error_reset_streams(BREAKS_OF_LIBRARY_MAX);
}

/// The least there may be (RFC 9113 section 6.5.2), and enough for any head or body here.
const FRAME_BYTES_MAX: u32 = 16 * 1024;
