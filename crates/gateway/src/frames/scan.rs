//! Cuts a stream of bytes into the heads of its HTTP/2 frames, however the bytes arrive.

/// Length of a frame's head (RFC 9113 section 4.1).
const HEAD_BYTES: usize = 9;

/// How much of a frame's body is looked at: the error code of RST_STREAM (4 bytes) and of GOAWAY (after the 4 of a stream id).
const BODY_BYTES: usize = 8;

/// What the head of a frame says, and the beginning of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    body: [u8; BODY_BYTES],
}

impl Frame {
    pub(super) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The error code of a RST_STREAM or GOAWAY.
    pub(super) fn error(self) -> u32 {
        let [a, b, c, d, e, f, g, h] = self.body;
        match self.kind {
            GOAWAY => u32::from_be_bytes([e, f, g, h]),
            _ => u32::from_be_bytes([a, b, c, d]),
        }
    }
}

/// The place in one direction of a connection.
#[derive(Debug, Default)]
pub(super) struct Scan {
    head: [u8; HEAD_BYTES + BODY_BYTES],
    /// How much of `head` is filled.
    have: usize,
    /// Bytes of the frame that are not looked at.
    skip: usize,
}

impl Scan {
    /// Goes on over `bytes`, telling every frame once its head and the beginning of its body are there.
    pub(super) fn feed(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Frame)) {
        loop {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let wanted = self.wanted();
            let taken = wanted.saturating_sub(self.have).min(bytes.len());
            let (new, rest) = bytes.split_at(taken);
            if let Some(room) = self.head.get_mut(self.have..self.have + taken) {
                room.copy_from_slice(new);
            }
            self.have += taken;
            bytes = rest;
            if self.have >= HEAD_BYTES && self.have == self.wanted() {
                tell(self.frame());
                self.skip = self.length() - (self.have - HEAD_BYTES);
                self.have = 0;
            } else if bytes.is_empty() {
                return;
            }
        }
    }

    /// Whether the next byte begins a frame.
    pub(super) fn is_between(&self) -> bool {
        self.have == 0 && self.skip == 0
    }

    /// How much of a frame is to be gathered before it is told: its head, then as much of its body as is looked at.
    fn wanted(&self) -> usize {
        match self.have {
            0..HEAD_BYTES => HEAD_BYTES,
            _ => HEAD_BYTES + self.length().min(BODY_BYTES),
        }
    }

    fn length(&self) -> usize {
        let [a, b, c, ..] = self.head;
        (usize::from(a) << 16) | (usize::from(b) << 8) | usize::from(c)
    }

    fn frame(&self) -> Frame {
        let [_, _, _, kind, flags, s1, s2, s3, s4, body @ ..] = self.head;
        let mut frame = Frame {
            kind,
            flags,
            stream: u32::from_be_bytes([s1, s2, s3, s4]) & !RESERVED_BIT,
            body,
        };
        // What stands behind a short body is left from the frame before.
        for byte in frame.body.iter_mut().skip(self.length()) {
            *byte = 0;
        }
        frame
    }
}

const RESERVED_BIT: u32 = 1 << 31;

/// Kinds of frames (RFC 9113 section 6; RFC 9218 for the last).
pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const PRIORITY: u8 = 2;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const PRIORITY_UPDATE: u8 = 16;

/// Flags of DATA and HEADERS.
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(frames: &[(u8, u8, u32, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (kind, flags, stream, body) in frames {
            bytes.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
            bytes.extend_from_slice(&[*kind, *flags]);
            bytes.extend_from_slice(&stream.to_be_bytes());
            bytes.extend_from_slice(body);
        }
        bytes
    }

    #[test]
    fn the_error_code_of_a_reset_and_of_a_farewell_is_read() {
        let bytes = written(&[
            (
                7,
                0,
                0,
                [0_u32.to_be_bytes(), 11_u32.to_be_bytes()].concat(),
            ),
            (3, 0, 5, 1_u32.to_be_bytes().to_vec()),
            (4, 1, 0, Vec::new()),
        ]);
        let mut told = Vec::new();
        Scan::default().feed(&bytes, |frame| {
            told.push((frame.kind, frame.stream, frame.error()));
        });
        assert_eq!(told, [(7, 0, 11), (3, 5, 1), (4, 0, 0)]);
    }

    proptest! {
        #[test]
        fn frames_are_the_same_however_their_bytes_arrive(
            frames in prop::collection::vec(
                (any::<u8>(), any::<u8>(), 0..(1_u32 << 31), prop::collection::vec(any::<u8>(), 0..40)), 1..12),
            cuts in prop::collection::vec(1..30_usize, 1..60),
        ) {
            let bytes = written(&frames);
            let (mut scan, mut told, mut rest) = (Scan::default(), Vec::new(), bytes.as_slice());
            for cut in cuts.iter().cycle() {
                let (now, later) = rest.split_at((*cut).min(rest.len()));
                scan.feed(now, |frame| told.push((frame.kind, frame.flags, frame.stream)));
                rest = later;
                if rest.is_empty() {
                    break;
                }
            }
            let sent: Vec<_> = frames.iter().map(|(kind, flags, stream, _)| (*kind, *flags, *stream)).collect();
            prop_assert_eq!(told, sent);
            prop_assert!(scan.is_between());
        }
    }
}
