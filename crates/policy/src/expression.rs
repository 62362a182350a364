//! Expressions of conditions, as the evaluator walks them.
//!
//! A tree smaller than Cedar's: what a caller and an operation settle is replaced by constants before a question comes, and
//! what this tree cannot say is left to Cedar as a whole.

use std::sync::Arc;

use crate::glob::Glob;
use crate::value::Constant;
use crate::verdict::Needs;

/// One expression.
#[derive(Clone, Debug)]
pub(crate) enum Expression {
    Constant(Constant),
    /// `principal`, `action`, `resource`; none is left once settled.
    Variable(Variable),
    /// `context.name`; none is left once settled.
    Context(Arc<str>),
    /// `context has name`; none is left once settled.
    ContextHas(Arc<str>),
    /// The object at this place of the path, 0 being the resource.
    Object(usize),
    /// `context.source`.
    Source,
    /// Whether the source is known.
    HasSource,
    /// `context.fields`.
    Fields,
    /// `context.now`.
    Now,
    /// `of.name`, of an entity.
    Attribute(Box<Self>, Arc<str>),
    /// `of has name`, of an entity.
    Has(Box<Self>, Arc<str>),
    /// `of is entity`; none is left once settled.
    Is(Box<Self>, &'static str),
    Like(Box<Self>, Glob),
    Unary(Unary, Box<Self>),
    Binary(Binary, Box<(Self, Self)>),
    /// From left to right until one is false.
    And(Vec<Self>),
    /// From left to right until one is true.
    Or(Vec<Self>),
    /// Condition, then, else.
    If(Box<(Self, Self, Self)>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Principal,
    Action,
    Resource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unary {
    Not,
    Negate,
    IsEmpty,
    IsIpv4,
    IsIpv6,
    IsLoopback,
    IsMulticast,
    ToDate,
    ToTime,
    ToMilliseconds,
    ToSeconds,
    ToMinutes,
    ToHours,
    ToDays,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    Equal,
    Less,
    LessOrEqual,
    Add,
    Subtract,
    Multiply,
    In,
    Contains,
    ContainsAll,
    ContainsAny,
    IsInRange,
    Offset,
    DurationSince,
}

impl Expression {
    pub(crate) const TRUE: Self = Self::Constant(Constant::Flag(true));
    pub(crate) const FALSE: Self = Self::Constant(Constant::Flag(false));

    /// Its value, if it is a truth value already.
    pub(crate) const fn flag(&self) -> Option<bool> {
        match self {
            Self::Constant(Constant::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) const fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    /// The expressions it is made of, for walks that treat all alike.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Attribute(of, _)
            | Self::Has(of, _)
            | Self::Is(of, _)
            | Self::Like(of, _)
            | Self::Unary(_, of) => vec![of],
            Self::Binary(_, both) => vec![&both.0, &both.1],
            Self::And(parts) | Self::Or(parts) => parts.iter().collect(),
            Self::If(parts) => vec![&parts.0, &parts.1, &parts.2],
            _ => Vec::new(),
        }
    }

    /// What it reads of a question beside time and source.
    pub(crate) fn needs(&self) -> Needs {
        let own = Needs {
            objects: matches!(self, Self::Object(_)) || self.asks_of_named_object(),
            fields: matches!(self, Self::Fields),
        };
        self.parts()
            .into_iter()
            .fold(own, |needs, part| needs.union(part.needs()))
    }

    /// An entity written in the policy may be one of the question's objects.
    fn asks_of_named_object(&self) -> bool {
        let of = match self {
            Self::Attribute(of, _) | Self::Has(of, _) => of,
            Self::Binary(Binary::In, both) => &both.0,
            _ => return false,
        };
        of.is_constant()
    }

    /// Whether a question may make it err. Reading an attribute does not: validation made sure that it is there.
    pub(crate) fn may_err(&self) -> bool {
        let own = match self {
            Self::Unary(operator, _) => matches!(operator, Unary::Negate | Unary::ToDate),
            Self::Binary(operator, _) => matches!(
                operator,
                Binary::Add
                    | Binary::Subtract
                    | Binary::Multiply
                    | Binary::Offset
                    | Binary::DurationSince
            ),
            Self::Attribute(of, _) => of.is_constant(),
            Self::Context(_) => true,
            _ => false,
        };
        own || self.parts().into_iter().any(Self::may_err)
    }
}
