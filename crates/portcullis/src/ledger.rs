//! What an operator changes from the command line, in a chain of its own. A change is written down before the command says that it is
//! done; when the chain cannot be opened, nothing is changed.

use crate::failure::{Exit, Failure};
use crate::wiring::{State, Writer};
use access::{ClientId, OrgName};
use audit::{Event, Trail};
use std::time::Duration;

/// The operator's chain of one org, held for one command.
pub(crate) struct Ledger(Trail);

impl Ledger {
    /// Opens the chain, waiting for another command that has it.
    pub(crate) async fn open(state: &State, org: &OrgName) -> Result<Self, Failure> {
        Ok(Self(open(state, org).await?))
    }

    /// The chain itself, for calls that a command makes.
    pub(crate) fn trail(&self) -> Trail {
        self.0.clone()
    }

    /// Writes down what was changed: one word in the past tense, whose it is, and the ids or names it concerns. On disk when this
    /// returns.
    pub(crate) async fn write<const N: usize>(
        &self,
        kind: &'static str,
        client: Option<&ClientId>,
        details: [(&'static str, &str); N],
    ) -> Result<(), Failure> {
        let event = Event {
            kind,
            client: client.map(ClientId::to_string),
            details: details
                .into_iter()
                .map(|(name, value)| (name, value.to_owned()))
                .collect(),
            durable: true,
            ..Event::default()
        };
        self.0.note(event).await?;
        Ok(())
    }
}

/// The operator's chain; commands that run at the same time take turns.
pub(crate) async fn open(state: &State, org: &OrgName) -> Result<Trail, Failure> {
    let mut tries = 1;
    loop {
        match state.trail(org, Writer::Operator) {
            Err(failure) if failure.kind == Exit::Audit && tries < TRIES_MAX => {
                tries += 1;
                tokio::time::sleep(TRY_EVERY).await;
            }
            other => return other,
        }
    }
}

/// How often and how long a command waits for another one to leave the chain: commands take well below a second.
const TRY_EVERY: Duration = Duration::from_millis(100);
const TRIES_MAX: u32 = 50;
