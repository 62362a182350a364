//! The trail on its way to those who collect such things: entries as JSON Lines, OCSF events or syslog messages, to a file or over the
//! network. Every entry at least once and in order; a call never waits for it.

mod joined;
mod jsonl;
mod ocsf;
mod position;
mod shipping;
mod syslog;
mod target;

pub(crate) use joined::{Calls, Joined};
pub(crate) use position::Position;
pub(crate) use shipping::{Shipment, ship_forever};
pub(crate) use target::{Sink, Target};

use clap::ValueEnum;
use serde::Deserialize;

/// How entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// One JSON object a line, as in the trail, with the chain's name.
    Jsonl,
    /// OCSF, class API Activity, one event a line.
    Ocsf,
    /// Syslog messages (RFC 5424).
    Syslog,
}

impl Form {
    /// One entry in this form, without an end of line.
    pub(crate) fn write(self, joined: &Joined) -> String {
        match self {
            Self::Jsonl => jsonl::write(joined),
            Self::Ocsf => ocsf::write(joined).to_string(),
            Self::Syslog => syslog::write(joined),
        }
    }
}

#[cfg(test)]
mod tests;
