//! Looking at the org before doing something twice: was the object made, is the relation there, is the state reached? Reads
//! only.

use super::request;
use crate::ids::{IdMap, TargetId};
use crate::limits::SOUGHT_PAGES_MAX;
use crate::matching::{last_segment, natural_key};
use crate::plan::{Action, Step, Told};
use access::Call;
use catalog::pattern::Pattern;
use org::{Key, Kind, Object};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use upstream::{Line, LineError};

/// What looking brought.
#[derive(Debug)]
pub(super) enum Sight {
    /// The object, as Okta shows it.
    There(Value),
    /// It is not there.
    Absent,
    /// It cannot be told.
    Unclear(String),
}

/// Looks for the object that `step` makes or finds: by the natural key, among objects that are nobody else's.
pub(super) async fn object(
    line: &Line,
    step: &Step,
    ids: &IdMap,
    calls: &AtomicUsize,
) -> Result<Sight, LineError> {
    let kind = step.object.kind();
    let Some(recognise) = &step.recognise else {
        return Ok(Sight::Unclear("it has no natural key".to_owned()));
    };
    let mut sought = recognise.clone();
    org::remap(kind, &mut sought, ids);
    let call = match listing_of(step, ids) {
        Ok(call) => call,
        Err(reason) => return Ok(Sight::Unclear(reason)),
    };
    let taken: BTreeSet<&str> = ids
        .iter()
        .filter(|(source, _)| !is_own(step, source.as_str()))
        .map(|(_, t)| t.as_str())
        .collect();
    let mut found = Vec::new();
    let read = walk(line, kind, call, calls, |id, item| {
        let candidate = Object::new(Key::new(kind, &[id]), item.clone());
        if !taken.contains(id)
            && natural_key(&candidate, &IdMap::default()).as_deref() == Some(&sought.to_string())
        {
            found.push(item);
        }
    });
    match read.await? {
        Err(reason) => Ok(Sight::Unclear(reason)),
        Ok(()) => Ok(match found.len() {
            0 => Sight::Absent,
            1 => found.pop().map_or(Sight::Absent, Sight::There),
            several => Sight::Unclear(format!("{several} objects fit")),
        }),
    }
}

fn is_own(step: &Step, source: &str) -> bool {
    step.answers
        .iter()
        .any(|told| told.source.as_str() == source)
}

/// A person is asked for by login; anything else is looked for in its collection.
fn listing_of(step: &Step, ids: &IdMap) -> Result<Call, String> {
    let body = step.body.as_ref().map(|body| &body.0);
    if step.action == Action::Find {
        return request::call(step, None, ids);
    }
    if let (USER, Some(login)) = (
        step.object.kind().name(),
        body.and_then(|body| body.pointer("/profile/login")?.as_str()),
    ) {
        return request::plain("getUser", &[login.to_owned()]);
    }
    request::listing(step.object.kind(), &request::owners(step, ids), body)
}

/// Collections that were read: kind and owners → ids.
pub(super) type Seen = BTreeMap<Vec<String>, BTreeSet<String>>;

/// Whether the relation that `step` makes is there. `seen` keeps the collections that were read.
pub(super) async fn relation(
    line: &Line,
    step: &Step,
    ids: &IdMap,
    seen: &mut Seen,
    calls: &AtomicUsize,
) -> Result<Option<bool>, LineError> {
    let owners = request::owners(step, ids);
    let id = step.object.id();
    let id = ids
        .target(&id)
        .map_or(id.as_str(), TargetId::as_str)
        .to_owned();
    let place: Vec<String> = std::iter::once(step.object.kind().name().to_owned())
        .chain(owners.clone())
        .collect();
    if let Some(known) = seen.get(&place) {
        return Ok(Some(known.contains(&id)));
    }
    let Ok(call) = request::listing(step.object.kind(), &owners, None) else {
        return Ok(None);
    };
    let mut found = BTreeSet::new();
    let read = walk(line, step.object.kind(), call, calls, |id, _| {
        found.insert(id.to_owned());
    })
    .await?;
    if read.is_err() {
        return Ok(None);
    }
    let there = found.contains(&id);
    seen.insert(place, found);
    Ok(Some(there))
}

