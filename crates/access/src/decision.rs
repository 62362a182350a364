//! The decision over one call. Pure: everything it looks at is handed in, including the objects and the time.
//!
//! In this order: sign-in traffic only where it is switched on; a policy that forbids is final; within its bound (scopes, named
//! operations, time) a caller may do what a policy or its registration permits; an elevation that runs lifts everything but a
//! forbidding policy and the scopes of a token; shadow mode lets the rest pass and says what it would have refused.
//!
//! Cost where no policy has conditions: a look-up and a handful of comparisons, no allocation when permitted. See `policy` for the rest.

use std::sync::Arc;

use catalog::{Kind, Operation};
use jiff::Timestamp;
use policy::{Needs, Outlook, Question, Verdict};

use crate::presented::{Circumstances, Objects};
use crate::{Call, Caller, Denial, Reason};

/// Proof that a caller may make a call. Only [`decide`] makes one; it cannot be copied, and only a recorded one reaches Okta.
#[derive(Debug)]
pub struct Permit {
    caller: Caller,
    call: Call,
    granted_at: Timestamp,
    terms: Terms,
}

/// On which terms a call was permitted.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Names of the policies that permitted it; `registration` for the client's own scopes or operations.
    pub policies: Vec<Arc<str>>,
    /// Most distinct objects the caller may touch per hour on these terms.
    pub objects_per_hour: Option<u32>,
    /// The elevation without which it would have been denied.
    pub elevation: Option<Arc<str>>,
    /// What would have been denied, had the client not been in shadow mode.
    pub would_refuse: Option<Denial>,
    /// Names of shadow policies that would have forbidden it.
    pub would_forbid: Vec<Arc<str>>,
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

    /// On which terms.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }
}

/// Decides whether `caller` may make `call` at `now`.
///
/// # Errors
/// [`Denial`], naming what is missing.
pub fn decide(
    caller: &Caller,
    call: Call,
    seen: &Circumstances,
    now: Timestamp,
) -> Result<Permit, Denial> {
    let terms = terms(caller, call.operation, seen, now)?;
    Ok(Permit {
        caller: caller.clone(),
        call,
        granted_at: now,
        terms,
    })
}

/// Decides what can be decided before the call is there as a whole, and says what the decision will need to be told. Saves taking
/// in the body of a call that would be denied; permits nothing.
///
/// # Errors
/// [`Denial`], naming what is missing.
pub fn screen(
    caller: &Caller,
    operation: &'static Operation,
    now: Timestamp,
) -> Result<Needs, Denial> {
    screened(caller, operation, now).map(|(needs, _)| needs)
}

/// As [`screen`], with what would lift the call.
pub(crate) fn screened(
    caller: &Caller,
    operation: &'static Operation,
    now: Timestamp,
) -> Result<(Needs, Terms), Denial> {
    refuse_sign_in(caller, operation)?;
    let slice = caller.standing().slice();
    // Whatever the outlook: what no policy permits an elevation may lift, and a policy may still forbid it for some objects or bodies.
    let needs = slice.map_or(Needs::default(), |slice| slice.needs(operation));
    let objection = match slice.map(|slice| slice.outlook(operation)) {
        None | Some(Outlook::Allowed | Outlook::Depends { .. }) => None,
        Some(Outlook::Forbidden) => {
            return Err(Denial::of(
                operation,
                Reason::Forbidden {
                    policies: Vec::new(),
                },
            ));
        }
        Some(Outlook::NotPermitted) => Some(Reason::NoPolicy),
    };
    let objection = bound(caller, operation, now).err().or(objection);
    match objection {
        Some(reason) => lifted(caller, operation, reason, now).map(|terms| (needs, terms)),
        None => Ok((needs, Terms::default())),
    }
}

pub(crate) fn terms(
    caller: &Caller,
    operation: &'static Operation,
    seen: &Circumstances,
    now: Timestamp,
) -> Result<Terms, Denial> {
    refuse_sign_in(caller, operation)?;
    let (objection, terms) = judged(caller, operation, seen, now)?;
    let objection = bound(caller, operation, now).err().or(objection);
    match objection {
        None => Ok(terms),
        Some(reason) => {
            let lift = lifted(caller, operation, reason, now)?;
            Ok(Terms {
                would_forbid: terms.would_forbid,
                ..lift
            })
        }
    }
}

fn refuse_sign_in(caller: &Caller, operation: &'static Operation) -> Result<(), Denial> {
    if operation.kind == Kind::Protocol && !caller.rules().protocol {
        return Err(Denial::of(operation, Reason::Protocol));
    }
    Ok(())
}

/// Whether the bounds of client and credential reach the operation.
fn bound(caller: &Caller, operation: &'static Operation, now: Timestamp) -> Result<(), Reason> {
    caller
        .bounds()
        .try_for_each(|grant| grant.reaches(operation, now))
}

/// What the policies say: a forbidding one is final, a missing permit may yet be lifted.
fn judged(
    caller: &Caller,
    operation: &'static Operation,
    seen: &Circumstances,
    now: Timestamp,
) -> Result<(Option<Reason>, Terms), Denial> {
    let Some(slice) = caller.standing().slice() else {
        return Ok((None, Terms::default()));
    };
    let objects = match (slice.needs(operation).objects, &seen.objects) {
        (_, Objects::Known(objects)) => objects.as_slice(),
        (true, missing) => {
            let named = match missing {
                Objects::Unknown { parameter } => *parameter,
                _ => "",
            };
            return Err(Denial::of(operation, Reason::UnknownObject { named }));
        }
        _ => &[],
    };
    let question = Question {
        operation,
        objects,
        source: seen.source,
        fields: &seen.fields,
        now,
    };
    match slice.decide(&question) {
        Verdict::Permitted {
            policies,
            objects_per_hour,
            would_forbid,
        } => Ok((
            None,
            Terms {
                policies,
                objects_per_hour,
                would_forbid,
                ..Terms::default()
            },
        )),
        Verdict::NotPermitted => Ok((Some(Reason::NoPolicy), Terms::default())),
        Verdict::Forbidden { policies } => {
            Err(Denial::of(operation, Reason::Forbidden { policies }))
        }
        Verdict::Unknown { entity } => Err(Denial::of(
            operation,
            Reason::UnknownObject { named: entity },
        )),
    }
}

/// What lifts an objection: an elevation that runs, else shadow mode.
fn lifted(
    caller: &Caller,
    operation: &'static Operation,
    reason: Reason,
    now: Timestamp,
) -> Result<Terms, Denial> {
    // A token is good for the scopes it was asked for; what is lent to its client does not widen it.
    let narrowing = caller.narrowing();
    if narrowing.is_some_and(|grant| grant.reaches(operation, now).is_err()) {
        return Err(Denial::of(operation, reason));
    }
    let standing = caller.standing();
    let running = |elevated: &&crate::Elevated| elevated.grant.reaches(operation, now).is_ok();
    // What is eligible no more is lifted no more, by an elevation that runs either.
    let liftable = standing.eligible.reaches(operation, now).is_ok();
    if liftable && let Some(elevated) = standing.elevations.iter().find(running) {
        return Ok(Terms {
            elevation: Some(Arc::clone(&elevated.id)),
            ..Terms::default()
        });
    }
    let denial = Denial {
        operation,
        reason,
        liftable,
    };
    match standing.shadow_until {
        Some(until) if now < until => Ok(Terms {
            would_refuse: Some(denial),
            ..Terms::default()
        }),
        _ => Err(denial),
    }
}
