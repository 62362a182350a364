//! Signing keys of an app and requests for certificates. The private halves do not exist.

use super::{certificate, find, kept};
use crate::{Call, Context, Error, Reply};
use http::StatusCode;
use http::header::LOCATION;
use org::Key;
use serde_json::{Value, json};

const KEYS: &str = "keys";
const REQUESTS: &str = "csrs";

/// The key an app signs with from birth.
pub(super) fn make_first(ctx: &mut Context<'_>, app: &Key) {
    let kid = ctx.get(app).and_then(|object| {
        object
            .body()
            .pointer("/credentials/signing/kid")
            .and_then(Value::as_str)
            .map(str::to_owned)
    });
    if let Some(kid) = kid {
        let key = certificate::signing_key(ctx, &kid, 10);
        ctx.hide(app, KEYS, json!([key]));
    }
}

pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    Ok(Reply::ok(Value::Array(kept(ctx, app.key(), KEYS))))
}

pub(super) fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    named(&kept(ctx, app.key(), KEYS), "kid", call.param(1)).map(Reply::ok)
}

pub(super) fn generate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let years = call
        .query("validityYears")
        .and_then(|years| years.parse().ok())
        .unwrap_or(2);
    if !(2..=10).contains(&years) {
        return Err(Error::invalid(
            "validityYears",
            ["validityYears: must be between 2 and 10"],
        ));
    }
    let kid = ctx.world.ids.token(43);
    let key = certificate::signing_key(ctx, &kid, years);
    add(ctx, app.key(), KEYS, key.clone());
    Ok(created(
        ctx,
        call,
        &call.path.replace("/generate", ""),
        &kid,
        key,
    ))
}

/// Gives another app the same key.
pub(super) fn clone(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let key = named(&kept(ctx, app.key(), KEYS), "kid", call.param(1))?;
    let target = call.query("targetAid").unwrap_or_default();
    let other = ctx
        .named("app", &[target])
        .ok_or_else(|| Error::not_found(target, "AppInstance"))?;
    add(ctx, other.key(), KEYS, key.clone());
    Ok(Reply::created(key))
}

pub(super) fn list_requests(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let requests = kept(ctx, app.key(), REQUESTS)
        .iter()
        .map(|one| request_view(ctx, call, one))
        .collect();
    Ok(Reply::ok(Value::Array(requests)))
}

pub(super) fn generate_request(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let id = ctx.world.ids.token(43);
    let request =
        json!({"id": id, "created": ctx.stamp(), "csr": certificate::request(ctx), "kty": "RSA"});
    add(ctx, app.key(), REQUESTS, request.clone());
    let body = request_view(ctx, call, &request);
    Ok(created(ctx, call, &call.path, &id, body))
}

pub(super) fn get_request(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let request = named(&kept(ctx, app.key(), REQUESTS), "id", call.param(1))?;
    Ok(Reply::ok(request_view(ctx, call, &request)))
}

pub(super) fn revoke_request(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    let mut requests = kept(ctx, app.key(), REQUESTS);
    let request = named(&requests, "id", call.param(1))?;
    requests.retain(|one| *one != request);
    ctx.hide(app.key(), REQUESTS, Value::Array(requests));
    Ok(Reply::no_content())
}

fn request_view(ctx: &Context<'_>, call: &Call, request: &Value) -> Value {
    let id = request
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let path = format!("/api/v1/apps/{}/credentials/csrs/{id}", call.param(0));
    let mut view = request.clone();
    if let Some(members) = view.as_object_mut() {
        let publish = crate::links::to(ctx, &format!("{path}/lifecycle/publish"), &["POST"]);
        members.insert(
            "_links".to_owned(),
            json!({"self": crate::links::to(ctx, &path, &["GET", "DELETE"]), "publish": publish}),
        );
    }
    view
}

fn add(ctx: &mut Context<'_>, app: &Key, list: &str, item: Value) {
    let mut items = kept(ctx, app, list);
    items.push(item);
    ctx.hide(app, list, Value::Array(items));
}

fn named(items: &[Value], member: &str, wanted: &str) -> Result<Value, Error> {
    let found = items
        .iter()
        .find(|item| item.get(member).and_then(Value::as_str) == Some(wanted));
    found
        .cloned()
        .ok_or_else(|| Error::not_found(wanted, "JsonWebKey"))
}

fn created(ctx: &Context<'_>, _: &Call, collection: &str, id: &str, body: Value) -> Reply {
    let location = format!("{}{collection}/{id}", ctx.world.base_url);
    Reply::with(StatusCode::CREATED, body).with_header(LOCATION, &location)
}
