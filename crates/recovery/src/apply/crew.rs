//! The hands of a run: a wave of steps at a time, each looked at first where its effect may be there already.

mod doubt;

use super::error::Stop;
use super::observe::{self, Seen, Sight};
use super::record::{Fate, How, Past, Record};
use super::{ApplyError, Run, Tally, Unfinished, named, request};
use crate::ids::{IdMap, SourceId, TargetId};
use crate::image::Image;
use crate::limits::STEPS_AT_ONCE;
use crate::plan::{Action, Plan, Step, Unless};
use access::Call;
use clock::Clock;
use futures_util::{StreamExt, stream};
use repository::journal::{Journal, JournalError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use upstream::{Answer, Line, LineError};

/// Everything a run works with.
pub(super) struct Crew<'a> {
    wanted: &'a Image,
    line: &'a Line,
    journal: Mutex<Journal<Record>>,
    clock: &'a dyn Clock,
    ids: IdMap,
    fates: BTreeMap<u32, Fate>,
    /// What was read to see what rules have done. Held while reading, so that no collection is read twice.
    seen: tokio::sync::Mutex<Seen>,
    calls: AtomicUsize,
}

/// What one attempt at a step came to.
enum Outcome {
    Done(How, Vec<(SourceId, TargetId)>),
    Failed(String),
}

impl<'a> Crew<'a> {
    pub(super) fn new(
        wanted: &'a Image,
        line: &'a Line,
        clock: &'a dyn Clock,
        journal: Journal<Record>,
        past: Past,
        known: &IdMap,
    ) -> Self {
        let mut ids = known.clone();
        ids.extend(
            past.ids
                .iter()
                .map(|(source, target)| (source.clone(), target.clone())),
        );
        Self {
            wanted,
            line,
            journal: Mutex::new(journal),
            clock,
            ids,
            fates: past.fates,
            seen: tokio::sync::Mutex::default(),
            calls: AtomicUsize::new(0),
        }
    }

