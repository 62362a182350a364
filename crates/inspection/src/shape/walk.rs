//! One walk over a body beside its compiled shape. Looks at every value once, a discriminating object's members twice.
//!
//! Tolerant where Okta is: null, empty and missing pass, words beyond a documented list are noted, members Okta sets are not
//! compared. Strict where a value gives power: there it is exactly what the catalog says.

use std::borrow::Cow;

use catalog::Operation;

use super::{Bodies, Dispatch, Member, Node, NodeId, Object};
use crate::data::data;
use crate::json::{Kind, Tape, Value};
use crate::{Check, Notes, Slot, plain, text};

/// A walk over one body.
pub(crate) struct Walk<'w, 's> {
    pub(super) bodies: &'static Bodies,
    pub(super) notes: &'w mut Notes<'s>,
    pub(super) path: Vec<Step<'w>>,
}

/// One step into a body.
pub(super) enum Step<'w> {
    Member(Cow<'w, str>),
    Item(usize),
}

/// What is known of the place of a value.
#[derive(Clone, Copy)]
pub(super) struct Seat<'f> {
    /// `Shape.member`.
    pub(super) field: &'f str,
    pub(super) slot: Slot,
    /// It gives power, or stands inside what does.
    pub(super) strict: bool,
}

/// Who names the members of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Namer {
    /// Okta, in words the catalog lacks.
    Unknown,
    /// The tenant, or an app.
    Tenant,
}

impl<'w, 's> Walk<'w, 's> {
    /// Judges a body against the shape of its operation.
    pub(crate) fn over(
        bodies: &'static Bodies,
        operation: &Operation,
        tape: &'w Tape<'w>,
        notes: &'w mut Notes<'s>,
    ) {
        let mut walk = Self {
            bodies,
            notes,
            path: Vec::with_capacity(16),
        };
        let seat = Seat {
            field: operation.id,
            slot: Slot::FreeText,
            strict: false,
        };
        match bodies.body(operation) {
            Some(node) => walk.value(tape.root(), node, seat),
            None => walk.loose(tape.root(), Namer::Unknown, seat),
        }
    }

    fn value(&mut self, value: Value<'w>, node: NodeId, seat: Seat<'_>) {
        let bodies = self.bodies;
        let kind = value.kind();
        match bodies.node(node) {
            _ if kind == Kind::Null => {}
            Node::Any => self.loose(value, Namer::Tenant, seat),
            Node::Text if kind == Kind::Text => self.text(&value.text(), seat),
            Node::Words(words) if kind == Kind::Text => self.word(&value.text(), words, seat),
            Node::Integer if value.is_integer() => {}
            Node::Number if kind == Kind::Number => {}
            Node::Boolean if matches!(kind, Kind::True | Kind::False) => {}
            Node::List(item) if kind == Kind::List => self.each(value, |walk, item_value| {
                walk.value(item_value, *item, seat)
            }),
            Node::Map(node) if kind == Kind::Object => self.map(value, *node, seat),
            Node::Object(object) if kind == Kind::Object => self.object(value, object, seat),
            Node::Choice(nodes) => match nodes.iter().find(|node| bodies.takes(**node, value)) {
                Some(node) => self.value(value, *node, seat),
                None => self.mismatch(value, "something else", false, seat),
            },
            Node::Text | Node::Words(_) => self.mismatch(value, "a string", true, seat),
            Node::Integer => self.mismatch(value, "an integer", true, seat),
            Node::Number => self.mismatch(value, "a number", true, seat),
            Node::Boolean => self.mismatch(value, "true or false", true, seat),
            Node::List(_) => self.mismatch(value, "a list", false, seat),
            Node::Map(_) | Node::Object(_) => self.mismatch(value, "an object", false, seat),
        }
    }

    fn object(&mut self, value: Value<'w>, object: &'static Object, seat: Seat<'_>) {
        let object = match object
            .dispatch
            .as_ref()
            .and_then(|dispatch| self.variant(value, dispatch))
        {
            Some(variant) => variant,
            None => object,
        };
        for (name, inner) in value.members() {
            match object.member(&name) {
                Some(member) => self.member(name, inner, member, seat),
                None => self.stranger(name, inner, object, seat),
            }
        }
    }

