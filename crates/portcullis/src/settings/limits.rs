//! `[limits]`: how much of the gateway there is, and how much of it one address or client may have.

use gateway::Limits;
use serde::Deserialize;

/// The table as typed; what is left out has the default of `docs/limits.md`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenLimits {
    connections: Option<u32>,
    connections_per_source: Option<u32>,
    new_connections_per_second: Option<u32>,
    visits_per_second: Option<u32>,
    refusals_per_second: Option<u32>,
    calls: Option<u32>,
    calls_per_client: Option<u32>,
    calls_per_second: Option<u32>,
    answers_mib: Option<u32>,
    answer_seconds: Option<u32>,
}

impl WrittenLimits {
    /// The limits, once it is known that they can work.
    pub(super) fn meant(&self) -> Result<Limits, String> {
        let usual = Limits::default();
        let limits = Limits {
            connections: self.connections.unwrap_or(usual.connections),
            connections_per_source: self
                .connections_per_source
                .unwrap_or(usual.connections_per_source),
            new_connections_per_second: self
                .new_connections_per_second
                .unwrap_or(usual.new_connections_per_second),
            visits_per_second: self.visits_per_second.unwrap_or(usual.visits_per_second),
            refusals_per_second: self
                .refusals_per_second
                .unwrap_or(usual.refusals_per_second),
            calls: self.calls.unwrap_or(usual.calls),
            calls_per_client: self.calls_per_client.unwrap_or(usual.calls_per_client),
            calls_per_second: self.calls_per_second.unwrap_or(usual.calls_per_second),
            answers_mib: self.answers_mib.unwrap_or(usual.answers_mib),
            answer_seconds: self.answer_seconds.unwrap_or(usual.answer_seconds),
        };
        let checked = limits.checked();
        checked.map_err(|error| format!("[limits] {error}. {}", error.hint()))
    }
}
