//! Inspection: what a permitted call may not look like. Each check is one file and one line in [`ALL`]; it sees the call alone,
//! so it cannot wait, remember or decide who may do what.

mod json;
mod media;

use access::Call;

pub(crate) use json::is_json;

use crate::refusal::Refusal;

type Check = fn(&Call) -> Result<(), Refusal>;

/// The checks, in their running order: shape first.
const ALL: &[Check] = &[media::inspect, json::inspect];

/// Runs all checks over a call.
pub(crate) fn inspect(call: &Call) -> Result<(), Refusal> {
    ALL.iter().try_for_each(|check| check(call))
}
