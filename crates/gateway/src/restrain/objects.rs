//! How many objects a caller may touch per hour on the terms its call was permitted on. Counted before the call is made,
//! so that a call that fails has touched its object too.

use access::{Exceeded, Meter, Permit};
use jiff::Timestamp;

use crate::limited::rate_limited;
use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses a call about one object too many.
pub(crate) fn count(meter: &Meter, permit: &Permit, now: Timestamp) -> Result<(), Refusal> {
    let counted = meter.count(permit, now);
    counted.map_err(|exceeded| refusal_of(exceeded, now))
}

fn refusal_of(exceeded: Exceeded, now: Timestamp) -> Refusal {
    let policies = exceeded.policies.join(", ");
    let refusal = Refusal::new(Kind::Restrained, "too_many_objects")
        .because(format!(
            "The policy {policies} lets this client touch {} objects per hour.",
            exceeded.limit
        ))
        .because(format!("Try again at {}.", exceeded.again));
    // Whole seconds, rounded up: a client that comes back at the reset must be let through.
    rate_limited(
        refusal,
        exceeded.limit,
        exceeded.again.as_second().saturating_add(1),
        now,
    )
}
