//! `portcullis policy …`: the Cedar policies of an org, checked before they are kept.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::{Printer, counted};
use crate::settings::Settings;
use crate::wiring::State;
use access::{OrgName, StoredPolicy};
use policy::{Policies, PolicyProblems, PolicyText};
use serde_json::{Value, json};
use std::path::Path;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Policy,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    if let arguments::Policy::Schema = verb {
        printer.result(policy::schema(), &json!({ "schema": policy::schema() }))?;
        return Ok(Exit::Done);
    }
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    match verb {
        arguments::Policy::Schema => {}
        arguments::Policy::Check { file } => {
            let kept = state.keyring.policies(org)?;
            return check(&file_name(file), read(file)?, kept, printer);
        }
        arguments::Policy::Put { name, file } => {
            let text = read(file)?;
            let kept = state.keyring.policies(org)?;
            if let Err(problems) = Policies::read(&beside(name, &text, kept)) {
                return refused(&problems, printer);
            }
            let ledger = Ledger::open(&state, org).await?;
            state.keyring.put_policy(org, name, &text, now)?;
            write(&ledger, name, &text).await?;
            let value = json!({ "name": name, "org": org.as_str() });
            printer.result(format!("policy {name} is in force"), &value)?;
        }
        arguments::Policy::List => list(&state.keyring.policies(org)?, org, printer)?,
        arguments::Policy::Show { name } => {
            let kept = state.keyring.policies(org)?;
            let found = kept.iter().find(|policy| policy.name == *name);
            let policy = found.ok_or_else(|| access::AccessError::NoPolicy(name.clone()))?;
            printer.result(&policy.text, &value(policy))?;
        }
        arguments::Policy::Remove { name } => {
            let ledger = Ledger::open(&state, org).await?;
            state.keyring.remove_policy(org, name, now)?;
            ledger
                .write("policy_removed", None, [("policy", name.as_str())])
                .await?;
            let text = format!("policy {name} is no longer in force");
            printer.result(text, &json!({ "removed": name }))?;
        }
    }
    Ok(Exit::Done)
}

/// Writes down that a policy is in force; its text by its hash, because it can be long.
pub(super) async fn write(ledger: &Ledger, name: &str, text: &str) -> Result<(), Failure> {
    let digest = jose::sha256_base64url(text.as_bytes());
    let details = [("policy", name), ("sha256", digest.as_str())];
    ledger.write("policy_put", None, details).await
}

fn check(
    name: &str,
    text: String,
    kept: Vec<StoredPolicy>,
    printer: Printer,
) -> Result<Exit, Failure> {
    match Policies::read(&beside(name, &text, kept)) {
        Ok(policies) => {
            let statements = counted(policies.len(), "statement");
            let text = format!("in order; with it, {statements} would be in force");
            printer.result(
                text,
                &json!({ "valid": true, "statements": policies.len() }),
            )?;
            Ok(Exit::Done)
        }
        Err(problems) => refused(&problems, printer),
    }
}

/// The kept policies, with this one in the place of its namesake.
fn beside(name: &str, text: &str, kept: Vec<StoredPolicy>) -> Vec<PolicyText> {
    let others = kept.into_iter().filter(|policy| policy.name != name);
    let others = others.map(|policy| PolicyText {
        name: policy.name,
        text: policy.text,
    });
    let this = PolicyText {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    others.chain([this]).collect()
}

/// Every problem with its place; nothing was kept.
fn refused(problems: &PolicyProblems, printer: Printer) -> Result<Exit, Failure> {
    let value = json!({
        "valid": false,
        "problems": problems.iter().map(|problem| json!({
            "policy": problem.policy,
            "line": problem.line,
            "column": problem.column,
            "what": problem.what,
            "hint": problem.hint,
        })).collect::<Vec<_>>(),
        "unnamed": problems.unnamed(),
    });
    let lines = problems.iter().map(|problem| {
        let place = format!("{}:{}:{}", problem.policy, problem.line, problem.column);
        format!("{place}: {}\n  {}", problem.what, problem.hint)
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if problems.unnamed() > 0 {
        text.push_str(&format!("\nand {} more", problems.unnamed()));
    }
    printer.result(text, &value)?;
    Ok(Exit::Differs)
}

fn list(policies: &[StoredPolicy], org: &OrgName, printer: Printer) -> Result<(), Failure> {
    let lines = policies.iter().map(|policy| {
        let first = policy.text.lines().find(|line| !line.trim().is_empty());
        format!(
            "{}  {}  {}",
            policy.name,
            policy.changed,
            first.unwrap_or_default().trim()
        )
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    if text.is_empty() {
        text = format!("no policies in org {org}; keep one with `portcullis policy put NAME FILE`");
    }
    printer.result(text, &policies.iter().map(value).collect::<Vec<_>>())
}

fn value(policy: &StoredPolicy) -> Value {
    json!({
        "name": policy.name,
        "text": policy.text,
        "changed": policy.changed.to_string(),
    })
}

/// Name of a policy that only its file names so far.
fn file_name(file: &Path) -> String {
    let stem = file.file_stem().and_then(std::ffi::OsStr::to_str);
    stem.unwrap_or("policy").to_owned()
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        let hint =
            "Name a file of Cedar statements; `portcullis policy schema` shows what they may say.";
        Failure::new(
            Exit::Usage,
            format!("cannot read the policy {}: {error}", file.display()),
            hint,
        )
    })
}
