//! `portcullis advise CLIENT`: the smallest grant that covers what a client was recorded to do, proven by deciding every recorded call
//! anew under it; on request the client is changed accordingly.

mod account;

use super::client::{self, named};
use crate::arguments::{Advise, Arguments};
use crate::failure::{Exit, Failure};
use crate::history::History;
use crate::last_seen::LastSeen;
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{
    Client, Denial, Evidence, Fate, OrgName, OrgRules, Reason, RecordedCall, Rehearsal,
    StoredPolicy, advise,
};
use account::Account;
use jiff::{SignedDuration, Timestamp};
use policy::{Policies, PolicyText};
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::sync::Arc;

/// Runs the verb.
pub(crate) async fn run(
    verb: &Advise,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let client = named(&state.keyring, org, &verb.client)?;
    let days = SignedDuration::from_hours(24 * i64::from(verb.days));
    let from = now.checked_sub(days).map_err(Failure::broken)?;
    let rules = OrgRules {
        protocol: org_settings.sign_in,
    };
    let seen = LastSeen::read(&settings, org).await?;
    let kept = state.keyring.policies(org)?;
    let history = History {
        state: &settings.state,
        client: &client,
        from,
        until: now,
    };
    let account = draw_up(verb, &history, &seen, &kept, rules, now)?;
    printer.result(account.to_text(), &account.to_value())?;
    if verb.networks && account.evidence.sources().networks().is_none() {
        printer.note("not bound to networks: the calls came from too many places");
    }
    if verb.objects && account.policy_name.is_none() {
        printer.note("not bound to objects: they have nothing in common that a policy could say");
    }
    if !account.proof.holds() {
        return Ok(Exit::Differs);
    }
    if verb.apply {
        apply(&account, verb, &state, org, printer).await?;
    }
    Ok(Exit::Done)
}

/// Learns from the record, then decides all of it anew under what was learned.
fn draw_up(
    verb: &Advise,
    history: &History<'_>,
    seen: &LastSeen,
    kept: &[StoredPolicy],
    rules: OrgRules,
    now: Timestamp,
) -> Result<Account, Failure> {
    let client = history.client;
    let today = Arc::new(Policies::read(&texts(kept, None))?);
    let mut evidence = Evidence::default();
    let aside = history.replay(seen, |call| evidence.see(call))?;
    let look_up = |entity: &'static str, id: &str| seen.object(entity, id);
    let advice = advise(client, &today, rules, &evidence, &look_up, now);
    let networks = evidence.sources().networks().filter(|_| verb.networks);
    let policy = advice.policy.as_deref().filter(|_| verb.objects);
    let name = policy_name(client);
    let then = match policy {
        None => Arc::clone(&today),
        Some(text) => Arc::new(Policies::read(&texts(kept, Some((&name, text))))?),
    };
    let advised = advice.applied_to(client, networks, policy.is_some());
    let before = Rehearsal::of(client, &today, rules);
    let after = Rehearsal::of(&advised, &then, rules);
    let mut proof = Proof {
        reached: after.reach(now).count(),
        ..Proof::default()
    };
    history.replay(seen, |call| {
        if !call.elevated {
            proof.count(&before, &after, call);
        }
    })?;
    Ok(Account {
        client: client.clone(),
        days: verb.days,
        snapshot: seen.at,
        policy_name: policy.is_some().then_some(name),
        evidence,
        advice,
        advised,
        proof,
        aside,
    })
}

/// The kept policies, with one more or another under its name.
fn texts(kept: &[StoredPolicy], more: Option<(&str, &str)>) -> Vec<PolicyText> {
    let text = |name: &str, text: &str| PolicyText {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let replaced = |policy: &&StoredPolicy| more.is_none_or(|(name, _)| policy.name != name);
    let kept = kept.iter().filter(replaced);
    let kept = kept.map(|policy| text(&policy.name, &policy.text));
    kept.chain(more.map(|(name, body)| text(name, body)))
        .collect()
}

/// Name of the policy that binds a client to what it touched.
fn policy_name(client: &Client) -> String {
    format!("advised-{}", client.name)
}

/// What became of the recorded calls under the advice.
#[derive(Debug, Default)]
pub(crate) struct Proof {
    replayed: u64,
    /// Calls that would be refused, by operation and reason.
    refused: BTreeMap<(&'static str, String), u64>,
    /// Calls that a policy of the org forbids today too, whatever the client is registered for.
    forbidden: u64,
    /// Calls about objects that the last snapshot does not know.
    unknown: u64,
    /// Calls over which policies look at bodies, which no record keeps.
    bodies: u64,
    /// Operations the client could ever call.
    reached: usize,
}

impl Proof {
    fn count(&mut self, before: &Rehearsal, after: &Rehearsal, call: &RecordedCall<'_>) {
        self.replayed += 1;
        self.bodies += u64::from(after.reads_bodies(call.operation));
        let reason = match after.replay(call) {
            Fate::Permitted => return,
            Fate::Unknown => {
                self.unknown += 1;
                return;
            }
            Fate::Refused(denial) if is_forbidden(&denial) && forbids(before, call) => {
                self.forbidden += 1;
                return;
            }
            Fate::Refused(denial) => denial.reason.to_string(),
            Fate::Elsewhere => "it came from another network".to_owned(),
        };
        *self.refused.entry((call.operation.id, reason)).or_default() += 1;
    }

    fn holds(&self) -> bool {
        self.refused.is_empty()
    }
}

fn is_forbidden(denial: &Denial) -> bool {
    matches!(denial.reason, Reason::Forbidden { .. })
}

fn forbids(rehearsal: &Rehearsal, call: &RecordedCall<'_>) -> bool {
    matches!(rehearsal.replay(call), Fate::Refused(denial) if is_forbidden(&denial))
}

async fn apply(
    account: &Account,
    verb: &Advise,
    state: &State,
    org: &OrgName,
    printer: Printer,
) -> Result<(), Failure> {
    if account.evidence.calls() == 0 {
        let hint = format!(
            "Disable it with `portcullis client disable {}`.",
            account.client.name
        );
        let message = format!("{} made no call in {} days", account.client.name, verb.days);
        return Err(Failure::new(Exit::Usage, message, hint));
    }
    if !verb.yes {
        ask(&account.client.name, printer)?;
    }
    let ledger = Ledger::open(state, org).await?;
    let now = state.clock.now();
    // A policy that permits takes nothing away: it comes first, so that no moment in between refuses what both ends permit.
    if let (Some(name), Some(text)) = (&account.policy_name, &account.advice.policy) {
        state.keyring.put_policy(org, name, text, now)?;
        super::policy::write(&ledger, name, text).await?;
    }
    let amended = state.keyring.amend(&account.advised, now)?;
    client::write(&ledger, "client_changed", &amended).await?;
    printer.note(format!(
        "{} is registered so from now on",
        account.client.name
    ));
    Ok(())
}

fn ask(client: &str, printer: Printer) -> Result<(), Failure> {
    let refused = |message: &str| {
        let hint = "Read the advice, then run the command again with --yes.";
        Err(Failure::new(Exit::NotApproved, message, hint))
    };
    if !std::io::stdin().is_terminal() {
        return refused("nobody is there to agree to the change");
    }
    printer.note(format!("Register {client} so? Type `yes`:"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.map_err(Failure::broken)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        refused("the change was not agreed to")
    }
}
