//! How long a target runs, and from which chance.

use std::time::{Duration, Instant};

use crate::limits::INPUTS;

/// Name of the variable that gives each target so many seconds.
const SECONDS: &str = "PORTCULLIS_FUZZ_SECONDS";

/// When a target has tried enough.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Effort {
    /// So many inputs, the same every time.
    Inputs(u64),
    /// Until then, from a chance of its own.
    Until(Instant),
}

impl Effort {
    /// What the environment asks for.
    pub(crate) fn asked() -> Self {
        let seconds = std::env::var(SECONDS).ok();
        match seconds.and_then(|text| text.parse().ok()) {
            Some(seconds) => Self::Until(Instant::now() + Duration::from_secs(seconds)),
            None => Self::Inputs(INPUTS),
        }
    }

    /// The number that all chance comes from.
    pub(crate) fn seed(self) -> u64 {
        match self {
            Self::Inputs(_) => 4,
            Self::Until(_) => fastrand::u64(..),
        }
    }

    /// Whether one more input is to be tried after so many.
    pub(crate) fn goes_on(self, tried: u64) -> bool {
        match self {
            Self::Inputs(inputs) => tried < inputs,
            Self::Until(end) => Instant::now() < end,
        }
    }
}
