//! Hostile text: whether a string in its slot attacks whoever reads it. Never the shape of the body, never addresses.

use crate::{Fault, Slot};

/// What is wrong with `value` in a place of this kind, if anything.
pub fn judge(slot: Slot, value: &str) -> Option<Fault> {
    let _ = (slot, value);
    None
}
