//! The condition of a statement: its `when` and `unless` clauses as one.

use cedar_policy::pst::Clause;

use crate::plan::Setting;
use crate::verdict::Needs;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// Satisfied by every question.
    Always,
    /// Satisfied by none.
    Never,
    /// Left to Cedar.
    Plain,
}

impl Condition {
    /// Compiles the clauses of a validated statement.
    pub(crate) fn compile(clauses: &[Clause]) -> Self {
        if clauses.is_empty() {
            Self::Always
        } else {
            Self::Plain
        }
    }

    /// The condition with everything resolved that `setting` resolves.
    pub(crate) fn settle(&self, _setting: &Setting<'_>) -> Self {
        self.clone()
    }

    /// What it reads.
    pub(crate) const fn needs(&self) -> Needs {
        let plain = matches!(self, Self::Plain);
        Needs {
            objects: plain,
            fields: plain,
        }
    }
}
