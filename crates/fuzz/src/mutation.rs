//! One input made from others: bits and bytes changed, pieces left out, doubled, swapped, put in from another example or a word list.

use fastrand::Rng;

use crate::limits::{CHANGES_MAX, INPUT_BYTES_MAX};

/// Bytes at which readers change their minds.
const EDGES: &[u8] = b"\0\t\n\r \"#%&'()*+,-./0:;<=>?@[\\]{}|~\x7f\x80\xc0\xff";

/// Numbers at which readers change their minds.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "00",
    "1e9",
    "255",
    "256",
    "65536",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "18446744073709551616",
];

/// An input near one of `examples`.
pub(crate) fn mutated(rng: &mut Rng, examples: &[Vec<u8>], words: &[Vec<u8>]) -> Vec<u8> {
    let mut input = rng.choice(examples).cloned().unwrap_or_default();
    for _ in 0..rng.usize(1..=CHANGES_MAX) {
        change(rng, &mut input, examples, words);
    }
    input.truncate(INPUT_BYTES_MAX);
    input
}

fn change(rng: &mut Rng, input: &mut Vec<u8>, examples: &[Vec<u8>], words: &[Vec<u8>]) {
    let span = span(rng, input.len());
    match rng.u8(..10) {
        0 => {
            let bit = rng.u8(..8);
            if let Some(byte) = input.get_mut(span.start) {
                *byte ^= 1 << bit;
            }
        }
        1 => put(input, span.start..span.start, &[edge(rng)]),
        2 => {
            let end = input.len().min(span.start + 1);
            put(input, span.start..end, &[edge(rng)]);
        }
        3 => put(input, span, b""),
        4 => {
            let piece = piece(input, &span);
            let times = if rng.u8(..8) == 0 { 40 } else { 1 };
            put(input, span.end..span.end, &piece.repeat(times));
        }
        5 => {
            let other = rng.choice(examples).cloned().unwrap_or_default();
            let from = self::span(rng, other.len());
            put(input, span, &piece(&other, &from));
        }
        6 => {
            let word = rng.choice(words).cloned().unwrap_or_default();
            put(input, span.start..span.start, &word);
        }
        7 => {
            let word = rng.choice(words).cloned().unwrap_or_default();
            put(input, span, &word);
        }
        8 => {
            let number = rng.choice(NUMBERS).copied().unwrap_or_default();
            let digits = digits(input, span.start);
            put(input, digits, number.as_bytes());
        }
        _ => {
            let piece = piece(input, &span);
            put(input, span, b"");
            let at = rng.usize(..=input.len());
            put(input, at..at, &piece);
        }
    }
}

/// A stretch of something of this length, mostly a short one.
fn span(rng: &mut Rng, length: usize) -> std::ops::Range<usize> {
    let start = rng.usize(..=length);
    let most = if rng.u8(..4) == 0 { length } else { 8 };
    start..length.min(start + rng.usize(..=most))
}

/// The digits at or after `at`; nothing at `at` where there are none.
fn digits(input: &[u8], at: usize) -> std::ops::Range<usize> {
    let rest = input.get(at..).unwrap_or_default();
    let Some(first) = rest.iter().position(u8::is_ascii_digit) else {
        return at..at;
    };
    let run = rest.iter().skip(first);
    let length = run.take_while(|byte| byte.is_ascii_digit()).count();
    at + first..at + first + length
}

fn edge(rng: &mut Rng) -> u8 {
    match rng.bool() {
        true => rng.choice(EDGES).copied().unwrap_or_default(),
        false => rng.u8(..),
    }
}

fn piece(input: &[u8], span: &std::ops::Range<usize>) -> Vec<u8> {
    input.get(span.clone()).unwrap_or_default().to_vec()
}

fn put(input: &mut Vec<u8>, span: std::ops::Range<usize>, piece: &[u8]) {
    input.splice(span, piece.iter().copied());
}
