//! System Log: what happened in the org, oldest first. Entries are written by behaviours and read by `/api/v1/logs`.

use crate::auth::Actor;
use crate::limits::LOG_ENTRIES_MAX;
use jiff::Timestamp;
use org::Object;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// The log of one org; the oldest entries go when there are too many.
#[derive(Debug, Default)]
pub(crate) struct SystemLog {
    entries: VecDeque<Entry>,
    written: u64,
}

/// One entry.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// When.
    pub at: Timestamp,
    /// Position in the log, from 1, never reused.
    pub number: u64,
    /// The entry as answered.
    pub body: Value,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    id: String,
    class: String,
    name: String,
}

impl Target {
    /// The object, under its kind's class and title.
    pub(crate) fn of(object: &Object) -> Self {
        let class = object.key().kind().facts().birth.class.clone();
        Self {
            id: object.key().id(),
            class,
            name: object.title(),
        }
    }
}

impl Entry {
    /// An entry about `targets`; its number is given when it is pushed.
    pub(crate) fn new(
        uuid: String,
        event_type: &str,
        at: Timestamp,
        actor: &Actor,
        request_id: &str,
        targets: Vec<Target>,
    ) -> Self {
        let (class, login) = match actor {
            Actor::Person { login, .. } => ("User", login.as_str()),
            Actor::Client { client, .. } => ("PublicClientApp", client.as_str()),
            Actor::Nobody => ("Unknown", "unknown"),
        };
        let targets: Vec<Value> = targets
            .iter()
            .map(|t| json!({"id": t.id, "type": t.class, "alternateId": t.name, "displayName": t.name, "detailEntry": null}))
            .collect();
        let body = json!({
            "actor": {"id": actor.user_id(), "type": class, "alternateId": login, "displayName": login, "detailEntry": null},
            "client": {"userAgent": null, "zone": "null", "device": null, "id": null, "ipAddress": null, "geographicalContext": null},
            "device": null,
            "authenticationContext": {"authenticationProvider": null, "credentialProvider": null, "credentialType": null,
                "issuer": null, "interface": null, "authenticationStep": 0, "externalSessionId": request_id},
            "displayMessage": event_type,
            "eventType": event_type,
            "outcome": {"result": "SUCCESS", "reason": null},
            "published": at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
            "securityContext": {"asNumber": null, "asOrg": null, "isp": null, "domain": null, "isProxy": null},
            "severity": "INFO",
            "debugContext": {"debugData": {"requestId": request_id}},
            "legacyEventType": null,
            "transaction": {"type": "WEB", "id": request_id, "detail": {}},
            "uuid": uuid,
            "version": "0",
            "request": {"ipChain": []},
            "target": targets,
        });
        Self {
            at,
            number: 0,
            body,
        }
    }
}

impl SystemLog {
    /// Appends an entry.
    pub(crate) fn push(&mut self, mut entry: Entry) {
        self.written += 1;
        entry.number = self.written;
        if self.entries.len() >= LOG_ENTRIES_MAX {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// All entries kept, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }
}
