//! Requests that get no further: turned away because there is too much of something, or refused and written down.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use access::Caller;
use jiff::Timestamp;

use super::{Gateway, Reply};
use crate::admission::{Connected, Room, Source};
use crate::limits::{CROWDED_WAIT_MAX, HEAD_WAIT_MAX};
use crate::record::{self, Facts};
use crate::refusal::{Refusal, error_id};
use crate::settings::Front;
use crate::table::Kind;
use crate::{limited, reply};

impl Gateway {
    /// Admits a connection from an address; `None` when it is to be closed unread.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Connected> {
        self.admission.connect(address, self.clock.now()).ok()
    }

    /// How long a connection may take to say its first byte.
    pub(crate) fn patience(&self) -> Duration {
        match self.admission.is_crowded() {
            true => CROWDED_WAIT_MAX,
            false => HEAD_WAIT_MAX,
        }
    }

    /// Counts a call against its caller's calls per second.
    pub(super) fn pace(&self, caller: &Caller) -> Result<(), Refusal> {
        let now = self.clock.now();
        let paced = self.admission.pace(caller.client(), now);
        paced.map_err(|turned| limited::turned(turned, now))
    }

    /// Room for one call of this caller.
    pub(super) fn make_room(&self, caller: &Caller) -> Result<Room, Refusal> {
        let room = self.admission.make_room(caller.client());
        room.map_err(|turned| limited::turned(turned, self.clock.now()))
    }

    /// Answers a refused request, once that is recorded. What there was too much of is counted and told later: writing it down one by
    /// one would be more of it.
    pub(super) async fn refuse(&self, front: &Front, facts: Facts, refusal: Refusal) -> Reply {
        let (source, now) = (facts.source(), self.clock.now());
        if refusal.kind.is_excess() {
            let client = facts.client().map(|client| client.as_str());
            front
                .tally
                .count(Some(Source::of(source)), client, code_of(&refusal));
            return refusal.into_reply(&error_id());
        }
        let stranger = refusal.kind == Kind::Stranger || facts.is_of_nobody();
        if refusal.reason == THROTTLED {
            front.tally.count(Some(Source::of(source)), None, THROTTLED);
        }
        let mut reply = recorded(front, facts, refusal, stranger, now).await;
        if stranger && self.admission.tires_of(source, now) {
            reply::part(&mut reply);
        }
        reply
    }

    /// Writes down who was turned away since the last time, and how often. Connections belong to no org: each trail has them.
    pub(crate) async fn tell_turned(&self) {
        let connections = self.admission.tally.take();
        for front in &self.fronts {
            for noted in connections.iter().cloned().chain(front.tally.take()) {
                if let Err(error) = record::turned(&front.trail, noted).await {
                    tracing::warn!(%error, "it is not written down who was turned away");
                }
            }
        }
    }
}

/// Records a refused request and answers it. A stranger is not told the entry: it would count the others for it.
async fn recorded(
    front: &Front,
    mut facts: Facts,
    refusal: Refusal,
    stranger: bool,
    now: Timestamp,
) -> Reply {
    let error_id = error_id();
    if stranger {
        match front.strangers.refuse(now) {
            Some(counted) => facts.count(counted),
            None => return refusal.into_reply(&error_id),
        }
    }
    match record::refuse(&front.trail, facts, &refusal, &error_id).await {
        Ok(entry) => {
            let mut reply = refusal.into_reply(&error_id);
            if !stranger {
                reply::name_entry(&mut reply, entry);
            }
            reply
        }
        Err(error) => Refusal::new(Kind::Unrecorded, error.to_string()).into_reply(&error_id),
    }
}

/// Why nothing is looked at that a source shows which has guessed too often.
const THROTTLED: &str = "throttled_source";

fn code_of(refusal: &Refusal) -> &'static str {
    match refusal.reason {
        Cow::Borrowed(code) => code,
        Cow::Owned(_) => "too_much",
    }
}
