//! From Cedar's tree to ours. What ours cannot say gives `None`, and the statement stays with Cedar.

use std::sync::Arc;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};

use crate::address::Network;
use crate::expression::{Binary, Expression, Unary, Variable};
use crate::glob::Glob;
use crate::instant::{datetime, duration};
use crate::limits::DEPTH_MAX;
use crate::statement::{Uid, known_type};
use crate::value::Constant;

/// The clauses of a statement as one expression: each `when` holds, no `unless` does.
pub(crate) fn compile(clauses: &[Clause]) -> Option<Expression> {
    let parts = clauses.iter().map(|clause| match clause {
        Clause::When(expr) => read(expr, DEPTH_MAX),
        Clause::Unless(expr) => Some(not(read(expr, DEPTH_MAX)?)),
    });
    let parts: Option<Vec<Expression>> = parts.collect();
    let mut all = Vec::new();
    for part in parts? {
        match part {
            Expression::And(parts) => all.extend(parts),
            part => all.push(part),
        }
    }
    Some(Expression::And(all))
}

fn read(expr: &Expr, depth: usize) -> Option<Expression> {
    let depth = depth.checked_sub(1)?;
    let inner = |expr: &Expr| read(expr, depth);
    Some(match expr {
        Expr::Literal(literal) => Expression::Constant(read_literal(literal)?),
        Expr::Var(variable) => Expression::Variable(read_variable(variable)?),
        Expr::UnaryOp { op, expr } => read_unary(*op, expr, depth)?,
        Expr::BinaryOp { op, left, right } => read_binary(*op, left, right, depth)?,
        Expr::GetAttr { expr, attr } => read_attribute(expr, attr, depth)?,
        Expr::HasAttr { expr, attrs } => read_has(expr, attrs.iter().map(AsRef::as_ref), depth)?,
        Expr::Like { expr, pattern } => {
            Expression::Like(Box::new(inner(expr)?), Glob::new(pattern))
        }
        Expr::Is {
            expr,
            entity_type,
            in_expr,
        } => {
            let of = inner(expr)?;
            let is = Expression::Is(Box::new(of.clone()), known_type(&entity_type.to_string())?);
            match in_expr {
                None => is,
                Some(within) => both(is, binary(Binary::In, of, inner(within)?)),
            }
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => Expression::If(Box::new((
            inner(cond)?,
            inner(then_expr)?,
            inner(else_expr)?,
        ))),
        Expr::Set(members) => {
            let members = members.iter().map(|member| match inner(member)? {
                Expression::Constant(constant) => Some(constant),
                _ => None,
            });
            Expression::Constant(Constant::set(members.collect::<Option<_>>()?))
        }
        _ => return None,
    })
}

fn read_literal(literal: &Literal) -> Option<Constant> {
    Some(match literal {
        Literal::Bool(flag) => Constant::Flag(*flag),
        Literal::Long(number) => Constant::Number(*number),
        Literal::String(text) => Constant::Text(text.as_str().into()),
        Literal::EntityUID(uid) => Constant::Entity(Uid::read(uid)?),
        _ => return None,
    })
}

const fn read_variable(variable: &Var) -> Option<Variable> {
    match variable {
        Var::Principal => Some(Variable::Principal),
        Var::Action => Some(Variable::Action),
        Var::Resource => Some(Variable::Resource),
        Var::Context => None,
    }
}

fn read_attribute(of: &Expr, name: &str, depth: usize) -> Option<Expression> {
    if matches!(of, Expr::Var(Var::Context)) {
        return Some(Expression::Context(name.into()));
    }
    Some(Expression::Attribute(
        Box::new(read(of, depth)?),
        name.into(),
    ))
}

/// `a has b.c` asks for `b` first and then for `c` of `a.b`.
fn read_has<'n>(
    of: &Expr,
    names: impl Iterator<Item = &'n str>,
    depth: usize,
) -> Option<Expression> {
    let mut parts = Vec::new();
    let mut reached: Option<Expression> = None;
    for name in names {
        let name: Arc<str> = name.into();
        let (has, next) = match reached.take() {
            None if matches!(of, Expr::Var(Var::Context)) => (
                Expression::ContextHas(name.clone()),
                Expression::Context(name),
            ),
            of_value => {
                let of = match of_value {
                    Some(of) => of,
                    None => read(of, depth)?,
                };
                let has = Expression::Has(Box::new(of.clone()), name.clone());
                (has, Expression::Attribute(Box::new(of), name))
            }
        };
        parts.push(has);
        reached = Some(next);
    }
    Some(Expression::And(parts))
}

