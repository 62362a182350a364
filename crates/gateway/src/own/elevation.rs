//! Requests for more over HTTP: clients ask, look and withdraw with the credential they call with; approvers, who show a key of their
//! own as a bearer token, look, approve, deny and end. Every step is in the trail before it is answered.

use access::{
    AccessError, Approver, ApproverKey, Asked, Caller, ELEVATION_MINUTES_DEFAULT, Elevation,
    ElevationId, Keyring, Objection, Raise,
};
use http::header::{self, AUTHORIZATION};
use http::{HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::gateway::Reply;
use crate::identify::{self, only};
use crate::limits::{ASKING_BYTES_MAX, FORM_WAIT_MAX};
use crate::own::{Visit, told, wrong_method};
use crate::permit::ELEVATIONS;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::table::Kind;
use crate::telling::{Hand, Pace, Step, Untaken, take};
use crate::{receive, reply};

/// One of the routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// All that the visitor may see, or a new one.
    All,
    /// One.
    One(ElevationId),
    /// Something to be done with one.
    Act(ElevationId, Act),
}

/// What can be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Approve,
    Deny,
    End,
}

/// The route of this path, if it is one.
pub(crate) fn endpoint(path: &str) -> Option<Endpoint> {
    let rest = path.strip_prefix(ELEVATIONS)?;
    if rest.is_empty() {
        return Some(Endpoint::All);
    }
    let mut segments = rest.strip_prefix('/')?.split('/');
    let id = segments
        .next()
        .filter(|id| is_id(id))
        .map(ElevationId::new)?;
    match (segments.next(), segments.next()) {
        (None, _) => Some(Endpoint::One(id)),
        (Some("approve"), None) => Some(Endpoint::Act(id, Act::Approve)),
        (Some("deny"), None) => Some(Endpoint::Act(id, Act::Deny)),
        (Some("end"), None) => Some(Endpoint::Act(id, Act::End)),
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Who visits.
#[derive(Clone, Debug)]
enum Visitor {
    Client(Caller),
    Approver(Approver),
}

/// Answers a request to one of the routes.
///
/// # Errors
/// [`Refusal`], in Okta's shape like those of calls.
pub(crate) async fn answer<B>(
    endpoint: Endpoint,
    visit: Visit<'_>,
    body: B,
    facts: &mut Facts,
) -> Result<Reply, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let visitor = visitor(&visit, facts).await?;
    let (method, get) = (&visit.head.method, visit.head.method == Method::GET);
    match endpoint {
        Endpoint::All if get => list(&visit, visitor).await,
        Endpoint::All if method == Method::POST => ask(&visit, visitor, body).await,
        Endpoint::One(id) if get => {
            let found = one(&visit, &visitor, id).await?;
            Ok(told(StatusCode::OK, &shown(&found, visit.now)))
        }
        Endpoint::Act(id, act) if method == Method::POST => do_act(&visit, visitor, id, act).await,
        Endpoint::All => Err(wrong_method("GET, POST")),
        Endpoint::One(_) => Err(wrong_method("GET")),
        Endpoint::Act(..) => Err(wrong_method("POST")),
    }
}

/// Whoever shows an approver key is taken for an approver or nobody; everybody else for a client.
async fn visitor(visit: &Visit<'_>, facts: &mut Facts) -> Result<Visitor, Refusal> {
    let shown = only(visit.head, &AUTHORIZATION).and_then(|value| value.split_once(' '));
    let key = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"));
    let key = key.map(|(_, key)| key.trim_matches(' '));
    let Some(key) = key.filter(|key| ApproverKey::is_formed(key)) else {
        let caller = identify::caller(visit, facts).await?;
        return Ok(Visitor::Client(caller));
    };
    let Visit {
        keyring,
        throttle,
        front,
        now,
        ..
    } = *visit;
    let source = visit.origin.source;
    let known = keyring.approver_within(throttle, source, &front.name, key, now);
    let approver = known.map_err(refusal_of)?;
    facts.meet(&approver.name);
    Ok(Visitor::Approver(approver))
}

async fn list(visit: &Visit<'_>, visitor: Visitor) -> Result<Reply, Refusal> {
    let (keyring, org, now) = (
        Arc::clone(visit.keyring),
        visit.front.name.clone(),
        visit.now,
    );
    let client = match visitor {
        Visitor::Client(caller) => Some(caller.client().clone()),
        Visitor::Approver(_) => None,
    };
    let found = off_the_runtime(move || keyring.elevations(&org, client.as_ref())).await??;
    let all: Vec<Value> = found.iter().map(|one| shown(one, now)).collect();
    Ok(told(StatusCode::OK, &Value::from(all)))
}

/// One that the visitor may see: clients see their own.
async fn one(visit: &Visit<'_>, visitor: &Visitor, id: ElevationId) -> Result<Elevation, Refusal> {
    let (keyring, org) = (Arc::clone(visit.keyring), visit.front.name.clone());
    let wanted = id.clone();
    let found = off_the_runtime(move || keyring.elevation(&org, &wanted)).await??;
    match visitor {
        Visitor::Client(caller) if *caller.client() != found.client => {
            Err(refusal_of(Objection::Unknown(id).into()))
        }
        Visitor::Client(_) | Visitor::Approver(_) => Ok(found),
    }
}

/// What is asked for, as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    operations: Vec<String>,
    /// What budgets on effects are raised by, `deletes=50` each.
    #[serde(default)]
    raises: Vec<String>,
    #[serde(default)]
    reason: String,
    minutes: Option<u32>,
}

