//! Recording: what is written before a call, after it, and when a request is refused. Never bodies, query values or credentials.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use access::{Call, ClientId, CredentialId, Permit, Terms};
use audit::{EntryId, Event, Opening, Outcome, Recorded, Trail};
use catalog::Recognised;
use upstream::{Answer, UpstreamError, outcome};

use crate::admission::{Noted, Source};
use crate::arrive::Origin;
use crate::limits::DOUBTS_MAX;
use crate::refusal::Refusal;
use crate::table::Kind;

/// What is known of a request so far, for the trail.
#[derive(Debug)]
pub(crate) struct Facts {
    source: IpAddr,
    user_agent: Option<String>,
    caller: Option<(ClientId, CredentialId)>,
    /// Name of the approver who visits.
    approver: Option<String>,
    operation: Option<&'static str>,
    resources: Vec<(String, String)>,
    /// Method and path as written, when no operation was recognised.
    strange: Option<(String, String)>,
    /// Strangers refused without an entry of their own since the last one.
    others: u64,
    /// What the call takes away, in words.
    effects: Option<String>,
    /// What inspection would have refused, had the org not let it pass to see.
    doubts: Option<String>,
}

impl Facts {
    pub(crate) fn of(origin: &Origin) -> Self {
        Self {
            source: origin.source,
            user_agent: origin.forward.user_agent.clone(),
            caller: None,
            approver: None,
            operation: None,
            resources: Vec::new(),
            strange: None,
            others: 0,
            effects: None,
            doubts: None,
        }
    }

    /// Where the request comes from.
    pub(crate) fn source(&self) -> IpAddr {
        self.source
    }

    /// Notes client and credential.
    pub(crate) fn know(&mut self, client: &ClientId, credential: &CredentialId) {
        self.caller = Some((client.clone(), credential.clone()));
    }

    /// The client, where it is known.
    pub(crate) fn client(&self) -> Option<&ClientId> {
        self.caller.as_ref().map(|(client, _)| client)
    }

    /// Notes an approver.
    pub(crate) fn meet(&mut self, approver: &str) {
        self.approver = Some(approver.to_owned());
    }

    /// Whether neither client nor approver is known.
    pub(crate) fn is_of_nobody(&self) -> bool {
        self.caller.is_none() && self.approver.is_none()
    }

    /// Notes what inspection found and let pass: each check, field and kind once.
    pub(crate) fn doubt<'f>(&mut self, findings: impl Iterator<Item = &'f inspection::Finding>) {
        let told: BTreeSet<String> = findings.map(inspection::Finding::note).collect();
        let told: Vec<String> = told.into_iter().take(DOUBTS_MAX).collect();
        self.doubts = (!told.is_empty()).then(|| told.join("; "));
    }

    /// Notes what was asked for.
    pub(crate) fn ask(&mut self, route: &Recognised<'_>) {
        self.operation = Some(route.operation.id);
        let sessions = route.operation.template.starts_with(SESSIONS);
        let pairs = route.parameters.iter();
        self.resources = pairs
            .map(|(name, value)| {
                let value = if sessions { WITHHELD } else { value.as_ref() };
                ((*name).to_owned(), value.to_owned())
            })
            .collect();
    }

    /// What the path names, as it may be written down.
    pub(crate) fn resources(&self) -> &[(String, String)] {
        &self.resources
    }

    /// Notes the ids of objects that the request named otherwise.
    pub(crate) fn resolve(&mut self, call: &Call) {
        for (noted, sent) in self.resources.iter_mut().zip(&call.params) {
            if noted.1 != sent.1 && noted.1 != WITHHELD {
                noted.1.clone_from(&sent.1);
            }
        }
    }

    /// Notes a request that names no operation.
    pub(crate) fn wonder(&mut self, method: &str, path: &str) {
        self.strange = Some((method.to_owned(), path.to_owned()));
    }

    /// Notes what the call takes away.
    pub(crate) fn weigh(&mut self, effects: String) {
        self.effects = Some(effects);
    }

    /// Notes how many strangers were refused without an entry since the last one.
    pub(crate) fn count(&mut self, others: u64) {
        self.others = others;
    }

    /// An event of what is known, to be filled in.
    pub(crate) fn to_event(&self) -> Event {
        let mut details = Vec::new();
        if self.others > 0 {
            details.push((OTHERS, self.others.to_string()));
        }
        Event {
            source: Some(self.source),
            user_agent: self.user_agent.clone(),
            details,
            ..Event::default()
        }
    }

    fn opening<'f>(
        &'f self,
        permit: &'f Permit,
        details: &'f [(&'static str, String)],
    ) -> Opening<'f> {
        let call = permit.call();
        Opening {
            client: permit.caller().client().as_str(),
            credential: permit.caller().credential().as_str(),
            operation: call.operation.id,
            resources: &self.resources,
            source: Some(self.source),
            user_agent: self.user_agent.as_deref(),
            reason: None,
            details,
            durable: !call.operation.is_read(),
        }
    }
}

