//! Charging a call's effects to budgets: to its client's and its org's, or else to a raise that people approved for the client; all of
//! its effects or none. Counted in one transaction of the state database and on disk before the call is made, so that no crash, restart
//! or other process forgets any. A call that then fails has been counted all the same.
//!
//! In any window no more passes than the budget and what was raised: what an object touched earlier counts until it leaves the window,
//! and touching it again only moves it later.
//!
//! Cost of a charge: one write transaction of the state with its flush, and a read before it; a refusal is the read alone. A sum runs
//! over the rows of an account within a day: as many as its budget at most.

use std::collections::BTreeSet;

use jiff::Timestamp;
use store::rusqlite::Transaction;

use super::account::{Account, Objects, forget, objects};
use super::exceeded::{Exceeded, Holder, Period};
use super::{Budget, Budgets, Class, Toll};
use crate::limits::DAY_MS;
use crate::{AccessError, Caller, Keyring, Stage};

/// A call's effects, to be charged.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// Who calls.
    pub caller: &'a Caller,
    /// The budgets of its org.
    pub budgets: &'a Budgets,
    /// What the call does.
    pub tolls: &'a [Toll],
}

/// Where the effects of one class go.
enum Bill {
    /// To the accounts whose budgets bind the caller.
    Usual,
    /// To a raise, by its elevation.
    Raised(String),
}

/// An account with its budget.
struct Bound<'a> {
    account: Account<'a>,
    holder: Holder,
}

impl Keyring {
    /// Charges a call's effects; on disk when this returns. Blocks for a flush.
    ///
    /// # Errors
    /// `Ok(Err(Exceeded))`, when a budget has no room for all of them and no raise has; [`AccessError`], when they cannot be counted.
    pub fn charge(
        &self,
        charge: &Charge<'_>,
        now: Timestamp,
    ) -> Result<Result<(), Exceeded>, AccessError> {
        if charge.tolls.is_empty() {
            return Ok(Ok(()));
        }
        let raises = self.raises(charge.caller, now)?;
        let desk = Desk::of(charge, &raises, now);
        // A caller far above its budget keeps nobody from writing.
        if let Err(exceeded) = self.database.read(|tx| desk.bills(tx))?
            && !exceeded.first
        {
            return Ok(Err(exceeded));
        }
        self.database.write(|tx| match desk.bills(tx)? {
            Ok(bills) => {
                forget(tx, desk.now_ms)?;
                desk.pay(tx, &bills)?;
                Ok(Ok(()))
            }
            Err(mut exceeded) => {
                exceeded.first = desk.claim_telling(tx, &exceeded)?;
                Ok(Err(exceeded))
            }
        })
    }

    /// The raises that run for a caller's client: elevation, class, amount.
    fn raises(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Vec<(String, Class, u32)>, AccessError> {
        let current = self.current(now)?;
        let running = current.elevations.values().filter(|one| {
            one.client == *caller.client() && matches!(one.stage(now), Stage::Running { .. })
        });
        let mut raises: Vec<_> = running
            .flat_map(|one| {
                let raises = one.asked.raises.iter();
                raises.map(|raise| (one.id.to_string(), raise.class, raise.amount))
            })
            .collect();
        raises.sort();
        Ok(raises)
    }
}

/// All that a charge is decided by.
struct Desk<'a> {
    charge: &'a Charge<'a>,
    raises: &'a [(String, Class, u32)],
    bound: Vec<Bound<'a>>,
    by_class: Vec<(Class, Objects)>,
    now_ms: i64,
}

impl<'a> Desk<'a> {
    fn of(charge: &'a Charge<'a>, raises: &'a [(String, Class, u32)], now: Timestamp) -> Self {
        let caller = charge.caller;
        let org = caller.org().as_str();
        let bound = |name, holder| Bound {
            account: Account { org, name },
            holder,
        };
        let bound = match caller.opening() {
            Some(opening) => vec![bound(opening, Holder::Opening)],
            None => vec![
                bound(caller.client().as_str(), Holder::Client),
                bound(ORG, Holder::Org),
            ],
        };
        let classes: BTreeSet<Class> = charge.tolls.iter().map(|toll| toll.class).collect();
        let by_class = classes
            .into_iter()
            .map(|class| (class, objects(class, charge.tolls)));
        Self {
            charge,
            raises,
            bound,
            by_class: by_class.collect(),
            now_ms: now.as_millisecond(),
        }
    }

