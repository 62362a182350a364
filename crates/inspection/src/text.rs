//! Hostile text: whether a string in its slot attacks whoever reads it. Never the shape of the body, never addresses.
//!
//! Places that hold ids, logins, numbers or words take only the letters and signs of their kind ([`alphabet`]). Text for people is
//! read as the languages would read it that it could be injected into ([`dialect`]): what counts is structure (a quote that ends a
//! literal before an operator, a tag with a handler, a separator before a command with arguments), not words, so that "select a
//! plan from the union", `D'or` and `C++ > C` pass. Every decoding is read, see [`views`].
//!
//! Cost: one table look-up per byte; a text of letters, digits, spaces and `.,-_@!` with no word of a dialect ends there, without
//! an allocation (under 1 ns per byte). Anything else is folded (one allocation per form) and read once by the automaton of each
//! dialect that one of its signs could start.

mod alphabet;
mod control;
mod dialect;
mod traits;
mod views;

use std::borrow::Cow;

use crate::{Fault, Slot};

/// What is wrong with `value` in a place of this kind, if anything.
pub fn judge(slot: Slot, value: &str) -> Option<Fault> {
    match slot {
        Slot::Secret => control::judge_secret(value),
        Slot::Url | Slot::Callout | Slot::Redirect => {
            control::judge_line(value).or_else(|| hostile(value))
        }
        // `DOMAIN\name` is a path to whoever reads it as one.
        Slot::Login if value.contains('\\') => {
            alphabet::judge(slot, value).or_else(|| hostile(value))
        }
        Slot::FreeText => control::judge_text(value).or_else(|| hostile(value)),
        Slot::Unknown => control::judge_text(value)
            .or_else(|| hostile(value))
            .or_else(|| alphabet::judge(slot, value)),
        // PEM and base64 come in lines.
        Slot::Certificate => control::judge_text(value).or_else(|| alphabet::judge(slot, value)),
        Slot::Expression | Slot::Pattern => {
            control::judge_text(value).or_else(|| dialect::executable(value))
        }
        Slot::Template => control::judge_text(value).or_else(|| dialect::served(value)),
        _ => control::judge_line(value).or_else(|| alphabet::judge(slot, value)),
    }
}

/// What a text for people is hostile in.
fn hostile(value: &str) -> Option<Fault> {
    let traits = traits::Traits::of(value);
    if traits.is_plain() && !dialect::has_word(value) {
        return None;
    }
    dialect::judge(value)
}

const fn fault(kind: &'static str, what: &'static str) -> Fault {
    Fault {
        kind,
        what: Cow::Borrowed(what),
    }
}
