//! A form (`application/x-www-form-urlencoded`) beside the shape of its operation: every pair a member that is a string.

use catalog::Operation;

use super::walk::{Seat, Step, Walk};
use super::{Bodies, Node};
use crate::{Check, Notes, Slot, plain};

impl<'w, 's> Walk<'w, 's> {
    /// Judges the pairs of a form, decoded.
    pub(crate) fn over_form(
        bodies: &'static Bodies,
        operation: &Operation,
        pairs: &'w [(String, String)],
        notes: &'w mut Notes<'s>,
    ) {
        let mut walk = Self {
            bodies,
            notes,
            path: Vec::with_capacity(1),
        };
        let object = match bodies.body(operation).map(|node| bodies.node(node)) {
            Some(Node::Object(object)) => Some(object),
            _ => None,
        };
        for (name, value) in pairs {
            let member = object.and_then(|object| object.member(name));
            let field = member.map_or_else(
                || match plain::is_name(name) {
                    true => format!("{}.{name}", operation.id),
                    false => operation.id.to_owned(),
                },
                |member| member.field.to_owned(),
            );
            let seat = Seat {
                field: &field,
                slot: member.map_or(Slot::Unknown, |member| member.slot),
                strict: false,
            };
            if !walk.name(name, seat) {
                continue;
            }
            walk.path.push(Step::Member(name.into()));
            if member.is_none() {
                walk.add(
                    Check::UnknownField,
                    &field,
                    "unknown_member",
                    "is not known here",
                );
                if !plain::is_plain(value) {
                    walk.unknown_value(seat);
                }
            }
            walk.text(value, seat);
            walk.path.pop();
        }
    }
}
