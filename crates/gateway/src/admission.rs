//! Who gets how much of the gateway: connections, handshakes and visits per source address, calls per caller. Excess is turned away as
//! early and as cheaply as it can be, and the more is taken of anything, the less of it a single source or caller may have: nobody can
//! take the last of it from the others.
//!
//! Sources are IPv4 addresses or IPv6 networks of 64 bits. Proxies the settings trust are no sources: what comes through them is
//! counted by the address they name, request by request. Memory is bounded whatever the number of sources (`limits`). The time is
//! handed in; nothing is written here: what was turned away is counted and told by [`Tally`].

mod answers;
mod bucket;
mod callers;
mod limits;
mod share;
mod source;
mod sources;
mod tally;
mod turned;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use access::{ClientId, Network};
use jiff::Timestamp;

pub use limits::{Limits, LimitsError};

pub(crate) use answers::Untaken;
pub(crate) use bucket::{Bucket, Rate};
pub(crate) use callers::Room;
pub(crate) use source::Source;
pub(crate) use sources::{Connected, Shaking, Visiting};
pub(crate) use tally::{Noted, Tally};
pub(crate) use turned::Turned;

use callers::Callers;
use sources::Sources;

/// What is taken of the gateway at the moment, and by whom. One for all orgs and threads; share it behind an `Arc`.
#[derive(Debug)]
pub(crate) struct Admission {
    sources: Arc<Sources>,
    callers: Arc<Callers>,
    /// Answers that are made and not yet taken.
    pub(crate) untaken: Untaken,
    /// Connections turned away, which belong to no org.
    pub(crate) tally: Tally,
    /// How long a caller may take to read an answer.
    pub(crate) answer_wait: Duration,
    trusted: Vec<Network>,
}

impl Admission {
    /// Nothing is taken yet. Senders from `trusted` are proxies.
    pub(crate) fn within(limits: &Limits, trusted: Vec<Network>) -> Self {
        Self {
            sources: Arc::new(Sources::within(limits)),
            callers: Arc::new(Callers::within(limits)),
            untaken: Untaken::within(limits),
            tally: Tally::default(),
            answer_wait: Duration::from_secs(limits.answer_seconds.into()),
            trusted,
        }
    }

    /// Admits a connection, or says why it is to be closed before a byte is read; then it is counted.
    pub(crate) fn connect(&self, address: IpAddr, now: Timestamp) -> Result<Connected, Turned> {
        let source = Source::of(address);
        let trusted = self.is_trusted(address);
        let connected = self.sources.connect(source, trusted, now);
        connected.inspect_err(|turned| self.tally.count(Some(source), None, turned.code()))
    }

    /// Admits a TLS handshake on a connection.
    pub(crate) fn shake(&self, connected: &Connected) -> Result<Shaking, Turned> {
        let shaking = self
            .sources
            .shake(connected.source(), connected.is_trusted());
        shaking.inspect_err(|turned| {
            self.tally
                .count(Some(connected.source()), None, turned.code())
        })
    }

    /// Counts a connection that was cut for what it sent.
    pub(crate) fn cut(&self, connected: &Connected, code: &'static str) {
        self.tally.count(Some(connected.source()), None, code);
    }

    /// Whether so many connections are open that idle ones are to be brief.
    pub(crate) fn is_crowded(&self) -> bool {
        self.sources.is_crowded()
    }

    /// Admits a visit to one of the product's own routes.
    pub(crate) fn visit(&self, address: IpAddr, now: Timestamp) -> Result<Visiting, Turned> {
        self.sources.visit(Source::of(address), now)
    }

    /// Counts a stranger's refusal; says whether its connection should be closed, because the next one costs less before TLS.
    pub(crate) fn tires_of(&self, address: IpAddr, now: Timestamp) -> bool {
        !self.is_trusted(address) && self.sources.tires_of(Source::of(address), now)
    }

    /// Counts a call of a caller against its calls per second.
    pub(crate) fn pace(&self, client: &ClientId, now: Timestamp) -> Result<(), Turned> {
        self.callers.pace(client, now)
    }

    /// Room for one call of a caller.
    pub(crate) fn make_room(&self, client: &ClientId) -> Result<Room, Turned> {
        self.untaken.refuse_more()?;
        self.callers.make_room(client)
    }

    /// Waits until no call has room.
    pub(crate) async fn settled(&self) {
        self.callers.settled().await;
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(address))
    }
}
