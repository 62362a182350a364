//! One caller's turn: leave from the ledger, or a part in an identical read that is under way, and what the answer tells the caller
//! of the budget. Sends nothing itself.

use std::time::Duration;

use access::{ClientId, Permit, Share};
use catalog::Operation;
use http::{HeaderName, HeaderValue};
use tokio::time::Instant;

use super::{Attempt, Okta, Org};
use crate::budget::{Ask, Ticket};
use crate::limits::{QUEUE_WAIT, TURN_WAIT_MAX};
use crate::merge::{Likeness, Part, Reads};
use crate::request::Prepared;
use crate::{Answer, Patience, UpstreamError};

/// One caller's call on its way.
pub(super) struct Turn<'a> {
    pub(super) operation: &'static Operation,
    client: &'a ClientId,
    share: Share,
    /// What it shares its answer by.
    likeness: Option<Likeness>,
    /// Until when a caller of the gateway's waits.
    until: Instant,
}

impl<'a> Turn<'a> {
    pub(super) fn of(permit: &'a Permit, reads: &Reads) -> Self {
        let (call, caller) = (permit.call(), permit.caller());
        Self {
            operation: call.operation,
            client: caller.client(),
            share: caller.share(),
            likeness: reads.likeness(call),
            until: Instant::now() + call.wait.unwrap_or(QUEUE_WAIT),
        }
    }

    /// How much of its time to wait is left.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }
}

impl Okta {
    /// One attempt, or a part in another caller's identical one.
    pub(super) async fn attempt(&self, turn: &Turn<'_>, prepared: &Prepared) -> Attempt {
        let Org {
            wire,
            custody,
            reads,
            ..
        } = &*self.org;
        loop {
            if let Some(likeness) = turn.likeness
                && let Some(answer) = reads.follow(reads.now(likeness, &*custody.current(wire)))
                && let Ok(outcome) = answer.await
            {
                return Attempt::Ended(outcome);
            }
            let ticket = match self.admit(turn).await {
                Ok(ticket) => ticket,
                Err(exhausted) => return Attempt::Ended(Err(exhausted)),
            };
            let authority = custody.current(wire);
            let likeness = turn
                .likeness
                .map(|likeness| reads.now(likeness, &*authority));
            let lead = match likeness.and_then(|likeness| reads.join(likeness)) {
                Some(Part::Follows(answer)) => {
                    drop(ticket);
                    match answer.await {
                        Ok(outcome) => return Attempt::Ended(outcome),
                        Err(_) => continue, // Whoever made the call gave it up.
                    }
                }
                Some(Part::Leads(lead)) => Some(lead),
                None => None,
            };
            let attempt = self.send(turn.operation, prepared, authority, ticket).await;
            if let (Some(lead), Attempt::Ended(outcome)) = (lead, &attempt) {
                lead.tell(outcome);
            }
            return attempt;
        }
    }

    async fn admit(&self, turn: &Turn<'_>) -> Result<Ticket, UpstreamError> {
        let deadline = match self.pace.patience {
            Patience::Immediate => turn.until,
            Patience::Waiting => Instant::now() + TURN_WAIT_MAX,
        };
        let ask = Ask {
            operation: turn.operation,
            client: turn.client,
            share: turn.share,
            lane: self.lane,
            pace: self.pace,
            deadline,
        };
        let admitted = self.ledger.admit(ask).await;
        admitted.map_err(|refusal| UpstreamError::Exhausted {
            bucket: refusal.bucket,
            limit: refusal.limit,
            wait: refusal.wait,
        })
    }

    /// The answer as its caller is to see it: what is left of the budget is what is left for this caller.
    pub(super) fn told(&self, turn: &Turn<'_>, mut answer: Answer) -> Answer {
        let stated = match self.pace.patience {
            Patience::Immediate => self.stated(&answer),
            Patience::Waiting => None,
        };
        let left = stated.and_then(|_| {
            self.ledger
                .left_for(turn.operation, turn.client, turn.share)
        });
        if let (Some(stated), Some(left)) = (stated, left)
            && left < stated.remaining
        {
            answer.headers.insert(REMAINING, HeaderValue::from(left));
        }
        answer
    }
}

const REMAINING: HeaderName = HeaderName::from_static("x-rate-limit-remaining");
