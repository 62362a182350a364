//! The hands of a run: one step at a time, looked at first where its effect may be there already.

use super::error::Stop;
use super::observe::{self, Sight};
use super::record::{Fate, How, Past, Record};
use super::{ApplyError, Run, Unfinished, named, request};
use crate::ids::{IdMap, SourceId, TargetId};
use crate::image::Image;
use crate::plan::{Action, Plan, Step, Unless};
use access::Call;
use clock::Clock;
use repository::journal::{Journal, JournalError};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use upstream::{Answer, Line, LineError};

/// Everything a run works with.
pub(super) struct Crew<'a> {
    wanted: &'a Image,
    line: &'a Line,
    journal: Journal<Record>,
    clock: &'a dyn Clock,
    ids: IdMap,
    fates: BTreeMap<u32, Fate>,
    /// Collections that were read to see what rules have done: kind and owners → ids.
    seen: BTreeMap<Vec<String>, BTreeSet<String>>,
    calls: usize,
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
            journal,
            clock,
            ids,
            fates: past.fates,
            seen: BTreeMap::new(),
            calls: 0,
        }
    }

    /// Calls made so far.
    pub(super) fn calls(&self) -> usize {
        self.calls
    }

    /// Writes a record that is about the run as a whole.
    pub(super) fn write(&mut self, record: &Record) -> Result<(), JournalError> {
        self.journal.append(record)
    }

    /// Does the step, or notes why not.
    pub(super) async fn deal_with(&mut self, step: &Step) -> Result<(), ApplyError> {
        let before = self.fates.get(&step.number).cloned();
        if matches!(before, Some(Fate::Done(_))) {
            return Ok(());
        }
        let unmet = step
            .needs
            .iter()
            .find(|needed| !matches!(self.fates.get(needed), Some(Fate::Done(_))));
        if let Some(needed) = unmet {
            let reason = format!("step {needed}, which it needs, is not done");
            return self.note(
                step,
                Record::Skip {
                    step: step.number,
                    reason: reason.clone(),
                },
                Fate::Skipped(reason),
            );
        }
        let outcome = self.attempt(step, before == Some(Fate::Unknown)).await;
        match outcome.map_err(|stop| stop.at(step.number))? {
            Outcome::Done(how, ids) => {
                self.ids.extend(ids.iter().cloned());
                self.note(
                    step,
                    Record::Done {
                        step: step.number,
                        how,
                        ids,
                    },
                    Fate::Done(how),
                )
            }
            Outcome::Failed(reason) => self.note(
                step,
                Record::Fail {
                    step: step.number,
                    reason: reason.clone(),
                },
                Fate::Failed(reason),
            ),
        }
    }

    fn note(&mut self, step: &Step, record: Record, fate: Fate) -> Result<(), ApplyError> {
        self.journal.append(&record)?;
        self.fates.insert(step.number, fate);
        Ok(())
    }

    /// The step, looked at first where its effect may be there already.
    async fn attempt(&mut self, step: &Step, unsure: bool) -> Result<Outcome, Stop> {
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
    async fn judge(&mut self, step: &Step, answer: &Answer) -> Result<Outcome, Stop> {
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
                observe::state(self.line, step, &self.ids, &mut self.calls).await?
            }
            _ => false,
        };
        if so_already {
            return Ok(Outcome::Done(How::Needless, Vec::new()));
        }
        if let Some(operation) = &step.adopt
            && matches!(answer.status.as_u16(), 400 | 409)
            && let Sight::There(body) =
                observe::object(self.line, step, &self.ids, &mut self.calls).await?
        {
            return self.adopt(step, operation, &body).await;
        }
        Ok(Outcome::Failed(refusal(answer)))
    }

    /// Writes the object that Okta made together with its owner.
    async fn adopt(
        &mut self,
        step: &Step,
        operation: &str,
        found: &Value,
    ) -> Result<Outcome, Stop> {
        let ids = match observe::told(&step.answers, found) {
            Ok(ids) => ids,
            Err(reason) => return Ok(Outcome::Failed(reason)),
        };
        let mut known = self.ids.clone();
        known.extend(ids.iter().cloned());
        let wanted = self.wanted.org.get(&step.object).map(AsRef::as_ref);
        let call = match request::instead(step, operation, wanted, &known) {
            Ok(call) => call,
            Err(reason) => return Ok(Outcome::Failed(reason)),
        };
        // Writing twice does no harm, so that a lost answer is asked for again.
        self.announce(step, &call)?;
        let answer = match self.line.call(call.clone()).await {
            Err(error) if error.sent() => {
                self.announce(step, &call)?;
                self.line.call(call).await?
            }
            answer => answer?,
        };
        Ok(if answer.is_success() {
            Outcome::Done(How::Adopted, ids)
        } else {
            Outcome::Failed(refusal(&answer))
        })
    }

    fn announce(&mut self, step: &Step, call: &Call) -> Result<(), JournalError> {
        self.calls += 1;
        self.journal.append(&Record::Intend {
            step: step.number,
            call: call.describe(),
            at: self.clock.now(),
        })
    }

    /// The effect of a call whose answer is not known, if it can be seen. What can be repeated without harm need not be seen.
    async fn effect(&mut self, step: &Step) -> Result<Option<Outcome>, Stop> {
        match step.action {
            Action::Create if step.recognise.is_some() => Ok(
                match observe::object(self.line, step, &self.ids, &mut self.calls).await? {
                    Sight::There(body) => Some(match observe::told(&step.answers, &body) {
                        Ok(ids) => Outcome::Done(How::Found, ids),
                        Err(reason) => Outcome::Failed(reason),
                    }),
                    Sight::Absent => None,
                    Sight::Unclear(reason) => Some(Outcome::Failed(format!(
                        "it may have been made already, and cannot be found: {reason}"
                    ))),
                },
            ),
            Action::Create | Action::Link => {
                self.seen.clear();
                let there = self.is_present(step).await?;
                Ok(there.then(|| Outcome::Done(How::Found, Vec::new())))
            }
            Action::Activate | Action::Deactivate => {
                let reached = observe::state(self.line, step, &self.ids, &mut self.calls).await?;
                Ok(reached.then(|| Outcome::Done(How::Found, Vec::new())))
            }
            Action::Replace | Action::Unlink | Action::Delete | Action::Find => Ok(None),
        }
    }

    async fn is_present(&mut self, step: &Step) -> Result<bool, Stop> {
        let there =
            observe::relation(self.line, step, &self.ids, &mut self.seen, &mut self.calls).await?;
        Ok(there.unwrap_or(false))
    }

    async fn find(&mut self, step: &Step) -> Result<Outcome, Stop> {
        Ok(
            match observe::object(self.line, step, &self.ids, &mut self.calls).await? {
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
            calls: self.calls,
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