async fn ask<B>(visit: &Visit<'_>, visitor: Visitor, body: B) -> Result<Reply, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Visitor::Client(caller) = visitor else {
        return Err(Refusal::new(Kind::Denied, "approver_asks")
            .because("Approvers approve; a client asks with the credential it calls with."));
    };
    let bytes = receive::all_of(body, ASKING_BYTES_MAX, FORM_WAIT_MAX).await?;
    let wanted: Wanted = serde_json::from_slice(&bytes).map_err(|error| {
        Refusal::new(Kind::Malformed, "malformed_request")
            .because(format!("The body is not as documented: {error}."))
    })?;
    let raises = wanted.raises.iter().map(|text| text.parse::<Raise>());
    let raises = raises.collect::<Result<_, _>>().map_err(|error| {
        Refusal::new(Kind::Invalid, "invalid_elevation").because(format!("{error}."))
    })?;
    let asked = Asked {
        raises,
        about: String::new(),
        scopes: wanted.scopes,
        operations: wanted.operations,
        reason: wanted.reason,
        minutes: wanted.minutes.unwrap_or(ELEVATION_MINUTES_DEFAULT),
    };
    let (client, now) = (caller.client().clone(), visit.now);
    let hand = Hand {
        who: None,
        source: Some(visit.origin.source),
        credential: Some(caller.credential().to_string()),
    };
    let work = move |keyring: &Keyring| keyring.ask(&client, asked, now);
    let (made, mut reply) = taken(visit, Step::Asked, hand, StatusCode::CREATED, work).await?;
    let location = visit.front.url_of(&format!("{ELEVATIONS}/{}", made.id));
    if let Ok(location) = HeaderValue::from_str(&location) {
        reply.headers_mut().insert(header::LOCATION, location);
    }
    Ok(reply)
}

async fn do_act(
    visit: &Visit<'_>,
    visitor: Visitor,
    id: ElevationId,
    act: Act,
) -> Result<Reply, Refusal> {
    one(visit, &visitor, id.clone()).await?;
    let (org, now) = (visit.front.name.clone(), visit.now);
    let mut hand = Hand {
        source: Some(visit.origin.source),
        ..Hand::default()
    };
    match &visitor {
        Visitor::Client(caller) => hand.credential = Some(caller.credential().to_string()),
        Visitor::Approver(approver) => hand.who = Some(approver.name.clone()),
    }
    let ok = StatusCode::OK;
    let done = match (act, visitor) {
        (Act::End, _) => {
            let work = move |keyring: &Keyring| keyring.end(&org, &id, now);
            taken(visit, Step::Ended, hand, ok, work).await
        }
        (Act::Approve, Visitor::Approver(approver)) => {
            let work = move |keyring: &Keyring| keyring.approve(&id, &approver, now);
            taken(visit, Step::Approved, hand, ok, work).await
        }
        (Act::Deny, Visitor::Approver(approver)) => {
            let work = move |keyring: &Keyring| keyring.deny(&id, &approver, now);
            taken(visit, Step::Denied, hand, ok, work).await
        }
        (Act::Approve | Act::Deny, Visitor::Client(_)) => {
            return Err(Refusal::new(Kind::Denied, "client_decides")
                .because("Only approvers decide, with a key of their own."));
        }
    };
    done.map(|(_, reply)| reply)
}

