//! `portcullis snapshots`: which snapshots there are, and whether they can be read.

use crate::arguments::{Arguments, Snapshots};
use crate::failure::{Exit, Failure};
use crate::keeper::witness;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::{self, State};
use repository::{Depth, SnapshotSummary};
use serde_json::json;

/// Runs the verb.
pub(crate) async fn run(
    verb: &Snapshots,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let repository = wiring::repository(&settings).await?;
    let history = repository.snapshots(org.as_str()).await?;
    let mut text: Vec<String> = history.snapshots.iter().map(described).collect();
    text.extend(
        history
            .unreadable
            .iter()
            .map(|lost| format!("#{} cannot be read: {}", lost.sequence, lost.reason)),
    );
    if text.is_empty() {
        text.push(format!(
            "no snapshots of {org}; take one with `portcullis backup`"
        ));
    }
    let unreadable: Vec<String> = history
        .unreadable
        .iter()
        .map(|lost| lost.name.clone())
        .collect();
    let mut check = None;
    let mut sound = history.unreadable.is_empty();
    if verb.check {
        let seen = witness(&State::open(&settings)?.witness(org))?;
        let report = repository.check(Depth::Data, seen.as_slice()).await?;
        sound &= report.is_sound();
        text.push(format!(
            "checked {} snapshots, {} packs, {} objects",
            report.snapshots, report.packs, report.objects
        ));
        text.extend(
            report
                .findings
                .iter()
                .map(|finding| format!("damage: {finding}")),
        );
        check = Some(report);
    }
    let value = json!({ "snapshots": history.snapshots, "unreadable": unreadable, "check": check });
    printer.result(text.join("\n"), &value)?;
    Ok(if sound { Exit::Done } else { Exit::Repository })
}

fn described(snapshot: &SnapshotSummary) -> String {
    let id: String = snapshot.id.to_string().chars().take(ID_SHOWN).collect();
    format!(
        "#{}  {id}  {}  {} objects",
        snapshot.sequence,
        snapshot.finished,
        snapshot.object_count()
    )
}

/// Digits of a snapshot's id that are shown; any unique prefix is accepted.
const ID_SHOWN: usize = 12;
