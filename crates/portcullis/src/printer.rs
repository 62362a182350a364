//! The only place that writes to the terminal. Results go to stdout, everything else to stderr; silence, colour and JSON are decided
//! here once.

use crate::failure::Failure;
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// `1 call`, `2 calls`: a number with its noun.
pub(crate) fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// How to speak.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Printer {
    json: bool,
    quiet: bool,
    colour: bool,
}

impl Printer {
    /// Speaks JSON if `json`, says only results and failures if `quiet`; colours a terminal unless `NO_COLOR` is set.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        let colour =
            !json && std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal();
        Self {
            json,
            quiet,
            colour,
        }
    }

    /// Whether a progress bar would be seen.
    pub(crate) fn shows_progress(self) -> bool {
        !self.json && !self.quiet && std::io::stderr().is_terminal()
    }

    /// A result: `text` for people, `value` as one JSON line for scripts.
    pub(crate) fn result<T: Serialize>(
        self,
        text: impl AsRef<str>,
        value: &T,
    ) -> Result<(), Failure> {
        let line = if self.json {
            serde_json::to_string(value).map_err(Failure::broken)?
        } else {
            text.as_ref().trim_end().to_owned()
        };
        self.line(&line)
    }

    /// One line on stdout in either mode.
    pub(crate) fn line(self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        // A reader that went away (`| head`) is no failure.
        let _ = writeln!(out, "{text}").and_then(|()| out.flush());
        Ok(())
    }

    /// Something worth knowing while a verb works.
    pub(crate) fn note(self, text: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{}", text.as_ref());
        }
    }

    /// A heading between the parts of a story.
    pub(crate) fn heading(self, text: &str) {
        if self.colour {
            self.note(format!("\n\u{1b}[1m{text}\u{1b}[0m"));
        } else {
            self.note(format!("\n{text}"));
        }
    }

    /// A failure with its hint.
    pub(crate) fn failure(self, failure: &Failure) {
        let mut err = std::io::stderr().lock();
        if self.json {
            let line =
                serde_json::to_string(&serde_json::json!({ "error": failure })).unwrap_or_default();
            let _ = writeln!(err, "{line}");
        } else {
            let _ = writeln!(err, "portcullis: {}\n  {}", failure.message, failure.hint);
        }
    }
}
