//! Deletes an org through its API, the way an attacker with a stolen token or a careless script would, in an order Okta accepts:
//! what refers before what is referred to, switched off before deleted. What belongs to Okta stays; nothing is forced.

use access::Call;
use org::{Key, Kind, Object, Org};
use std::collections::BTreeMap;
use std::sync::Arc;
use upstream::{Answer, Line, LineError};

/// What a wipe did.
#[derive(Debug, Clone, Default)]
pub struct Wiped {
    /// Objects deleted, by kind; what went with its owner is not counted.
    pub deleted: BTreeMap<Kind, usize>,
    /// Objects the org would not let go.
    pub refused: Vec<Refused>,
}

/// An object that could not be deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which.
    pub object: Key,
    /// Status and Okta's code.
    pub answer: String,
}

impl Wiped {
    /// How many objects were deleted.
    pub fn total(&self) -> usize {
        self.deleted.values().sum()
    }
}

/// Deletes what `org` (the org behind `line` as it was read) holds, but Okta's own objects and those whose ids are in
/// `lifeline`: the user or app that deletes.
///
/// # Errors
/// [`LineError`], when the line itself fails.
pub async fn wipe(line: &Line, org: &Org, lifeline: &[String]) -> Result<Wiped, LineError> {
    let mut wiped = Wiped::default();
    let mut kinds: Vec<Kind> = org.kinds().collect();
    kinds.reverse();
    for kind in kinds
        .into_iter()
        .filter(|kind| kind.facts().verbs.delete.is_some())
    {
        for object in org.of(kind).filter(|object| is_due(org, object, lifeline)) {
            match delete(line, object).await? {
                None => *wiped.deleted.entry(kind).or_default() += 1,
                Some(answer) => wiped.refused.push(Refused {
                    object: object.key().clone(),
                    answer,
                }),
            }
        }
    }
    Ok(wiped)
}

/// Whether the object is to be deleted itself: not Okta's own, not following from others, and not going with its owner.
fn is_due(org: &Org, object: &Object, lifeline: &[String]) -> bool {
    let (key, facts) = (object.key(), object.key().kind().facts());
    let spared = |key: &Key| lifeline.contains(&key.id());
    if spared(key) || facts.is_system(object.body()) || facts.is_derived(object.body()) {
        return false;
    }
    let Some(owner) = key.parent().and_then(|owner| org.get(&owner).cloned()) else {
        return true;
    };
    let asked = &facts.listing;
    let reached = asked
        .only_if
        .iter()
        .all(|condition| condition.holds(owner.body()));
    reached && !goes(org, &owner, lifeline)
}

/// Whether the object will be gone in the end, with its owner or by itself.
fn goes(org: &Org, object: &Arc<Object>, lifeline: &[String]) -> bool {
    let deletable = object.key().kind().facts().verbs.delete.is_some();
    let with_owner = object
        .key()
        .parent()
        .and_then(|owner| org.get(&owner).cloned());
    let with_owner = with_owner.is_some_and(|owner| goes(org, &owner, lifeline));
    with_owner || (deletable && is_due(org, object, lifeline))
}

/// Deletes one object; what Okta said against it, if it did.
async fn delete(line: &Line, object: &Object) -> Result<Option<String>, LineError> {
    let facts = object.key().kind().facts();
    let is_off = facts.lifecycle.as_ref().is_none_or(|lifecycle| {
        let state = lifecycle.field.first(object.body());
        state.and_then(|state| state.as_str()) == Some(lifecycle.off.as_str())
    });
    if let (false, Some(operation)) = (is_off, &facts.verbs.deactivate) {
        let answer = send(line, operation, object.key()).await?;
        if let Some(refused) = answer.filter(|answer| !answer.status.is_success()) {
            return Ok(Some(describe(&refused)));
        }
    }
    let operation = facts.verbs.delete.as_deref().unwrap_or_default();
    // The first deletion of a person only deactivates, unless that has happened already.
    let twice = facts.name == "user" && object.text_at("status") != Some("DEPROVISIONED");
    for _ in 0..if twice { 2 } else { 1 } {
        match send(line, operation, object.key()).await? {
            None => return Ok(Some("no call can be made of its ids".to_owned())),
            Some(answer) if !answer.status.is_success() => return Ok(Some(describe(&answer))),
            Some(_) => {}
        }
    }
    Ok(None)
}

async fn send(line: &Line, operation: &str, key: &Key) -> Result<Option<Answer>, LineError> {
    let Some(known) = catalog::operations().by_id(operation) else {
        return Ok(None);
    };
    let ids = key.ids();
    let params: Vec<(&str, &str)> = known
        .path_parameters()
        .zip(ids.iter().map(String::as_str))
        .collect();
    match Call::new(operation, &params) {
        Ok(call) => line.call(call).await.map(Some),
        Err(_) => Ok(None),
    }
}

fn describe(answer: &Answer) -> String {
    let code = answer
        .error()
        .map(|error| format!(" {} {}", error.error_code, error.error_summary));
    format!("{}{}", answer.status.as_u16(), code.unwrap_or_default())
}
