//! Recovery: an org's objects read, compared, planned and put back.
//!
//! Data flows one way: [`capture()`] reads an [`Image`] · [`snapshot`] keeps it · [`diff()`] compares two images ·
//! [`plan()`] turns differences into steps without any I/O · an [`Approved`] plan is applied with a write-ahead journal ·
//! [`verify()`] compares again and explains what remains. Backup and restore are callers like everyone else: every call to
//! Okta goes through a recorded permit. Nothing here prints, reads a clock or decides while acting.

pub mod apply;
mod capture;
pub mod diff;
mod ids;
mod image;
mod limits;
mod matching;
mod mention;
mod normalise;
pub mod plan;
mod quirks;
#[cfg(test)]
mod sample;
mod secret;
pub mod snapshot;
mod title;
pub mod verify;

pub use apply::{Run, apply};
pub use capture::{Capture, CaptureError, Progress, capture, minimum_calls};
pub use diff::{Change, Changes, FieldChange, Selection, Standing, What, diff};
pub use ids::{IdMap, SourceId, TargetId};
pub use image::{Cause, Gap, Image};
pub use matching::{Ambiguity, Matching};
pub use normalise::normalise;
pub use plan::{Approved, Options, Plan, Step, plan};
pub use verify::{Report, verify};
