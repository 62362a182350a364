//! Answers that are made and that nobody has taken yet: a caller that reads slowly holds their memory, whatever its calls per second.
//! So many bytes are waited for; beyond that no further call is made until some are taken or given up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use super::{Limits, Turned};
use crate::limits::SMALL_ANSWER_BYTES;

/// Bytes of answers that wait for their callers.
#[derive(Clone, Debug)]
pub(crate) struct Untaken {
    bytes: Arc<AtomicUsize>,
    bytes_max: usize,
}

impl Untaken {
    pub(super) fn within(limits: &Limits) -> Self {
        Self {
            bytes: Arc::default(),
            bytes_max: (limits.answers_mib as usize) << 20,
        }
    }

    /// Counts the bytes until the last of them is handed to the socket. Small answers are bounded by the number of connections and
    /// streams, and are not worth an allocation.
    pub(crate) fn hold(&self, bytes: Bytes) -> Bytes {
        if bytes.len() <= SMALL_ANSWER_BYTES {
            return bytes;
        }
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        Bytes::from_owner(Held {
            bytes,
            count: Arc::clone(&self.bytes),
        })
    }

    pub(super) fn refuse_more(&self) -> Result<(), Turned> {
        if self.bytes.load(Ordering::Relaxed) >= self.bytes_max {
            return Err(Turned::Answers);
        }
        Ok(())
    }
}

/// Bytes that are counted until dropped.
struct Held {
    bytes: Bytes,
    count: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.count.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_wait_while_too_many_bytes_are_not_taken() {
        let untaken = Untaken::within(&Limits {
            answers_mib: 1,
            ..Limits::default()
        });
        let page = untaken.hold(Bytes::from(vec![0; 1 << 19]));
        let small = untaken.hold(Bytes::from_static(b"{}"));
        assert_eq!(untaken.refuse_more(), Ok(()));
        let rest = untaken.hold(Bytes::from(vec![0; 1 << 19]));
        assert_eq!(untaken.refuse_more(), Err(Turned::Answers));
        let part = rest.slice(1..2);
        drop(rest);
        assert_eq!(
            untaken.refuse_more(),
            Err(Turned::Answers),
            "a part is still there"
        );
        drop(part);
        assert_eq!(untaken.refuse_more(), Ok(()));
        assert_eq!((page.len(), &*small), (1 << 19, b"{}".as_slice()));
    }
}
