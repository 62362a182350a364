//! Permission: asks `access` for its decision, and says to an identified caller what it lacks and how to get it.

use access::{Call, Caller, Circumstances, Denial, Needs, Permit, decide};
use catalog::Operation;
use jiff::Timestamp;

use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses what is denied whatever its body says, so that nobody takes up room with bodies of calls it may not make.
pub(crate) fn screen(
    caller: &Caller,
    operation: &'static Operation,
    now: Timestamp,
) -> Result<Needs, Refusal> {
    access::screen(caller, operation, now).map_err(refusal_of)
}

/// The permit for this call, or what is missing.
pub(crate) fn permit(
    caller: &Caller,
    call: Call,
    seen: &Circumstances,
    now: Timestamp,
) -> Result<Permit, Refusal> {
    decide(caller, call, seen, now).map_err(refusal_of)
}

fn refusal_of(denial: Denial) -> Refusal {
    let cause = format!("{}: {}.", denial.operation.id, denial.reason);
    Refusal::new(Kind::Denied, denial.code())
        .because(cause)
        .because(denial.hint())
}
