//! The life of a request, in one function. Every step is a file; the order is the promise: nothing is recognised aloud before
//! the caller is known, nothing is sent before it is permitted and recorded, and nothing of the caller's request is copied.
//!
//! Cost of a permitted read, without the socket: 7 to 11 µs of CPU and about 30 small allocations (the call's strings, two audit
//! entries, the reply's headers), one checksum and one HMAC-SHA-256 over the key, one BLAKE3 over each of two audit lines, one
//! task. A page of 6 kB with links to rewrite takes 6 µs more: one pass over its bytes and one copy. A write waits for one flush to
//! disk, shared by all that wait at that moment. (Release build, two shared cores, in-process upstream.)

mod carried;
mod permitted;
mod refused;

use std::sync::Arc;
use std::time::Instant;

use access::{Forward, Keyring, Meter, Needs, Network, Permit, Throttle};
use audit::AuditError;
use bytes::Bytes;
use clock::Clock;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Body;

use crate::admission::{Admission, Untaken};
use crate::arrive::Origin;
use crate::hold::{Holds, Want};
use crate::issuer_keys::IssuerKeys;
use crate::limits::NOTICES_WAIT_MAX;
use crate::peer::Peer;
use crate::record::Facts;
use crate::refusal::{Refusal, error_id};
use crate::settings::{Front, Settings, SettingsError};
use crate::telling::sound;
use crate::wish::Wish;
use crate::{
    arrive, freeze, identify, inspect, limited, own, receive, recognise, record, reply, telling,
    wish,
};

use carried::Carried;
use permitted::{Asking, Ready};

/// What every request gets.
pub type Reply = Response<Full<Bytes>>;

/// The gateway: guards one or more orgs. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Gateway {
    fronts: Vec<Arc<Front>>,
    trusted: Vec<Network>,
    keyring: Arc<Keyring>,
    throttle: Throttle,
    issuer_keys: IssuerKeys,
    meter: Meter,
    holds: Holds,
    clock: Arc<dyn Clock>,
    pub(crate) admission: Arc<Admission>,
}

impl Gateway {
    /// A gateway over these orgs, letting in whom the keyring knows.
    ///
    /// # Errors
    /// [`SettingsError`], when two orgs cannot be told apart or a public URL is none.
    pub fn new(
        settings: Settings,
        keyring: Arc<Keyring>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SettingsError> {
        let egress = settings.egress.clone();
        let limits = settings.limits.checked()?;
        let (fronts, trusted) = settings.checked()?;
        let admission = Admission::within(&limits, trusted.clone());
        Ok(Self {
            fronts: fronts.into_iter().map(Arc::new).collect(),
            trusted,
            keyring,
            throttle: Throttle::default(),
            issuer_keys: IssuerKeys::by(egress),
            meter: Meter::default(),
            holds: Holds::default(),
            clock,
            admission: Arc::new(admission),
        })
    }

    /// Takes a request from `peer` and answers it. Must run on a Tokio runtime.
    pub async fn handle<B>(&self, request: Request<B>, peer: &Peer) -> Reply
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let front = match arrive::front_of(&self.fronts, &head) {
            Ok(front) => front,
            Err(refusal) => return refusal.into_reply(&error_id()),
        };
        let origin = arrive::origin_of(&head, peer, &self.trusted);
        let mut facts = Facts::of(&origin);
        if let Some(route) = own::route(head.uri.path()) {
            let visit = self.visit(route, front, &head, body, &origin, &mut facts);
            return match visit.await {
                Ok(reply) => reply,
                Err(refusal) => self.refuse(front, facts, refusal).await,
            };
        }
        match self.pass(front, &head, body, origin, &mut facts).await {
            Ok(ready) => self.make(Arc::clone(front), ready, facts).await,
            Err(refusal) => self.refuse(front, facts, refusal).await,
        }
    }

