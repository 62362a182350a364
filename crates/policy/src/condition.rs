//! The condition of a statement: its `when` and `unless` clauses as one.

use cedar_policy::pst::Clause;

use crate::compile::compile;
use crate::expression::Expression;
use crate::plan::Setting;
use crate::settle::settle;
use crate::verdict::Needs;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// Satisfied by every question.
    Always,
    /// Satisfied by none.
    Never,
    /// Satisfied where the expression is true.
    When(Expression),
    /// Left to Cedar.
    Plain,
}

impl Condition {
    /// Compiles the clauses of a validated statement.
    pub(crate) fn compile(clauses: &[Clause]) -> Self {
        if clauses.is_empty() {
            return Self::Always;
        }
        compile(clauses).map_or(Self::Plain, Self::When)
    }

    /// The condition with everything resolved that `setting` resolves.
    pub(crate) fn settle(&self, setting: &Setting<'_>) -> Self {
        let Self::When(expression) = self else {
            return self.clone();
        };
        let settled = settle(expression, setting);
        match &settled {
            // Whether it is false or errs before, it is not satisfied.
            Expression::And(parts) if parts.last().and_then(Expression::flag) == Some(false) => {
                Self::Never
            }
            _ => match settled.flag() {
                Some(true) => Self::Always,
                Some(false) => Self::Never,
                None => Self::When(settled),
            },
        }
    }

    /// What it reads.
    pub(crate) fn needs(&self) -> Needs {
        match self {
            Self::Always | Self::Never => Needs::default(),
            Self::When(expression) => expression.needs(),
            Self::Plain => Needs {
                objects: true,
                fields: true,
            },
        }
    }
}
