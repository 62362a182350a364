//! Telling: every step of an elevation and every use of what is behind the glass goes into the trail first, and from there to the
//! webhook. Decides nothing, and never holds a secret.

use std::net::IpAddr;
use std::sync::Arc;

use access::{AccessError, Elevation, Keyring, Opening, Permit, Raise, Stage};
use audit::{AuditError, EntryId, Event, Trail};
use egress::{Notice, Notices};
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::record::Facts;
use crate::refusal::Refusal;
use crate::settings::Front;
use crate::table::Kind;

/// What became of a request for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was asked for.
    Asked,
    /// Somebody approved it; it runs if nobody is missing.
    Approved,
    /// Somebody denied it.
    Denied,
    /// It has run, or was ended or withdrawn.
    Ended,
    /// Nobody decided in time.
    Lapsed,
}

/// Who took a step, and from where.
#[derive(Clone, Debug, Default)]
pub struct Hand {
    /// The approver's name, or `operator` for whoever works on the gateway's own machine; `None` when nobody did.
    pub who: Option<String>,
    /// Address it was done from.
    pub source: Option<IpAddr>,
    /// The credential shown, when it was a client's.
    pub credential: Option<String>,
}

/// Somebody opens what is behind the glass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlassStep {
    /// The glass was sealed.
    Sealed,
    /// It was opened.
    Opened,
    /// A wrong passphrase was tried, or one too soon.
    Refused,
    /// Its key is no longer accepted.
    Closed,
}

/// Writes down a step of an elevation, on disk when this returns, and tells the webhook.
///
/// # Errors
/// [`AuditError`], when it cannot be written; nobody is told then.
pub async fn tell(
    trail: &Trail,
    notices: &Notices,
    step: Step,
    one: &Elevation,
    hand: Hand,
    now: Timestamp,
) -> Result<EntryId, AuditError> {
    let (kind, event) = step.names();
    let course = &one.course;
    let mut details = vec![
        ("elevation", one.id.to_string()),
        ("stage", one.stage(now).word().to_owned()),
        ("scopes", one.asked.scopes.join(" ")),
        ("operations", one.asked.operations.join(" ")),
        ("raises", words(&one.asked.raises)),
        ("about", one.asked.about.clone()),
        ("minutes", one.asked.minutes.to_string()),
        (
            "approvals",
            format!("{} of {}", course.approvals.len(), course.needed),
        ),
    ];
    if let Stage::Running { until } = one.stage(now) {
        details.push(("until", until.to_string()));
    }
    if let Some(who) = hand.who {
        details.push(("by", who));
    }
    let mut facts = facts(&details);
    facts.insert("client".to_owned(), Value::from(one.client_name.as_str()));
    facts.insert("reason".to_owned(), Value::from(one.asked.reason.as_str()));
    let entry = trail
        .note(Event {
            kind,
            client: Some(one.client.to_string()),
            credential: hand.credential,
            source: hand.source,
            reason: Some(one.asked.reason.clone()),
            details,
            durable: true,
            ..Event::default()
        })
        .await?;
    notices.tell(Notice::new(event, one.org.as_str(), now, facts));
    Ok(entry)
}

/// Who takes a step, and of what kind it is.
pub(crate) struct Pace {
    pub(crate) step: Step,
    pub(crate) hand: Hand,
    pub(crate) now: Timestamp,
}

/// Why a step was not taken.
#[derive(Debug)]
pub(crate) enum Untaken {
    /// It may not be, or the state cannot be changed.
    Refused(AccessError),
    /// It cannot be written down, and so was taken back.
    Unrecorded(String),
}

/// Takes a step of an elevation and writes it down; both or neither, even if whoever takes it hangs up in between. `work` says whether
/// it did anything: what did not has no entry.
pub(crate) async fn take(
    keyring: &Arc<Keyring>,
    (trail, notices): (&Trail, &Notices),
    Pace { step, hand, now }: Pace,
    work: impl FnOnce(&Keyring) -> Result<(Elevation, bool), AccessError> + Send + 'static,
) -> Result<(Elevation, Option<EntryId>), Untaken> {
    let (keyring, trail, notices) = (Arc::clone(keyring), trail.clone(), notices.clone());
    let unfinished = |error| {
        tracing::error!(%error, "a step of an elevation did not end");
        Untaken::Unrecorded("unfinished".to_owned())
    };
    let task = tokio::spawn(async move {
        let of = Arc::clone(&keyring);
        let done = tokio::task::spawn_blocking(move || work(&of)).await;
        let (one, new) = done.map_err(unfinished)?.map_err(Untaken::Refused)?;
        if !new {
            return Ok((one, None));
        }
        match tell(&trail, &notices, step, &one, hand, now).await {
            Ok(entry) => Ok((one, Some(entry))),
            Err(error) => {
                // What cannot be written down must not run.
                let end = move || keyring.end(&one.org, &one.id, now);
                let ended = tokio::task::spawn_blocking(end).await;
                let ended = matches!(ended, Ok(Ok(_)));
                tracing::error!(%error, ended, "a step of an elevation is not recorded");
                Err(Untaken::Unrecorded(error.to_string()))
            }
        }
    });
    task.await.map_err(unfinished)?
}

