//! What an OAuth request did, and its audit entry: tokens issued, revoked and refused, by client, `jti` and scopes. Never a token, a
//! secret or an assertion.

use access::oauth::{IssuedToken, OauthRefusal, Revocation};
use audit::Event;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::gateway::Reply;
use crate::own::oauth::{offer, private, refused};
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::reply;
use crate::settings::Front;
use crate::table::Kind;

/// What came of a request.
pub(crate) struct Deed(Result<Done, OauthRefusal>);

/// What was done.
pub(crate) enum Done {
    Issued(IssuedToken),
    Revoked(Revocation),
    /// A client was told about a token; that changes nothing and has no entry.
    Told(Value),
}

impl Deed {
    pub(crate) fn done(done: Done) -> Self {
        Self(Ok(done))
    }

    pub(crate) fn refused(refusal: OauthRefusal) -> Self {
        Self(Err(refusal))
    }

    /// Why nothing was done, if so.
    pub(crate) fn refusal(&self) -> Option<&OauthRefusal> {
        self.0.as_ref().err()
    }

    /// The reply, once the entry is written. If it cannot be, nothing is handed out.
    pub(crate) async fn recorded(
        self,
        front: &Front,
        facts: &mut Facts,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let (event, mut reply) = match self.0 {
            Ok(Done::Told(answer)) => return Ok(private(StatusCode::OK, &answer)),
            Ok(Done::Issued(token)) => issued(&token, facts),
            Ok(Done::Revoked(revocation)) => revoked(revocation, facts),
            Err(refusal) => {
                let Some(counted) = front.strangers.refuse(now) else {
                    return Ok(refused(&refusal));
                };
                facts.count(counted);
                (refusal_of(&refusal, facts), refused(&refusal))
            }
        };
        let tell = event.client.is_some() && event.kind != REFUSED;
        let entry = front.trail.note(event).await;
        let entry = entry.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
        if tell {
            reply::name_entry(&mut reply, entry);
        }
        Ok(reply)
    }
}

fn issued(token: &IssuedToken, facts: &Facts) -> (Event, Reply) {
    let mut details = vec![
        ("scopes", token.scopes.join(" ")),
        ("seconds", token.seconds.to_string()),
        ("token_type", token.kind().to_owned()),
    ];
    if let Some(subject) = &token.exchanged {
        details.push(("exchanged_for", subject.clone()));
    }
    let event = Event {
        kind: "token_issued",
        client: Some(token.client.to_string()),
        credential: Some(token.id.to_string()),
        status: Some(StatusCode::OK.as_u16()),
        details,
        durable: true,
        ..facts.to_event()
    };
    let mut reply = private(StatusCode::OK, &token.to_json());
    offer(reply.headers_mut(), token.nonce.as_deref());
    (event, reply)
}

fn revoked(revocation: Revocation, facts: &Facts) -> (Event, Reply) {
    let event = Event {
        kind: "token_revoked",
        client: Some(revocation.client.to_string()),
        reason: revocation
            .token
            .is_none()
            .then(|| "no_live_token_of_this_client".to_owned()),
        credential: revocation.token.map(|token| token.to_string()),
        status: Some(StatusCode::OK.as_u16()),
        durable: true,
        ..facts.to_event()
    };
    (event, private(StatusCode::OK, &json!({})))
}

fn refusal_of(refusal: &OauthRefusal, facts: &Facts) -> Event {
    let event = facts.to_event();
    let mut details = event.details;
    details.push(("error", refusal.fault().code().to_owned()));
    Event {
        kind: REFUSED,
        client: refusal.client().map(ToString::to_string),
        status: Some(refusal.fault().status()),
        reason: Some(refusal.why().to_owned()),
        details,
        ..event
    }
}

/// Kind of the entry of a request that got no token.
const REFUSED: &str = "token_refused";
