//! Who has called so far, by number: what the ledger counts by instead of names.

use std::collections::HashMap;

use access::{ClientId, Share};

use crate::limits::PARTIES_MAX;
use crate::{Pace, Patience};

/// Number of a client within one ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Party(u32);

/// One way of going about the org's limits, with calls at once counted on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane(pub(super) u32);

/// Who asks for leave, and how it may be treated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Applicant {
    pub(super) party: Party,
    pub(super) share: Share,
    pub(super) lane: Lane,
    pub(super) pace: Pace,
}

impl Applicant {
    /// Whether it waits for hours rather than for seconds.
    pub(super) fn is_patient(&self) -> bool {
        self.pace.patience == Patience::Waiting
    }
}

/// The numbers given out, and how many calls each client has under way and waiting.
#[derive(Debug, Default)]
pub(super) struct Register {
    numbers: HashMap<ClientId, Party>,
    loads: Vec<Load>,
}

/// What one client has going on, all buckets together.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Load {
    pub(super) under_way: u32,
    pub(super) waiting: u32,
    /// Its weight as far as it is counted among those that have anything going on.
    counted: u16,
}

impl Register {
    /// The client's number. From [`PARTIES_MAX`] on, newcomers are counted together.
    pub(super) fn party(&mut self, client: &ClientId) -> Party {
        if let Some(party) = self.numbers.get(client) {
            return *party;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        if self.numbers.len() >= PARTIES_MAX {
            return Party(next);
        }
        self.numbers.insert(client.clone(), Party(next));
        Party(next)
    }

    /// The client's number, if it has called.
    pub(super) fn known(&self, client: &ClientId) -> Option<Party> {
        self.numbers.get(client).copied()
    }

    pub(super) fn load(&self, party: Party) -> Load {
        let place = usize::try_from(party.0).unwrap_or(usize::MAX);
        self.loads.get(place).copied().unwrap_or_default()
    }

    /// Changes what the client has going on; the change of the sum of weights of those that have anything.
    pub(super) fn change(
        &mut self,
        applicant: &Applicant,
        change: impl FnOnce(&mut Load),
    ) -> (u32, u32) {
        let Ok(place) = usize::try_from(applicant.party.0) else {
            return (0, 0);
        };
        if place >= self.loads.len() {
            self.loads.resize(place + 1, Load::default());
        }
        let Some(load) = self.loads.get_mut(place) else {
            return (0, 0);
        };
        let before = load.counted;
        change(load);
        load.counted = match load.under_way + load.waiting {
            0 => 0,
            _ => applicant.share.weight,
        };
        (u32::from(load.counted), u32::from(before))
    }
}