/// Writes down what was done about the glass, on disk when this returns, tells the webhook and warns in the traces.
///
/// # Errors
/// [`AuditError`], when it cannot be written; nobody is told then.
pub async fn tell_glass(
    trail: &Trail,
    notices: &Notices,
    step: GlassStep,
    org: &str,
    opening: Option<&Opening>,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<EntryId, AuditError> {
    let (kind, event) = step.names();
    let mut details = Vec::new();
    if let Some(opening) = opening {
        details = vec![
            ("opening", opening.id.to_string()),
            ("until", opening.ends.to_string()),
        ];
    }
    let reason = opening.map(|opening| opening.reason.as_str()).or(reason);
    let mut facts = facts(&details);
    facts.extend(reason.map(|reason| ("reason".to_owned(), Value::from(reason))));
    tracing::warn!(org, event, "break-glass");
    let entry = trail
        .note(Event {
            kind,
            reason: reason.map(str::to_owned),
            details,
            durable: true,
            ..Event::default()
        })
        .await?;
    notices.tell(Notice::new(event, org, now, facts));
    Ok(entry)
}

/// Writes down and tells which of an org's elevations ended by themselves since the last time, and which requests lapsed. What cannot be
/// told is said in the traces.
pub(crate) async fn tell_ends(keyring: &Arc<Keyring>, front: &Front, now: Timestamp) {
    let (keyring, org) = (Arc::clone(keyring), front.name.clone());
    let ended = tokio::task::spawn_blocking(move || keyring.take_ended(&org, now)).await;
    let ended = match ended {
        Ok(Ok(ended)) => ended,
        Ok(Err(error)) => return tracing::warn!(%error, "the end of elevations is not told yet"),
        Err(error) => return tracing::error!(%error, "looking for ended elevations did not end"),
    };
    for one in ended {
        let step = match one.stage(now) {
            Stage::Lapsed => Step::Lapsed,
            _ => Step::Ended,
        };
        let told = tell(
            &front.trail,
            &front.notices,
            step,
            &one,
            Hand::default(),
            now,
        )
        .await;
        if let Err(error) = told {
            tracing::error!(%error, elevation = %one.id, "the end of an elevation is not recorded");
        }
    }
}

/// Makes a call from behind the glass heard before it is made: an entry of its own kind on disk, the webhook, a warning.
///
/// # Errors
/// The refusal of the call, when it cannot be written down.
pub(crate) async fn sound(
    front: &Front,
    opening: &str,
    permit: &Permit,
    facts: &Facts,
    now: Timestamp,
) -> Result<(), Refusal> {
    let operation = permit.call().operation.id;
    let org = front.name.as_str();
    tracing::warn!(org, opening, operation, "break-glass key used");
    let details = vec![("opening", opening.to_owned())];
    let mut told = self::facts(&details);
    told.insert("operation".to_owned(), Value::from(operation));
    let event = Event {
        kind: "break_glass_used",
        client: Some(permit.caller().client().to_string()),
        credential: Some(permit.caller().credential().to_string()),
        operation: Some(operation.to_owned()),
        resources: facts.resources().to_vec(),
        details,
        durable: true,
        ..facts.to_event()
    };
    let entry = front.trail.note(event).await;
    entry.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
    front
        .notices
        .tell(Notice::new("break_glass.used", org, now, told));
    Ok(())
}

fn words(raises: &[Raise]) -> String {
    let words: Vec<String> = raises.iter().map(ToString::to_string).collect();
    words.join(" ")
}

pub(crate) fn facts(details: &[(&'static str, String)]) -> Map<String, Value> {
    let pairs = details.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect()
}

impl Step {
    /// Kind of the entry, and event of the notice.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Asked => ("elevation_asked", "elevation.asked"),
            Self::Approved => ("elevation_approved", "elevation.approved"),
            Self::Denied => ("elevation_denied", "elevation.denied"),
            Self::Ended => ("elevation_ended", "elevation.ended"),
            Self::Lapsed => ("elevation_lapsed", "elevation.lapsed"),
        }
    }
}

impl GlassStep {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Sealed => ("break_glass_sealed", "break_glass.sealed"),
            Self::Opened => ("break_glass_opened", "break_glass.opened"),
            Self::Refused => ("break_glass_refused", "break_glass.refused"),
            Self::Closed => ("break_glass_closed", "break_glass.closed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use access::{Asked, NewClient, OrgName};
    use clock::Manual;
    use store::{Database, SealKey};
    use tokio::time::timeout;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    #[tokio::test]
    async fn a_step_whose_taker_hangs_up_is_written_down_all_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap();
        let keyring = Arc::new(keyring);
        let org = OrgName::parse("production").unwrap();
        let new = NewClient {
            eligible: vec!["okta.users.manage".to_owned()],
            ..NewClient::new(org.clone(), "script")
        };
        let client = keyring.register(new, NOW).unwrap().id;
        let clock = Arc::new(Manual::at(NOW));
        let trail = Trail::open(dir.path(), org.as_str(), clock).unwrap();
        let pace = Pace {
            step: Step::Asked,
            hand: Hand::default(),
            now: NOW,
        };
        let asked = Asked {
            operations: vec!["deactivateUser".to_owned()],
            reason: "ticket 4711".to_owned(),
            minutes: 5,
            ..Asked::default()
        };
        let work = move |keyring: &Keyring| keyring.ask(&client, asked, NOW).map(|one| (one, true));
        let notices = Notices::default();
        let taking = take(&keyring, (&trail, &notices), pace, work);
        assert!(timeout(Duration::ZERO, taking).await.is_err(), "it hung up");
        let file = dir.path().join("production/00000001.jsonl");
        let written = async {
            while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains("elevation_asked"))
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(30), written).await.unwrap();
        assert_eq!(keyring.elevations(&org, None).unwrap().len(), 1);
    }
}
