//! `portcullis backup`: reads the org and keeps it as a snapshot.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::keeper::Keeper;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::Job;
use recovery::{Capture, Gap};
use repository::Saved;
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let keeper = Keeper::open(&settings, arguments.org.as_deref(), Job::Backup, printer).await?;
    let (captured, saved) = keeper.back_up().await?;
    printer.result(told(&captured, &saved), &value(&captured, &saved))?;
    Ok(Exit::Done)
}

/// A backup in words.
pub(crate) fn told(captured: &Capture, saved: &Saved) -> String {
    let mut text = format!(
        "snapshot #{} {}: {} objects, {} new, {} bytes written; {} calls to Okta (the least possible is {})",
        saved.sequence,
        saved.id,
        saved.objects,
        saved.new_objects,
        saved.written_bytes,
        captured.calls_used,
        captured.calls_minimum
    );
    for gap in captured.image.gaps() {
        text.push_str(&format!("\nnot read: {}", missing(gap)));
    }
    text
}

fn missing(gap: &Gap) -> String {
    let part = gap
        .part
        .as_ref()
        .map(|(place, value)| format!(" with {place} {value}"))
        .unwrap_or_default();
    let owner = gap
        .parent
        .as_ref()
        .map(|owner| format!(" of {owner}"))
        .unwrap_or_default();
    format!("{}{part}{owner}: {}", gap.kind, gap.reason)
}

fn value(captured: &Capture, saved: &Saved) -> Value {
    let gaps: Vec<String> = captured.image.gaps().iter().map(missing).collect();
    json!({
        "snapshot": saved,
        "calls_used": captured.calls_used,
        "calls_minimum": captured.calls_minimum,
        "not_read": gaps,
    })
}
