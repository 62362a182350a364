//! Apply: an approved plan carried out, step by step, and at the same time where the plan says so. Nothing is decided here.
//!
//! Before every call its intent is in the journal, after it the result, both durable. After a crash the same call of
//! [`apply`] with the same journal goes on: what is done is skipped, and where an intent has no result the org is looked at
//! first, so that nothing is made twice. A step that cannot be done is recorded, what needs it is skipped, the rest goes on.

mod crew;
mod error;
mod observe;
mod record;
mod request;

pub use error::ApplyError;
pub use record::{How, Record};

use crate::ids::IdMap;
use crate::image::Image;
use crate::plan::{Approved, Plan, Step};
use clock::Clock;
use crew::Crew;
use record::Past;
use repository::journal::{Journal, JournalError, Opened};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use upstream::Line;

/// How far a run is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Steps dealt with.
    pub done: usize,
    /// Steps of the plan.
    pub total: usize,
    /// What was done last: `create group Sales`.
    pub title: String,
    /// Calls made by this run.
    pub calls: usize,
    /// Minutes left at half of the limits Okta last published for Workforce orgs.
    pub minutes_left: f64,
}

/// What became of a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// Steps that are done, over all attempts.
    pub done: usize,
    /// Of them: needless, because it was so already.
    pub needless: usize,
    /// Of them: found done after an answer was lost.
    pub found: usize,
    /// Of them: made by Okta together with its owner, and then written.
    pub adopted: usize,
    /// Steps that Okta refused, with the reason.
    pub failed: Vec<Unfinished>,
    /// Steps that were not attempted, with the reason.
    pub skipped: Vec<Unfinished>,
    /// Calls to Okta of this attempt.
    pub calls: usize,
    /// What objects of the snapshot are called now.
    pub ids: IdMap,
}

/// A step that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unfinished {
    /// Its number.
    pub step: u32,
    /// The object.
    pub title: String,
    /// Why.
    pub reason: String,
}

impl Run {
    /// Whether every step is done.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty()
    }
}

/// Begins the journal at `path`, or opens the one that is there.
///
/// # Errors
/// [`JournalError`], when it cannot be written, is damaged, or another run has it open.
pub fn open_journal(path: &Path) -> Result<Opened<Record>, JournalError> {
    match Journal::create(path) {
        Ok(journal) => Ok(Opened {
            journal,
            records: Vec::new(),
            torn_bytes: 0,
        }),
        Err(JournalError::Exists { .. }) => Journal::open(path),
        Err(error) => Err(error),
    }
}

/// Carries out `approved` on `line`. `wanted` is the snapshot it was planned from: secrets are taken from there.
///
/// # Errors
/// [`ApplyError`], when the line or the journal fails; the run can be resumed with the same journal.
pub async fn apply(
    approved: &Approved<Plan>,
    wanted: &Image,
    line: &Line,
    opened: Opened<Record>,
    clock: &dyn Clock,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Run, ApplyError> {
    let past = Past::of(&opened.records);
    if let Some(found) = past.plan.clone().filter(|found| found != approved.digest()) {
        return Err(ApplyError::OtherPlan {
            wanted: approved.digest().clone(),
            found,
        });
    }
    let plan = approved.plan();
    let mut crew = Crew::new(wanted, line, clock, opened.journal, past, &plan.known);
    crew.write(&Record::Begin {
        plan: approved.digest().clone(),
        approver: approved.approver().to_owned(),
        at: clock.now(),
    })?;
    let mut tally = Tally::of(plan, progress);
    for wave in plan.steps.chunk_by(|one, next| one.wave == next.wave) {
        crew.do_wave(wave, &mut tally).await?;
    }
    crew.write(&Record::End { at: clock.now() })?;
    Ok(crew.account(plan))
}

/// A step in words: `create group Sales`.
fn named(step: &Step) -> String {
    format!(
        "{} {} {}",
        step.action,
        step.object.kind().facts().title,
        step.title
    )
}

/// How far the run is, told step by step.
struct Tally<'a> {
    done: usize,
    total: usize,
    /// Calls that are left, by bucket.
    left: BTreeMap<String, usize>,
    progress: &'a (dyn Fn(Progress) + Sync),
}

impl<'a> Tally<'a> {
    fn of(plan: &Plan, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        let mut left = BTreeMap::new();
        for step in &plan.steps {
            *left.entry(step.bucket.clone()).or_default() += 1;
        }
        Self {
            done: 0,
            total: plan.steps.len(),
            left,
            progress,
        }
    }

    /// Counts a step that has been dealt with, after `calls` calls.
    fn count(&mut self, step: &Step, calls: usize) {
        self.done += 1;
        if let Some(left) = self.left.get_mut(&step.bucket) {
            *left = left.saturating_sub(1);
        }
        let left = self
            .left
            .iter()
            .map(|(bucket, calls)| (bucket.as_str(), *calls))
            .collect();
        (self.progress)(Progress {
            done: self.done,
            total: self.total,
            title: named(step),
            calls,
            minutes_left: crate::plan::cost_of(left).minutes_workforce,
        });
    }
}
