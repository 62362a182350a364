//! Permission: asks `access` for its decision, and says to an identified caller what it lacks and how to get it.

use access::{Call, Caller, Permit, decide};
use jiff::Timestamp;

use crate::refusal::Refusal;
use crate::table::Kind;

/// The permit for this call, or what is missing.
pub(crate) fn permit(caller: &Caller, call: Call, now: Timestamp) -> Result<Permit, Refusal> {
    decide(caller, call, now).map_err(|denial| {
        let cause = format!("{}: {}.", denial.operation.id, denial.reason);
        Refusal::new(Kind::Denied, denial.code())
            .because(cause)
            .because(denial.hint())
    })
}
