//! Whether the time of a refusal tells how much of a guessed key was right: guesses that share a long beginning with a key that is
//! accepted, and guesses that share none, interleaved at random and compared by rank (Mann and Whitney). The same is done to a
//! planted comparer that stops at the first wrong letter: a method that does not see that one sees nothing.
//!
//! The time of reading a guess may well depend on the guess, which its sender knows. So every try has a guess of its own, and each
//! guess that is near has a twin that is far, with a letter for a letter and a digit for a digit.

use std::hint::black_box;
use std::time::Instant;

use super::super::cpu::median;
use super::world::{World, well_formed};

/// Tries of each kind.
const TRIES: usize = 2_000;
/// Refusals in one try: what an attacker sums up when one is too fast to be told from noise.
const REFUSALS_PER_TRY: usize = 16;
/// Letters that a near guess has right: half of the 32 random ones behind the prefix of four.
const NEAR: usize = 4 + 16;
const FAR: usize = 4;

/// Measures and prints.
pub(super) fn run(world: &World) {
    println!(
        "time of refusing a key with {NEAR} right letters against one with {FAR}, {TRIES} tries of each, interleaved"
    );
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let guesses = guesses(&world.key, &mut dice);
    let headers: Vec<(String, bool)> = guesses
        .iter()
        .map(|(guess, is_near)| (format!("SSWS {guess}"), *is_near))
        .collect();
    let ours = compare(&headers, |guess| world.refuse(guess));
    println!("  identify:                      {ours}");
    let planted = compare(&guesses, |guess| {
        black_box(stops_early(black_box(guess), black_box(&world.key)));
    });
    println!("  a planted byte-wise comparer:  {planted}");
    println!(
        "bars: |z| below 4 and a gap below 5 % for identify; the planted one far above, or the method sees nothing"
    );
}

/// Near guesses and their twins, in random order.
fn guesses(key: &str, dice: &mut Dice) -> Vec<(String, bool)> {
    let mut guesses = Vec::with_capacity(2 * TRIES);
    for _ in 0..TRIES {
        let right = key.chars().take(NEAR);
        let near: String = right.chain((NEAR..36).map(|_| dice.one_of(ALL))).collect();
        let twin = |(place, letter): (usize, char)| match place < FAR {
            true => letter,
            false => dice.another_like(letter),
        };
        let far = near.chars().enumerate().map(twin).collect();
        guesses.push((well_formed(near), true));
        guesses.push((well_formed(far), false));
    }
    for last in (1..guesses.len()).rev() {
        guesses.swap(last, dice.below(last + 1));
    }
    guesses
}

/// Times the refusal of each guess, the first ones twice: what is cold at first says nothing.
fn compare(guesses: &[(String, bool)], refuse: impl Fn(&str)) -> Comparison {
    let time = |guess: &str| {
        let started = Instant::now();
        for _ in 0..REFUSALS_PER_TRY {
            refuse(guess);
        }
        started.elapsed().as_nanos() as f64
    };
    for (guess, _) in guesses.iter().take(WARMING) {
        time(guess);
    }
    let (mut near, mut far) = (Vec::with_capacity(TRIES), Vec::with_capacity(TRIES));
    for (guess, is_near) in guesses {
        let took = time(guess);
        if *is_near {
            near.push(took);
        } else {
            far.push(took);
        }
    }
    let (at_near, at_far) = (median(near.clone()), median(far.clone()));
    Comparison {
        z: rank_z(&near, &far),
        gap: (at_near - at_far) / at_far,
    }
}

/// What comparing two kinds of tries gave.
struct Comparison {
    z: f64,
    gap: f64,
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "z {:>7.2}   gap of medians {:>6.2} %",
            self.z,
            100.0 * self.gap
        )
    }
}

/// Mann and Whitney's statistic as a standard normal deviate, corrected for ties.
fn rank_z(first: &[f64], second: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = first.iter().map(|value| (*value, true)).collect();
    all.extend(second.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks_of_first, mut ties, mut below) = (0.0, 0.0, 0.0);
    for equal in all.chunk_by(|a, b| a.0 == b.0) {
        let count = equal.len() as f64;
        let rank = below + (count + 1.0) / 2.0;
        ranks_of_first += rank * equal.iter().filter(|(_, is_first)| *is_first).count() as f64;
        ties += count * count * count - count;
        below += count;
    }
    let (n, m) = (first.len() as f64, second.len() as f64);
    let u = ranks_of_first - n * (n + 1.0) / 2.0;
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    (u - n * m / 2.0) / variance.sqrt()
}

/// The flaw: compares letter by letter and stops at the first that differs.
fn stops_early(guess: &str, key: &str) -> bool {
    guess.len() == key.len()
        && guess
            .bytes()
            .zip(key.bytes())
            .all(|(ours, theirs)| black_box(ours) == black_box(theirs))
}

/// A generator good enough to guess and shuffle (xorshift), the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn one_of(&mut self, letters: &str) -> char {
        let place = self.below(letters.len());
        letters.chars().nth(place).unwrap_or('a')
    }

    /// Another letter of the same kind.
    fn another_like(&mut self, letter: char) -> char {
        let kind = KINDS.into_iter().find(|kind| kind.contains(letter));
        loop {
            let other = self.one_of(kind.unwrap_or(ALL));
            if other != letter {
                return other;
            }
        }
    }
}

const KINDS: [&str; 3] = [
    "0123456789",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
];
const ALL: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Tries before the first that counts.
const WARMING: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_tell_what_differs_from_what_does_not() {
        let even: Vec<f64> = (0..500).map(|number| f64::from(number % 50)).collect();
        let same: Vec<f64> = even.iter().rev().copied().collect();
        assert!(rank_z(&even, &same).abs() < 1e-9);
        let slower: Vec<f64> = even.iter().map(|value| value + 5.0).collect();
        assert!(rank_z(&slower, &even) > 4.0 && rank_z(&even, &slower) < -4.0);
    }
}
