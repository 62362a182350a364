//! `portcullis demo`: the product's story, told chapter by chapter while it happens.

use super::serve::stop_asked;
use crate::arguments::{self, Reach};
use crate::demo::{Stage, attack, visitor::Visitor};
use crate::failure::{Exit, Failure};
use crate::keeper::Outcome;
use crate::printer::Printer;
use crate::verb::{audit, backup};
use crate::wiring::Job;
use http::Method;
use recovery::plan::Cost;
use recovery::{Capture, Selection, Standing, What};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;

/// What the story came to: the last line of `demo --once --json`.
#[derive(Debug, Default, Serialize)]
struct Tally {
    objects_destroyed: usize,
    objects_restored: usize,
    unexplained_differences: usize,
    explained_differences: usize,
    unrecoverable: BTreeMap<String, usize>,
    allowed_calls: usize,
    refused_calls: usize,
    audit_verified: bool,
    audit_entries: u64,
    calls_used: usize,
    calls_minimum: usize,
    backup_calls: Calls,
    restore_calls: Calls,
    minutes_at_okta_limits: f64,
    seconds: f64,
}

/// Calls to Okta, and the fewest that could have done the same.
#[derive(Debug, Default, Clone, Copy, Serialize)]
struct Calls {
    used: usize,
    minimum: usize,
}

impl Tally {
    fn count(&mut self, calls: Calls) {
        self.calls_used += calls.used;
        self.calls_minimum += calls.minimum;
    }
}

impl From<&Capture> for Calls {
    fn from(captured: &Capture) -> Self {
        Self {
            used: captured.calls_used,
            minimum: captured.calls_minimum,
        }
    }
}

/// Runs the verb.
pub(crate) async fn run(verb: &arguments::Demo, printer: Printer) -> Result<Exit, Failure> {
    let started = Instant::now();
    let directory = tempfile::Builder::new()
        .prefix("portcullis-demo-")
        .tempdir()
        .map_err(|error| {
            let hint = "Set TMPDIR to a directory that can be written.";
            Failure::new(
                Exit::Settings,
                format!("cannot make a directory for the demo: {error}"),
                hint,
            )
        })?;
    let mut tally = Tally::default();

    printer.heading("1 · An org, and a gateway before it");
    let stage = Stage::build(directory.path(), verb.seed).await?;
    printer.note(format!(
        "  an emulated Okta org lives at {}",
        stage.okta_url
    ));
    printer.note(format!(
        "  the gateway guards it at      {}",
        stage.gateway_url
    ));

    let key = guard(&stage, &mut tally, printer).await?;
    let snapshot = back_up(&stage, &mut tally, printer).await?;
    lose(&stage, printer).await?;
    let cost = bring_back(&stage, &snapshot, &mut tally, printer).await?;
    let exit = conclude(&stage, &cost, started, &mut tally, printer)?;

    printer.result(closing(&tally), &tally)?;
    if !verb.once {
        stay_up(&stage, &key, printer).await?;
    }
    stage.strike().await;
    Ok(exit)
}

