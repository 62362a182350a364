//! `portcullis audit …`: the trail checked, shown, exported; the key that signs it.

mod export;
mod key;
mod show;
mod span;
mod verify;

pub(crate) use verify::{Chain, check};

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Audit,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    match verb {
        arguments::Audit::Verify(what) => verify::run(what, arguments, printer),
        arguments::Audit::Show(which) => show::run(which, arguments, printer),
        arguments::Audit::Export(what) => export::run(what, arguments, printer).await,
        arguments::Audit::Key { rotate } => key::run(*rotate, arguments, printer).await,
    }
}
