//! Okta itself. One call, from the inside out: credential, connection, time limit; around them repeats, concurrency and budget.
//!
//! Nothing is sent before the first call. The pieces: `request` writes, `wire` sends, `retry` judges, `budget` paces.

mod turn;

use std::sync::Arc;

use access::{ClientId, Permit, Share};
use audit::Recorded;
use catalog::Operation;
use clock::Clock;
use futures_util::future::BoxFuture;
use http::{HeaderValue, StatusCode};
use tokio::time::{Instant, sleep};

use self::turn::Turn;
use crate::budget::{Lane, Ledger, Stated, Ticket};
use crate::contain;
use crate::credential::Authority;
use crate::custody::Custody;
use crate::likeness::{refused_credential, stranger};
use crate::limits::{ANSWER_BYTES_MAX, ATTEMPT_WAIT_MAX, ATTEMPTS_MAX, WINDOWS_WAITED_MAX};
use crate::merge::Reads;
use crate::request::Prepared;
use crate::retry::{self, Verdict};
use crate::wire::Wire;
use crate::{
    Address, Answer, Budget, CredentialSource, Pace, Patience, Portion, Upstream, UpstreamError,
    VaultError,
};

/// What it takes to speak to an org.
#[derive(Debug)]
pub struct Settings {
    /// Where the org lives.
    pub address: Address,
    /// What Portcullis shows to it.
    pub credential: CredentialSource,
    /// How its limits are shared; [`Okta::paced`] opens further lanes.
    pub pace: Pace,
    /// Tells the time, for token lives.
    pub clock: Arc<dyn Clock>,
}

/// An Okta org over HTTPS. Clones and [`Okta::paced`] handles share connection, credential and budget.
#[derive(Debug, Clone)]
pub struct Okta {
    org: Arc<Org>,
    ledger: Arc<Ledger>,
    lane: Lane,
    pace: Pace,
}

#[derive(Debug)]
struct Org {
    wire: Wire,
    custody: Custody,
    reads: Reads,
    clock: Arc<dyn Clock>,
}

/// Why an org cannot be spoken to, known before anything is sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// TLS cannot be set up on this machine.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The API token is empty or holds characters that no token has.
    #[error("the API token is empty or holds characters that no token has")]
    Token,
    /// The credential kept for the org cannot be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ConnectError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Vault(error) => error.hint(),
            Self::Tls(_) => "Install the system's root certificates (package `ca-certificates`).",
            Self::Token => "Copy the API token again, without quotes and line breaks.",
        }
    }
}

impl Okta {
    /// Prepares to speak to an org; connects to nothing.
    ///
    /// # Errors
    /// [`ConnectError`], when TLS or the credential cannot be set up.
    pub fn connect(settings: Settings) -> Result<Self, ConnectError> {
        let wire = Wire::new(settings.address)?;
        let custody = Custody::new(settings.credential, &wire, Arc::clone(&settings.clock))?;
        let ledger = Arc::new(Ledger::default());
        Ok(Self {
            org: Arc::new(Org {
                wire,
                custody,
                reads: Reads::default(),
                clock: settings.clock,
            }),
            lane: ledger.open_lane(),
            ledger,
            pace: settings.pace,
        })
    }

    /// The same org for another kind of caller, with a share, concurrency and patience of its own.
    #[must_use]
    pub fn paced(&self, pace: Pace) -> Self {
        Self {
            org: Arc::clone(&self.org),
            lane: self.ledger.open_lane(),
            ledger: Arc::clone(&self.ledger),
            pace,
        }
    }

    /// Where the org lives.
    pub fn address(&self) -> &Address {
        self.org.wire.address()
    }

    async fn converse(&self, permit: &Permit) -> Result<Answer, UpstreamError> {
        let prepared = Prepared::new(permit.call())?;
        let turn = Turn::of(permit, &self.org.reads);
        let (mut attempts, mut windows, mut remedies) = (0, 0, Remedies::default());
        loop {
            let outcome = match self.attempt(&turn, &prepared).await {
                Attempt::Stale(stale) if remedies.apply(&stale, &self.org) => continue,
                Attempt::Stale(stale) => return Err(stale.error),
                Attempt::Ended(outcome) => outcome,
            };
            attempts += 1;
            match self.judge(&turn, &outcome, attempts) {
                Verdict::AtOnce => {}
                Verdict::NextWindow if windows < WINDOWS_WAITED_MAX => {
                    windows += 1;
                    attempts -= 1;
                }
                Verdict::Pause if attempts < ATTEMPTS_MAX => {
                    tracing::debug!(operation = turn.operation.id, attempts, "call is repeated");
                    sleep(retry::pause(attempts)).await;
                }
                _ => return outcome.map(|answer| self.told(&turn, answer)),
            }
        }
    }