/// The request after a step, and the reply, once the step is written down.
async fn taken(
    visit: &Visit<'_>,
    step: Step,
    hand: Hand,
    status: StatusCode,
    work: impl FnOnce(&Keyring) -> Result<Elevation, AccessError> + Send + 'static,
) -> Result<(Elevation, Reply), Refusal> {
    let (front, now) = (visit.front, visit.now);
    let pace = Pace { step, hand, now };
    let work = |keyring: &Keyring| work(keyring).map(|one| (one, true));
    let done = take(visit.keyring, (&front.trail, &front.notices), pace, work).await;
    let (one, entry) = done.map_err(|untaken| match untaken {
        Untaken::Refused(error) => refusal_of(error),
        Untaken::Unrecorded(why) => Refusal::new(Kind::Unrecorded, why),
    })?;
    let mut reply = told(status, &shown(&one, now));
    if let Some(entry) = entry {
        reply::name_entry(&mut reply, entry);
    }
    Ok((one, reply))
}

/// A request as it is shown to clients and approvers.
pub fn shown(one: &Elevation, now: Timestamp) -> Value {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let course = &one.course;
    json!({
        "id": one.id.as_str(),
        "stage": one.stage(now).word(),
        "client": { "id": one.client.as_str(), "name": one.client_name },
        "scopes": one.asked.scopes,
        "operations": one.asked.operations,
        "raises": one.asked.raises.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "about": one.asked.about,
        "reason": one.asked.reason,
        "minutes": one.asked.minutes,
        "approvals": { "needed": course.needed, "given": course.approvals.len() },
        "asked": course.asked.to_string(),
        "lapses": course.lapses.to_string(),
        "denied": at(course.denied),
        "starts": at(course.starts),
        "ends": at(course.ends),
    })
}

/// Access's objections in Okta's words.
fn refusal_of(error: AccessError) -> Refusal {
    let AccessError::Elevation(objection) = error else {
        return Refusal::new(Kind::Unrecorded, error.to_string());
    };
    let (kind, reason) = match &objection {
        Objection::Stranger => return Refusal::new(Kind::Stranger, "invalid_approver_key"),
        Objection::Unknown(_) => (Kind::UnknownRoute, "unknown_elevation"),
        Objection::OwnClient => (Kind::Denied, "own_client"),
        Objection::NotEligible(_) => (Kind::Denied, "not_eligible"),
        _ => (Kind::Invalid, "invalid_elevation"),
    };
    Refusal::new(kind, reason)
        .because(format!("{objection}."))
        .because(objection.hint())
}

/// Runs what waits for a disk where it keeps no other request waiting.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccessError> + Send + 'static,
) -> Result<Result<T, Refusal>, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| {
        tracing::error!(%error, "a request about an elevation did not end");
        Refusal::new(Kind::Unrecorded, "unfinished")
    })?;
    Ok(done.map_err(refusal_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_exactly_those_documented() {
        let id = || ElevationId::new("ele1");
        for (path, expected) in [
            ("/portcullis/v1/elevations", Some(Endpoint::All)),
            ("/portcullis/v1/elevations/ele1", Some(Endpoint::One(id()))),
            (
                "/portcullis/v1/elevations/ele1/approve",
                Some(Endpoint::Act(id(), Act::Approve)),
            ),
            (
                "/portcullis/v1/elevations/ele1/deny",
                Some(Endpoint::Act(id(), Act::Deny)),
            ),
            (
                "/portcullis/v1/elevations/ele1/end",
                Some(Endpoint::Act(id(), Act::End)),
            ),
            ("/portcullis/v1/elevations/", None),
            ("/portcullis/v1/elevations/ele%31", None),
            ("/portcullis/v1/elevations/ele1/", None),
            ("/portcullis/v1/elevations/ele1/approve/", None),
            ("/portcullis/v1/elevationsx", None),
            ("/api/v1/users", None),
        ] {
            assert_eq!(endpoint(path), expected, "{path}");
        }
    }
}
