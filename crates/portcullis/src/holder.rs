//! A client as `who-can` and `what-can` tell of it: how it can show itself at the moment, and how it stands to an operation.

use crate::failure::Failure;
use access::{Answer, Client, Keyring, Prospect};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;

/// A client with the ways it can show itself.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) client: Client,
    /// What it can show: `2 keys`, `private_key_jwt`. Empty: nothing that is accepted.
    ways: Vec<String>,
}

impl Holder {
    /// Looks up what the client can show at `now`.
    pub(crate) fn of(keyring: &Keyring, client: Client, now: Timestamp) -> Result<Self, Failure> {
        let keys = keyring.credentials(&client.id)?;
        let live = keys.iter().filter(|key| key.is_live(now)).count();
        let mut ways = Vec::new();
        match live {
            0 => {}
            1 => ways.push("1 key".to_owned()),
            several => ways.push(format!("{several} keys")),
        }
        ways.extend(client.oauth.as_ref().map(|oauth| {
            let written = serde_json::to_value(&oauth.authentication).unwrap_or_default();
            let method = written.get("method").and_then(Value::as_str);
            method.unwrap_or("oauth").to_owned()
        }));
        let issuers = keyring.issuers(&client.org)?;
        let trusted = issuers
            .iter()
            .filter(|issuer| issuer.client == client.id && issuer.removed.is_none());
        ways.extend(trusted.map(|issuer| format!("tokens of {}", issuer.issuer)));
        Ok(Self { client, ways })
    }

    /// Why nobody can call in its name, whatever it may do.
    pub(crate) fn silence(&self) -> Option<&'static str> {
        match (self.client.disabled, self.ways.is_empty()) {
            (Some(_), _) => Some("it is disabled"),
            (None, true) => Some("it has no live credential"),
            (None, false) => None,
        }
    }

    /// Whether it may call from this address.
    pub(crate) fn is_welcome_from(&self, source: Option<IpAddr>) -> bool {
        let networks = &self.client.networks;
        source.is_none_or(|source| {
            networks.is_empty() || networks.iter().any(|network| network.contains(source))
        })
    }

    /// What it can show, for people.
    pub(crate) fn ways(&self) -> String {
        match self.silence() {
            Some(silence) => silence.to_owned(),
            None => self.ways.join(", "),
        }
    }

    /// What it can show and from where, for scripts.
    pub(crate) fn value(&self) -> Value {
        json!({
            "client": self.client.name,
            "disabled": self.client.disabled.is_some(),
            "shows": self.ways,
            "networks": self.client.networks.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

/// An answer in words: `yes, if policy readers permits it`.
pub(crate) fn told(prospect: &Prospect) -> String {
    let mut text = match &prospect.answer {
        Answer::Yes if prospect.conditional => "depends".to_owned(),
        Answer::Yes => "yes".to_owned(),
        Answer::Elevated { elevation } => format!("yes, by elevation {elevation}"),
        Answer::Shadow { denial, until } => {
            let until = until.map_or_else(String::new, |until| format!(" until {until:.0}"));
            format!("yes, in shadow mode{until}; else no: {}", denial.reason)
        }
        Answer::Eligible { denial } => {
            format!("not now: {}; it may ask for an elevation", denial.reason)
        }
        Answer::No { denial } => return format!("no: {}", denial.reason),
    };
    let permits: Vec<&str> = names(&prospect.permits);
    if !permits.is_empty() && permits != [policy::REGISTRATION] {
        text.push_str(&format!("; permitted by {}", permits.join(", ")));
    }
    if !prospect.forbids.is_empty() {
        text.push_str(&format!(
            "; but not where {} forbids",
            names(&prospect.forbids).join(", ")
        ));
    }
    text
}

/// The same for scripts.
pub(crate) fn told_value(prospect: &Prospect) -> Value {
    let (answer, reason) = match &prospect.answer {
        Answer::Yes if prospect.conditional => ("depends", None),
        Answer::Yes => ("yes", None),
        Answer::Elevated { .. } => ("elevated", None),
        Answer::Shadow { denial, .. } => ("shadow", Some(denial.code())),
        Answer::Eligible { denial } => ("eligible", Some(denial.code())),
        Answer::No { denial } => ("no", Some(denial.code())),
    };
    let elevation = match &prospect.answer {
        Answer::Elevated { elevation } => Some(elevation),
        _ => None,
    };
    json!({
        "answer": answer,
        "reason": reason,
        "elevation": elevation,
        "permits": prospect.permits,
        "forbids": prospect.forbids,
        "reads_body": prospect.reads_body,
    })
}

fn names(policies: &[Arc<str>]) -> Vec<&str> {
    policies.iter().map(|name| &**name).collect()
}
