//! One emulated org behind one lock: a request comes in, one behaviour answers it, the engine adds what every answer has.

use crate::auth::{Actor, Tokens};
use crate::edition::Edition;
use crate::ids::Ids;
use crate::limits::BODY_BYTES_MAX;
use crate::quirks::oauth::OrgKey;
use crate::rate::{Rates, Standing};
use crate::routes::route;
use crate::syslog::SystemLog;
use crate::{Answer, Call, Content, Context, Error, Reply, Request, Settings, World, born};
use bytes::Bytes;
use catalog::{Unrecognised, recognise};
use clock::Clock;
use http::Method;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use jiff::Timestamp;
use org::Org;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An Okta org in memory. Cheap to clone; clones are the same org.
#[derive(Clone)]
pub struct Emulator {
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").finish_non_exhaustive()
    }
}

impl Emulator {
    /// A new org of today with nothing in it but what exists from birth.
    pub fn new(settings: Settings) -> Self {
        Self::of_edition(settings, Edition::default())
    }

    /// A new org of that edition with nothing in it but what exists from birth.
    pub fn of_edition(settings: Settings, edition: Edition) -> Self {
        let now = settings.clock.now();
        let mut ids = Ids::new(settings.seed);
        let org_id = ids.id("00o", now);
        let mut world = World {
            org: Org::new(),
            ids,
            hidden: BTreeMap::new(),
            log: SystemLog::default(),
            tokens: Tokens::default(),
            key: OrgKey::default(),
            spent_assertions: BTreeMap::new(),
            rates: Rates::new(settings.limits),
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            org_id,
            unsupported: BTreeMap::new(),
            edition,
            unlicensed: BTreeSet::new(),
        };
        let request_id = world.ids.hex(32);
        let mut ctx = Context {
            world: &mut world,
            now,
            actor: Actor::Nobody,
            request_id,
        };
        born::populate(&mut ctx, &settings.token);
        Self {
            world: Arc::new(Mutex::new(world)),
            clock: settings.clock,
        }
    }

    /// Answers one request. Never panics, never waits for anything but other requests to the same org.
    pub fn answer(&self, request: Request) -> Answer {
        self.answer_from(request, Entrance::Outside)
    }

    /// Answers one request as if the first administrator had made it: no token is asked for, no rate limit counted.
    pub(crate) fn answer_administrator(&self, request: Request) -> Answer {
        self.answer_from(request, Entrance::Inside)
    }

    fn answer_from(&self, request: Request, entrance: Entrance) -> Answer {
        let now = self.clock.now();
        let mut world = self.lock();
        let request_id = world.ids.hex(32);
        let mut standing = None;
        let reply = respond(
            &mut world,
            request,
            entrance,
            now,
            &request_id,
            &mut standing,
        );
        let reply = reply.unwrap_or_else(|error| refuse(&mut world, &error));
        finish(reply, standing, now, &request_id)
    }

    /// Makes a call as the first administrator: how a seed grows.
    pub(crate) fn plant(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::new(
            Method::from_bytes(method.as_bytes()).unwrap_or_default(),
            path,
        );
        self.answer_administrator(match body {
            Some(body) => request.with_json(body),
            None => request,
        })
    }

    /// Acts on the org as the first administrator.
    pub(crate) fn enter<T>(&self, act: impl FnOnce(&mut Context<'_>) -> T) -> T {
        let now = self.clock.now();
        let mut world = self.lock();
        let request_id = world.ids.hex(32);
        let actor = world.tokens.first();
        act(&mut Context {
            world: &mut world,
            now,
            actor,
            request_id,
        })
    }

    /// The org's objects as they are now. Bodies are without `_links`.
    pub fn org(&self) -> Org {
        self.lock().org.clone()
    }

    /// Takes licences away: these operations are refused with Okta's `E0000015` from now on.
    pub fn lack(&self, operations: impl IntoIterator<Item = String>) {
        self.lock().unlicensed.extend(operations);
    }

    /// Operations that were asked for and have no behaviour, with how often.
    pub fn unsupported(&self) -> BTreeMap<&'static str, u64> {
        self.lock().unsupported.clone()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entrance {
    /// From a caller, who presents a token.
    Outside,
    /// From the product itself.
    Inside,
}

fn respond(
    world: &mut World,
    request: Request,
    entrance: Entrance,
    now: Timestamp,
    request_id: &str,
    standing: &mut Option<Standing>,
) -> Result<Reply, Error> {
    let recognised = recognise(request.method.as_str(), &request.target)
        .map_err(|error| unrecognised(&error, &request.target))?;
    let operation = recognised.operation;
    let actor = match entrance {
        Entrance::Inside => world.tokens.first(),
        Entrance::Outside => {
            let counted = world.rates.count(operation.bucket, now);
            *standing = Some(counted);
            if !counted.within {
                return Err(Error::new("E0000047"));
            }
            world.tokens.identify(&request.headers, operation, now)?
        }
    };
    if request.body.len() > BODY_BYTES_MAX {
        return Err(Error::new("E0000003").with_cause("the body is too long"));
    }
    let raw_query = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query);
    let path = request
        .target
        .split('?')
        .next()
        .unwrap_or_default()
        .to_owned();
    let call = Call::new(recognised, raw_query, request.headers, request.body)?;
    if world.unlicensed.contains(operation.id) {
        return Err(Error::new("E0000015"));
    }
    let Some(route) = route(operation.id) else {
        *world.unsupported.entry(operation.id).or_default() += 1;
        return Err(Error::new("E0000060"));
    };
    let mut ctx = Context {
        world,
        now,
        actor,
        request_id: request_id.to_owned(),
    };
    let mut reply = route.answer(&mut ctx, &call)?;
    if let Content::Json(body) = &mut reply.body {
        world.edition.shape(&path, body, &mut world.ids);
    }
    Ok(reply)
}

/// What a call that means nothing is answered with.
fn unrecognised(error: &Unrecognised, target: &str) -> Error {
    match error {
        Unrecognised::UnknownMethod { .. } => Error::new("E0000022"),
        Unrecognised::UnknownRoute => {
            let path = target.split('?').next().unwrap_or_default();
            Error::new("E0000007").with_summary(format!("Not found: Resource not found: {path}"))
        }
        other => Error::new("E0000020").with_cause(other.to_string()),
    }
}

fn refuse(world: &mut World, error: &Error) -> Reply {
    let error_id = format!("oae{}", world.ids.token(22));
    let reply = Reply::with(error.status, error.body(&error_id));
    match &error.challenge {
        Some(challenge) => reply.with_header(WWW_AUTHENTICATE, challenge),
        None => reply,
    }
}

fn finish(reply: Reply, standing: Option<Standing>, now: Timestamp, request_id: &str) -> Answer {
    let mut headers = reply.headers;
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(DATE, &now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    put(HeaderName::from_static("x-okta-request-id"), request_id);
    let body = match reply.body {
        Content::Nothing => Bytes::new(),
        Content::Json(value) => {
            put(CONTENT_TYPE, "application/json");
            Bytes::from(value.to_string())
        }
        Content::Text(media, text) => {
            put(CONTENT_TYPE, media);
            Bytes::from(text)
        }
    };
    write_standing(standing, &mut headers);
    Answer {
        status: reply.status,
        headers,
        body,
        merged: false,
    }
}

fn write_standing(standing: Option<Standing>, headers: &mut HeaderMap) {
    if let Some(standing) = standing {
        standing.write(headers);
    }
}
