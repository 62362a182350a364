//! Calls the org's own API on behalf of a seed and keeps count of nothing else.

use crate::Emulator;
use serde_json::Value;

/// Plants objects through an org's API.
pub(super) struct Planter<'a> {
    org: &'a Emulator,
    pub(super) random: fastrand::Rng,
}

impl<'a> Planter<'a> {
    pub(super) fn new(org: &'a Emulator) -> Self {
        Self {
            org,
            random: fastrand::Rng::with_seed(SEED),
        }
    }

    /// Makes an object and gives its id.
    pub(super) fn create(&mut self, path: &str, body: &Value) -> Result<String, SeedError> {
        let answer = self.call("POST", path, Some(body))?;
        let id = answer
            .get("id")
            .or_else(|| answer.get("kid"))
            .and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| SeedError {
            call: format!("POST {path}"),
            answer: answer.to_string(),
        })
    }

    /// Makes a call that only has to succeed.
    pub(super) fn act(
        &mut self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), SeedError> {
        self.call(method, path, body).map(drop)
    }

    /// Reads something.
    pub(super) fn read(&mut self, path: &str) -> Result<Value, SeedError> {
        self.call("GET", path, None)
    }

    /// One of `choices`, by the seed's own dice.
    pub(super) fn one_of<'c>(&mut self, choices: &'c [String]) -> Option<&'c String> {
        if choices.is_empty() {
            None
        } else {
            choices.get(self.random.usize(..choices.len()))
        }
    }

    fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, SeedError> {
        let answer = self.org.plant(method, path, body);
        if answer.status.is_success() {
            return Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null));
        }
        let text = String::from_utf8_lossy(&answer.body);
        Err(SeedError {
            call: format!("{method} {path}"),
            answer: format!("{} {text}", answer.status.as_u16()),
        })
    }
}

/// A seed the org refused: a defect of the seed or of the emulator.
#[derive(Debug, thiserror::Error)]
#[error("seed: {call} was answered {answer}")]
pub struct SeedError {
    call: String,
    answer: String,
}

/// The dice of every seed: the same org each time.
const SEED: u64 = 7;