/// A caller does what it may and is refused what it may not. Gives its key.
async fn guard(stage: &Stage, tally: &mut Tally, printer: Printer) -> Result<String, Failure> {
    printer.heading("2 · A caller with a key of its own: hr-sync may read users, nothing else");
    let key = stage.key("hr-sync", &["okta.users.read"])?;
    let caller = Visitor::new(&stage.gateway_url, &key);
    let stranger = Visitor::new(&stage.gateway_url, "00not-a-key-of-anybody-at-all");
    let first = caller
        .call(Method::GET, "/api/v1/users?limit=200", None)
        .await?;
    let somebody = first
        .body
        .pointer("/0/id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let all = caller.list("/api/v1/users?limit=200").await?;
    printer.note(format!(
        "  GET    /api/v1/users                200  {} users, page by page through the gateway",
        all.len()
    ));
    tally.allowed_calls += 1 + all.len().div_ceil(200);
    let attempts = [
        (
            &caller,
            Method::DELETE,
            format!("/api/v1/users/{somebody}"),
            "outside its scope",
        ),
        (
            &caller,
            Method::GET,
            "/api/v1/groups".to_owned(),
            "outside its scope",
        ),
        (
            &caller,
            Method::GET,
            "/api/v1/users/..%2fgroups".to_owned(),
            "a path that could mean two things",
        ),
        (
            &caller,
            Method::GET,
            "/api/v1/secret-door".to_owned(),
            "no operation of Okta's",
        ),
        (
            &stranger,
            Method::GET,
            "/api/v1/users".to_owned(),
            "no valid key",
        ),
    ];
    for (who, method, path, why) in attempts {
        let heard = who.call(method.clone(), &path, None).await?;
        if heard.status.is_success() {
            return Err(Failure::broken(format!(
                "the gateway let {method} {path} pass"
            )));
        }
        tally.refused_calls += 1;
        let code = heard
            .body
            .get("errorCode")
            .and_then(Value::as_str)
            .unwrap_or_default();
        printer.note(format!(
            "  {:<6} {:<28} {}  {code}: {why}",
            method.as_str(),
            short(&path),
            heard.status.as_u16()
        ));
    }
    Ok(key)
}

async fn back_up(stage: &Stage, tally: &mut Tally, printer: Printer) -> Result<String, Failure> {
    printer.heading("3 · A snapshot");
    let keeper = stage.keeper(Job::Backup, printer).await?;
    let (captured, saved) = keeper.back_up().await?;
    tally.backup_calls = Calls::from(&captured);
    tally.count(tally.backup_calls);
    printer.note(format!(
        "  {}",
        backup::told(&captured, &saved).replace('\n', "\n  ")
    ));
    Ok(saved.id.to_string())
}

async fn lose(stage: &Stage, printer: Printer) -> Result<(), Failure> {
    printer.heading("4 · Somebody has stolen the org's own API token and goes round the gateway");
    let thief = Visitor::new(&stage.okta_url, &stage.okta_token);
    let damage = attack::wreck(&thief).await?;
    for line in &damage.told {
        printer.note(format!("  {line}"));
    }
    printer.note(format!(
        "  {} calls, a few seconds; Okta keeps no backup of any of it",
        damage.calls
    ));
    Ok(())
}

/// Diff, plan, apply, verify. Gives what the same restore costs at Okta's limits.
async fn bring_back(
    stage: &Stage,
    snapshot: &str,
    tally: &mut Tally,
    printer: Printer,
) -> Result<Cost, Failure> {
    let keeper = stage.keeper(Job::Restore, printer).await?;
    let wanted = keeper.load(snapshot).await?;
    let live = keeper.capture().await?;
    let changes = keeper.compare(&wanted.image, &live.image, &Selection::All);
    let hurt = |what: &What| matches!(what, What::Removed | What::Changed(_));
    tally.objects_destroyed = changes
        .list
        .iter()
        .filter(|change| hurt(&change.what))
        .count();
    printer.heading("5 · What is gone");
    for (kind, (gone, changed)) in damage_by_kind(&changes) {
        printer.note(format!("  {kind:<28} {gone:>5} gone {changed:>5} changed"));
    }
    printer.heading("6 · The way back");
    let plan = keeper
        .plan(&changes, &wanted, &live, &Reach::default())
        .await?;
    printer.note(indented(&plan.summary()));
    let cost = plan.cost();
    let steps = plan.steps.len();
    let outcome = keeper
        .carry_out(plan, &wanted, &live, String::new(), "the demo")
        .await?;
    // A step that turned out needless (a rule had done it already) needed no call.
    tally.restore_calls = Calls {
        used: outcome.run.calls,
        minimum: steps.saturating_sub(outcome.run.needless),
    };
    for calls in [
        Calls::from(&live),
        tally.restore_calls,
        Calls::from(&outcome.capture),
    ] {
        tally.count(calls);
    }
    printer.heading("7 · What came back, and what did not");
    printer.note(indented(&outcome.report.to_string()));
    count(&outcome, tally);
    Ok(cost)
}

fn count(outcome: &Outcome, tally: &mut Tally) {
    let report = &outcome.report;
    let still_hurt = report
        .unexplained
        .iter()
        .filter(|remaining| remaining.change.what != What::Created)
        .count();
    let failed = outcome.run.failed.len() + outcome.run.skipped.len();
    tally.objects_restored = tally
        .objects_destroyed
        .saturating_sub(still_hurt.max(failed));
    tally.unexplained_differences =
        report.unexplained.len() + report.doubled.len() + report.dangling.len();
    tally.explained_differences = report.explained.len();
    tally.unrecoverable = report.unrecoverable.clone();
}

fn damage_by_kind(changes: &recovery::Changes) -> BTreeMap<org::Kind, (usize, usize)> {
    let mut damage: BTreeMap<org::Kind, (usize, usize)> = BTreeMap::new();
    for change in changes
        .list
        .iter()
        .filter(|change| change.standing != Standing::Derived)
    {
        let (gone, changed) = damage.entry(change.object.kind()).or_default();
        match change.what {
            What::Removed => *gone += 1,
            What::Changed(_) => *changed += 1,
            What::Created => {}
        }
    }
    damage.retain(|_, (gone, changed)| *gone + *changed > 0);
    damage
}

fn conclude(
    stage: &Stage,
    cost: &Cost,
    started: Instant,
    tally: &mut Tally,
    printer: Printer,
) -> Result<Exit, Failure> {
    printer.heading("8 · The trail");
    let (org, _) = stage.settings.org(None)?;
    let chains = audit::check(&stage.settings.state, org.as_str())?;
    tally.audit_verified = !chains.is_empty() && chains.iter().all(audit::Chain::is_sound);
    tally.audit_entries = chains.iter().map(audit::Chain::entries).sum();
    let verdict = if tally.audit_verified {
        "unbroken"
    } else {
        "BROKEN"
    };
    printer.note(format!(
        "  {} entries in a hash chain, {verdict}: every call above, allowed or refused",
        tally.audit_entries
    ));
    tally.minutes_at_okta_limits = cost.minutes_workforce;
    tally.seconds = (started.elapsed().as_secs_f64() * 100.0).round() / 100.0;
    Ok(
        match (tally.unexplained_differences, tally.audit_verified) {
            (0, true) => Exit::Done,
            (_, false) => Exit::Audit,
            _ => Exit::Differs,
        },
    )
}

fn closing(tally: &Tally) -> String {
    let lost: Vec<String> = tally
        .unrecoverable
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    format!(
        "\n{} objects destroyed, {} brought back, {} differences unexplained, in {} s on this machine.\n\
         Honestly: at {} % of Okta's published Workforce limits the same restore takes at least {:.1} minutes.\n\
         What cannot come back as it was: {}.",
        tally.objects_destroyed,
        tally.objects_restored,
        tally.unexplained_differences,
        tally.seconds,
        OKTA_SHARE_PERCENT,
        tally.minutes_at_okta_limits,
        lost.join(", ")
    )
}

/// Keeps the stage up with things to try until somebody has had enough.
async fn stay_up(stage: &Stage, key: &str, printer: Printer) -> Result<(), Failure> {
    let stop = stop_asked()?;
    printer.heading("It stays up. Try, in another terminal:");
    let (config, gateway) = (stage.config.display(), &stage.gateway_url);
    let program = std::env::current_exe().unwrap_or_else(|_| "portcullis".into());
    let program = program.display();
    for line in [
        format!("curl -H 'Authorization: SSWS {key}' '{gateway}/api/v1/users?limit=2'"),
        format!("curl -X DELETE -H 'Authorization: SSWS {key}' '{gateway}/api/v1/groups/x'"),
        format!("{program} snapshots --config {config}"),
        format!("{program} diff latest --config {config}"),
        format!("{program} audit verify --config {config}"),
    ] {
        printer.note(format!("  {line}"));
    }
    printer.note("  Ctrl-C ends it and removes its files.");
    stop.await;
    Ok(())
}

fn indented(text: &str) -> String {
    format!("  {}", text.trim_end().replace('\n', "\n  "))
}

fn short(path: &str) -> String {
    if path.len() <= PATH_SHOWN {
        path.to_owned()
    } else {
        format!("{}…", path.get(..PATH_SHOWN - 1).unwrap_or_default())
    }
}

/// Characters of a path that are shown.
const PATH_SHOWN: usize = 28;
/// The share of Okta's limits the cost is reckoned at.
const OKTA_SHARE_PERCENT: u32 = 50;
