//! `portcullis what-can CLIENT`: the operations a client can call at the moment, under which conditions, and what it could ask for.

use super::client::named;
use crate::arguments::{Arguments, WhatCan};
use crate::failure::{Exit, Failure};
use crate::holder::{Holder, told, told_value};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{Answer, OrgRules, Prospect, prospect};
use catalog::Operation;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Runs the verb.
pub(crate) fn run(
    verb: &WhatCan,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let rules = OrgRules {
        protocol: org_settings.sign_in,
    };
    let wanted = named(&state.keyring, org, &verb.client)?;
    let standings = state.keyring.standings(org, now)?;
    let standing = standings
        .into_iter()
        .find(|(client, _)| client.id == wanted.id);
    let (client, standing) =
        standing.ok_or_else(|| access::AccessError::NoClient(wanted.id.clone()))?;
    let all = catalog::operations().iter();
    let prospects: Vec<(&'static Operation, Prospect)> = all
        .map(|operation| (operation, prospect(&standing, rules, operation, None, now)))
        .collect();
    let holder = Holder::of(&state.keyring, client, now)?;
    let text = text(&holder, &prospects, verb.all);
    let mut value = holder.value();
    if let Value::Object(members) = &mut value {
        members.insert("operations".to_owned(), operations(&prospects));
    }
    printer.result(text, &value)?;
    Ok(Exit::Done)
}

fn text(holder: &Holder, prospects: &[(&'static Operation, Prospect)], all: bool) -> String {
    let mut text = format!("{}  [{}]\n", holder.client.name, holder.ways());
    let networks = holder.client.networks.iter().map(ToString::to_string);
    let networks: Vec<String> = networks.collect();
    if !networks.is_empty() {
        text.push_str(&format!("  from {} only\n", networks.join(", ")));
    }
    let granted = |(_, prospect): &&(_, Prospect)| {
        matches!(prospect.answer, Answer::Yes | Answer::Elevated { .. })
    };
    let granted = prospects.iter().filter(granted);
    if all {
        for (operation, prospect) in granted {
            text.push_str(&format!("  {}  {}\n", operation.id, told(prospect)));
        }
    } else {
        for ((answer, scope), count) in counts(granted) {
            text.push_str(&format!("  {answer}  {count} of {scope}\n"));
        }
    }
    let how_many = |is: fn(&Answer) -> bool| {
        let such = prospects
            .iter()
            .filter(|(_, prospect)| is(&prospect.answer));
        such.count()
    };
    let shadow = how_many(|answer| matches!(answer, Answer::Shadow { .. }));
    if shadow > 0 {
        let until = holder
            .client
            .shadow_until
            .map_or_else(String::new, |at| format!(" until {at:.0}"));
        text.push_str(&format!("  and {shadow} more in shadow mode{until}\n"));
    }
    let eligible = how_many(|answer| matches!(answer, Answer::Eligible { .. }));
    if eligible > 0 {
        text.push_str(&format!(
            "  could ask for an elevation to {eligible} more\n"
        ));
    }
    if prospects
        .iter()
        .all(|(_, prospect)| matches!(prospect.answer, Answer::No { .. }))
    {
        text.push_str("  nothing\n");
    }
    text
}

/// How many operations by answer and scope.
fn counts<'p>(
    prospects: impl Iterator<Item = &'p (&'static Operation, Prospect)>,
) -> BTreeMap<(String, String), usize> {
    let mut counts = BTreeMap::new();
    for (operation, prospect) in prospects {
        let scope = match operation.scopes.as_slice() {
            [] => "no scope".to_owned(),
            scopes => scopes.join(" and "),
        };
        *counts.entry((told(prospect), scope)).or_default() += 1;
    }
    counts
}

/// All that it can call or could ask for.
fn operations(prospects: &[(&'static Operation, Prospect)]) -> Value {
    let told = prospects
        .iter()
        .filter(|(_, prospect)| !matches!(prospect.answer, Answer::No { .. }));
    told.map(|(operation, prospect)| {
        let mut value = told_value(prospect);
        if let Value::Object(members) = &mut value {
            members.insert("operation".to_owned(), json!(operation.id));
            members.insert("scopes".to_owned(), json!(operation.scopes));
        }
        value
    })
    .collect()
}
