//! What an emulated org is made from. Values only; reading flags and files is the caller's.

use clock::Clock;
use std::fmt;
use std::sync::Arc;

/// How many requests per minute the org allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Limits {
    /// The published limits of Workforce Identity orgs.
    Workforce,
    /// The published limits of free Integrator orgs.
    Integrator,
    /// Counted against a limit nobody reaches, never refused.
    #[default]
    Off,
}

impl Limits {
    /// The preset of that name: `workforce`, `integrator` or `off`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "workforce" => Some(Self::Workforce),
            "integrator" => Some(Self::Integrator),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Everything an emulated org is made from.
#[derive(Clone)]
pub struct Settings {
    /// Address callers use (`http://127.0.0.1:8080`), without a slash at the end; it stands in links.
    pub base_url: String,
    /// Where ids and random texts start; the same seed, clock and calls give the same org.
    pub seed: u64,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Rate limits.
    pub limits: Limits,
    /// API token of the first super administrator.
    pub token: String,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base_url", &self.base_url)
            .field("seed", &self.seed)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
