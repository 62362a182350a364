//! Values of expressions: constants that policies own, and values borrowed from a question, compared as Cedar compares.

use std::sync::Arc;

use crate::address::Network;
use crate::statement::Uid;

/// A value a policy writes out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Constant {
    Flag(bool),
    Number(i64),
    Text(Arc<str>),
    Entity(Uid),
    Address(Network),
    /// Milliseconds since 1970.
    Datetime(i64),
    /// Milliseconds.
    Duration(i64),
    /// Sorted by type and id where all are entities, so that membership is found by halving.
    Set(Arc<[Constant]>),
}

/// A value while a question is decided. Copying it allocates nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Flag(bool),
    Number(i64),
    Text(&'a str),
    Entity(EntityRef<'a>),
    Address(Network),
    Datetime(i64),
    Duration(i64),
    Set(Members<'a>),
}

/// The identity of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntityRef<'a> {
    pub(crate) entity: &'a str,
    pub(crate) id: &'a str,
}

/// The members of a set, wherever they are kept. A member may stand there twice; that means nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Members<'a> {
    Constants(&'a [Constant]),
    Texts(&'a [Arc<str>]),
    Fields(&'a [String]),
}

impl Constant {
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Flag(flag) => Value::Flag(*flag),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
            Self::Entity(uid) => Value::Entity(uid.as_ref()),
            Self::Address(network) => Value::Address(*network),
            Self::Datetime(at) => Value::Datetime(*at),
            Self::Duration(length) => Value::Duration(*length),
            Self::Set(members) => Value::Set(Members::Constants(members)),
        }
    }

    /// A set of these.
    pub(crate) fn set(mut members: Vec<Self>) -> Self {
        members.sort_by(|one, other| one.entity().cmp(&other.entity()));
        Self::Set(members.into())
    }

    /// The identity, of an entity.
    pub(crate) fn entity(&self) -> Option<EntityRef<'_>> {
        match self {
            Self::Entity(uid) => Some(uid.as_ref()),
            _ => None,
        }
    }
}

impl Uid {
    pub(crate) fn as_ref(&self) -> EntityRef<'_> {
        EntityRef {
            entity: self.entity,
            id: &self.id,
        }
    }
}

impl Value<'_> {
    /// Cedar's `==`: values of different types are different, sets are equal by their members.
    pub(crate) fn equals(self, other: Value<'_>) -> bool {
        match (self, other) {
            (Self::Flag(one), Value::Flag(other)) => one == other,
            (Self::Number(one), Value::Number(other))
            | (Self::Datetime(one), Value::Datetime(other))
            | (Self::Duration(one), Value::Duration(other)) => one == other,
            (Self::Text(one), Value::Text(other)) => one == other,
            (Self::Entity(one), Value::Entity(other)) => {
                one.id == other.id && one.entity == other.entity
            }
            (Self::Address(one), Value::Address(other)) => one == other,
            (Self::Set(one), Value::Set(other)) => one.has_all(other) && other.has_all(one),
            _ => false,
        }
    }

    /// The value as a constant; `None` for sets, which are constants only where a policy writes them.
    pub(crate) fn to_constant(self) -> Option<Constant> {
        Some(match self {
            Self::Flag(flag) => Constant::Flag(flag),
            Self::Number(number) => Constant::Number(number),
            Self::Datetime(at) => Constant::Datetime(at),
            Self::Duration(length) => Constant::Duration(length),
            Self::Text(_) | Self::Entity(_) | Self::Address(_) | Self::Set(_) => return None,
        })
    }
}

impl<'a> Members<'a> {
    pub(crate) const fn is_empty(self) -> bool {
        self.len() == 0
    }

    const fn len(self) -> usize {
        match self {
            Self::Constants(members) => members.len(),
            Self::Texts(members) => members.len(),
            Self::Fields(members) => members.len(),
        }
    }

    fn get(self, at: usize) -> Option<Value<'a>> {
        match self {
            Self::Constants(members) => members.get(at).map(Constant::value),
            Self::Texts(members) => members.get(at).map(|text| Value::Text(text)),
            Self::Fields(members) => members.get(at).map(|text| Value::Text(text)),
        }
    }

    fn iter(self) -> impl Iterator<Item = Value<'a>> {
        (0..self.len()).filter_map(move |at| self.get(at))
    }

    pub(crate) fn has(self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Constants(members), Value::Entity(entity)) => members
                .binary_search_by(|member| member.entity().cmp(&Some(entity)))
                .is_ok(),
            _ => self.iter().any(|member| member.equals(value)),
        }
    }

    pub(crate) fn has_all(self, others: Members<'_>) -> bool {
        others.iter().all(|other| self.has(other))
    }

    pub(crate) fn has_any(self, others: Members<'_>) -> bool {
        others.iter().any(|other| self.has(other))
    }

    /// Whether every member is an entity.
    pub(crate) fn are_entities(self) -> bool {
        match self {
            Self::Constants(members) => members.iter().all(|member| member.entity().is_some()),
            Self::Texts(_) | Self::Fields(_) => false,
        }
    }
}
