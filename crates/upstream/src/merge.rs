//! Identical reads made at the same time are one call to Okta: whoever asks while it is under way gets its answer too. Only what is
//! under way is shared: nothing is kept after the answer, nothing that waits for its turn is waited for, and no read that began
//! before a write ended answers one that was asked for after it.
//!
//! Identical are calls of one operation with the same values, query and wishes about the answer, under the same credential and for
//! the same addresses in `X-Forwarded-For`, because Okta's answer may hang on each of them. Every caller's call has been permitted
//! and recorded on its own before it gets here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use access::Call;
use catalog::Method;
use tokio::sync::oneshot;

use crate::limits::MERGED_MAX;
use crate::{Answer, UpstreamError};

/// What makes calls identical: two keyed hashes of 64 bits over everything that counts, which nobody can make collide who does not
/// know the keys, and the credential's place in memory, which is its own while a call under it is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Likeness {
    hashes: [u64; 2],
    credential: usize,
    /// Writes that had ended when it was asked for.
    writes: u64,
}

/// An answer, or why there is none, handed to each who asked.
pub(crate) type Outcome = Result<Answer, UpstreamError>;

/// The reads of one org that are under way.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    under_way: Mutex<HashMap<Likeness, Vec<oneshot::Sender<Outcome>>>>,
    keys: [RandomState; 2],
    writes: AtomicU64,
}

/// One's part in a read.
pub(crate) enum Part<'r> {
    /// Makes the call.
    Leads(Lead<'r>),
    /// Waits for the answer to somebody else's.
    Follows(oneshot::Receiver<Outcome>),
}

/// Whoever makes the call for all. Dropped without an answer, it lets the others make it themselves.
#[derive(Debug)]
pub(crate) struct Lead<'r> {
    reads: &'r Reads,
    likeness: Likeness,
}

impl Reads {
    /// What the call shares its answer by under the credential at that place; `None` when it shares none.
    pub(crate) fn likeness(&self, call: &Call) -> Option<Likeness> {
        let plain = call.operation.method == Method::Get && call.operation.is_read();
        if !plain || call.body.is_some() || call.forward.if_match.is_some() {
            return None;
        }
        let forward = &call.forward;
        let parts = (
            call.operation.id,
            &call.params,
            &call.query,
            &forward.accept,
            &forward.okta_response,
            &forward.forwarded_for,
        );
        let hashes = self.keys.each_ref().map(|key| key.hash_one(parts));
        Some(Likeness {
            hashes,
            credential: 0,
            writes: 0,
        })
    }

    /// The same under the credential at that place, now: whoever has seen a write end is not answered by a read from before it.
    pub(crate) fn now<T>(&self, likeness: Likeness, credential: *const T) -> Likeness {
        Likeness {
            credential: credential.addr(),
            writes: self.writes.load(Ordering::SeqCst),
            ..likeness
        }
    }

    /// A write has ended, whatever became of it. To be said before its caller is told.
    pub(crate) fn written(&self) {
        self.writes.fetch_add(1, Ordering::SeqCst);
    }

    /// The answer to come of a call like this, if one is under way.
    pub(crate) fn follow(&self, likeness: Likeness) -> Option<oneshot::Receiver<Outcome>> {
        follow(self.under_way().get_mut(&likeness)?)
    }

    /// Leads a call like this, or follows the one under way. `None` when that one has all the followers it may have.
    pub(crate) fn join(&self, likeness: Likeness) -> Option<Part<'_>> {
        match self.under_way().entry(likeness) {
            Entry::Occupied(mut known) => follow(known.get_mut()).map(Part::Follows),
            Entry::Vacant(free) => {
                free.insert(Vec::new());
                Some(Part::Leads(Lead {
                    reads: self,
                    likeness,
                }))
            }
        }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Likeness, Vec<oneshot::Sender<Outcome>>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn follow(followers: &mut Vec<oneshot::Sender<Outcome>>) -> Option<oneshot::Receiver<Outcome>> {
    if followers.len() >= MERGED_MAX {
        return None;
    }
    let (told, answer) = oneshot::channel();
    followers.push(told);
    Some(answer)
}

impl Lead<'_> {
    /// Hands the outcome to all who follow.
    pub(crate) fn tell(&self, outcome: &Outcome) {
        for follower in self.end() {
            let copy = match outcome {
                Ok(answer) => Ok(Answer {
                    merged: true,
                    ..answer.clone()
                }),
                Err(error) => Err(error.again()),
            };
            // A follower that has gone away needs none.
            drop(follower.send(copy));
        }
    }

