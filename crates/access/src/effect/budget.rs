//! How much of each class of effects may happen within an hour and a day: for each caller, and for all callers of an org together.
//!
//! What is not said has the defaults, which leave room for a busy day of everyday work and none for the end of an org. Of 482 recorded
//! conversations of scripts that took anything away, the median took 1 object of a class and the largest 15; a company of 50,000 loses
//! about 25 people on a working day. 50 within an hour is three times the former, 200 a day eight times the latter, and few enough for
//! an administrator to put right by hand (`docs/blast-radius.md`).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::Class;
use super::class::UnknownClass;
use crate::limits::BUDGET_MAX;

/// Most effects of a class within sliding windows; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Within any hour.
    pub per_hour: Option<u32>,
    /// Within any 24 hours.
    pub per_day: Option<u32>,
}

/// A budget that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBudget {
    /// Neither numbers per hour or day, nor `unlimited`.
    #[error(
        "`{0}` is not a budget like `50/hour`, `200/day`, both with a comma between, or `unlimited`"
    )]
    Form(String),
    /// More than any org needs.
    #[error("{0} is more than {BUDGET_MAX}: write `unlimited` if that is meant")]
    TooLarge(u64),
    /// No class and budget.
    #[error("`{0}` is not a class and a budget like `deletes=50/hour`")]
    NoClass(String),
    /// Not a class.
    #[error(transparent)]
    Class(#[from] UnknownClass),
}

impl FromStr for Budget {
    type Err = BadBudget;

    fn from_str(text: &str) -> Result<Self, BadBudget> {
        let bad = || BadBudget::Form(text.chars().take(80).collect());
        let mut budget = Self::default();
        if text.trim() == "unlimited" {
            return Ok(budget);
        }
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        for part in parts {
            let (number, per) = part.split_once('/').ok_or_else(bad)?;
            let number: u64 = number.parse().map_err(|_| bad())?;
            let most = u32::try_from(number)
                .ok()
                .filter(|most| *most <= BUDGET_MAX);
            let most = most.ok_or(BadBudget::TooLarge(number))?;
            let place = match per {
                "hour" => &mut budget.per_hour,
                "day" => &mut budget.per_day,
                _ => return Err(bad()),
            };
            if place.replace(most).is_some() {
                return Err(bad());
            }
        }
        if budget == Self::default() {
            return Err(bad());
        }
        Ok(budget)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.per_hour, self.per_day) {
            (None, None) => out.write_str("unlimited"),
            (Some(hour), None) => write!(out, "{hour}/hour"),
            (None, Some(day)) => write!(out, "{day}/day"),
            (Some(hour), Some(day)) => write!(out, "{hour}/hour,{day}/day"),
        }
    }
}

/// Budgets that stand in the place of others, by class: what a client's registration or the settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(BTreeMap<Class, Budget>);

impl Overrides {
    /// Takes in one more, written `deletes=50/hour`; the last of a class counts.
    ///
    /// # Errors
    /// [`BadBudget`], saying what is wrong with it.
    pub fn put(&mut self, text: &str) -> Result<(), BadBudget> {
        let (class, budget) = text
            .split_once('=')
            .ok_or_else(|| BadBudget::NoClass(text.chars().take(80).collect()))?;
        self.0.insert(class.trim().parse()?, budget.parse()?);
        Ok(())
    }

    /// What it says of a class.
    pub fn of(&self, class: Class) -> Option<Budget> {
        self.0.get(&class).copied()
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As one text, by class; [`Overrides::read`] reads it.
    pub fn written(&self) -> String {
        let words: Vec<String> = self.words().collect();
        words.join(" ")
    }

    /// Each as a word, by class.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|(class, budget)| format!("{class}={budget}"))
    }

    /// What [`Overrides::written`] wrote; `None` when it did not.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut read = Self::default();
        for word in text.split_whitespace() {
            read.put(word).ok()?;
        }
        Some(read)
    }
}

/// The budgets of one org.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budgets {
    /// Of each caller; a client's own registration comes first.
    pub client: Overrides,
    /// Of all callers together.
    pub org: Overrides,
    /// After how many times its budget, tried or made within an hour, the org freezes by itself; `None`: never.
    pub freeze_at: Option<u32>,
}

impl Budgets {
    /// What each caller may do.
    pub fn of_client(&self, class: Class) -> Budget {
        self.client.of(class).unwrap_or_else(|| default_of(class))
    }

    /// What all callers may do together: twice what one may by default.
    pub fn of_org(&self, class: Class) -> Budget {
        let twice = |most: Option<u32>| most.map(|most| most.saturating_mul(2));
        self.org.of(class).unwrap_or_else(|| {
            let one = default_of(class);
            Budget {
                per_hour: twice(one.per_hour),
                per_day: twice(one.per_day),
            }
        })
    }
}

/// What each caller may do when nothing else is said.
fn default_of(class: Class) -> Budget {
    let (hour, day) = match class {
        Class::Deletes | Class::Deactivations => (50, 200),
        Class::FactorResets | Class::Loosenings | Class::Privileges => (20, 60),
        Class::Revocations => (100, 300),
        Class::Removals => (500, 2_000),
    };
    Budget {
        per_hour: Some(hour),
        per_day: Some(day),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn budgets_are_written_as_people_say_them() {
        let hour = Budget {
            per_hour: Some(50),
            per_day: None,
        };
        assert_eq!("50/hour".parse(), Ok(hour));
        let both = Budget {
            per_day: Some(200),
            ..hour
        };
        assert_eq!("200/day, 50/hour".parse(), Ok(both));
        assert_eq!("unlimited".parse(), Ok(Budget::default()));
        assert_eq!("0/day".parse::<Budget>().unwrap().per_day, Some(0));
        for bad in [
            "",
            "50",
            "50/week",
            "-1/hour",
            "1/hour 2/hour",
            "x/day",
            "99999999999/day",
        ] {
            assert!(bad.parse::<Budget>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_class_that_is_none_is_named_with_those_that_are() {
        let mut overrides = Overrides::default();
        overrides.put("deletes=5/hour").unwrap();
        overrides.put("deletes=6/hour").unwrap();
        assert_eq!(overrides.written(), "deletes=6/hour");
        let said = overrides.put("delete=5/hour").unwrap_err().to_string();
        assert!(said.contains("factor-resets"), "{said}");
        assert!(overrides.put("deletes").is_err());
    }

    #[test]
    fn every_class_has_a_default_for_one_caller_and_for_all() {
        let budgets = Budgets::default();
        for class in Class::ALL {
            let (one, all) = (budgets.of_client(class), budgets.of_org(class));
            assert!(
                one.per_hour < all.per_hour && one.per_day < all.per_day,
                "{class}"
            );
            assert!(
                one.per_hour.is_some() && one.per_hour < one.per_day,
                "{class}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(hour in prop::option::of(0..=BUDGET_MAX), day in prop::option::of(0..=BUDGET_MAX), which in 0..7_usize) {
            let budget = Budget { per_hour: hour, per_day: day };
            prop_assert_eq!(budget.to_string().parse(), Ok(budget));
            let mut overrides = Overrides::default();
            overrides.put(&format!("{}={budget}", Class::ALL[which])).unwrap();
            prop_assert_eq!(Overrides::read(&overrides.written()), Some(overrides));
        }
    }
}