fn read_unary(op: UnaryOp, expr: &Expr, depth: usize) -> Option<Expression> {
    if let Expr::Literal(Literal::String(text)) = expr {
        let constant = match op {
            UnaryOp::Ip => Some(Constant::Address(Network::read(text)?)),
            UnaryOp::Datetime => Some(Constant::Datetime(datetime(text)?)),
            UnaryOp::Duration => Some(Constant::Duration(duration(text)?)),
            _ => None,
        };
        return constant.map(Expression::Constant);
    }
    let operator = match op {
        UnaryOp::Not => Unary::Not,
        UnaryOp::Neg => Unary::Negate,
        UnaryOp::IsEmpty => Unary::IsEmpty,
        UnaryOp::IsIPv4 => Unary::IsIpv4,
        UnaryOp::IsIPV6 => Unary::IsIpv6,
        UnaryOp::IsLoopback => Unary::IsLoopback,
        UnaryOp::IsMulticast => Unary::IsMulticast,
        UnaryOp::ToDate => Unary::ToDate,
        UnaryOp::ToTime => Unary::ToTime,
        UnaryOp::ToMilliseconds => Unary::ToMilliseconds,
        UnaryOp::ToSeconds => Unary::ToSeconds,
        UnaryOp::ToMinutes => Unary::ToMinutes,
        UnaryOp::ToHours => Unary::ToHours,
        UnaryOp::ToDays => Unary::ToDays,
        _ => return None,
    };
    Some(Expression::Unary(operator, Box::new(read(expr, depth)?)))
}

fn read_binary(op: BinaryOp, left: &Expr, right: &Expr, depth: usize) -> Option<Expression> {
    let (left, right) = (read(left, depth)?, read(right, depth)?);
    let operator = match op {
        BinaryOp::And => return Some(both(left, right)),
        BinaryOp::Or => return Some(either(left, right)),
        BinaryOp::NotEq => return Some(not(binary(Binary::Equal, left, right))),
        // Whichever side errs, the statement is skipped: sides may change places.
        BinaryOp::Greater => return Some(binary(Binary::Less, right, left)),
        BinaryOp::GreaterEq => return Some(binary(Binary::LessOrEqual, right, left)),
        BinaryOp::Eq => Binary::Equal,
        BinaryOp::Less => Binary::Less,
        BinaryOp::LessEq => Binary::LessOrEqual,
        BinaryOp::Add => Binary::Add,
        BinaryOp::Sub => Binary::Subtract,
        BinaryOp::Mul => Binary::Multiply,
        BinaryOp::In => Binary::In,
        BinaryOp::Contains => Binary::Contains,
        BinaryOp::ContainsAll => Binary::ContainsAll,
        BinaryOp::ContainsAny => Binary::ContainsAny,
        BinaryOp::IsInRange => Binary::IsInRange,
        BinaryOp::Offset => Binary::Offset,
        BinaryOp::DurationSince => Binary::DurationSince,
        _ => return None,
    };
    Some(binary(operator, left, right))
}

fn binary(operator: Binary, left: Expression, right: Expression) -> Expression {
    Expression::Binary(operator, Box::new((left, right)))
}

fn not(of: Expression) -> Expression {
    Expression::Unary(Unary::Not, Box::new(of))
}

/// `a && b`; a chain becomes one list.
fn both(left: Expression, right: Expression) -> Expression {
    let mut parts = match left {
        Expression::And(parts) => parts,
        other => vec![other],
    };
    match right {
        Expression::And(more) => parts.extend(more),
        other => parts.push(other),
    }
    Expression::And(parts)
}

/// `a || b`; a chain becomes one list.
fn either(left: Expression, right: Expression) -> Expression {
    let mut parts = match left {
        Expression::Or(parts) => parts,
        other => vec![other],
    };
    match right {
        Expression::Or(more) => parts.extend(more),
        other => parts.push(other),
    }
    Expression::Or(parts)
}
