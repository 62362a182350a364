//! `portcullis restore`: diff, plan, ask, apply, verify. A restore that was broken off is resumed by the next one.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::keeper::{Keeper, Outcome, Unfinished};
use crate::printer::Printer;
use crate::selection;
use crate::settings::Settings;
use crate::wiring::Job;
use recovery::{Plan, Report, Selection};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Restore,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let job = match verb.despite_freeze {
        true => Job::RestoreDespiteFreeze,
        false => Job::Restore,
    };
    let keeper = Keeper::open(&settings, arguments.org.as_deref(), job, printer).await?;
    let wanted = keeper.load(&verb.snapshot).await?;
    let selection = selection::meant(&verb.selection, &[&wanted.image])?;
    let asked = arguments::asked(&verb.selection, &verb.reach);
    if verb.afresh {
        keeper.abandon_unfinished()?;
    } else if let Some(unfinished) = keeper.unfinished()? {
        if unfinished.snapshot() != wanted.id || unfinished.asked() != asked {
            return Err(another_is_unfinished(&unfinished));
        }
        printer.note(format!(
            "resuming the restore that was broken off (plan {})",
            shown(unfinished.plan())
        ));
        return conclude(
            &keeper.go_on(unfinished, &wanted).await?,
            &selection,
            printer,
        );
    }
    let live = keeper.capture().await?;
    let changes = keeper.compare(&wanted.image, &live.image, &selection);
    let plan = keeper.plan(&changes, &wanted, &live, &verb.reach).await?;
    printer.note(plan.summary());
    if plan.steps.is_empty() {
        return nothing_to_do(&keeper.judge(&wanted, &live), &selection, printer);
    }
    if !verb.yes {
        ask(&plan, printer)?;
    }
    let outcome = keeper
        .carry_out(plan, &wanted, &live, asked, &approver())
        .await?;
    conclude(&outcome, &selection, printer)
}

/// Something else was asked for than what was broken off: neither is guessed to be meant.
fn another_is_unfinished(unfinished: &Unfinished) -> Failure {
    let words = [
        "portcullis restore",
        unfinished.snapshot().get(..ID_SHOWN).unwrap_or_default(),
        unfinished.asked(),
    ];
    let hint = format!(
        "Finish it with `{}`, or leave it behind with --afresh.",
        words.join(" ").trim_end()
    );
    Failure::new(Exit::Partial, "another restore is unfinished", hint)
}

fn nothing_to_do(
    report: &Report,
    selection: &Selection,
    printer: Printer,
) -> Result<Exit, Failure> {
    let value = json!({
        "unexplained_differences": report.unexplained.len(),
        "explained_differences": report.explained.len(),
        "complete": true,
        "report": report,
    });
    let text = format!(
        "nothing to bring back\n{report}{}",
        within(report, selection)
    );
    printer.result(text, &value)?;
    Ok(if report.is_clean_within(selection) {
        Exit::Done
    } else {
        Exit::Differs
    })
}

fn conclude(outcome: &Outcome, selection: &Selection, printer: Printer) -> Result<Exit, Failure> {
    let mut text = format!(
        "{} steps done ({} needless, {} found done), {} refused, {} left out, {} calls\n",
        outcome.run.done,
        outcome.run.needless,
        outcome.run.found,
        outcome.run.failed.len(),
        outcome.run.skipped.len(),
        outcome.run.calls
    );
    for unfinished in outcome.run.failed.iter().chain(&outcome.run.skipped) {
        text.push_str(&format!(
            "  step {} {}: {}\n",
            unfinished.step, unfinished.title, unfinished.reason
        ));
    }
    text.push_str(&outcome.report.to_string());
    text.push_str(within(&outcome.report, selection));
    text.push_str(&format!(
        "as it was before: snapshot {}\n",
        outcome.before.get(..ID_SHOWN).unwrap_or_default()
    ));
    printer.result(text, &value(outcome))?;
    Ok(if !outcome.run.is_complete() {
        Exit::Partial
    } else if outcome.report.is_clean_within(selection) {
        Exit::Done
    } else {
        Exit::Differs
    })
}

/// A line on the part that was asked for, where the rest of the org is otherwise than the snapshot.
fn within(report: &Report, selection: &Selection) -> &'static str {
    if !report.is_clean() && report.is_clean_within(selection) {
        "what was asked for is as the snapshot says; the rest was not asked for\n"
    } else {
        ""
    }
}

/// What a restore came to, as JSON.
pub(crate) fn value(outcome: &Outcome) -> Value {
    json!({
        "unexplained_differences": outcome.report.unexplained.len(),
        "explained_differences": outcome.report.explained.len(),
        "doubled": outcome.report.doubled.len(),
        "dangling": outcome.report.dangling.len(),
        "unrecoverable": outcome.report.unrecoverable,
        "complete": outcome.run.is_complete(),
        "before": outcome.before,
        "run": outcome.run,
        "report": outcome.report,
    })
}

fn ask(plan: &Plan, printer: Printer) -> Result<(), Failure> {
    let refused = |message: &str| {
        let hint = "Read the plan with `portcullis plan`, then run `portcullis restore --yes`.";
        Err(Failure::new(Exit::NotApproved, message, hint))
    };
    if !std::io::stdin().is_terminal() {
        return refused("nobody is there to agree to the plan");
    }
    printer.note(format!("Apply plan {}? Type `yes`:", shown(plan)));
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Failure::broken)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        refused("the plan was not agreed to")
    }
}

fn approver() -> String {
    std::env::var("USER").unwrap_or_else(|_| "operator".to_owned())
}

fn shown(plan: &Plan) -> String {
    plan.digest().to_string().chars().take(ID_SHOWN).collect()
}

/// Digits of ids and digests that are shown.
const ID_SHOWN: usize = 12;
