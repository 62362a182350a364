//! Frozen orgs: a call that would change one is refused, whoever permitted it. Looked at when the caller is known, while a call is held,
//! and once more right before the call is made.

use access::{Caller, Freeze, Keyring};
use catalog::Operation;
use jiff::Timestamp;

use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses a call that the freeze of its org stops.
pub(crate) fn refuse(
    keyring: &Keyring,
    caller: &Caller,
    operation: &Operation,
    now: Timestamp,
) -> Result<(), Refusal> {
    if operation.is_read() {
        return Ok(());
    }
    let frozen = keyring.frozen(caller.org(), now);
    let frozen = frozen.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
    match frozen {
        Some(freeze) if freeze.stops(caller, operation) => Err(refusal_of(&freeze)),
        _ => Ok(()),
    }
}

fn refusal_of(freeze: &Freeze) -> Refusal {
    Refusal::new(Kind::Frozen, "frozen")
        .because(format!(
            "This org is frozen since {}: {}.",
            freeze.since, freeze.reason
        ))
        .because("Nothing passes that changes it until an operator has thawed it; reading goes on.")
}
