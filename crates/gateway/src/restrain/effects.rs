//! Effects: what a call does is weighed by what was last seen of its objects, charged in the state database, and refused or held when
//! a budget has no room. Says which budget, how much, when again, and how to ask.

use std::sync::Arc;

use access::{
    BudgetExceeded, Call, Charge, ELEVATION_MINUTES_DEFAULT, Freeze, Keyring, Permit, Raise, Toll,
    groups_named, sought, tolls,
};
use audit::Event;
use catalog::Operation;
use egress::Notice;
use jiff::Timestamp;
use serde_json::Value;

use crate::freeze::tell_freeze;
use crate::limited::rate_limited;
use crate::permit::ELEVATIONS;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::settings::Front;
use crate::table::Kind;
use crate::telling::facts;

/// Why a call is not made.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// For good.
    Refused(Refusal),
    /// Until people agree to it.
    Above(Box<Above>),
}

/// A call above a budget.
#[derive(Clone, Debug)]
pub(crate) struct Above {
    pub(crate) operation: &'static Operation,
    exceeded: BudgetExceeded,
    /// What would make room for it, and for as much again as its caller has in an hour.
    pub(crate) raises: Vec<Raise>,
    /// What it does to whom, for whoever decides.
    pub(crate) about: String,
    at: Timestamp,
}

/// Charges what the call does to the budgets it falls under; on disk when this returns.
pub(crate) async fn charge(
    keyring: &Arc<Keyring>,
    front: &Front,
    permit: &Permit,
    facts: &mut Facts,
    now: Timestamp,
) -> Result<(), Stopped> {
    let tolls = weighed(front, permit.call());
    if tolls.is_empty() {
        return Ok(());
    }
    facts.weigh(said(&tolls));
    let work = {
        let (keyring, budgets) = (Arc::clone(keyring), Arc::clone(&front.budgets));
        let (caller, tolls) = (permit.caller().clone(), tolls.clone());
        move || {
            let charge = Charge {
                caller: &caller,
                budgets: &budgets,
                tolls: &tolls,
            };
            keyring.charge(&charge, now)
        }
    };
    let uncounted = |why: String| Stopped::Refused(Refusal::new(Kind::Unrecorded, why));
    let charged = tokio::task::spawn_blocking(work).await;
    let charged = charged.map_err(|error| uncounted(error.to_string()))?;
    let Err(exceeded) = charged.map_err(|error| uncounted(error.to_string()))? else {
        return Ok(());
    };
    let above = Above::of(front, permit, exceeded, &tolls, now);
    if above.exceeded.first {
        let told = tell(front, permit, &above, now).await;
        told.map_err(|error| uncounted(error.to_string()))?;
    }
    if front.onslaught.bears(&front.budgets, &tolls, now) {
        return Err(Stopped::Above(Box::new(above)));
    }
    freeze(keyring, front, &above, now).await;
    Err(Stopped::Above(Box::new(above)))
}

/// What a call does, by what was last seen of its objects, under their ids whatever it calls them.
fn weighed(front: &Front, call: &Call) -> Vec<Toll> {
    let Some(sought) = sought(call.operation) else {
        return Vec::new();
    };
    let groups = groups_named(call);
    let seen = front.mirror.seen_of(call, sought, &groups);
    if tolls(call, &seen).is_empty() {
        return Vec::new();
    }
    let mut call = call.clone();
    let _ = front.mirror.look_up(&mut call);
    tolls(&call, &seen)
}

