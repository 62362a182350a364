//! The decision over one call. Pure: everything it looks at is handed in, including the time.
//!
//! Cost: a handful of comparisons and binary searches in lists of a few names; no allocation when permitted (0.3 µs).

use catalog::{Kind, Operation};
use jiff::Timestamp;

use crate::{Call, Caller, Denial, Reason};

/// Proof that a caller may make a call. Only [`decide`] makes one; it cannot be copied, and only a recorded one reaches Okta.
#[derive(Debug)]
pub struct Permit {
    caller: Caller,
    call: Call,
    granted_at: Timestamp,
}

impl Permit {
    /// Who calls.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The call that was permitted.
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// When it was permitted.
    pub fn granted_at(&self) -> Timestamp {
        self.granted_at
    }
}

/// Decides whether `caller` may make `call` at `now`.
///
/// # Errors
/// [`Denial`], naming what is missing.
pub fn decide(caller: &Caller, call: Call, now: Timestamp) -> Result<Permit, Denial> {
    screen(caller, call.operation, now)?;
    Ok(Permit {
        caller: caller.clone(),
        call,
        granted_at: now,
    })
}

/// Decides what can be decided before the call is there as a whole: whether `caller` may make calls of `operation` at `now`. Saves
/// taking in the body of a call that would be denied; permits nothing.
///
/// # Errors
/// [`Denial`], naming what is missing.
pub fn screen(
    caller: &Caller,
    operation: &'static Operation,
    now: Timestamp,
) -> Result<(), Denial> {
    let verdict = if operation.kind == Kind::Protocol && !caller.rules().protocol {
        Err(Reason::Protocol)
    } else {
        caller.grant().reaches(operation, now)
    };
    verdict.map_err(|reason| Denial { operation, reason })
}