    /// The variant that the telling member names, wherever it stands.
    fn variant(&self, value: Value<'_>, dispatch: &'static Dispatch) -> Option<&'static Object> {
        let told = value.member(dispatch.property)?.text();
        let (_, node) = dispatch.variants.iter().find(|(known, _)| *known == told)?;
        match self.bodies.node(*node) {
            Node::Object(object) => Some(object),
            _ => None,
        }
    }

    fn member(
        &mut self,
        name: Cow<'w, str>,
        value: Value<'w>,
        member: &'static Member,
        around: Seat<'_>,
    ) {
        let seat = Seat {
            field: member.field,
            slot: member.slot,
            strict: (around.strict || member.sensitive) && !member.read_only,
        };
        self.path.push(Step::Member(name));
        if member.read_only {
            self.ignored(value, seat);
        } else {
            self.value(value, member.node, seat);
        }
        self.path.pop();
    }

    /// A member that the catalog does not know.
    fn stranger(
        &mut self,
        name: Cow<'w, str>,
        value: Value<'w>,
        object: &'static Object,
        around: Seat<'_>,
    ) {
        // A name that is none is not repeated anywhere.
        let field = match plain::is_name(&name) {
            true => format!("{}.{name}", object.shape),
            false => around.field.to_owned(),
        };
        let seat = Seat {
            field: &field,
            slot: Slot::FreeText,
            ..around
        };
        let is_name = self.name(&name, seat);
        self.path.push(Step::Member(name.clone()));
        if let Some(node) = object.open {
            self.value(
                value,
                node,
                Seat {
                    strict: false,
                    ..seat
                },
            );
        } else if is_name {
            if data().is_privileged(&name) {
                self.add(
                    Check::Sensitive,
                    &field,
                    "privileged",
                    "is not known here and would give power elsewhere",
                );
            } else if around.strict && !is_plain_scalar(value) {
                self.add(
                    Check::Sensitive,
                    &field,
                    "unknown_member",
                    "is not known here, where members give power",
                );
            } else {
                self.add(
                    Check::UnknownField,
                    &field,
                    "unknown_member",
                    "is not known here",
                );
            }
            self.loose(value, Namer::Unknown, seat);
        }
        self.path.pop();
    }

    fn map(&mut self, value: Value<'w>, node: NodeId, seat: Seat<'_>) {
        for (name, inner) in value.members() {
            if self.name(&name, seat) {
                self.path.push(Step::Member(name));
                self.value(inner, node, seat);
                self.path.pop();
            }
        }
    }

    fn each(&mut self, list: Value<'w>, mut visit: impl FnMut(&mut Self, Value<'w>)) {
        for (position, item) in list.items().enumerate() {
            self.path.push(Step::Item(position));
            visit(self, item);
            self.path.pop();
        }
    }

    /// A value of which nothing is known but who named it.
    fn loose(&mut self, value: Value<'w>, namer: Namer, seat: Seat<'_>) {
        match value.kind() {
            Kind::Object => {
                for (name, inner) in value.members() {
                    if self.name(&name, seat) {
                        self.path.push(Step::Member(name));
                        self.loose(inner, namer, seat);
                        self.path.pop();
                    }
                }
            }
            Kind::List => self.each(value, |walk, item| walk.loose(item, namer, seat)),
            Kind::Text => {
                let told = value.text();
                if namer == Namer::Unknown && !plain::is_plain(&told) {
                    self.unknown_value(seat);
                }
                self.text(
                    &told,
                    Seat {
                        slot: plain::slot(&told, seat.slot),
                        ..seat
                    },
                );
            }
            _ => {}
        }
    }

    /// A value that Okta sets itself and ignores when it is sent: read-modify-write carries it back.
    fn ignored(&mut self, value: Value<'w>, seat: Seat<'_>) {
        match value.kind() {
            Kind::Object => {
                for (name, inner) in value.members() {
                    if self.name(&name, seat) {
                        self.path.push(Step::Member(name));
                        self.ignored(inner, seat);
                        self.path.pop();
                    }
                }
            }
            Kind::List => self.each(value, |walk, item| walk.ignored(item, seat)),
            Kind::Text => {
                if let Some(fault) = text::judge(Slot::FreeText, &value.text()) {
                    self.note(Check::HostileText, seat.field, fault);
                }
            }
            _ => {}
        }
    }
}

/// Whether there is nothing in a value but a word, a number or a flag.
fn is_plain_scalar(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::Object | Kind::List => false,
        Kind::Text => plain::is_plain(&value.text()),
        _ => true,
    }
}

impl Bodies {
    /// Whether a value is of a kind that a node takes.
    fn takes(&self, node: NodeId, value: Value<'_>) -> bool {
        match (self.node(node), value.kind()) {
            (Node::Any, _) => true,
            (Node::Text | Node::Words(_), kind) => kind == Kind::Text,
            (Node::Integer, _) => value.is_integer(),
            (Node::Number, kind) => kind == Kind::Number,
            (Node::Boolean, kind) => matches!(kind, Kind::True | Kind::False),
            (Node::List(_), kind) => kind == Kind::List,
            (Node::Map(_) | Node::Object(_), kind) => kind == Kind::Object,
            (Node::Choice(nodes), _) => nodes.iter().any(|node| self.takes(*node, value)),
        }
    }
}
