//! What an entry says. The fields are all there is: no body, no query value and no credential has a place here.

use std::fmt;
use std::net::IpAddr;

use serde::{Serialize, Serializer};

use crate::limits::TEXT_CHARS_MAX;

/// Number of an entry within its chain, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryId(u64);

impl EntryId {
    pub(crate) fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// A call that is about to be made. Borrows everything: it is written down at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Id of the calling client.
    pub client: &'a str,
    /// Id of the credential it showed.
    pub credential: &'a str,
    /// Operation id.
    pub operation: &'a str,
    /// Path parameters: the objects the call is about.
    pub resources: &'a [(String, String)],
    /// Address the call came from; `None` for the product's own jobs.
    pub source: Option<IpAddr>,
    /// The caller's `User-Agent`.
    pub user_agent: Option<&'a str>,
    /// Why the call was permitted, if there is more to say than that a grant reached it.
    pub reason: Option<&'a str>,
    /// On which terms, by name: policies, an elevation, what would have been refused. Only what is out of the ordinary.
    pub details: &'a [(&'static str, String)],
    /// Whether the entry must be on disk before the call is made: true for whatever writes.
    pub durable: bool,
}

/// How a call ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Status of Okta's answer; `None` when there was none.
    pub status: Option<u16>,
    /// Okta's `X-Okta-Request-Id`: joins this trail with Okta's System Log.
    pub okta_request_id: Option<String>,
    /// Length of the answer's body, in bytes.
    pub bytes: u64,
    /// From the call to the whole answer, in microseconds.
    pub duration_us: u64,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// Further facts by name; only what is out of the ordinary.
    pub details: Vec<(&'static str, String)>,
}

/// Anything worth an entry that is not a call: a refusal, a start, a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What happened, one word in the past tense: `refused`, `started`, `restored`.
    pub kind: &'static str,
    /// Id of the client, if known.
    pub client: Option<String>,
    /// Id of the credential, if known.
    pub credential: Option<String>,
    /// Operation id, if one was recognised.
    pub operation: Option<String>,
    /// Path parameters of the operation.
    pub resources: Vec<(String, String)>,
    /// Address the request came from.
    pub source: Option<IpAddr>,
    /// The caller's `User-Agent`.
    pub user_agent: Option<String>,
    /// Status of our answer.
    pub status: Option<u16>,
    /// Why, in one word or a short sentence.
    pub reason: Option<String>,
    /// Further facts by name.
    pub details: Vec<(&'static str, String)>,
    /// Whether the entry must be on disk before anything goes on.
    pub durable: bool,
}

/// The members of a line between `at` and `prev`, in their order.
#[derive(Serialize)]
pub(crate) struct Fields<'a> {
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call: Option<EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    resources: Named<'a, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    okta_request_id: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Named::is_empty")]
    details: Named<'a, &'static str>,
}

impl<'a> Fields<'a> {
    fn of_kind(kind: &'a str) -> Self {
        Self {
            kind,
            call: None,
            client: None,
            credential: None,
            operation: None,
            resources: Named(&[]),
            source: None,
            user_agent: None,
            status: None,
            okta_request_id: None,
            bytes: None,
            duration_us: None,
            reason: None,
            details: Named(&[]),
        }
    }
}

impl<'a> From<&Opening<'a>> for Fields<'a> {
    fn from(opening: &Opening<'a>) -> Self {
        Self {
            client: Some(Text(opening.client)),
            credential: Some(Text(opening.credential)),
            operation: Some(Text(opening.operation)),
            resources: Named(opening.resources),
            source: opening.source,
            user_agent: opening.user_agent.map(Text),
            reason: opening.reason.map(Text),
            details: Named(opening.details),
            ..Self::of_kind(OPENED)
        }
    }
}

impl<'a> From<(EntryId, &'a Outcome)> for Fields<'a> {
    fn from((call, outcome): (EntryId, &'a Outcome)) -> Self {
        Self {
            call: Some(call),
            status: outcome.status,
            okta_request_id: outcome.okta_request_id.as_deref().map(Text),
            bytes: Some(outcome.bytes),
            duration_us: Some(outcome.duration_us),
            reason: outcome.failure.as_deref().map(Text),
            details: Named(&outcome.details),
            ..Self::of_kind(CLOSED)
        }
    }
}

impl<'a> From<&'a Event> for Fields<'a> {
    fn from(event: &'a Event) -> Self {
        Self {
            client: event.client.as_deref().map(Text),
            credential: event.credential.as_deref().map(Text),
            operation: event.operation.as_deref().map(Text),
            resources: Named(&event.resources),
            source: event.source,
            user_agent: event.user_agent.as_deref().map(Text),
            status: event.status,
            reason: event.reason.as_deref().map(Text),
            details: Named(&event.details),
            ..Self::of_kind(event.kind)
        }
    }
}

/// A text of the caller's making: cut when too long.
struct Text<'a>(&'a str);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        // A text has at least as many bytes as characters.
        if self.0.len() <= TEXT_CHARS_MAX {
            return out.serialize_str(self.0);
        }
        match self.0.char_indices().nth(TEXT_CHARS_MAX) {
            None => out.serialize_str(self.0),
            Some((end, _)) => {
                out.collect_str(&format_args!("{}…", self.0.get(..end).unwrap_or_default()))
            }
        }
    }
}

/// Pairs, written as an object.
struct Named<'a, N>(&'a [(N, String)]);

impl<N> Named<'_, N> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Serialize> Serialize for Named<'_, N> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|(name, value)| (name, Text(value))))
    }
}

/// Kind of an entry before a call.
pub(crate) const OPENED: &str = "call_opened";
/// Kind of an entry after a call.
pub(crate) const CLOSED: &str = "call_closed";
