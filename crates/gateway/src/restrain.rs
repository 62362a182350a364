//! Restraint: what a permitted call takes away, against the budgets of its caller and its org, and how many objects a policy lets the
//! caller touch. Both are counted before the call is made, so that one that fails has been counted too; a call beyond a budget is held
//! for people to decide, if its caller waits, and is not lost.

mod effects;
mod objects;
mod onslaught;

pub(crate) use effects::{Above, Stopped, charge};
pub(crate) use objects::count;
pub(crate) use onslaught::Onslaught;
