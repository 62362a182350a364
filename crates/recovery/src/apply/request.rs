//! From a step to the call it means: ids translated, secrets filled in. Nothing is decided here.

use crate::ids::IdMap;
use crate::plan::{ParamValue, Step};
use crate::secret;
use access::Call;
use org::{Kind, Object};
use serde_json::Value;

/// The call that carries out `step`, as things are called now.
///
/// # Errors
/// A sentence, when an id is not known or a secret is not in the snapshot.
pub(super) fn call(step: &Step, wanted: Option<&Object>, ids: &IdMap) -> Result<Call, String> {
    let params = values(&step.params, ids)?;
    let pairs: Vec<(&str, &str)> = params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut call = Call::new(&step.operation, &pairs).map_err(|error| error.to_string())?;
    for (name, value) in values(&step.query, ids)? {
        call = call.with_query(&name, &value);
    }
    let Some(body) = &step.body else {
        return Ok(call);
    };
    let mut body = body.0.clone();
    secret::fill(&mut body, wanted.map_or(&Value::Null, Object::body))
        .map_err(|place| format!("the snapshot has no {place}"))?;
    org::remap(step.object.kind(), &mut body, ids);
    Ok(call.with_json(&body))
}

/// The call of `operation` that writes what `step` would have made, at the id it has already.
pub(super) fn instead(
    step: &Step,
    operation: &str,
    wanted: Option<&Object>,
    ids: &IdMap,
) -> Result<Call, String> {
    let made = call(step, wanted, ids)?;
    let path = step
        .object
        .ids()
        .into_iter()
        .map(|id| ids.target(&id).map_or(id, ToString::to_string));
    let written = plain(operation, &path.collect::<Vec<_>>())?;
    Ok(Call {
        body: made.body,
        ..written
    })
}

fn values(params: &[crate::plan::Param], ids: &IdMap) -> Result<Vec<(String, String)>, String> {
    let value = |param: &crate::plan::Param| match &param.value {
        ParamValue::Plain(text) => Ok(text.clone()),
        ParamValue::Target(id) => Ok(id.to_string()),
        ParamValue::Source(id) => ids
            .target(id.as_str())
            .map(ToString::to_string)
            .ok_or_else(|| format!("it is not known what {id} is called now")),
    };
    params
        .iter()
        .map(|param| Ok((param.name.clone(), value(param)?)))
        .collect()
}

/// Path parameters of a listing of the step's collection: the ids of its owners, as they are called now.
pub(super) fn owners(step: &Step, ids: &IdMap) -> Vec<String> {
    let mut path = step.object.ids();
    path.pop();
    path.into_iter()
        .map(|id| ids.target(&id).map_or(id, ToString::to_string))
        .collect()
}

/// A call of `operation` with these ids in its path, as many as it takes.
pub(super) fn plain(operation: &str, ids: &[String]) -> Result<Call, String> {
    let path = catalog::operations()
        .by_id(operation)
        .map(|operation| operation.path_parameters());
    let params: Vec<(&str, &str)> = path
        .into_iter()
        .flatten()
        .zip(ids.iter().map(String::as_str))
        .collect();
    Call::new(operation, &params).map_err(|error| error.to_string())
}

/// A call that lists the collection of `kind` owned by `owners`, in pages as large as Okta takes.
pub(super) fn listing(kind: Kind, owners: &[String], part: Option<&Value>) -> Result<Call, String> {
    let facts = kind.facts();
    let operation = facts
        .verbs
        .list
        .as_ref()
        .ok_or("Okta has no listing of it")?;
    let mut call = plain(operation, owners)?;
    for (name, value) in &facts.listing.query {
        call = call.with_query(name, value);
    }
    if let Some((name, _)) = &facts.listing.each {
        let value = part.and_then(|body| body.get(name)).and_then(Value::as_str);
        call = call.with_query(name, value.ok_or_else(|| format!("it has no {name}"))?);
    }
    match facts.listing.limit {
        Some(limit) => Ok(call.with_query("limit", &limit.to_string())),
        None => Ok(call),
    }
}
