//! DPoP proofs that were shown, in memory, each until it is too old to be shown again (RFC 9449 section 11.1).
//!
//! A proof's name is kept as a hash together with its key's thumbprint, so that no client can use up another's names. When
//! there is no room, proofs of keys that hold more than their share are refused; at the very end all are. Nothing is forgotten
//! early, and proofs older than what was forgotten count as shown.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

use super::Use;
use crate::limits::{SEEN_PROOFS_HARD_MAX, SEEN_PROOFS_SOFT_MAX};

/// The first half of a SHA-256: two proofs of one key meet in it after 2^64 tries, and then the later one is refused.
type Mark = [u8; 16];

/// The proofs shown to this process.
#[derive(Default)]
pub(crate) struct SeenProofs(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    proofs: HashSet<Mark>,
    /// How many of them each key has.
    of_key: HashMap<Mark, usize>,
    /// Which can be forgotten after which second.
    until: BTreeMap<i64, Vec<(Mark, Mark)>>,
    /// The latest second at which something was forgotten: stays where it is when the clock goes back.
    forgotten: i64,
}

impl SeenProofs {
    /// Notes a proof that may be shown up to and including the second `until`.
    pub(crate) fn consume(&self, thumbprint: &str, jti: &str, until: i64, now: i64) -> Use {
        let (key, proof) = (mark(thumbprint, ""), mark(thumbprint, jti));
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now);
        seen.consume(key, proof, until)
    }
}

impl Seen {
    fn forget(&mut self, now: i64) {
        self.forgotten = self.forgotten.max(now);
        while let Some(oldest) = self.until.first_entry()
            && *oldest.key() < self.forgotten
        {
            for (key, proof) in oldest.remove() {
                self.proofs.remove(&proof);
                if let Some(count) = self.of_key.get_mut(&key) {
                    *count -= 1;
                    if *count == 0 {
                        self.of_key.remove(&key);
                    }
                }
            }
        }
    }

    fn consume(&mut self, key: Mark, proof: Mark, until: i64) -> Use {
        if until < self.forgotten || self.proofs.contains(&proof) {
            return Use::Again;
        }
        let held = self.of_key.get(&key).copied().unwrap_or(0);
        let all = self.proofs.len();
        // The heaviest key holds at least the mean, so it is among those refused.
        let above_share = held * self.of_key.len() >= all;
        if all >= SEEN_PROOFS_HARD_MAX || (all >= SEEN_PROOFS_SOFT_MAX && above_share) {
            return Use::Full;
        }
        self.proofs.insert(proof);
        *self.of_key.entry(key).or_default() += 1;
        self.until.entry(until).or_default().push((key, proof));
        Use::First
    }
}

fn mark(thumbprint: &str, jti: &str) -> Mark {
    let mut hash = Context::new(&SHA256);
    hash.update(thumbprint.as_bytes());
    hash.update(b"\0");
    hash.update(jti.as_bytes());
    let mut mark = Mark::default();
    for (to, from) in mark.iter_mut().zip(hash.finish().as_ref()) {
        *to = *from;
    }
    mark
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn a_proof_counts_once_per_key_while_it_could_be_shown() {
        let seen = SeenProofs::default();
        assert_eq!(seen.consume("key a", "1", 100, 10), Use::First);
        assert_eq!(seen.consume("key a", "1", 100, 100), Use::Again);
        assert_eq!(seen.consume("key b", "1", 100, 100), Use::First);
        assert_eq!(seen.consume("key a", "1", 200, 101), Use::First);
    }

    #[test]
    fn a_clock_that_goes_back_revives_no_forgotten_proof() {
        let seen = SeenProofs::default();
        assert_eq!(seen.consume("key", "1", 100, 10), Use::First);
        assert_eq!(seen.consume("key", "2", 5_000, 4_900), Use::First);
        assert_eq!(seen.consume("key", "1", 100, 20), Use::Again);
        assert_eq!(seen.consume("key", "3", 300, 20), Use::Again);
    }

    fn numbered(number: usize) -> Mark {
        let mut mark = Mark::default();
        mark[..8].copy_from_slice(&number.to_be_bytes());
        mark
    }

    #[test]
    fn when_room_is_scarce_the_heaviest_key_starves_first_and_nothing_is_forgotten() {
        let (heavy, light) = (numbered(1), numbered(2));
        let mut seen = Seen::default();
        for number in 1..SEEN_PROOFS_SOFT_MAX {
            assert_eq!(seen.consume(heavy, numbered(number), 100), Use::First);
        }
        let others = [0, SEEN_PROOFS_SOFT_MAX, SEEN_PROOFS_SOFT_MAX + 1].map(numbered);
        assert_eq!(seen.consume(light, others[0], 100), Use::First);
        assert_eq!(seen.consume(heavy, others[1], 100), Use::Full);
        assert_eq!(seen.consume(heavy, numbered(1), 100), Use::Again);
        assert_eq!(seen.consume(light, others[2], 100), Use::First);
        seen.forget(101);
        assert_eq!(seen.consume(heavy, others[1], 400), Use::First);
        assert_eq!(
            (seen.proofs.len(), seen.of_key.len(), seen.until.len()),
            (1, 1, 1)
        );
    }

    #[test]
    fn a_key_is_held_to_what_is_still_remembered_of_it() {
        let (key, other) = (numbered(1), numbered(2));
        let mut seen = Seen::default();
        for (owner, number, until) in [(key, 10, 100), (key, 11, 200), (other, 20, 100)] {
            assert_eq!(seen.consume(owner, numbered(number), until), Use::First);
        }
        seen.forget(101);
        assert_eq!(seen.of_key, HashMap::from([(key, 1)]));
        seen.forget(201);
        assert_eq!(seen.of_key, HashMap::new());
    }

    #[test]
    fn at_the_very_end_everyone_is_refused() {
        let mut seen = Seen::default();
        for number in 0..SEEN_PROOFS_HARD_MAX {
            let mark = numbered(number);
            assert_eq!(seen.consume(mark, mark, 100), Use::First);
        }
        let another = numbered(SEEN_PROOFS_HARD_MAX);
        assert_eq!(seen.consume(another, another, 100), Use::Full);
        assert_eq!(seen.proofs.len(), SEEN_PROOFS_HARD_MAX);
    }

    #[test]
    fn of_eight_who_show_a_proof_at_once_one_is_first() {
        let seen = SeenProofs::default();
        for round in 0..200 {
            let barrier = Barrier::new(8);
            let firsts: usize = std::thread::scope(|scope| {
                let racers: Vec<_> = (0..8)
                    .map(|_| {
                        scope.spawn(|| {
                            barrier.wait();
                            seen.consume("key", &round.to_string(), 100, 10) == Use::First
                        })
                    })
                    .collect();
                racers
                    .into_iter()
                    .map(|racer| usize::from(racer.join().unwrap()))
                    .sum()
            });
            assert_eq!(firsts, 1, "round {round}");
        }
    }
}