/// The terms of a permit, as far as they are out of the ordinary: nothing when the client's own registration permitted the call.
fn details_of(terms: &Terms) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    if terms
        .policies
        .iter()
        .any(|name| &**name != policy::REGISTRATION)
    {
        details.push((POLICIES, terms.policies.join(", ")));
    }
    if let Some(elevation) = &terms.elevation {
        details.push((ELEVATION, elevation.to_string()));
    }
    if let Some(denial) = &terms.would_refuse {
        details.push((WOULD_REFUSE, denial.code().to_owned()));
    }
    if !terms.would_forbid.is_empty() {
        details.push((WOULD_FORBID, terms.would_forbid.join(", ")));
    }
    details
}

/// Writes down that the call is about to be made; on disk when this returns, if the call changes anything.
pub(crate) async fn open(
    trail: &Trail,
    permit: Permit,
    facts: Facts,
) -> Result<Recorded<Permit>, Refusal> {
    let mut details = details_of(permit.terms());
    details.extend(facts.effects.clone().map(|effects| (EFFECTS, effects)));
    details.extend(
        facts
            .doubts
            .clone()
            .map(|doubts| (WOULD_REFUSE_INSPECTION, doubts)),
    );
    let entered = trail.enter(facts.opening(&permit, &details)).await;
    let recorded = entered.map(|entered| entered.with(permit));
    recorded.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))
}

/// Writes down how the call ended.
///
/// A read whose end cannot be recorded is refused. After a write Okta has acted, its opening entry is on disk, and hiding the
/// answer would only make the caller repeat it: it is passed on, and the next call is refused.
pub(crate) async fn close(
    trail: &Trail,
    recorded: Recorded<Permit>,
    answer: &Result<Answer, UpstreamError>,
    took: Duration,
) -> Result<(), Refusal> {
    let changes = !recorded.permit().call().operation.is_read();
    let outcome = Outcome {
        duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        ..outcome(answer)
    };
    match trail.close_entry(recorded, outcome).await {
        Err(error) if !changes => Err(Refusal::new(Kind::Unrecorded, error.to_string())),
        Err(error) => {
            tracing::error!(%error, "the end of a call is not recorded");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Writes down a refusal.
pub(crate) async fn refuse(
    trail: &Trail,
    facts: Facts,
    refusal: &Refusal,
    error_id: &str,
) -> Result<EntryId, audit::AuditError> {
    let (client, credential) = facts.caller.map_or((None, None), |(client, credential)| {
        (Some(client.to_string()), Some(credential.to_string()))
    });
    let mut details = vec![("error_id", error_id.to_owned())];
    if let Some(approver) = facts.approver {
        details.push(("by", approver));
    }
    if let Some((method, path)) = facts.strange {
        details.extend([("method", method), ("path", path)]);
    }
    if facts.others > 0 {
        details.push((OTHERS, facts.others.to_string()));
    }
    details.extend(facts.effects.map(|effects| (EFFECTS, effects)));
    let event = Event {
        kind: "refused",
        client,
        credential,
        operation: facts.operation.map(str::to_owned),
        resources: facts.resources,
        source: Some(facts.source),
        user_agent: facts.user_agent,
        status: Some(refusal.kind.row().status.as_u16()),
        reason: Some(refusal.reason.clone().into_owned()),
        details,
        durable: false,
    };
    trail.note(event).await
}

/// Writes down how often a source or a client was turned away, and for what.
pub(crate) async fn turned(trail: &Trail, noted: Noted) -> Result<EntryId, audit::AuditError> {
    let times = noted.times.into_iter();
    let event = Event {
        kind: "turned_away",
        client: noted.client,
        source: noted.source.map(Source::address),
        details: times
            .map(|(code, times)| (code, times.to_string()))
            .collect(),
        durable: false,
        ..Event::default()
    };
    trail.note(event).await
}

/// Writes down how many strangers were refused without an entry, if any were.
pub(crate) async fn count(trail: &Trail, others: u64) -> Result<(), audit::AuditError> {
    if others > 0 {
        let event = Event {
            kind: "refused",
            details: vec![(OTHERS, others.to_string())],
            ..Event::default()
        };
        trail.note(event).await?;
    }
    Ok(())
}

/// Below this, paths name people's sessions by their ids, and whoever knows such an id may take the session over.
const SESSIONS: &str = "/api/v1/sessions/";

/// What is written in place of a credential.
const WITHHELD: &str = "withheld";

/// Names of the policies that permitted a call.
const POLICIES: &str = "policies";

/// Detail of an opening entry: the id of the elevation without which the call would have been denied.
pub const ELEVATION: &str = "elevation";

/// Detail of an opening entry: the reason for which the call would have been denied, had its client not been in shadow mode.
pub const WOULD_REFUSE: &str = "would_refuse";

/// Detail of an opening entry: what inspection found and let pass, as `check field kind`, joined by `; `. Never a value.
pub const WOULD_REFUSE_INSPECTION: &str = "would_refuse_inspection";

/// Names of the shadow policies that would have forbidden a call.
const WOULD_FORBID: &str = "would_forbid";

/// What a call takes away.
const EFFECTS: &str = "effects";

/// Name of the count of strangers that were refused without an entry of their own.
const OTHERS: &str = "strangers_without_entry";
