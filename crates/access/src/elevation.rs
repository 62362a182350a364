//! More for a while: a client asks, people approve, it runs for minutes and ends by itself.
//!
//! What decides is pure and in two places: [`Asked`] says whether a client may ask for it and how many people it takes, [`Course`] what
//! becomes of it as people act and time passes. [`Elevation`] is the row, and the desk (methods of `Keyring`) keeps it.

mod approver;
mod asked;
mod course;
mod desk;
mod objection;
mod request;

pub use approver::{Approver, ApproverId, ApproverKey};
pub use asked::Asked;
pub use course::{Course, Stage};
pub use objection::Objection;
pub use request::{Elevation, ElevationId};
