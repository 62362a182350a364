//! `portcullis inspect learn`: what inspection only noted, and the org accepted nevertheless, is written down as known. Reads the trail,
//! which has no values; never touches the settings people wrote, and never learns from a call that was refused.

use crate::arguments::{Arguments, Inspect, Learn};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::{Settings, learned_file};
use crate::wiring::{State, Writer, write_whole};
use audit::entries;
use gateway::WOULD_REFUSE_INSPECTION;
use jiff::SignedDuration;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Accepted calls by field and check.
type Learned = BTreeMap<(String, String), u32>;

/// Runs the verb.
pub(crate) fn run(
    verb: &Inspect,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let Inspect::Learn(learn) = verb;
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let from = state.clock.now() - SignedDuration::from_hours(24 * i64::from(learn.days));
    let trail = Writer::Gateway.directory(&settings.state);
    let mut learned = Learned::new();
    // Doubts of calls that are open, by the number of their entry.
    let mut open: HashMap<u64, String> = HashMap::new();
    for entry in entries(&trail, org.as_str(), Some(from))? {
        let mut entry = entry?;
        if entry.opens_call() {
            if let Some(doubts) = entry.details.remove(WOULD_REFUSE_INSPECTION)
                && open.len() < OPEN_MAX
            {
                open.insert(entry.number, doubts);
            }
        } else if entry.closes_call()
            && let Some(doubts) = entry.call.and_then(|call| open.remove(&call))
            && entry
                .status
                .is_some_and(|status| (200..300).contains(&status))
        {
            count(&doubts, &mut learned);
        }
    }
    learned.retain(|_, calls| *calls >= learn.least);
    let file = learned_file(&arguments.config, org);
    if !learn.show && !learned.is_empty() {
        write(&file, &learned)?;
    }
    say(&file, &learned, learn, printer)
}

/// Counts the doubts of one accepted call: `check field kind`, joined by `; `.
fn count(doubts: &str, learned: &mut Learned) {
    for doubt in doubts.split("; ") {
        let mut words = doubt.split(' ');
        let (Some(check), Some(field)) = (words.next(), words.next()) else {
            continue;
        };
        let key = (field.to_owned(), check.to_owned());
        if learned.len() < LEARNED_MAX || learned.contains_key(&key) {
            *learned.entry(key).or_default() += 1;
        }
    }
}

/// Adds what was learned to the file; what it says already stays.
fn write(file: &Path, learned: &Learned) -> Result<(), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        let hint = "Correct the file or move it aside, then run the command again.";
        Failure::new(Exit::Settings, format!("{}: {error}", file.display()), hint)
    };
    let known = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(wrong(&error)),
    };
    let mut table: toml::Table = known
        .parse()
        .map_err(|error: toml::de::Error| wrong(&error))?;
    let fields = table
        .entry("fields")
        .or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let fields = fields
        .as_table_mut()
        .ok_or_else(|| wrong(&"`fields` is no table"))?;
    for (field, check) in learned.keys() {
        let modes = fields
            .entry(field.as_str())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        let modes = modes
            .as_table_mut()
            .ok_or_else(|| wrong(&format!("`{field}` is no table")))?;
        modes.entry(check.as_str()).or_insert_with(|| "off".into());
    }
    let text = toml::to_string(&table).map_err(Failure::broken)?;
    write_whole(file, &format!("{HEAD}{text}"))
}

fn say(file: &Path, learned: &Learned, learn: &Learn, printer: Printer) -> Result<Exit, Failure> {
    let rows: Vec<String> = learned
        .iter()
        .map(|((field, check), calls)| format!("  {calls:>6}  {check:<14} {field}"))
        .collect();
    let head = match (learned.is_empty(), learn.show) {
        (true, _) => format!("nothing to learn in {} days", learn.days),
        (false, true) => "accepted by the org, and noted by inspection:".to_owned(),
        (false, false) => format!(
            "written to {}; `serve` reads it when it starts:",
            file.display()
        ),
    };
    let listed: Vec<_> = learned
        .iter()
        .map(|((field, check), calls)| json!({"field": field, "check": check, "calls": calls}))
        .collect();
    let text = [&[head][..], &rows].concat().join("\n");
    let written = !learn.show && !learned.is_empty();
    printer.result(
        text,
        &json!({"file": file, "written": written, "learned": listed}),
    )?;
    Ok(Exit::Done)
}

/// First lines of the file.
const HEAD: &str = "# What inspection found in calls that the org accepted; `portcullis inspect learn` adds to it.\n\n";

/// Most fields learned at once: twice the members of all shapes that real calls were seen to differ from.
const LEARNED_MAX: usize = 2_000;

/// Most calls whose end was not met yet; a gateway has a few hundred in flight.
const OPEN_MAX: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_learned_is_read_as_settings_and_nothing_written_before_is_lost() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("inspect-acme.toml");
        std::fs::write(&file, "[fields.\"User.a\"]\nunknown-field = \"warn\"\n").unwrap();
        let mut learned = Learned::new();
        count(
            "unknown-field User.a unknown_member; unlisted App.mode unlisted",
            &mut learned,
        );
        count("unlisted App.mode unlisted", &mut learned);
        assert_eq!(learned.values().copied().collect::<Vec<_>>(), [2, 1]);
        write(&file, &learned).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        let settings: inspection::Settings = toml::from_str(&text).unwrap();
        assert_eq!(
            settings.mode(inspection::Check::UnknownField, "User.a"),
            inspection::Mode::Warn
        );
        assert_eq!(
            settings.mode(inspection::Check::Unlisted, "App.mode"),
            inspection::Mode::Off
        );
    }
}