    /// Answers a request to one of the product's own routes.
    async fn visit<B>(
        &self,
        route: own::Route,
        front: &Front,
        head: &Parts,
        body: B,
        origin: &Origin<'_>,
        facts: &mut Facts,
    ) -> Result<Reply, Refusal>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let now = self.clock.now();
        let visiting = self.admission.visit(origin.source, now);
        let _visiting = visiting.map_err(|turned| limited::turned(turned, now))?;
        own::answer(route, self.visit_of(front, head, origin), body, facts).await
    }

    /// What there is to know of a request but for its body.
    fn visit_of<'v>(
        &'v self,
        front: &'v Front,
        head: &'v Parts,
        origin: &'v Origin<'v>,
    ) -> own::Visit<'v> {
        own::Visit {
            keyring: &self.keyring,
            throttle: &self.throttle,
            issuer_keys: &self.issuer_keys,
            front,
            head,
            origin,
            now: self.clock.now(),
        }
    }

    /// Up to the permit: recognise, identify, screen, receive, look up, permit, inspect, restrain.
    async fn pass<B>(
        &self,
        front: &Front,
        head: &Parts,
        body: B,
        origin: Origin<'_>,
        facts: &mut Facts,
    ) -> Result<Ready, Refusal>
    where
        B: Body,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let route = recognise::route(head, facts);
        let caller = identify::caller(&self.visit_of(front, head, &origin), facts).await?;
        self.pace(&caller)?;
        let route = route.map_err(|problem| recognise::refuse(head, &problem, facts))?;
        let (wish, began) = (Wish::of(head), self.clock.now());
        freeze::refuse(&self.keyring, &caller, route.operation, began)?;
        let (needs, place) = match access::screen(&caller, route.operation, self.clock.now()) {
            Ok(needs) => (needs, None),
            Err(denial) => {
                let place = self.holds.place(
                    &caller,
                    Want::Permit(denial),
                    wish.as_ref(),
                    self.clock.now(),
                )?;
                (Needs::default(), Some(place))
            }
        };
        let forward = Forward {
            if_match: arrive::precondition(head)?,
            ..origin.forward
        };
        let room = self.make_room(&caller)?;
        let body = receive::body(head, body, route.operation, &front.origins).await?;
        let seen = identify::Seen {
            caller,
            needs,
            began,
        };
        let (caller, needs) = identify::as_of_now(
            &self.keyring,
            seen,
            route.operation,
            origin.source,
            self.clock.now(),
        )?;
        let mut call = recognise::call_of(route, body, forward, wish::patience(head));
        front.redaction.restore(caller.sight(), &mut call)?;
        let asking = Asking {
            front,
            caller,
            call,
            source: origin.source,
            wish,
        };
        let waits = (asking.source, asking.wish.clone());
        let (operation, now) = (asking.call.operation, self.clock.now());
        let ready = match place {
            // What people agreed to while the body arrived needs no second request.
            Some(place) if access::screen(&asking.caller, operation, now).is_err() => {
                drop(room);
                self.permitted_later(asking, place, facts).await?
            }
            _ => self.permitted(asking, needs, room, facts).await?,
        };
        inspect::inspect(&front.inspector, ready.permit.call(), facts)?;
        front.redaction.heed(&ready.permit)?;
        self.restrained(front, ready, waits, facts).await
    }

    /// From the permit on: record, call, record, rewrite. Carried to its end even if the caller goes away; [`Gateway::finish`] waits
    /// for those calls.
    fn make(&self, front: Arc<Front>, ready: Ready, facts: Facts) -> impl Future<Output = Reply> {
        let (clock, admission) = (Arc::clone(&self.clock), Arc::clone(&self.admission));
        Carried::new(async move {
            let Ready {
                permit,
                room,
                waited,
            } = ready;
            let mut reply = call(&front, permit, facts, clock.as_ref(), &admission.untaken).await;
            drop(room);
            reply
                .headers_mut()
                .extend(waited.map(|wish| wish.applied()));
            reply
        })
    }

    /// Refuses the calls that wait for people, from now on: the gateway stops.
    pub(crate) fn stop_holding(&self) {
        self.holds.stop();
    }

    /// Writes down and tells which elevations ended by themselves since the last time, and which requests lapsed.
    pub(crate) async fn tell_ends(&self) {
        for front in &self.fronts {
            telling::tell_ends(&self.keyring, front, self.clock.now()).await;
        }
    }

    /// Waits until no call is in flight, then brings trails and keyring to disk.
    pub(crate) async fn finish(&self) -> Result<(), AuditError> {
        self.admission.settled().await;
        self.record_uses().await;
        self.tell_turned().await;
        for front in &self.fronts {
            record::count(&front.trail, front.strangers.take_counted()).await?;
            front.trail.flush().await?;
            if front.notices.settle(NOTICES_WAIT_MAX).await.is_none() {
                tracing::warn!("some notices are not delivered");
            }
        }
        Ok(())
    }

    /// Writes down when keys were last used, off the runtime's threads.
    pub(crate) async fn record_uses(&self) {
        let keyring = Arc::clone(&self.keyring);
        let written = tokio::task::spawn_blocking(move || keyring.record_uses()).await;
        if let Ok(Err(error)) = written {
            tracing::warn!(%error, "the last use of keys is not written down");
        }
    }
}

async fn call(
    front: &Front,
    permit: Permit,
    facts: Facts,
    clock: &dyn Clock,
    untaken: &Untaken,
) -> Reply {
    if let Some(opening) = permit.caller().opening()
        && let Err(refusal) = sound(front, opening, &permit, &facts, clock.now()).await
    {
        return refusal.into_reply(&error_id());
    }
    let recorded = match record::open(&front.trail, permit, facts).await {
        Ok(recorded) => recorded,
        Err(refusal) => return refusal.into_reply(&error_id()),
    };
    let entry = recorded.entry();
    let view = front.redaction.view(recorded.permit());
    let start = Instant::now();
    let answer = front.upstream.call(&recorded).await;
    let made = recorded.permit().call();
    match &answer {
        Ok(answer) => front.mirror.learn(made, answer, clock.now()),
        Err(error) if error.sent() => front.mirror.suspect(made, clock.now()),
        Err(_) => {}
    }
    let closed = record::close(&front.trail, recorded, &answer, start.elapsed()).await;
    let mut reply = match (closed, answer) {
        (Err(refusal), _) => refusal.into_reply(&error_id()),
        (Ok(()), Ok(answer)) => reply::to_caller(answer, &front.origins, &view, untaken)
            .unwrap_or_else(|refusal| refusal.into_reply(&error_id())),
        (Ok(()), Err(error)) => limited::unanswered(&error, clock.now()).into_reply(&error_id()),
    };
    reply::name_entry(&mut reply, entry);
    reply
}
