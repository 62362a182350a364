//! An input that broke a promise.

use std::fmt;

/// What was found: the input, in a form that can be put among the seeds, and what it did.
pub struct Finding {
    pub(crate) target: &'static str,
    pub(crate) input: Vec<u8>,
    pub(crate) what: String,
    pub(crate) seed: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {}\n  input: b\"{}\" (chance {})",
            self.target,
            self.what,
            self.input.escape_ascii(),
            self.seed
        )
    }
}

impl fmt::Debug for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