/// Whether the object is in the state that `step` leads to.
pub(super) async fn state(
    line: &Line,
    step: &Step,
    ids: &IdMap,
    calls: &AtomicUsize,
) -> Result<bool, LineError> {
    let facts = step.object.kind().facts();
    let Some(operation) = &facts.verbs.get else {
        return Ok(false);
    };
    let path: Vec<String> = step
        .object
        .ids()
        .into_iter()
        .map(|id| ids.target(&id).map_or(id, ToString::to_string))
        .collect();
    let Ok(call) = request::plain(operation, &path) else {
        return Ok(false);
    };
    calls.fetch_add(1, Relaxed);
    let answer = line.call(call).await?;
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        return Ok(false);
    };
    let is = facts.lifecycle.as_ref().map_or_else(
        || body.get("status").and_then(Value::as_str),
        |lifecycle| lifecycle.field.first(&body).and_then(Value::as_str),
    );
    let meant: &[&str] = match (step.action, &facts.lifecycle, step.operation.as_str()) {
        (Action::Activate, Some(lifecycle), _) => &[&lifecycle.on],
        (Action::Deactivate, Some(lifecycle), _) => &[&lifecycle.off],
        (_, None, "activateUser") => &["PROVISIONED", "ACTIVE"],
        (_, None, "deactivateUser") => &["DEPROVISIONED"],
        (_, None, "suspendUser") => &["SUSPENDED"],
        (_, None, "unsuspendUser" | "unlockUser") => &["ACTIVE"],
        _ => &[],
    };
    Ok(answer.is_success() && is.is_some_and(|is| meant.contains(&is)))
}

/// The ids that an answer, or an object that was found, tells.
pub(super) fn told(
    answers: &[Told],
    body: &Value,
) -> Result<Vec<(crate::SourceId, TargetId)>, String> {
    let one = |told: &Told| {
        let place = Pattern::parse(&told.at).map_err(|error| error.to_string())?;
        let id =
            last_segment(&place, body).ok_or_else(|| format!("the answer has no {}", told.at))?;
        Ok((told.source.clone(), TargetId::from(id)))
    };
    answers.iter().map(one).collect()
}

/// Shows every item of a listing (or the one object of an answer) with its id. A 404 is an empty one.
async fn walk(
    line: &Line,
    kind: Kind,
    call: Call,
    calls: &AtomicUsize,
    mut show: impl FnMut(&str, Value),
) -> Result<Result<(), String>, LineError> {
    let facts = kind.facts();
    let mut pages = line.pages(call);
    for _ in 0..SOUGHT_PAGES_MAX {
        calls.fetch_add(1, Relaxed);
        let answer = match pages.next().await {
            Ok(Some(answer)) => answer,
            Ok(None) => {
                calls.fetch_sub(1, Relaxed);
                return Ok(Ok(()));
            }
            Err(LineError::Refused { answer, .. })
                if answer.status == http::StatusCode::NOT_FOUND =>
            {
                return Ok(Ok(()));
            }
            Err(error @ (LineError::Refused { .. } | LineError::Astray { .. })) => {
                return Ok(Err(error.to_string()));
            }
            Err(error) => return Err(error),
        };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Ok(Err("the answer is no JSON".to_owned()));
        };
        let items = match (body, &facts.listing.items) {
            (Value::Array(items), _) => items,
            (Value::Object(mut members), Some(name)) if members.contains_key(name) => members
                .remove(name)
                .and_then(|items| items.as_array().cloned())
                .unwrap_or_default(),
            (one, _) => vec![one],
        };
        for item in items {
            let id = facts
                .identity
                .id
                .first(&item)
                .and_then(Value::as_str)
                .map(str::to_owned);
            if let Some(id) = id {
                show(&id, item);
            }
        }
    }
    Ok(Err(format!("more than {SOUGHT_PAGES_MAX} pages")))
}

const USER: &str = "user";
