//! `portcullis verify`: the live org held against a snapshot; every difference that remains is explained or named as unexplained.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::keeper::Keeper;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::Job;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Verify,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let keeper = Keeper::open(&settings, arguments.org.as_deref(), Job::Backup, printer).await?;
    let wanted = keeper.load(&verb.snapshot).await?;
    let (report, _) = keeper.verify(&wanted).await?;
    printer.result(report.to_string(), &report)?;
    Ok(if report.is_clean() {
        Exit::Done
    } else {
        Exit::Differs
    })
}
