//! One step of a plan: everything its execution needs, so specific that nothing is left to decide while acting.
//!
//! Ids are written as the snapshot knows them; what they are called in the org is looked up when the step is carried out,
//! because most of them do not exist before.

use crate::ids::{SourceId, TargetId};
use org::Key;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// One call to Okta, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Position in the plan, from 1.
    pub number: u32,
    /// Steps in a row with the same number here may be carried out at the same time.
    pub wave: u32,
    /// What is done.
    pub action: Action,
    /// The object, as the snapshot calls it (as the org calls it, for one that only the org has).
    pub object: Key,
    /// The name people use.
    pub title: String,
    /// operationId of the call.
    pub operation: String,
    /// Path parameters, in template order.
    pub params: Vec<Param>,
    /// Query parameters.
    pub query: Vec<Param>,
    /// Request body, ids as the snapshot knows them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Ids that the answer tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Told>,
    /// Values of the natural key, ids as the snapshot knows them: how the object is found when an answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recognise: Option<Value>,
    /// operationId that writes the object instead, if Okta has made it together with its owner and refuses a second one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt: Option<String>,
    /// What makes the call needless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<Unless>,
    /// Why.
    pub reason: String,
    /// Numbers of the steps without which this one makes no sense.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<u32>,
    /// How it is taken back.
    pub undo: String,
    /// Rate bucket the call counts in.
    pub bucket: String,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Makes an object.
    Create,
    /// Finds out what Okta calls an object that came into being with another.
    Find,
    /// Writes an object's members.
    Replace,
    /// Ties two objects together.
    Link,
    /// Parts two objects.
    Unlink,
    /// Switches an object on.
    Activate,
    /// Switches an object off.
    Deactivate,
    /// Removes an object.
    Delete,
}

/// A named value of a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: ParamValue,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParamValue {
    /// An id of the snapshot, to be translated.
    Source(SourceId),
    /// An id of the org.
    Target(TargetId),
    /// Itself.
    Plain(String),
}

/// An id that an answer tells: `source` is called by what stands at `at` (of a link, its last path segment).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Told {
    /// What the snapshot calls it.
    pub source: SourceId,
    /// Place in the answer.
    pub at: String,
}

/// What makes a step needless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unless {
    /// The relation is there already (a group rule has put the person into the group).
    Present,
}

/// A request body. Secrets are not in it: `{"$secret": place}` stands where the snapshot's value goes. Personal data is, so
/// that `Debug` shows none of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(pub Value);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} members",
            self.0.as_object().map_or(0, serde_json::Map::len)
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Create => "create",
            Self::Find => "find",
            Self::Replace => "replace",
            Self::Link => "link",
            Self::Unlink => "unlink",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        })
    }
}
