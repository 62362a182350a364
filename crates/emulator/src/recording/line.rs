//! One line of the file as it is written. Unknown members are ignored: recordings may say more than is needed here.

use super::{Body, Interaction};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A line, before it is sorted into its conversation.
#[derive(Deserialize)]
pub(super) struct Line {
    src: String,
    cassette: String,
    #[serde(default)]
    rev: String,
    seq: u64,
    method: String,
    #[serde(default)]
    host: String,
    path: String,
    #[serde(default)]
    query: Option<String>,
    #[serde(default)]
    req_headers: BTreeMap<String, Value>,
    #[serde(default)]
    req_body: Value,
    status: u16,
    #[serde(default)]
    resp_headers: BTreeMap<String, Value>,
    #[serde(default)]
    resp_body: Value,
    #[serde(default)]
    synthetic: Vec<String>,
    #[serde(default)]
    auth: Option<String>,
}

impl Line {
    /// What tells its conversation from others: source, cassette, revision of the recording.
    pub(super) fn conversation(&self) -> (String, String, String) {
        (self.src.clone(), self.cassette.clone(), self.rev.clone())
    }

    /// The interaction.
    pub(super) fn settle(self) -> Interaction {
        Interaction {
            seq: self.seq,
            method: self.method.to_ascii_uppercase(),
            host: self.host,
            path: self.path,
            query: self.query.unwrap_or_default(),
            headers: settle_headers(self.req_headers),
            scheme: self.auth,
            request: Body::from_notation(self.req_body),
            status: self.status,
            answer_headers: settle_headers(self.resp_headers),
            answer: Body::from_notation(self.resp_body),
            synthetic: self.synthetic,
        }
    }
}

fn settle_headers(headers: BTreeMap<String, Value>) -> BTreeMap<String, String> {
    headers
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), join(value)))
        .collect()
}

fn join(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Array(values) => values.into_iter().map(join).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
