//! A caller's own view of Okta's rate budget: how much of each is left for it, when more comes, what it has waiting. Shown to clients,
//! each its own part only; asks Okta nothing.

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use upstream::{BucketShare, Portion};

use super::{Visit, told, wrong_method};
use crate::gateway::Reply;
use crate::identify;
use crate::record::Facts;
use crate::refusal::Refusal;

/// Whether the path is that of the route.
pub(crate) fn is_at(path: &str) -> bool {
    path == BUDGET
}

/// Answers a request to the route.
///
/// # Errors
/// [`Refusal`], when the visitor is no client, or does not look.
pub(crate) async fn answer(visit: Visit<'_>, facts: &mut Facts) -> Result<Reply, Refusal> {
    let caller = identify::caller(&visit, facts).await?;
    if visit.head.method != Method::GET {
        return Err(wrong_method("GET"));
    }
    let share = caller.share();
    let portion = visit.front.upstream.portion(caller.client(), share);
    let buckets: Vec<Value> = portion
        .buckets
        .iter()
        .map(|bucket| shown(bucket, visit.now))
        .collect();
    let Portion {
        under_way, waiting, ..
    } = portion;
    let value = json!({
        "client": { "id": caller.client().as_str(), "name": caller.name() },
        "priority": share.priority.word(),
        "weight": share.weight,
        "under_way": under_way,
        "waiting": waiting,
        "buckets": buckets,
    });
    Ok(told(StatusCode::OK, &value))
}

fn shown(bucket: &BucketShare, now: Timestamp) -> Value {
    let state = &bucket.state;
    let ahead = SignedDuration::try_from(state.resets_in).unwrap_or(SignedDuration::ZERO);
    let resets = now.checked_add(ahead).unwrap_or(now);
    json!({
        "name": state.name,
        "limit": state.limit,
        "remaining": state.remaining,
        "left": bucket.left,
        "used": bucket.used,
        "used_by_all": state.used,
        "waiting": bucket.waiting,
        "waiting_of_all": bucket.waiting_all,
        "resets": resets.as_second(),
        "resets_in_s": state.resets_in.as_secs(),
    })
}

const BUDGET: &str = "/portcullis/v1/budget";
