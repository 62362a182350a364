//! Permission: asks `access` for its decision, and says to an identified caller what it lacks and how to get it.

use access::{Call, Caller, Circumstances, Denial, Permit, Reason, decide};
use http::HeaderValue;
use http::header::WWW_AUTHENTICATE;
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
    let refusal = match scopes_wanted(&denial) {
        Some(wanted) => refusal.with_header(WWW_AUTHENTICATE, wanted),
        None => refusal,
    };
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

/// Which scopes a token would need (RFC 6750 section 3.1), as Okta's API says it too.
fn scopes_wanted(denial: &Denial) -> Option<HeaderValue> {
    let Reason::MissingScopes { .. } = denial.reason else {
        return None;
    };
    let scopes = denial.operation.scopes.join(" ");
    let wanted = format!("Bearer error=\"insufficient_scope\", scope=\"{scopes}\"");
    HeaderValue::try_from(wanted).ok()
}

/// Where clients ask for more, and approvers decide.
pub(crate) const ELEVATIONS: &str = "/portcullis/v1/elevations";
