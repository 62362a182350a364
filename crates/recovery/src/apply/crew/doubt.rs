//! When it is not clear what a call did: an answer that was lost, or an object that Okta made before we could.

use super::{Crew, Outcome, refusal};
use crate::apply::error::Stop;
use crate::apply::observe::{self, Sight};
use crate::apply::record::How;
use crate::apply::request;
use crate::plan::{Action, Step};
use serde_json::Value;

impl Crew<'_> {
    /// Writes the object that Okta made together with its owner.
    pub(super) async fn adopt(
        &self,
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

    /// The effect of a call whose answer is not known, if it can be seen. What can be repeated without harm need not be seen.
    pub(super) async fn effect(&self, step: &Step) -> Result<Option<Outcome>, Stop> {
        match step.action {
            Action::Create if step.recognise.is_some() => Ok(
                match observe::object(self.line, step, &self.ids, &self.calls).await? {
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
                self.seen.lock().await.clear();
                let there = self.is_present(step).await?;
                Ok(there.then(|| Outcome::Done(How::Found, Vec::new())))
            }
            Action::Activate | Action::Deactivate => {
                let reached = observe::state(self.line, step, &self.ids, &self.calls).await?;
                Ok(reached.then(|| Outcome::Done(How::Found, Vec::new())))
            }
            Action::Replace | Action::Unlink | Action::Delete | Action::Find => Ok(None),
        }
    }
}
