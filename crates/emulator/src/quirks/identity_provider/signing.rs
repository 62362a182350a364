//! The keys a provider signs its own requests with, and requests for certificates over them. Hidden beside the provider.
//! The keys only look like keys: nobody holds a private half.

use super::provider;
use crate::member;
use crate::{Call, Context, Error, Reply, links};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use org::Key;
use serde_json::{Value, json};

pub(super) fn new_key(ctx: &mut Context<'_>) -> Value {
    let now = ctx.stamp();
    let (kid, modulus) = (ctx.world.ids.token(43), ctx.world.ids.token(342));
    let certificate = STANDARD.encode(ctx.world.ids.bytes(600));
    json!({"kty": "RSA", "created": now, "lastUpdated": now, "expiresAt": now.replacen("20", "21", 1), "kid": kid, "use": "sig",
        "x5c": [certificate], "x5t#S256": ctx.world.ids.token(43), "e": "AQAB", "n": modulus})
}

pub(super) fn keep_keys(ctx: &mut Context<'_>, provider: &Key, keys: Vec<Value>) {
    ctx.hide(provider, KEYS, Value::Array(keys));
}

fn kept(ctx: &Context<'_>, provider: &Key, what: &str) -> Vec<Value> {
    ctx.hidden(provider, what)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// The certificate of the provider's first key, or nothing.
pub(super) fn certificate(ctx: &Context<'_>, provider: &Key) -> String {
    let keys = kept(ctx, provider, KEYS);
    let first = keys
        .first()
        .and_then(|key| key.pointer("/x5c/0"))
        .and_then(Value::as_str);
    first.unwrap_or_default().to_owned()
}

pub(super) fn list_keys(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    Ok(Reply::ok(Value::Array(kept(ctx, &provider, KEYS))))
}

pub(super) fn active_key(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let active = kept(ctx, &provider, KEYS).into_iter().next();
    Ok(Reply::ok(active.into_iter().collect()))
}

pub(super) fn generate_key(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let key = new_key(ctx);
    let mut keys = kept(ctx, &provider, KEYS);
    keys.push(key.clone());
    keep_keys(ctx, &provider, keys);
    Ok(Reply::created(key))
}

fn find(
    ctx: &Context<'_>,
    provider: &Key,
    what: &str,
    member: &str,
    id: &str,
) -> Result<Value, Error> {
    let found = kept(ctx, provider, what)
        .into_iter()
        .find(|one| one.get(member).and_then(Value::as_str) == Some(id));
    let class = if what == KEYS { "JsonWebKey" } else { "Csr" };
    found.ok_or_else(|| Error::not_found(id, class))
}

pub(super) fn get_key(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    find(ctx, &provider, KEYS, "kid", call.param(1)).map(Reply::ok)
}

/// Copies a key to the provider the query names.
pub(super) fn clone_key(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let source = provider(ctx, call)?;
    let key = find(ctx, &source, KEYS, "kid", call.param(1))?;
    let target = call
        .query("targetIdpId")
        .ok_or_else(|| Error::blank("targetIdpId"))?;
    let target = Key::new(source.kind(), &[target]);
    ctx.find(&target)?;
    let mut keys = kept(ctx, &target, KEYS);
    keys.push(key.clone());
    keep_keys(ctx, &target, keys);
    Ok(Reply::created(key))
}

fn csr_view(ctx: &Context<'_>, provider: &Key, mut csr: Value) -> Value {
    let id = csr
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let path = format!("{}/credentials/csrs/{id}", links::item_path(provider));
    member::set(
        &mut csr,
        "_links",
        json!({"publish": links::to(ctx, &format!("{path}/lifecycle/publish"), &["POST"]),
        "self": links::to(ctx, &path, &["GET", "DELETE"])}),
    );
    csr
}

pub(super) fn list_csrs(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let all = kept(ctx, &provider, CSRS)
        .into_iter()
        .map(|csr| csr_view(ctx, &provider, csr));
    Ok(Reply::ok(all.collect()))
}

pub(super) fn generate_csr(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let now = ctx.stamp();
    let id = ctx.world.ids.token(43);
    let request = STANDARD.encode(ctx.world.ids.bytes(500));
    let csr = json!({"id": id, "created": now, "csr": request, "kty": "RSA"});
    let mut all = kept(ctx, &provider, CSRS);
    all.push(csr.clone());
    ctx.hide(&provider, CSRS, Value::Array(all));
    Ok(Reply::with(
        StatusCode::CREATED,
        csr_view(ctx, &provider, csr),
    ))
}

pub(super) fn get_csr(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let csr = find(ctx, &provider, CSRS, "id", call.param(1))?;
    Ok(Reply::ok(csr_view(ctx, &provider, csr)))
}

fn take_csr(ctx: &mut Context<'_>, call: &Call) -> Result<Key, Error> {
    let provider = provider(ctx, call)?;
    find(ctx, &provider, CSRS, "id", call.param(1))?;
    let mut all = kept(ctx, &provider, CSRS);
    all.retain(|csr| csr.get("id").and_then(Value::as_str) != Some(call.param(1)));
    ctx.hide(&provider, CSRS, Value::Array(all));
    Ok(provider)
}

pub(super) fn revoke_csr(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    take_csr(ctx, call)?;
    Ok(Reply::no_content())
}

/// A certificate for the request makes it a key.
pub(super) fn publish_csr(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = take_csr(ctx, call)?;
    let key = new_key(ctx);
    let mut keys = kept(ctx, &provider, KEYS);
    keys.push(key.clone());
    keep_keys(ctx, &provider, keys);
    Ok(Reply::created(key))
}

const KEYS: &str = "signing-keys";
const CSRS: &str = "csrs";
