//! `portcullis plan`: the steps back to a snapshot, what they cost and what cannot come back. Changes nothing.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::keeper::Keeper;
use crate::printer::Printer;
use crate::selection;
use crate::settings::Settings;
use crate::wiring::{Job, write_whole};
use recovery::Plan;
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Plan,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let keeper = Keeper::open(&settings, arguments.org.as_deref(), Job::Backup, printer).await?;
    let wanted = keeper.load(&verb.snapshot).await?;
    let live = keeper.capture().await?;
    let selection = selection::meant(&verb.selection, &[&wanted.image])?;
    let changes = keeper.compare(&wanted.image, &live.image, &selection);
    let plan = keeper.plan(&changes, &wanted, &live, &verb.reach).await?;
    if let Some(path) = &verb.out {
        write_whole(
            path,
            &serde_json::to_string_pretty(&plan).map_err(Failure::broken)?,
        )?;
        printer.note(format!("plan written to {}", path.display()));
    }
    printer.result(plan.to_string(), &value(&plan))?;
    Ok(Exit::Done)
}

/// A plan as JSON, with what can be computed from it beside it.
pub(crate) fn value(plan: &Plan) -> Value {
    json!({
        "digest": plan.digest().to_string(),
        "cost": plan.cost(),
        "impact": plan.impact(),
        "plan": plan,
    })
}