    fn budget(&self, holder: Holder, class: Class) -> Budget {
        let budgets = self.charge.budgets;
        match holder {
            Holder::Client => {
                let own = self.charge.caller.standing().budgets.of(class);
                own.unwrap_or_else(|| budgets.of_client(class))
            }
            // An opening is for minutes and heard by everybody: what the org has for a day, and not what others left of it.
            Holder::Org | Holder::Opening => budgets.of_org(class),
        }
    }

    /// Where each class goes; the first budget that has no room, if there is none for all.
    fn bills(&self, tx: &Transaction<'_>) -> Result<Result<Vec<Bill>, Exceeded>, AccessError> {
        let mut bills = Vec::with_capacity(self.by_class.len());
        let mut stopped: Option<Exceeded> = None;
        for (class, objects) in &self.by_class {
            let Some(exceeded) = self.exceeded(tx, *class, objects)? else {
                bills.push(Bill::Usual);
                continue;
            };
            match self.raised(tx, *class, objects)? {
                Some(elevation) => bills.push(Bill::Raised(elevation)),
                None => {
                    let whole = objects.values().map(|count| u64::from(*count)).sum();
                    let stopped = stopped.get_or_insert(exceeded);
                    stopped.short.push((*class, whole));
                }
            }
        }
        Ok(stopped.map_or(Ok(bills), Err))
    }

    /// The budget that has no room for these objects, if one has not.
    fn exceeded(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        objects: &Objects,
    ) -> Result<Option<Exceeded>, AccessError> {
        for Bound { account, holder } in &self.bound {
            let budget = self.budget(*holder, class);
            for (period, limit) in [
                (Period::Day, budget.per_day),
                (Period::Hour, budget.per_hour),
            ] {
                let Some(limit) = limit else { continue };
                let window = (self.now_ms, period.length_ms());
                let after = account.after(tx, class, objects, window)?;
                if after <= u64::from(limit) {
                    continue;
                }
                let since = self.now_ms.saturating_sub(period.length_ms());
                let used = u64::try_from(account.within(tx, class, since)?).unwrap_or_default();
                let excess = after.saturating_sub(u64::from(limit));
                let whole = (since, period.length_ms());
                let again = match objects.values().map(|count| u64::from(*count)).sum::<u64>() {
                    all if all > u64::from(limit) => None,
                    _ => account.leaves(tx, class, whole, excess)?,
                };
                let told = (period.word(), period.length_ms());
                return Ok(Some(Exceeded {
                    class,
                    holder: *holder,
                    period,
                    limit,
                    used,
                    asked: after.saturating_sub(used),
                    again: again.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
                    first: !account.is_told(tx, class, told, self.now_ms)?,
                    short: Vec::new(),
                }));
            }
        }
        Ok(None)
    }

    /// The raise with room for these objects, if one has it.
    fn raised(
        &self,
        tx: &Transaction<'_>,
        class: Class,
        objects: &Objects,
    ) -> Result<Option<String>, AccessError> {
        for (elevation, _, amount) in self.raises.iter().filter(|(_, of, _)| *of == class) {
            let account = self.account(elevation);
            let after = account.after(tx, class, objects, (self.now_ms, DAY_MS))?;
            if after <= u64::from(*amount) {
                return Ok(Some(elevation.clone()));
            }
        }
        Ok(None)
    }

    fn pay(&self, tx: &Transaction<'_>, bills: &[Bill]) -> Result<(), AccessError> {
        for ((class, objects), bill) in self.by_class.iter().zip(bills) {
            match bill {
                Bill::Usual => {
                    for bound in &self.bound {
                        bound.account.touch(tx, *class, objects, self.now_ms)?;
                    }
                }
                Bill::Raised(elevation) => {
                    let account = self.account(elevation);
                    account.touch(tx, *class, objects, self.now_ms)?;
                }
            }
        }
        Ok(())
    }

    fn claim_telling(
        &self,
        tx: &Transaction<'_>,
        exceeded: &Exceeded,
    ) -> Result<bool, AccessError> {
        let mut bound = self.bound.iter();
        let Some(bound) = bound.find(|bound| bound.holder == exceeded.holder) else {
            return Ok(false);
        };
        let period = (exceeded.period.word(), exceeded.period.length_ms());
        bound
            .account
            .claim_telling(tx, exceeded.class, period, self.now_ms)
    }

    fn account<'n>(&'n self, name: &'n str) -> Account<'n> {
        Account {
            org: self.charge.caller.org().as_str(),
            name,
        }
    }
}

/// Account of all callers of an org together; no client has this id.
const ORG: &str = "org";

#[cfg(test)]
mod tests;