/// In words: `deletes 1, removals 321`.
fn said(tolls: &[Toll]) -> String {
    let mut classes: Vec<(&str, u64, bool)> = Vec::new();
    for toll in tolls {
        let (word, count) = (toll.class.word(), u64::from(toll.count));
        match classes.iter_mut().find(|(known, ..)| *known == word) {
            Some((_, sum, guessed)) => {
                *sum += count;
                *guessed |= toll.guessed;
            }
            None => classes.push((word, count, toll.guessed)),
        }
    }
    let words = classes.iter().map(|(word, sum, guessed)| match guessed {
        true => format!("{word} {sum} (a guess)"),
        false => format!("{word} {sum}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

impl Above {
    fn of(
        front: &Front,
        permit: &Permit,
        mut exceeded: BudgetExceeded,
        tolls: &[Toll],
        at: Timestamp,
    ) -> Self {
        let operation = permit.call().operation;
        let short = std::mem::take(&mut exceeded.short);
        let raises = short.into_iter().filter_map(|(class, whole)| {
            let whole = u32::try_from(whole).ok()?;
            let usual = front.budgets.of_client(class).per_hour.unwrap_or_default();
            let amount = usual.max(whole);
            (amount <= access::BUDGET_MAX).then_some(Raise { class, amount })
        });
        let raises: Vec<Raise> = match permit.caller().opening() {
            Some(_) => Vec::new(),
            None => raises.collect(),
        };
        let whom = front.mirror.title_of(permit.call());
        let object = tolls.first().map_or("", |toll| toll.object.as_str());
        let whom = whom.map_or_else(String::new, |title| format!(" ({title})"));
        let about = format!("{} of {object}{whom}: {}", operation.id, said(tolls));
        Self {
            operation,
            exceeded,
            raises,
            about,
            at,
        }
    }

    /// The answer to a call that does not wait.
    pub(crate) fn refusal(&self) -> Refusal {
        let exceeded = &self.exceeded;
        let which = format!(
            "{}: {} more {} would be above {} budget of {} per {}, of which {} are used.",
            self.operation.id,
            exceeded.asked,
            exceeded.class,
            exceeded.holder,
            exceeded.limit,
            exceeded.period.word(),
            exceeded.used
        );
        let refusal = match exceeded.again {
            Some(again) => rate_limited(
                Refusal::new(Kind::Restrained, "above_budget")
                    .because(which)
                    .because(format!("There is room again at {again}.")),
                exceeded.limit,
                again.as_second().saturating_add(1),
                self.at,
            ),
            None => Refusal::new(Kind::Denied, "beyond_budget")
                .because(which)
                .because("Waiting does not help: the call alone is more than the budget."),
        };
        if self.raises.is_empty() {
            return refusal;
        }
        let raises: Vec<String> = self
            .raises
            .iter()
            .map(|raise| format!("\"{raise}\""))
            .collect();
        refusal.because(format!(
            "People may agree to more: POST {ELEVATIONS} with {{\"raises\":[{}],\"reason\":\"…\"}}, or repeat the call with \
             `Prefer: wait=300` and the reason in `X-Portcullis-Reason` to wait for it. Approved, it is so many more for this client \
             within {ELEVATION_MINUTES_DEFAULT} minutes.",
            raises.join(",")
        ))
    }
}

/// Writes down and tells that a budget stops calls, once per budget and window.
async fn tell(
    front: &Front,
    permit: &Permit,
    above: &Above,
    now: Timestamp,
) -> Result<(), audit::AuditError> {
    let exceeded = &above.exceeded;
    let details = vec![
        ("class", exceeded.class.to_string()),
        ("holder", exceeded.holder.word().to_owned()),
        ("limit", exceeded.limit.to_string()),
        ("period", exceeded.period.word().to_owned()),
        ("used", exceeded.used.to_string()),
        ("about", above.about.clone()),
    ];
    let client = permit.caller().name();
    let mut told = facts(&details);
    told.insert("client".to_owned(), Value::from(client));
    let (org, class) = (front.name.as_str(), exceeded.class.word());
    tracing::warn!(org, client, class, "a budget is reached");
    let event = Event {
        kind: "budget_reached",
        client: Some(permit.caller().client().to_string()),
        credential: Some(permit.caller().credential().to_string()),
        operation: Some(above.operation.id.to_owned()),
        details,
        durable: true,
        ..Event::default()
    };
    front.trail.note(event).await?;
    let notice = Notice::new("budget.reached", org, now, told);
    front.notices.tell(notice);
    Ok(())
}

/// Freezes an org whose callers go on and on; what cannot be done is said in the traces.
async fn freeze(keyring: &Arc<Keyring>, front: &Front, above: &Above, now: Timestamp) {
    let times = front.budgets.freeze_at.unwrap_or_default();
    let freeze = Freeze {
        org: front.name.clone(),
        reason: format!(
            "{} were tried {times} times over the org's budget",
            above.exceeded.class
        ),
        since: now,
        by: "budget".to_owned(),
        exempt: Vec::new(),
    };
    let work = {
        let (keyring, freeze) = (Arc::clone(keyring), freeze.clone());
        move || match keyring.frozen(&freeze.org, now) {
            Ok(Some(_)) => Ok(false),
            _ => keyring.freeze(&freeze, now).map(|_| true),
        }
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(false)) => {}
        Ok(Ok(true)) => {
            if let Err(error) = tell_freeze(&front.trail, &front.notices, true, &freeze, now).await
            {
                tracing::error!(%error, "a freeze is not recorded");
            }
        }
        Ok(Err(error)) => tracing::error!(%error, "an org is not frozen"),
        Err(error) => tracing::error!(%error, "freezing an org did not end"),
    }
}