    async fn send(
        &self,
        operation: &'static Operation,
        prepared: &Prepared,
        authority: Arc<Authority>,
        mut ticket: Ticket,
    ) -> Attempt {
        let deadline = Instant::now() + ATTEMPT_WAIT_MAX;
        let wire = &self.org.wire;
        let authorization = match authority.header(wire, deadline).await {
            Ok(authorization) => authorization,
            Err(error @ UpstreamError::BadCredential { .. }) => {
                return Attempt::Stale(Stale {
                    authority,
                    refused: None,
                    error,
                });
            }
            Err(error) => return Attempt::Ended(Err(error)),
        };
        let request = prepared.request(authorization.clone());
        let target = prepared.target.clone();
        ticket.depart();
        let outcome = wire.send(request, target, ANSWER_BYTES_MAX, deadline).await;
        if !operation.is_read() {
            self.org.reads.written();
        }
        if let Ok(answer) = &outcome {
            ticket.answered(self.stated(answer));
        }
        drop(ticket);
        let Ok(answer) = outcome else {
            return Attempt::Ended(outcome);
        };
        if let Some(reason) = refused_credential(operation, &answer) {
            let error = UpstreamError::BadCredential {
                host: wire.host(),
                reason,
            };
            return Attempt::Stale(Stale {
                authority,
                refused: Some(authorization),
                error,
            });
        }
        Attempt::Ended(match stranger(operation, &answer) {
            Some(found) => Err(UpstreamError::NotOkta {
                host: wire.host(),
                found,
            }),
            None => match contain::judge_content(operation, &answer) {
                Ok(()) => Ok(answer),
                Err(unfit) => Err(wire.unfit(unfit)),
            },
        })
    }

    fn judge(
        &self,
        turn: &Turn<'_>,
        outcome: &Result<Answer, UpstreamError>,
        attempts: u32,
    ) -> Verdict {
        let operation = turn.operation;
        if self.pace.patience == Patience::Immediate {
            return match outcome {
                Err(error) if attempts == 1 => retry::after_break(operation, error),
                Ok(answer) if answer.status == StatusCode::TOO_MANY_REQUESTS => {
                    retry::after_refusal(self.stated(answer), turn.left())
                }
                _ => Verdict::Done,
            };
        }
        let answer = match outcome {
            Ok(answer) => answer,
            Err(error) => return retry::after_error(operation, error),
        };
        let verdict = retry::after_answer(operation, answer);
        // The ledger can only wait for a window whose end Okta states; a limit of 0 speaks of concurrency.
        let knows_end = self.stated(answer).is_some_and(|stated| stated.limit > 0);
        if verdict == Verdict::NextWindow && !knows_end {
            Verdict::Pause
        } else {
            verdict
        }
    }

    fn stated(&self, answer: &Answer) -> Option<Stated> {
        Stated::read(&answer.headers, self.org.clock.now())
    }
}

enum Attempt {
    /// Okta refused the credential shown.
    Stale(Stale),
    /// Anything else.
    Ended(Result<Answer, UpstreamError>),
}

/// A credential that Okta refused.
struct Stale {
    authority: Arc<Authority>,
    /// The value that was shown; none, if already the token endpoint refused.
    refused: Option<HeaderValue>,
    error: UpstreamError,
}

/// What has been done about a refused credential; each thing once in a call. A refused call has done nothing at Okta, so it is
/// repeated whatever it is.
#[derive(Default)]
struct Remedies {
    succeeded: bool,
    renewed: bool,
}

impl Remedies {
    /// Takes the credential's successor, if it has been replaced, else a new access token; whether there was something to take.
    fn apply(&mut self, stale: &Stale, org: &Org) -> bool {
        if !self.succeeded && org.custody.has_successor(&stale.authority, &org.wire) {
            self.succeeded = true;
            return true;
        }
        let refused = stale.refused.as_ref().filter(|_| !self.renewed);
        if refused.is_some_and(|refused| stale.authority.discard(refused)) {
            self.renewed = true;
            return true;
        }
        false
    }
}

impl Upstream for Okta {
    fn call<'a>(
        &'a self,
        call: &'a Recorded<Permit>,
    ) -> BoxFuture<'a, Result<Answer, UpstreamError>> {
        Box::pin(self.converse(call.permit()))
    }

    fn budget(&self) -> Budget {
        self.ledger.budget()
    }

    fn portion(&self, client: &ClientId, share: Share) -> Portion {
        self.ledger.portion(client, share)
    }
}
