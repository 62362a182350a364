//! Inspection: what a permitted call to Okta may not look like. Shape of the body against the catalog's corrected schema, text
//! in free-text places, addresses, parameters.
//!
//! Start with [`Inspector::inspect`]: it takes the parsed call ([`Subject`]) and gives every [`Finding`]. Pure: no I/O, no clock, no
//! memory between calls. It never changes a call, never decides who may do what, and never repeats a value it was shown.

pub mod address;
mod body;
mod data;
mod finding;
mod glob;
mod inspector;
mod json;
mod limits;
mod mode;
pub mod parameter;
mod plain;
mod shape;
mod slot;
pub mod text;

pub use body::is_json;
pub use finding::{Fault, Finding, Report};
pub use inspector::{Inspector, Notes, Subject};
pub use limits::FINDINGS_MAX;
pub use mode::{Check, Mode, Settings};
pub use slot::Slot;