    /// Calls made so far.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Relaxed)
    }

    /// Writes a record down, durably.
    pub(super) fn write(&self, record: &Record) -> Result<(), JournalError> {
        self.journal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(record)
    }

    /// Does the steps of one wave, some at the same time, and tells `tally` of each.
    pub(super) async fn do_wave(
        &mut self,
        wave: &[Step],
        tally: &mut Tally<'_>,
    ) -> Result<(), ApplyError> {
        let mut due = Vec::new();
        for step in wave {
            if self.is_due(step)? {
                due.push(step);
            } else {
                tally.count(step, self.calls());
            }
        }
        let crew = &*self;
        let results =
            stream::iter(due).map(|step| async move { (step, crew.deal_with(step).await) });
        let mut results = results.buffer_unordered(STEPS_AT_ONCE);
        let mut finished = Vec::new();
        while let Some((step, result)) = results.next().await {
            finished.push((step.number, result?));
            tally.count(step, crew.calls());
        }
        drop(results);
        for (number, (fate, ids)) in finished {
            self.fates.insert(number, fate);
            self.ids.extend(ids);
        }
        Ok(())
    }

    /// Whether there is something to do; notes a step that lacks what it needs.
    fn is_due(&mut self, step: &Step) -> Result<bool, JournalError> {
        let is_done = |number: &u32| matches!(self.fates.get(number), Some(Fate::Done(_)));
        if is_done(&step.number) {
            return Ok(false);
        }
        let Some(needed) = step.needs.iter().find(|needed| !is_done(needed)) else {
            return Ok(true);
        };
        let reason = format!("step {needed}, which it needs, is not done");
        self.write(&Record::Skip {
            step: step.number,
            reason: reason.clone(),
        })?;
        self.fates.insert(step.number, Fate::Skipped(reason));
        Ok(false)
    }

    /// Does the step and writes down what came of it.
    async fn deal_with(
        &self,
        step: &Step,
    ) -> Result<(Fate, Vec<(SourceId, TargetId)>), ApplyError> {
        // A failure may have had an effect that nobody could see: an answer without an id, a look that was refused.
        let before = self.fates.get(&step.number);
        let unsure = matches!(before, Some(Fate::Unknown | Fate::Failed(_)));
        let number = step.number;
        Ok(
            match self
                .attempt(step, unsure)
                .await
                .map_err(|stop| stop.at(number))?
            {
                Outcome::Done(how, ids) => {
                    self.write(&Record::Done {
                        step: number,
                        how,
                        ids: ids.clone(),
                    })?;
                    (Fate::Done(how), ids)
                }
                Outcome::Failed(reason) => {
                    self.write(&Record::Fail {
                        step: number,
                        reason: reason.clone(),
                    })?;
                    (Fate::Failed(reason), Vec::new())
                }
            },
        )
    }

    /// The step, looked at first where its effect may be there already.
    async fn attempt(&self, step: &Step, unsure: bool) -> Result<Outcome, Stop> {
        if step.action == Action::Find {
            return self.find(step).await;
        }
        if step.unless == Some(Unless::Present) && self.is_present(step).await? {
            return Ok(Outcome::Done(How::Needless, Vec::new()));
        }
        if unsure && let Some(found) = self.effect(step).await? {
            return Ok(found);
        }
        let call = match request::call(
            step,
            self.wanted.org.get(&step.object).map(AsRef::as_ref),
            &self.ids,
        ) {
            Ok(call) => call,
            Err(reason) => return Ok(Outcome::Failed(reason)),
        };
        for last in [false, true] {
            self.announce(step, &call)?;
            match self.line.call(call.clone()).await {
                Ok(answer) => return self.judge(step, &answer).await,
                // Okta may have acted: look, and only then repeat.
                Err(error) if error.sent() && !last => match self.effect(step).await? {
                    Some(found) => return Ok(found),
                    None => continue,
                },
                Err(LineError::Denied(denial)) => return Ok(Outcome::Failed(denial.to_string())),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Outcome::Failed("no answer came, twice".to_owned()))
    }

    /// What the answer means for the step.
    async fn judge(&self, step: &Step, answer: &Answer) -> Result<Outcome, Stop> {
        if answer.is_success() {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
            return Ok(match observe::told(&step.answers, &body) {
                Ok(ids) => Outcome::Done(How::Answered, ids),
                Err(reason) => Outcome::Failed(reason),
            });
        }
        let gone = answer.status == http::StatusCode::NOT_FOUND;
        let so_already = match step.action {
            Action::Delete | Action::Unlink => gone,
            Action::Activate | Action::Deactivate => {
                observe::state(self.line, step, &self.ids, &self.calls).await?
            }
            _ => false,
        };
        if so_already {
            return Ok(Outcome::Done(How::Needless, Vec::new()));
        }
        if let Some(operation) = &step.adopt
            && matches!(answer.status.as_u16(), 400 | 409)
            && let Sight::There(body) =
                observe::object(self.line, step, &self.ids, &self.calls).await?
        {
            return self.adopt(step, operation, &body).await;
        }
        Ok(Outcome::Failed(refusal(answer)))
    }

    fn announce(&self, step: &Step, call: &Call) -> Result<(), JournalError> {
        self.calls.fetch_add(1, Relaxed);
        self.write(&Record::Intend {
            step: step.number,
            call: call.describe(),
            at: self.clock.now(),
        })
    }

    async fn is_present(&self, step: &Step) -> Result<bool, Stop> {
        let mut seen = self.seen.lock().await;
        let there = observe::relation(self.line, step, &self.ids, &mut seen, &self.calls).await?;
        Ok(there.unwrap_or(false))
    }

    async fn find(&self, step: &Step) -> Result<Outcome, Stop> {
        Ok(
            match observe::object(self.line, step, &self.ids, &self.calls).await? {
                Sight::There(body) => match observe::told(&step.answers, &body) {
                    Ok(ids) => Outcome::Done(How::Answered, ids),
                    Err(reason) => Outcome::Failed(reason),
                },
                Sight::Absent => Outcome::Failed("Okta has not made it".to_owned()),
                Sight::Unclear(reason) => Outcome::Failed(reason),
            },
        )
    }

    /// What became of the plan.
    pub(super) fn account(self, plan: &Plan) -> Run {
        let mut run = Run {
            calls: self.calls(),
            ids: self.ids,
            ..Run::default()
        };
        for step in &plan.steps {
            let unfinished = |reason: &str| Unfinished {
                step: step.number,
                title: named(step),
                reason: reason.to_owned(),
            };
            match self.fates.get(&step.number) {
                Some(Fate::Done(how)) => {
                    run.done += 1;
                    run.needless += usize::from(*how == How::Needless);
                    run.found += usize::from(*how == How::Found);
                    run.adopted += usize::from(*how == How::Adopted);
                }
                Some(Fate::Failed(reason)) => run.failed.push(unfinished(reason)),
                Some(Fate::Skipped(reason)) => run.skipped.push(unfinished(reason)),
                Some(Fate::Unknown) | None => run.skipped.push(unfinished("it was not attempted")),
            }
        }
        run
    }
}

/// Status, Okta's code and its sentence.
fn refusal(answer: &Answer) -> String {
    let error = answer.error().unwrap_or_default();
    format!(
        "{} {} {}",
        answer.status.as_u16(),
        error.error_code,
        error.error_summary
    )
    .trim()
    .to_owned()
}
