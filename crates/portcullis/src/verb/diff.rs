//! `portcullis diff`: a snapshot against the live org, or against another snapshot.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::keeper::Keeper;
use crate::printer::Printer;
use crate::selection;
use crate::settings::Settings;
use crate::wiring::Job;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Diff,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let keeper = Keeper::open(&settings, arguments.org.as_deref(), Job::Backup, printer).await?;
    let before = keeper.load(&verb.snapshot).await?;
    let after = match &verb.other {
        Some(other) => keeper.load(other).await?.image,
        None => keeper.capture().await?.image,
    };
    let selection = selection::meant(&verb.selection, &[&before.image, &after])?;
    let changes = keeper.compare(&before.image, &after, &selection);
    printer.result(changes.to_string(), &changes)?;
    Ok(if changes.is_empty() {
        Exit::Done
    } else {
        Exit::Differs
    })
}
