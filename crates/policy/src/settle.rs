//! What a caller and an operation settle of an expression before any question comes.
//!
//! Every step keeps Cedar's meaning, errors included: what may err is dropped only where its error could not matter.

use crate::entity::{ACTION, CLIENT, ORG, TEAM};
use crate::evaluate::{Scene, evaluate};
use crate::expression::{Binary, Expression, Unary, Variable};
use crate::plan::Setting;
use crate::statement::Uid;
use crate::value::Constant;

/// The expression with constants for all that `setting` knows.
pub(crate) fn settle(expression: &Expression, setting: &Setting<'_>) -> Expression {
    let inner = |part: &Expression| settle(part, setting);
    match expression {
        Expression::Variable(variable) => settle_variable(*variable, setting),
        Expression::Context(name) => settle_context(name, setting),
        Expression::ContextHas(name) => match name.as_ref() {
            "source" => Expression::HasSource,
            name => flag(settle_context_has(name, setting)),
        },
        Expression::Attribute(of, name) => Expression::Attribute(Box::new(inner(of)), name.clone()),
        Expression::Has(of, name) => Expression::Has(Box::new(inner(of)), name.clone()),
        Expression::Is(of, entity) => settle_is(inner(of), entity, setting),
        Expression::Like(of, glob) => {
            fold(Expression::Like(Box::new(inner(of)), glob.clone()), setting)
        }
        Expression::Unary(operator, of) => settle_unary(*operator, inner(of), setting),
        Expression::Binary(operator, both) => {
            settle_binary(*operator, inner(&both.0), inner(&both.1), setting)
        }
        Expression::And(parts) => settle_chain(parts, false, setting),
        Expression::Or(parts) => settle_chain(parts, true, setting),
        Expression::If(parts) => {
            let condition = inner(&parts.0);
            match condition.flag() {
                Some(true) => inner(&parts.1),
                Some(false) => inner(&parts.2),
                None => Expression::If(Box::new((condition, inner(&parts.1), inner(&parts.2)))),
            }
        }
        other => other.clone(),
    }
}

const fn flag(value: bool) -> Expression {
    if value {
        Expression::TRUE
    } else {
        Expression::FALSE
    }
}

fn entity(entity: &'static str, id: &str) -> Expression {
    Expression::Constant(Constant::Entity(Uid {
        entity,
        id: id.into(),
    }))
}

fn settle_variable(variable: Variable, setting: &Setting<'_>) -> Expression {
    match variable {
        Variable::Principal => entity(CLIENT, &setting.asker.client),
        Variable::Action => entity(ACTION, setting.operation.id),
        Variable::Resource if setting.slots.is_empty() => entity(ORG, &setting.asker.org),
        Variable::Resource => Expression::Object(0),
    }
}

fn settle_context(name: &str, setting: &Setting<'_>) -> Expression {
    match name {
        "source" => Expression::Source,
        "fields" => Expression::Fields,
        "now" => Expression::Now,
        _ => match place_of(name, setting) {
            Some(place) => Expression::Object(place),
            // Validation lets nobody read what an operation does not have; reading it errs, as in Cedar.
            None => Expression::Context(name.into()),
        },
    }
}

fn settle_context_has(name: &str, setting: &Setting<'_>) -> bool {
    matches!(name, "fields" | "now") || place_of(name, setting).is_some()
}

fn place_of(name: &str, setting: &Setting<'_>) -> Option<usize> {
    setting
        .slots
        .iter()
        .position(|slot| slot.context.as_deref() == Some(name))
}

/// The type of an expression that is an entity, as far as it is known.
fn type_of(expression: &Expression, setting: &Setting<'_>) -> Option<&'static str> {
    match expression {
        Expression::Constant(Constant::Entity(uid)) => Some(uid.entity),
        Expression::Object(place) => setting.slots.get(*place).map(|slot| slot.entity),
        _ => None,
    }
}

fn settle_is(of: Expression, entity: &'static str, setting: &Setting<'_>) -> Expression {
    match type_of(&of, setting) {
        Some(known) => flag(known == entity),
        None => Expression::Is(Box::new(of), entity),
    }
}

fn settle_unary(operator: Unary, of: Expression, setting: &Setting<'_>) -> Expression {
    fold(Expression::Unary(operator, Box::new(of)), setting)
}

fn settle_binary(
    operator: Binary,
    left: Expression,
    right: Expression,
    setting: &Setting<'_>,
) -> Expression {
    let settled = match operator {
        Binary::Equal => settle_equal(&left, &right, setting),
        Binary::In => settle_in(&left, &right, setting),
        _ => None,
    };
    settled.unwrap_or_else(|| {
        fold(
            Expression::Binary(operator, Box::new((left, right))),
            setting,
        )
    })
}

/// Entities of different types are different whatever their ids.
fn settle_equal(
    left: &Expression,
    right: &Expression,
    setting: &Setting<'_>,
) -> Option<Expression> {
    let (one, other) = (type_of(left, setting)?, type_of(right, setting)?);
    (one != other).then_some(Expression::FALSE)
}

/// Every object is in its org, and in no other; nothing else is settled of an object's place.
fn settle_in(left: &Expression, right: &Expression, setting: &Setting<'_>) -> Option<Expression> {
    let of_object = matches!(left, Expression::Object(_));
    match right {
        Expression::Constant(Constant::Entity(uid)) if of_object && uid.entity == ORG => {
            Some(flag(*uid.id == *setting.asker.org))
        }
        Expression::Constant(Constant::Entity(uid)) if of_object && uid.entity == TEAM => {
            Some(Expression::FALSE)
        }
        _ => None,
    }
}

/// The value, where all parts are constants and computing it does not err.
fn fold(expression: Expression, setting: &Setting<'_>) -> Expression {
    let constant = match &expression {
        Expression::Unary(_, of) | Expression::Like(of, _) => of.is_constant(),
        Expression::Binary(Binary::In, both) => is_settled_entity(&both.0) && both.1.is_constant(),
        Expression::Binary(_, both) => both.0.is_constant() && both.1.is_constant(),
        _ => false,
    };
    if !constant {
        return expression;
    }
    let scene = Scene::empty(setting);
    let value = evaluate(&expression, &scene)
        .ok()
        .and_then(|value| value.to_constant());
    value.map_or(expression, Expression::Constant)
}

/// An entity that no question tells more about: one written in a policy may be an object of the question.
fn is_settled_entity(expression: &Expression) -> bool {
    match expression {
        Expression::Constant(Constant::Entity(uid)) => {
            matches!(uid.entity, CLIENT | TEAM | ORG | ACTION)
        }
        _ => false,
    }
}

/// A chain of `&&` (`stop` false) or `||` (`stop` true): links that settle to the other value fall away, the first that settles
/// to `stop` ends it.
fn settle_chain(parts: &[Expression], stop: bool, setting: &Setting<'_>) -> Expression {
    let mut left: Vec<Expression> = Vec::new();
    for part in parts {
        let part = settle(part, setting);
        match part.flag() {
            Some(value) if value == stop => {
                if left.iter().any(Expression::may_err) {
                    left.push(part);
                    break;
                }
                return part;
            }
            Some(_) => {}
            None => left.push(part),
        }
    }
    match (left.len(), stop) {
        (0, _) => flag(!stop),
        (1, _) => left.swap_remove(0),
        (_, false) => Expression::And(left),
        (_, true) => Expression::Or(left),
    }
}
