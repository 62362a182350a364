//! One parser under trial.

use std::any::Any;
use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use fastrand::Rng;
use rustix::time::{ClockId, clock_gettime};

use crate::Finding;
use crate::effort::Effort;
use crate::limits::{EXAMPLES_MAX, INPUT_TIME_MAX, SHRINKS_MAX};
use crate::mutation::mutated;

/// A parser, and what its inputs are made from.
#[derive(Debug)]
pub struct Target {
    name: &'static str,
    examples: Vec<Vec<u8>>,
    words: Vec<Vec<u8>>,
}

/// What was tried without a finding.
#[derive(Clone, Copy, Debug)]
pub struct Ran {
    target: &'static str,
    /// Inputs tried, the seeds among them.
    pub inputs: u64,
    /// Kinds of answers that they got.
    pub outcomes: usize,
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target,
            inputs,
            outcomes,
        } = self;
        write!(out, "{target}: {inputs} inputs, {outcomes} outcomes")
    }
}

impl Target {
    /// A target of this name, with nothing to make inputs from yet.
    pub fn named(name: &'static str) -> Self {
        Self {
            name,
            examples: Vec::new(),
            words: Vec::new(),
        }
    }

    /// Examples: good ones and bad ones, and every input that once was a finding.
    #[must_use]
    pub fn seeds<S: AsRef<[u8]>>(mut self, seeds: impl IntoIterator<Item = S>) -> Self {
        let seeds = seeds.into_iter().map(|seed| seed.as_ref().to_vec());
        self.examples.extend(seeds);
        self
    }

    /// Words that mean something to the parser.
    #[must_use]
    pub fn words<W: AsRef<[u8]>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_vec());
        self.words.extend(words);
        self
    }

    /// Tries the seeds and then inputs made from them. `property` asserts what has to hold and returns the kind of answer.
    ///
    /// # Errors
    /// [`Finding`]: the first input for which `property` panicked or took too long, made small.
    pub fn run<O: Hash>(mut self, property: impl Fn(&[u8]) -> O) -> Result<Ran, Finding> {
        let effort = Effort::asked();
        let seed = effort.seed();
        let mut rng = Rng::with_seed(seed);
        let mut seen = HashSet::new();
        let seeds = self.examples.len();
        let mut tried = 0_u64;
        while effort.goes_on(tried) || usize::try_from(tried).is_ok_and(|tried| tried < seeds) {
            let example = usize::try_from(tried).ok().filter(|at| *at < seeds);
            let input = match example.and_then(|at| self.examples.get(at)) {
                Some(example) => example.clone(),
                None => mutated(&mut rng, &self.examples, &self.words),
            };
            tried += 1;
            match outcome(&property, &input) {
                Ok(outcome) if seen.insert(outcome) && example.is_none() => {
                    if self.examples.len() < EXAMPLES_MAX {
                        self.examples.push(input);
                    }
                }
                Ok(_) => {}
                Err(what) => {
                    let (input, what) = smallest(&property, input, what);
                    return Err(Finding {
                        target: self.name,
                        input,
                        what,
                        seed,
                    });
                }
            }
        }
        Ok(Ran {
            target: self.name,
            inputs: tried,
            outcomes: seen.len(),
        })
    }
}

/// The outcome of one input as a number, or what went wrong.
fn outcome<O: Hash>(property: &impl Fn(&[u8]) -> O, input: &[u8]) -> Result<u64, String> {
    let before = thread_time();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut hasher = DefaultHasher::new();
        property(input).hash(&mut hasher);
        hasher.finish()
    }))
    .map_err(|panic| said(&*panic))?;
    let took = thread_time().saturating_sub(before);
    if took > INPUT_TIME_MAX {
        return Err(format!("took {took:?}"));
    }
    Ok(outcome)
}

/// Processor time of this thread: what other threads do takes nothing from it.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        time.tv_sec.try_into().unwrap_or_default(),
        time.tv_nsec.try_into().unwrap_or_default(),
    )
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
        .to_owned()
}

/// The finding with all left out that it does not need.
fn smallest<O: Hash>(
    property: &impl Fn(&[u8]) -> O,
    mut input: Vec<u8>,
    mut what: String,
) -> (Vec<u8>, String) {
    let mut tries = 0;
    let mut size = input.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < input.len() && tries < SHRINKS_MAX {
            let mut less = input.clone();
            less.drain(at..input.len().min(at + size));
            tries += 1;
            match outcome(property, &less) {
                Err(still) => (input, what) = (less, still),
                Ok(_) => at += size,
            }
        }
        if size == 1 || tries >= SHRINKS_MAX {
            return (input, what);
        }
        size /= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_breaks_a_promise_is_found_and_made_small() {
        let found = Target::named("brackets")
            .seeds(["a list of [things]"])
            .words(["[["])
            .run(|input| assert!(!input.windows(2).any(|pair| pair == b"[["), "two brackets"));
        let found = found.unwrap_err();
        assert_eq!((&*found.input, &*found.what), (&b"[["[..], "two brackets"));
        assert!(found.to_string().contains("input: b\"[[\""), "{found}");
    }

    #[test]
    fn what_shows_a_new_outcome_is_built_upon() {
        let ran = Target::named("ladder")
            .seeds(["x"])
            .words(["GET "])
            .run(|input| {
                let steps = input
                    .iter()
                    .zip(b"GET GET GET ")
                    .take_while(|(one, other)| one == other);
                steps.count()
            });
        assert!(ran.unwrap().outcomes > 8);
    }

    #[test]
    fn an_input_that_takes_too_long_is_a_finding() {
        let found = Target::named("wheel").seeds([""]).run(|_| {
            let begun = thread_time();
            while thread_time() - begun <= INPUT_TIME_MAX {
                std::hint::spin_loop();
            }
        });
        assert!(found.unwrap_err().what.starts_with("took "));
    }
}
