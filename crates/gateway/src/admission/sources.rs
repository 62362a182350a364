//! What each source has taken: connections, handshakes, visits.
//!
//! Of everything a source may have its own bound, and never more than a share of what is left (`share`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::share::share_of;
use super::{Bucket, Limits, Rate, Source, Turned};
use crate::limits::{HANDSHAKES_PER_SOURCE_MAX, SOURCES_MAX, VISITS_MAX, VISITS_PER_SOURCE_MAX};

/// All sources that have something, or had it a moment ago.
#[derive(Debug)]
pub(crate) struct Sources {
    connections_max: u32,
    connections_per_source: u32,
    new_connections: Rate,
    visits: Rate,
    refusals: Rate,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    of: HashMap<Source, Taken>,
    connections: u32,
    visits: u32,
}

/// What one source has.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    connections: u32,
    handshakes: u32,
    visits: u32,
    new_connections: Bucket,
    new_visits: Bucket,
    refusals: Bucket,
}

impl Taken {
    fn is_forgettable(&self, now_us: i64) -> bool {
        let paces = [self.new_connections, self.new_visits, self.refusals];
        self.is_idle() && paces.iter().all(|pace| pace.is_full(now_us))
    }

    fn is_idle(&self) -> bool {
        self.connections == 0 && self.handshakes == 0 && self.visits == 0
    }
}

impl Table {
    /// The entry of a source. When there are too many, those that have nothing are forgotten, which gives them a new stock.
    fn of(&mut self, source: Source, now_us: i64) -> &mut Taken {
        if self.of.len() >= SOURCES_MAX && !self.of.contains_key(&source) {
            self.of.retain(|_, taken| !taken.is_forgettable(now_us));
            if self.of.len() >= SOURCES_MAX {
                self.of.retain(|_, taken| !taken.is_idle());
            }
        }
        self.of.entry(source).or_default()
    }
}

impl Sources {
    pub(super) fn within(limits: &Limits) -> Self {
        Self {
            connections_max: limits.connections,
            connections_per_source: limits.connections_per_source,
            new_connections: limits.new_connections(),
            visits: limits.visits(),
            refusals: limits.refusals(),
            table: Mutex::default(),
        }
    }

    pub(super) fn connect(
        self: &Arc<Self>,
        source: Source,
        trusted: bool,
        now: Timestamp,
    ) -> Result<Connected, Turned> {
        let mut table = self.locked();
        let free = self.connections_max.saturating_sub(table.connections);
        let taken = table.of(source, now.as_microsecond());
        if !trusted {
            if taken.connections
                >= self
                    .connections_per_source
                    .min(share_of(free, self.connections_max))
            {
                return Err(match free {
                    0 => Turned::Connections,
                    _ => Turned::ConnectionsOfSource,
                });
            }
            let pace = taken
                .new_connections
                .take(self.new_connections, now.as_microsecond());
            pace.map_err(|_| Turned::ConnectionsPerSecond)?;
        } else if free == 0 {
            return Err(Turned::Connections);
        }
        taken.connections += 1;
        table.connections += 1;
        Ok(Connected {
            sources: Arc::clone(self),
            source,
            trusted,
        })
    }

    pub(super) fn is_crowded(&self) -> bool {
        self.locked().connections >= self.connections_max / 4 * 3
    }

    pub(super) fn shake(
        self: &Arc<Self>,
        source: Source,
        trusted: bool,
    ) -> Result<Shaking, Turned> {
        let mut table = self.locked();
        // The connection is counted, so that there is an entry.
        let taken = table.of.entry(source).or_default();
        if !trusted && taken.handshakes >= HANDSHAKES_PER_SOURCE_MAX {
            return Err(Turned::Handshakes);
        }
        taken.handshakes += 1;
        Ok(Shaking {
            sources: Arc::clone(self),
            source,
        })
    }

    pub(super) fn visit(
        self: &Arc<Self>,
        source: Source,
        now: Timestamp,
    ) -> Result<Visiting, Turned> {
        let mut table = self.locked();
        let free = VISITS_MAX.saturating_sub(table.visits);
        let taken = table.of(source, now.as_microsecond());
        if taken.visits >= VISITS_PER_SOURCE_MAX.min(share_of(free, VISITS_MAX)) {
            return Err(Turned::Visits);
        }
        let pace = taken.new_visits.take(self.visits, now.as_microsecond());
        pace.map_err(|wait_us| Turned::VisitsPerSecond {
            again_s: seconds(wait_us),
        })?;
        taken.visits += 1;
        table.visits += 1;
        Ok(Visiting {
            sources: Arc::clone(self),
            source,
        })
    }

    pub(super) fn tires_of(&self, source: Source, now: Timestamp) -> bool {
        let mut table = self.locked();
        let taken = table.of(source, now.as_microsecond());
        taken
            .refusals
            .take(self.refusals, now.as_microsecond())
            .is_err()
    }

    fn locked(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self, source: Source, give: impl FnOnce(&mut Taken)) -> MutexGuard<'_, Table> {
        let mut table = self.locked();
        if let Some(taken) = table.of.get_mut(&source) {
            give(taken);
        }
        table
    }
}

/// Whole seconds after which to come again.
pub(super) fn seconds(wait_us: i64) -> i64 {
    wait_us.saturating_add(999_999) / 1_000_000
}

/// A connection that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Connected {
    sources: Arc<Sources>,
    source: Source,
    trusted: bool,
}

impl Connected {
    pub(super) fn source(&self) -> Source {
        self.source
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.trusted
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        let give = |taken: &mut Taken| taken.connections = taken.connections.saturating_sub(1);
        let mut table = self.sources.release(self.source, give);
        table.connections = table.connections.saturating_sub(1);
    }
}

/// A handshake that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Shaking {
    sources: Arc<Sources>,
    source: Source,
}

impl Drop for Shaking {
    fn drop(&mut self) {
        let give = |taken: &mut Taken| taken.handshakes = taken.handshakes.saturating_sub(1);
        drop(self.sources.release(self.source, give));
    }
}

/// A visit that is counted until this is dropped.
#[derive(Debug)]
pub(crate) struct Visiting {
    sources: Arc<Sources>,
    source: Source,
}

impl Drop for Visiting {
    fn drop(&mut self) {
        let give = |taken: &mut Taken| taken.visits = taken.visits.saturating_sub(1);
        let mut table = self.sources.release(self.source, give);
        table.visits = table.visits.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests;
