//! Frozen orgs: a call that would change one is refused, whoever permitted it. Looked at when the caller is known, while a call is held,
//! and once more right before the call is made.

use access::{Caller, ClientId, Freeze, Keyring};
use audit::{AuditError, EntryId, Event, Trail};
use catalog::Operation;
use egress::{Notice, Notices};
use jiff::Timestamp;
use serde_json::Value;

use crate::refusal::Refusal;
use crate::table::Kind;
use crate::telling::facts;

/// Refuses a call that the freeze of its org stops.
pub(crate) fn refuse(
    keyring: &Keyring,
    caller: &Caller,
    operation: &Operation,
    now: Timestamp,
) -> Result<(), Refusal> {
    if operation.is_read() {
        return Ok(());
    }
    let frozen = keyring.frozen(caller.org(), now);
    let frozen = frozen.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
    match frozen {
        Some(freeze) if freeze.stops(caller, operation) => Err(refusal_of(&freeze)),
        _ => Ok(()),
    }
}

fn refusal_of(freeze: &Freeze) -> Refusal {
    Refusal::new(Kind::Frozen, "frozen")
        .because(format!(
            "This org is frozen since {}: {}.",
            freeze.since, freeze.reason
        ))
        .because("Nothing passes that changes it until an operator has thawed it; reading goes on.")
}

/// Writes down that an org was frozen, or thawed, on disk when this returns, tells the webhook and warns in the traces.
///
/// # Errors
/// [`AuditError`], when it cannot be written; nobody is told then.
pub async fn tell_freeze(
    trail: &Trail,
    notices: &Notices,
    frozen: bool,
    freeze: &Freeze,
    now: Timestamp,
) -> Result<EntryId, AuditError> {
    let (kind, event) = match frozen {
        true => ("org_frozen", "org.frozen"),
        false => ("org_thawed", "org.thawed"),
    };
    let exempt: Vec<&str> = freeze.exempt.iter().map(ClientId::as_str).collect();
    let details = vec![
        ("by", freeze.by.clone()),
        ("since", freeze.since.to_string()),
        ("exempt", exempt.join(" ")),
    ];
    let mut told = facts(&details);
    told.insert("reason".to_owned(), Value::from(freeze.reason.as_str()));
    tracing::warn!(org = freeze.org.as_str(), event, "freeze");
    let entry = trail
        .note(Event {
            kind,
            reason: Some(freeze.reason.clone()),
            details,
            durable: true,
            ..Event::default()
        })
        .await?;
    notices.tell(Notice::new(event, freeze.org.as_str(), now, told));
    Ok(entry)
}
