//! What is asked for: which scopes and operations, why and for how long; whether the client may ask for it, and how many people have
//! to agree, read off the catalog.

use std::collections::BTreeSet;

use catalog::Risk;
use jiff::Timestamp;

use super::Objection;
use crate::limits::{ABOUT_CHARS_MAX, BUDGET_MAX, ELEVATION_MINUTES_MAX, REASON_CHARS_MAX};
use crate::{Grant, Operations, Raise, one_line};

/// What a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Okta's scope names; may be empty when operations are named, which stand for the scopes they need.
    pub scopes: Vec<String>,
    /// Operation ids; empty: all that the scopes reach.
    pub operations: Vec<String>,
    /// Why, in the words of whoever asks.
    pub reason: String,
    /// For how many minutes.
    pub minutes: u32,
    /// What it adds to the client's budgets on effects; takes no eligibility, because it lifts nothing the client may not do.
    pub raises: Vec<Raise>,
    /// What the held call does to whom, where one waits for it; empty otherwise.
    pub about: String,
}

impl Asked {
    /// The same in one form: sorted, without doubles, with the scopes that named operations need.
    ///
    /// # Errors
    /// [`Objection`], when it is not within `eligible`, or is no proper request.
    pub(crate) fn checked(self, eligible: &Grant) -> Result<Self, Objection> {
        let reason = one_line(&self.reason, REASON_CHARS_MAX).ok_or(Objection::NoReason)?;
        let reason = reason.to_owned();
        if self.minutes == 0 || self.minutes > ELEVATION_MINUTES_MAX {
            return Err(Objection::BadMinutes(self.minutes));
        }
        let operations: BTreeSet<String> = self.operations.into_iter().collect();
        let mut scopes: BTreeSet<String> = self.scopes.into_iter().collect();
        if scopes.is_empty() {
            let named = operations
                .iter()
                .filter_map(|id| catalog::operations().by_id(id));
            scopes.extend(
                named
                    .flat_map(|operation| &operation.scopes)
                    .map(ToString::to_string),
            );
        }
        let asked = Self {
            scopes: scopes.into_iter().collect(),
            operations: operations.into_iter().collect(),
            reason,
            minutes: self.minutes,
            raises: raises(self.raises)?,
            about: self.about.chars().take(ABOUT_CHARS_MAX).collect(),
        };
        asked.within(eligible)?;
        Ok(asked)
    }

    /// What it grants while it runs.
    pub(crate) fn grant(&self) -> Grant {
        let operations = match self.operations.as_slice() {
            [] => Operations::All,
            ids => Operations::Only(ids.to_vec()),
        };
        Grant::scoped(self.scopes.iter().cloned(), operations)
    }

    /// How many people have to approve it: two when anything it reaches changes who is trusted or what is allowed, else one.
    pub(crate) fn approvals_needed(&self) -> u32 {
        let grant = self.grant();
        let privileged = catalog::operations().iter().any(|operation| {
            operation.risk.contains(Risk::PRIVILEGE) && grant.reaches(operation, ANY_TIME).is_ok()
        });
        let raised = self.raises.iter().any(|raise| raise.class.is_privileged());
        if privileged || raised { 2 } else { 1 }
    }

    fn within(&self, eligible: &Grant) -> Result<(), Objection> {
        if self.scopes.is_empty() && self.operations.is_empty() {
            return match self.raises.as_slice() {
                [] => Err(Objection::Nothing),
                _ => Ok(()),
            };
        }
        if let Some(scope) = self.scopes.iter().find(|scope| !eligible.has_scope(scope)) {
            return Err(Objection::NotEligible(scope.clone()));
        }
        let grant = self.grant();
        let out_of_reach = |id: &&String| {
            let operation = catalog::operations().by_id(id);
            !operation.is_some_and(|operation| {
                eligible.reaches(operation, ANY_TIME).is_ok()
                    && grant.reaches(operation, ANY_TIME).is_ok()
            })
        };
        match self.operations.iter().find(out_of_reach) {
            Some(id) => Err(Objection::NotEligible(id.clone())),
            None => Ok(()),
        }
    }
}

/// Raises in one form: by class, each class once.
fn raises(mut raises: Vec<Raise>) -> Result<Vec<Raise>, Objection> {
    raises.sort_unstable();
    let twice = raises.windows(2).any(|pair| match pair {
        [one, other] => one.class == other.class,
        _ => false,
    });
    let within = |raise: &Raise| (1..=BUDGET_MAX).contains(&raise.amount);
    if twice || !raises.iter().all(within) {
        return Err(Objection::BadRaise);
    }
    Ok(raises)
}

