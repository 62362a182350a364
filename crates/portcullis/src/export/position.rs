//! How far each chain of an org has been shipped, in a small file. It is written after the entries have gone out: whoever starts again
//! ships some twice, never one not at all.

use crate::failure::{Exit, Failure};
use crate::wiring::{Writer, write_whole};
use audit::ReadUpTo;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The last entry shipped of each chain, by writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Position(BTreeMap<&'static str, ReadUpTo>);

impl Position {
    /// What a file says; the beginning, when there is none.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(unfit(path, &error.to_string())),
        };
        let value: Value =
            serde_json::from_str(&text).map_err(|error| unfit(path, &error.to_string()))?;
        let mut position = Self::default();
        for writer in Writer::ALL {
            if let Some(place) = value.get(writer.name()) {
                let entry = place.get("entry").and_then(Value::as_u64);
                let hash = place.get("hash").and_then(Value::as_str);
                let (Some(entry), Some(hash)) = (entry, hash) else {
                    return Err(unfit(path, "it has another form"));
                };
                position.set(writer, entry, hash.to_owned());
            }
        }
        Ok(position)
    }

    /// Writes the file: the old one or the new one after a crash.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let chains: Map<String, Value> = self
            .0
            .iter()
            .map(|(writer, place)| {
                let place = json!({ "entry": place.entry, "hash": place.hash });
                ((*writer).to_owned(), place)
            })
            .collect();
        write_whole(path, &format!("{}\n", Value::from(chains)))
    }

    /// Where a chain is to be read on from.
    pub(crate) fn of(&self, writer: Writer) -> ReadUpTo {
        self.0.get(writer.name()).cloned().unwrap_or(ReadUpTo {
            entry: 0,
            hash: String::new(),
        })
    }

    /// An entry was shipped.
    pub(crate) fn set(&mut self, writer: Writer, entry: u64, hash: String) {
        self.0.insert(writer.name(), ReadUpTo { entry, hash });
    }
}

fn unfit(path: &Path, why: &str) -> Failure {
    Failure::new(
        Exit::Settings,
        format!("cannot read the position in {}: {why}", path.display()),
        "Remove the file to ship the trail from its beginning, or restore it from a copy.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_and_none_is_the_beginning() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("position.json");
        assert_eq!(Position::read(&path).unwrap(), Position::default());
        let mut position = Position::default();
        position.set(Writer::Jobs, 7, "ab".to_owned());
        position.write(&path).unwrap();
        assert_eq!(Position::read(&path).unwrap(), position);
        assert_eq!(position.of(Writer::Gateway).entry, 0);
        std::fs::write(&path, "{\"jobs\":{}}").unwrap();
        assert!(Position::read(&path).is_err());
    }
}
