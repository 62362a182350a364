//! What a run writes down before and after every call, and what can be read back from it after a crash. Records name objects
//! and ids, never bodies.

use crate::ids::{IdMap, SourceId, TargetId};
use crate::plan::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One record of a run's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// The run began, or went on after a break.
    Begin {
        /// The plan.
        plan: Digest,
        /// Who agreed to it.
        approver: String,
        /// When.
        at: Timestamp,
    },
    /// A call is about to be made.
    Intend {
        /// The step.
        step: u32,
        /// The call in words: method, path, operation.
        call: String,
        /// When.
        at: Timestamp,
    },
    /// A step is done.
    Done {
        /// The step.
        step: u32,
        /// How it came to be done.
        how: How,
        /// What objects of the snapshot are called now.
        ids: Vec<(SourceId, TargetId)>,
    },
    /// A step cannot be done.
    Fail {
        /// The step.
        step: u32,
        /// Why.
        reason: String,
    },
    /// A step is not attempted.
    Skip {
        /// The step.
        step: u32,
        /// Why.
        reason: String,
    },
    /// Every step has been dealt with.
    End {
        /// When.
        at: Timestamp,
    },
}

/// How a step came to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Okta answered the call.
    Answered,
    /// The call had been made before without its answer being recorded; its effect was found.
    Found,
    /// It was so already.
    Needless,
    /// Okta had made it together with its owner; it was written.
    Adopted,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// A call was announced and nothing is known of its effect.
    Unknown,
    Done(How),
    Failed(String),
    Skipped(String),
}

/// What a journal says has happened so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Past {
    pub(super) fates: BTreeMap<u32, Fate>,
    pub(super) ids: IdMap,
    pub(super) plan: Option<Digest>,
}

impl Past {
    /// Reads the records in order; the last word on a step counts.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut past = Self::default();
        for record in records {
            match record {
                Record::Begin { plan, .. } => past.plan = Some(plan.clone()),
                Record::Intend { step, .. } => drop(past.fates.insert(*step, Fate::Unknown)),
                Record::Done { step, how, ids } => {
                    past.fates.insert(*step, Fate::Done(*how));
                    past.ids.extend(ids.iter().cloned());
                }
                Record::Fail { step, reason } => {
                    drop(past.fates.insert(*step, Fate::Failed(reason.clone())))
                }
                Record::Skip { step, reason } => {
                    drop(past.fates.insert(*step, Fate::Skipped(reason.clone())))
                }
                Record::End { .. } => {}
            }
        }
        past
    }
}
