//! `portcullis audit …`: checks the audit trail offline.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::Writer;
use ::audit::{AuditError, verify};
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) fn run(
    verb: &arguments::Audit,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let arguments::Audit::Verify = verb;
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let checked = check(&settings.state, org.as_str())?;
    let sound = checked.iter().all(|chain| chain.broken.is_none());
    let text = checked
        .iter()
        .map(Chain::to_text)
        .collect::<Vec<_>>()
        .join("\n");
    let value = json!({ "verified": sound, "chains": checked.iter().map(Chain::to_value).collect::<Vec<_>>() });
    printer.result(text, &value)?;
    Ok(if sound { Exit::Done } else { Exit::Audit })
}

/// What checking one chain gave.
pub(crate) struct Chain {
    writer: Writer,
    entries: u64,
    unclosed: u64,
    last_hash: String,
    broken: Option<String>,
}

/// Checks every chain of the org; a chain that was never begun is left out.
pub(crate) fn check(state: &std::path::Path, org: &str) -> Result<Vec<Chain>, Failure> {
    let mut chains = Vec::new();
    for writer in Writer::ALL {
        let directory = writer.directory(state);
        if !directory.join(org).exists() {
            continue;
        }
        chains.push(match verify(&directory, org) {
            Ok(sound) => Chain {
                writer,
                entries: sound.entries,
                unclosed: sound.unclosed,
                last_hash: sound.last_hash,
                broken: None,
            },
            Err(AuditError::Broken(broken)) => {
                let told = format!("{broken}. {}", broken.next_step);
                Chain {
                    writer,
                    entries: 0,
                    unclosed: 0,
                    last_hash: String::new(),
                    broken: Some(told),
                }
            }
            Err(other) => return Err(other.into()),
        });
    }
    Ok(chains)
}

impl Chain {
    /// Whether the chain holds together.
    pub(crate) fn is_sound(&self) -> bool {
        self.broken.is_none()
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    fn to_text(&self) -> String {
        match &self.broken {
            Some(told) => format!("{}: {told}", self.writer.name()),
            None => format!(
                "{}: {} entries, unbroken, {} calls without an end, last hash {}",
                self.writer.name(),
                self.entries,
                self.unclosed,
                self.last_hash
            ),
        }
    }

    fn to_value(&self) -> Value {
        json!({
            "writer": self.writer.name(),
            "entries": self.entries,
            "unclosed": self.unclosed,
            "last_hash": self.last_hash,
            "broken": self.broken,
        })
    }
}