/// Grants are compared before they are given a time.
const ANY_TIME: Timestamp = Timestamp::UNIX_EPOCH;

#[cfg(test)]
mod tests {
    use super::*;

    fn eligible(scopes: &[&str]) -> Grant {
        Grant::scoped(scopes.iter().copied(), Operations::All)
    }

    fn asked(scopes: &[&str], operations: &[&str]) -> Asked {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Asked {
            scopes: owned(scopes),
            operations: owned(operations),
            reason: "  ticket 4711 ".to_owned(),
            minutes: 60,
            ..Asked::default()
        }
    }

    #[test]
    fn a_named_operation_stands_for_its_scopes_and_nothing_beside_it() {
        let asked = asked(&[], &["deactivateUser", "deactivateUser"]);
        let asked = asked.checked(&eligible(&["okta.users.manage"])).unwrap();
        assert_eq!(asked.scopes, ["okta.users.manage"]);
        assert_eq!(asked.operations, ["deactivateUser"]);
        assert_eq!(asked.reason, "ticket 4711");
        let reaches = |id| {
            let operation = catalog::operations().by_id(id).unwrap();
            asked.grant().reaches(operation, ANY_TIME).is_ok()
        };
        assert!(reaches("deactivateUser") && !reaches("deleteUser"));
    }

    #[test]
    fn nobody_asks_beyond_what_the_client_is_eligible_for() {
        let users = eligible(&["okta.users.manage"]);
        for (scopes, operations) in [
            (&["okta.apps.manage"][..], &[][..]),
            (&["okta.users.manage"], &["createGroup"]),
            (&[], &["createGroup"]),
            (&[], &["noSuchOperation"]),
            (&[], &["createSession"]),
        ] {
            let refused = asked(scopes, operations).checked(&users).unwrap_err();
            assert!(matches!(refused, Objection::NotEligible(_)), "{refused:?}");
        }
        assert_eq!(asked(&[], &[]).checked(&users), Err(Objection::Nothing));
        assert!(
            asked(&["okta.users.manage"], &[])
                .checked(&Grant::default())
                .is_err()
        );
    }

    #[test]
    fn a_reason_and_a_time_within_bounds_are_mandatory() {
        let users = eligible(&["okta.users.manage"]);
        let good = asked(&["okta.users.manage"], &[]);
        for reason in ["", "   ", "a\nb", &"x".repeat(REASON_CHARS_MAX + 1)] {
            let bad = Asked {
                reason: reason.to_owned(),
                ..good.clone()
            };
            assert_eq!(bad.checked(&users), Err(Objection::NoReason), "{reason}");
        }
        for minutes in [0, ELEVATION_MINUTES_MAX + 1, u32::MAX] {
            let bad = Asked {
                minutes,
                ..good.clone()
            };
            assert_eq!(bad.checked(&users), Err(Objection::BadMinutes(minutes)));
        }
    }

    #[test]
    fn two_people_are_needed_exactly_where_something_reached_is_privilege_changing() {
        for operation in catalog::operations()
            .iter()
            .filter(|one| !one.scopes.is_empty())
        {
            let one = asked(&[], &[operation.id]);
            let one = one.checked(&Grant::scoped(
                operation.scopes.iter().copied(),
                Operations::All,
            ));
            let two = operation.risk.contains(Risk::PRIVILEGE);
            assert_eq!(
                one.unwrap().approvals_needed(),
                if two { 2 } else { 1 },
                "{}",
                operation.id
            );
        }
        for makes_administrators in [
            "assignRoleToUser",
            "assignUserToGroup",
            "createGroupRule",
            "createUser",
            "updateUser",
        ] {
            let one = catalog::operations().by_id(makes_administrators).unwrap();
            let scopes: Vec<&str> = one.scopes.to_vec();
            assert_eq!(
                asked(&scopes, &[one.id]).approvals_needed(),
                2,
                "{}",
                one.id
            );
        }
        let broad = asked(&["okta.roles.manage"], &[]);
        assert_eq!(broad.approvals_needed(), 2);
        assert_eq!(asked(&["okta.users.read"], &[]).approvals_needed(), 1);
    }
}
