//! Path and query parameters against the catalog: positive validation. Never the body.
//!
//! A path parameter is an id, an alias, a name or, for people, a login; a query parameter is one that the operation documents, of
//! its type and within its size. What is not documented is refused, but for what `okta/queries.toml` lists.
//!
//! Cost: 10 to 30 ns per parameter, no allocation unless something is wrong; a filter is parsed once, without a tree.

mod filter;
mod path;
mod query;
mod undocumented;

use crate::{Check, Fault, Notes, Slot, Subject, text};

/// Notes what is wrong with the parameters of a call.
pub(crate) fn judge(subject: &Subject<'_>, notes: &mut Notes<'_>) {
    for (name, value) in subject.params {
        if let Some(fault) = path::judge(name, value) {
            let place = format!("path.{name}");
            notes.add(Check::Parameter, place.clone(), place, fault);
        }
    }
    for (position, (name, value)) in subject.query.iter().enumerate() {
        let earlier = subject.query.get(..position).unwrap_or_default();
        let repeated = earlier.iter().any(|(known, _)| known == name);
        if let Some((check, fault)) = query::judge(subject.operation, name, value, repeated) {
            let place = place_of(name);
            notes.add(check, place.clone(), place, fault);
        }
    }
}

/// The place of a query parameter, without what a name may not have.
fn place_of(name: &str) -> String {
    let plain = name.chars().take(NAME_SHOWN_MAX).map(|sign| match sign {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '[' | ']' => sign,
        _ => '?',
    });
    format!("query.{}", plain.collect::<String>())
}

/// Most characters of an undocumented name that are repeated in a finding: the longest documented one has 38.
const NAME_SHOWN_MAX: usize = 48;

/// What is wrong with a text for people in a parameter.
fn hostile(value: &str) -> Option<(Check, Fault)> {
    text::judge(Slot::FreeText, value).map(|fault| (Check::HostileText, fault))
}

const fn fault(kind: &'static str, what: &'static str) -> Fault {
    Fault {
        kind,
        what: std::borrow::Cow::Borrowed(what),
    }
}
