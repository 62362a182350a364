//! Permission: asks `access` for its decision, and says to an identified caller what it lacks and how to get it.

use access::{Call, Caller, Circumstances, Denial, Permit, decide};
use jiff::Timestamp;

use crate::refusal::Refusal;
use crate::table::Kind;

/// The permit for this call, or what is missing.
pub(crate) fn permit(
    caller: &Caller,
    call: Call,
    seen: &Circumstances,
    now: Timestamp,
) -> Result<Permit, Refusal> {
    decide(caller, call, seen, now).map_err(refusal_of)
}

/// A denial as an identified caller is told it, with the elevation it could ask for, if one would help.
pub(crate) fn refusal_of(denial: Denial) -> Refusal {
    let cause = format!("{}: {}.", denial.operation.id, denial.reason);
    let refusal = Refusal::new(Kind::Denied, denial.code())
        .because(cause)
        .because(denial.hint());
    if !denial.liftable {
        return refusal;
    }
    let how = format!(
        "This client may be elevated: POST {ELEVATIONS} with {{\"operations\":[\"{}\"],\"reason\":\"…\"}}, or repeat the call \
         with `Prefer: wait=300` and the reason in `X-Portcullis-Reason` to wait for the approval.",
        denial.operation.id
    );
    refusal.because(how)
}

/// Where clients ask for more, and approvers decide.
pub(crate) const ELEVATIONS: &str = "/portcullis/v1/elevations";