    fn end(&self) -> Vec<oneshot::Sender<Outcome>> {
        self.reads
            .under_way()
            .remove(&self.likeness)
            .unwrap_or_default()
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        // Followers see their senders dropped, and make the call themselves.
        drop(self.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Silence;
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    fn answer(body: &'static str) -> Outcome {
        Ok(Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            merged: false,
        })
    }

    fn list() -> Call {
        Call::new("listUsers", &[]).unwrap()
    }

    fn leads<'r>(reads: &'r Reads, call: &Call) -> Lead<'r> {
        match reads.join(reads.likeness(call).unwrap()) {
            Some(Part::Leads(lead)) => lead,
            _ => panic!("does not lead"),
        }
    }

    #[tokio::test]
    async fn those_who_ask_meanwhile_get_the_same_answer_and_those_after_make_their_own_call() {
        let reads = Reads::default();
        let likeness = reads.likeness(&list()).unwrap();
        assert!(reads.follow(likeness).is_none());
        let lead = leads(&reads, &list());
        let followers: Vec<_> = (0..3).map(|_| reads.follow(likeness).unwrap()).collect();
        lead.tell(&answer("[1]"));
        for follower in followers {
            let answer = follower.await.unwrap().unwrap();
            assert_eq!((answer.body.as_ref(), answer.merged), (&b"[1]"[..], true));
        }
        assert!(reads.follow(likeness).is_none());
        leads(&reads, &list());
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_one_who_goes_away_leaves_the_call_to_the_others() {
        let reads = Reads::default();
        let likeness = reads.likeness(&list()).unwrap();
        let lead = leads(&reads, &list());
        let (told, gone) = (reads.follow(likeness).unwrap(), reads.follow(likeness));
        drop(gone);
        lead.tell(&Err(UpstreamError::Unanswered {
            host: "acme.okta.com:443".to_owned(),
            sent: true,
            silence: Silence::Broken("cut off".into()),
        }));
        let error = told.await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.sent()), ("unanswered", true));
        let lead = leads(&reads, &list());
        let left = reads.follow(likeness).unwrap();
        drop(lead);
        assert!(left.await.is_err());
        assert!(reads.follow(likeness).is_none());
    }

    #[test]
    fn a_read_after_a_write_is_not_answered_by_one_from_before_it() {
        let reads = Reads::default();
        let likeness = reads.likeness(&list()).unwrap();
        let credential = 1_u8;
        let before = reads.now(likeness, &credential);
        let Some(Part::Leads(_lead)) = reads.join(before) else {
            panic!("does not lead");
        };
        assert!(reads.follow(reads.now(likeness, &credential)).is_some());
        reads.written();
        assert!(reads.follow(reads.now(likeness, &credential)).is_none());
    }

    #[test]
    fn a_call_has_only_so_many_followers() {
        let reads = Reads::default();
        let likeness = reads.likeness(&list()).unwrap();
        let _lead = leads(&reads, &list());
        let followers: Vec<_> = (0..MERGED_MAX).map(|_| reads.follow(likeness)).collect();
        assert!(followers.iter().all(Option::is_some));
        assert!(reads.join(likeness).is_none());
    }

    #[test]
    fn only_reads_that_are_alike_in_all_that_counts_are_one() {
        let reads = Reads::default();
        let plain = reads.likeness(&list()).unwrap();
        let mut agent = list();
        agent.forward.user_agent = Some("curl/8".to_owned());
        assert_eq!(reads.likeness(&agent), Some(plain));
        let mut others = vec![
            list().with_query("limit", "1"),
            Call::new("listGroups", &[]).unwrap(),
            Call::new("getUser", &[("id", "00u1")]).unwrap(),
            Call::new("getUser", &[("id", "00u2")]).unwrap(),
        ];
        let forward = |change: fn(&mut access::Forward)| {
            let mut call = list();
            change(&mut call.forward);
            call
        };
        others.push(forward(|forward| {
            forward.accept = Some("text/csv".to_owned())
        }));
        others.push(forward(|forward| {
            forward.okta_response = Some("omitCredentials".to_owned());
        }));
        others.push(forward(|forward| {
            forward.forwarded_for = vec!["198.51.100.7".parse().unwrap()];
        }));
        let mut seen = vec![plain];
        for other in &others {
            let likeness = reads.likeness(other).unwrap();
            assert!(!seen.contains(&likeness), "{other:?}");
            seen.push(likeness);
        }
        assert_ne!(reads.now(plain, &1_u8), plain);
        let write = Call::new("createUser", &[]).unwrap();
        assert_eq!(reads.likeness(&write), None);
        let condition = forward(|forward| forward.if_match = Some("\"1\"".to_owned()));
        assert_eq!(reads.likeness(&condition), None);
    }
}
