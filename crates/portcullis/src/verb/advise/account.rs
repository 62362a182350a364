//! What `advise` tells: the advice with its proof, for people and for scripts.

use super::Proof;
use crate::history::Aside;
use crate::printer::counted;
use access::{Advice, Client, Evidence, Touched, Use};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The advice for one client and what it rests on.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) client: Client,
    pub(super) days: u16,
    /// When the snapshot was begun by which objects are known.
    pub(super) snapshot: Option<Timestamp>,
    /// Name of the policy that would be kept.
    pub(super) policy_name: Option<String>,
    pub(super) evidence: Evidence,
    pub(super) advice: Advice,
    /// The client as it would be registered.
    pub(super) advised: Client,
    pub(super) proof: Proof,
    pub(super) aside: Aside,
}

impl Account {
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = self.write_record(&mut text);
        let _ = self.write_grant(&mut text);
        let _ = self.write_proof(&mut text);
        let _ = self.write_uses(&mut text);
        let _ = self.write_policy(&mut text);
        text
    }

    fn write_record(&self, out: &mut String) -> std::fmt::Result {
        let operations = self.evidence.uses().count();
        let shadow: u64 = self.evidence.uses().map(|told| told.would_refuse).sum();
        write!(
            out,
            "{}: {} of {} in {}",
            self.client.name,
            counted(self.evidence.calls(), "call"),
            counted(operations, "operation"),
            counted(self.days, "day")
        )?;
        if shadow > 0 {
            write!(out, ", {shadow} let through by shadow mode only")?;
        }
        writeln!(out)
    }

    fn write_grant(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\nThe smallest grant that covers them")?;
        writeln!(out, "  scopes      {}", listed(&self.advised.scopes))?;
        writeln!(out, "  operations  {}", listed(&self.advised.operations))?;
        let networks: Vec<String> = self
            .advised
            .networks
            .iter()
            .map(ToString::to_string)
            .collect();
        if !networks.is_empty() {
            writeln!(out, "  networks    {}", networks.join(" "))?;
        }
        if let Some(name) = &self.policy_name {
            writeln!(out, "  policy      {name}")?;
        }
        Ok(())
    }

    fn write_proof(&self, out: &mut String) -> std::fmt::Result {
        let proof = &self.proof;
        let refused: u64 = proof.refused.values().sum();
        writeln!(
            out,
            "\nReplayed under it: {}, {refused} refused",
            counted(proof.replayed, "call")
        )?;
        for ((operation, reason), count) in &proof.refused {
            writeln!(out, "  {operation}  {count}x  {reason}")?;
        }
        if proof.forbidden > 0 {
            let why = "a policy of the org forbids them today too";
            writeln!(out, "  {} apart: {why}", proof.forbidden)?;
        }
        if proof.unknown > 0 {
            let why = "about objects that no snapshot knows, while policies look at objects";
            writeln!(out, "  {} could not be judged: {why}", proof.unknown)?;
        }
        if proof.bodies > 0 {
            let why = "the trail keeps no bodies, and policies look at them";
            writeln!(out, "  {} judged without a body: {why}", proof.bodies)?;
        }
        let today = self.advice.reached.len();
        writeln!(
            out,
            "Operations in reach: {today} today, {} then; {} no longer",
            proof.reached,
            self.advice.unused.len()
        )
    }

    fn write_uses(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\nLast use")?;
        for (scope, last) in &self.advice.scopes_used {
            let last = last.map_or_else(|| "never".to_owned(), shown);
            writeln!(out, "  {last:<20}  {scope}")?;
        }
        for told in self.evidence.uses() {
            let id = told.operation.id;
            let mut notes = vec![format!("{}x", told.calls)];
            notes.extend(told.touched.iter().filter_map(on));
            if self.advice.added.contains(id) {
                notes.push("outside its registration".to_owned());
            }
            writeln!(
                out,
                "  {:<20}  {id}  {}",
                shown(told.last),
                notes.join(", ")
            )?;
        }
        // Of a client without named operations, what it never called is told by number alone.
        let named = self.client.operations.iter();
        for id in named.filter(|id| self.advice.unused.contains(id.as_str())) {
            writeln!(out, "  {:<20}  {id}", "never")?;
        }
        let elevated = self.evidence.elevated().iter();
        for (id, count) in elevated {
            writeln!(
                out,
                "  under an elevation    {id}  {count}x, left to elevations"
            )?;
        }
        for ((operation, reason), count) in self.aside.refused.iter().take(REFUSED_SHOWN) {
            writeln!(
                out,
                "  refused               {operation}  {count}x  {reason}"
            )?;
        }
        if self.aside.strange > 0 {
            let calls = counted(self.aside.strange, "call");
            writeln!(
                out,
                "  {calls} of operations that this version does not know"
            )?;
        }
        let sources = self.evidence.sources();
        let addresses: Vec<String> = sources.addresses().map(ToString::to_string).collect();
        if sources.has_more() {
            writeln!(out, "  from more than {} addresses", addresses.len())
        } else if addresses.len() > ADDRESSES_SHOWN {
            writeln!(out, "  from {} addresses", addresses.len())
        } else {
            writeln!(out, "  from {}", listed(&addresses))
        }
    }

    fn write_policy(&self, out: &mut String) -> std::fmt::Result {
        match (&self.advice.policy, self.snapshot) {
            (Some(policy), _) if self.policy_name.is_some() => write!(out, "\n{policy}"),
            (Some(policy), _) => {
                let how = "A policy that also binds it to the objects it touched (--objects)";
                write!(out, "\n{how}\n{policy}")
            }
            (None, None) => writeln!(
                out,
                "\nNo snapshot tells what the objects have in common; take one with `portcullis backup`."
            ),
            (None, Some(_)) => Ok(()),
        }
    }

    pub(super) fn to_value(&self) -> Value {
        let refused = self.proof.refused.iter().map(|((operation, reason), count)| {
            json!({ "operation": operation, "reason": reason, "calls": count })
        });
        let asked = self.aside.refused.iter().map(|((operation, reason), count)| {
            json!({ "operation": operation, "reason": reason, "calls": count })
        });
        let networks = self.evidence.sources().networks();
        json!({
            "client": self.client.name,
            "days": self.days,
            "calls": self.evidence.calls(),
            "snapshot": self.snapshot.map(|at| at.to_string()),
            "advice": {
                "scopes": self.advice.scopes,
                "operations": self.advice.operations,
                "networks": networks.map(|networks| networks.iter().map(ToString::to_string).collect::<Vec<_>>()),
                "policy": self.advice.policy,
            },
            "replayed": self.proof.replayed,
            "refused": refused.collect::<Vec<_>>(),
            "forbidden_today": self.proof.forbidden,
            "unjudged": self.proof.unknown,
            "judged_without_body": self.proof.bodies,
            "reach": {
                "today": self.advice.reached.len(),
                "then": self.proof.reached,
                "no_longer": self.advice.unused,
                "outside_registration": self.advice.added,
            },
            "scopes": self.advice.scopes_used.iter().map(|(scope, last)| json!({
                "scope": scope, "last_use": last.map(|at| at.to_string()),
            })).collect::<Vec<_>>(),
            "operations": self.evidence.uses().map(use_value).collect::<Vec<_>>(),
            "under_elevation": self.evidence.elevated(),
            "refused_before": asked.collect::<Vec<_>>(),
            "unknown_operations": self.aside.strange,
            "addresses": self.evidence.sources().addresses().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

fn use_value(told: &Use) -> Value {
    json!({
        "operation": told.operation.id,
        "calls": told.calls,
        "by_shadow_mode": told.would_refuse,
        "first_use": told.first.to_string(),
        "last_use": told.last.to_string(),
        "objects": told.touched.iter().map(|touched| json!({
            "parameter": touched.slot.parameter,
            "type": touched.slot.entity,
            "ids": touched.ids,
            "more": touched.more,
        })).collect::<Vec<_>>(),
    })
}

/// `on 3 of User`
fn on(touched: &Touched) -> Option<String> {
    let count = touched.ids.len();
    let more = if touched.more { " or more" } else { "" };
    (count > 0).then(|| format!("on {count}{more} of {}", touched.slot.entity))
}

fn listed(words: &[String]) -> String {
    if words.is_empty() {
        "none".to_owned()
    } else {
        words.join(" ")
    }
}

/// To the second.
fn shown(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Most addresses a person reads.
const ADDRESSES_SHOWN: usize = 8;
/// Most kinds of refusals a person reads; JSON has them all.
const REFUSED_SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use access::{ClientId, Objects, OrgName, OrgRules, RecordedCall, advise};
    use policy::Policies;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).unwrap()
    }

    fn client() -> Client {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Client {
            id: ClientId::new("cli1"),
            org: OrgName::parse("production").unwrap(),
            name: "hr-sync".to_owned(),
            scopes: words(&["okta.users.read", "okta.apps.read"]),
            operations: Vec::new(),
            teams: Vec::new(),
            basis: access::Basis::Registration,
            networks: Vec::new(),
            eligible: Vec::new(),
            shadow_until: Some(at(86_400)),
            oauth: None,
            share: access::Share::default(),
            sight: access::Sight::default(),
            budgets: access::Overrides::default(),
            created: at(0),
            disabled: None,
        }
    }

    fn evidence() -> Evidence {
        let mut evidence = Evidence::default();
        for (second, (id, refused, elevated)) in [
            ("listUsers", false, false),
            ("listGroups", true, false),
            ("listUsers", false, false),
            ("deleteUser", false, true),
        ]
        .into_iter()
        .enumerate()
        {
            evidence.see(&RecordedCall {
                operation: catalog::operations().by_id(id).unwrap(),
                at: at(second as i64),
                source: Some([10, 0, 0, 7].into()),
                resources: &BTreeMap::new(),
                objects: Objects::Known(Vec::new()),
                would_refuse: refused,
                elevated,
            });
        }
        evidence
    }

    #[test]
    fn advice_reads_well() {
        let (client, evidence) = (client(), evidence());
        let none = Arc::new(Policies::default());
        let rules = OrgRules::default();
        let advice = advise(&client, &none, rules, &evidence, &|_, _| None, at(9));
        let advised = advice.applied_to(&client, evidence.sources().networks(), false);
        let proof = Proof {
            replayed: 3,
            refused: BTreeMap::from([(("listGroups", "no policy permits it".to_owned()), 1)]),
            forbidden: 1,
            unknown: 1,
            bodies: 1,
            reached: 2,
        };
        let refused = [(("deleteUser".to_owned(), "missing_scope".to_owned()), 4)];
        let account = Account {
            client,
            days: 14,
            snapshot: None,
            policy_name: None,
            evidence,
            advice,
            advised,
            proof,
            aside: Aside {
                refused: BTreeMap::from(refused),
                strange: 1,
            },
        };
        insta::assert_snapshot!(account.to_text());
    }
}
