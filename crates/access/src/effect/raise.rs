//! More of a class of effects for a while: what an approved request adds to a budget, for the client that asked and nobody else.

use std::fmt;
use std::str::FromStr;

use super::Class;
use super::class::UnknownClass;
use crate::limits::BUDGET_MAX;

/// So many more of a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Raise {
    /// Of what.
    pub class: Class,
    /// How many more, 1 to [`BUDGET_MAX`](crate::BUDGET_MAX).
    pub amount: u32,
}

/// A raise that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRaise {
    /// No class and number.
    #[error("`{0}` is not a class and a number of 1 to {BUDGET_MAX} like `deletes=50`")]
    Form(String),
    /// Not a class.
    #[error(transparent)]
    Class(#[from] UnknownClass),
}

impl FromStr for Raise {
    type Err = BadRaise;

    fn from_str(text: &str) -> Result<Self, BadRaise> {
        let bad = || BadRaise::Form(text.chars().take(80).collect());
        let (class, amount) = text.split_once('=').ok_or_else(bad)?;
        let class = class.parse()?;
        let amount = amount
            .parse()
            .ok()
            .filter(|amount| (1..=BUDGET_MAX).contains(amount));
        Ok(Self {
            class,
            amount: amount.ok_or_else(bad)?,
        })
    }
}

impl fmt::Display for Raise {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.class, self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raise_is_a_class_and_a_number_of_one_or_more() {
        let raise = Raise {
            class: Class::FactorResets,
            amount: 7,
        };
        assert_eq!("factor-resets=7".parse(), Ok(raise));
        assert_eq!(raise.to_string(), "factor-resets=7");
        for bad in [
            "",
            "deletes",
            "deletes=0",
            "deletes=-1",
            "deletes=9999999999",
            "drops=1",
        ] {
            assert!(bad.parse::<Raise>().is_err(), "{bad}");
        }
    }
}
