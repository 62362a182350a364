//! Authorization servers: their signing keys and rotation, which servers trust each other, the default one.

use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, links, locate, page};
use jiff::{Timestamp, ToSpan};
use org::{Key, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listAuthorizationServerKeys", list_keys),
        ("getAuthorizationServerKey", get_key),
        ("rotateAuthorizationServerKeys", rotate),
        ("listAssociatedServersByTrustedType", list_associated),
        ("createAssociatedServers", associate),
        ("deleteAssociatedServer", dissociate),
    ],
    check: Some(check),
    written: Some(written),
    removing: Some(removing),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let name = member::text(&change.given, "name").unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Error::blank("name"));
    }
    if change
        .given
        .get("audiences")
        .and_then(Value::as_array)
        .is_none_or(Vec::is_empty)
    {
        return Err(Error::invalid(
            "audiences",
            ["audiences: The field cannot be left blank"],
        ));
    }
    let taken = ctx
        .all("authorization-server")
        .iter()
        .any(|server| *server.key() != change.key && server.text_at("name") == Some(name));
    if taken {
        return Err(Error::invalid(
            "name",
            ["name: An object with this field already exists in the current organization"],
        ));
    }
    Ok(())
}

/// Signing state and issuer are Okta's to say: made at birth, kept afterwards. A new server rotates by itself whatever its maker
/// says; by hand only after it was changed (recorded).
fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_none() {
        let first = new_key(ctx);
        let kid = first.get("kid").cloned().unwrap_or_default();
        ctx.hide(&change.key, KEYS, json!([first]));
        sign_with(ctx, &change.key, &kid, AUTO);
    }
    let next = next_rotation(ctx.now);
    ctx.change(&change.key, |body| {
        let Some(signing) = body
            .pointer_mut("/credentials/signing")
            .and_then(Value::as_object_mut)
        else {
            return;
        };
        if signing.get("rotationMode").and_then(Value::as_str) == Some("MANUAL") {
            signing.shift_remove("nextRotation");
        } else {
            signing.entry("nextRotation").or_insert(json!(next));
        }
    });
    Ok(())
}

/// Signs with `kid` from now on. Keys that rotate by hand name no next rotation.
fn sign_with(ctx: &mut Context<'_>, server: &Key, kid: &Value, mode: &str) {
    let mut signing = json!({"kid": kid, "rotationMode": mode, "lastRotated": ctx.stamp()});
    if mode == AUTO {
        member::set(&mut signing, "nextRotation", json!(next_rotation(ctx.now)));
    }
    ctx.change(server, |body| {
        member::set(body, "credentials.signing", signing)
    });
}

/// How the keys of a server rotate.
fn mode_of(server: &Value) -> &str {
    let mode = server.pointer("/credentials/signing/rotationMode");
    mode.and_then(Value::as_str).unwrap_or(AUTO)
}

fn next_rotation(now: Timestamp) -> String {
    let next = now.checked_add((ROTATION_DAYS * 24).hours()).unwrap_or(now);
    crate::world::stamp(next)
}

/// A public key that looks like Okta's. Nobody holds a private half.
fn new_key(ctx: &mut Context<'_>) -> Value {
    let (kid, modulus) = (ctx.world.ids.token(43), ctx.world.ids.token(342));
    json!({"kty": "RSA", "status": "ACTIVE", "alg": "RS256", "kid": kid, "use": "sig", "e": "AQAB", "n": modulus})
}

fn removing(_: &Context<'_>, server: &Object) -> Result<(), Error> {
    if server.body().get("default") == Some(&Value::Bool(true)) {
        return Err(Error::invalid(
            "authorizationServer",
            ["The default authorization server cannot be deleted."],
        ));
    }
    Ok(())
}

fn server(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("authorization-server")?, &call.params)?;
    ctx.find(&key).map(|_| key)
}

fn keys(ctx: &Context<'_>, server: &Key) -> Vec<Value> {
    let kept = ctx
        .hidden(server, KEYS)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let path = links::item_path(server);
    let linked = kept.into_iter().map(|mut key| {
        let kid = key
            .get("kid")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        member::set(
            &mut key,
            "_links",
            json!({"self": links::to(ctx, &format!("{path}/credentials/keys/{kid}"), &["GET"])}),
        );
        key
    });
    linked.collect()
}

fn list_keys(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    Ok(Reply::ok(Value::Array(keys(ctx, &server))))
}

fn get_key(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    let kid = call.last_param();
    let found = keys(ctx, &server)
        .into_iter()
        .find(|key| key.get("kid").and_then(Value::as_str) == Some(kid));
    found
        .map(Reply::ok)
        .ok_or_else(|| Error::not_found(kid, "JsonWebKey"))
}

/// The active key expires, a new one takes its place; older ones go.
fn rotate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    let new = new_key(ctx);
    let kid = new.get("kid").cloned().unwrap_or_default();
    let old = ctx
        .hidden(&server, KEYS)
        .and_then(Value::as_array)
        .and_then(|kept| kept.first())
        .cloned();
    let mut kept = vec![new];
    kept.extend(old.map(|mut old| {
        member::set(&mut old, "status", json!("EXPIRED"));
        old
    }));
    ctx.hide(&server, KEYS, Value::Array(kept));
    let mode = ctx.find(&server)?;
    sign_with(ctx, &server, &kid, mode_of(mode.body()));
    Ok(Reply::ok(Value::Array(keys(ctx, &server))))
}

/// Ids of the servers this one trusts.
fn trusted(ctx: &Context<'_>, server: &Key) -> Vec<String> {
    let kept = ctx
        .hidden(server, TRUSTED)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    kept.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn list_associated(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    let id = server.id();
    let mut others = ctx.all("authorization-server");
    if call.flag("trusted", true) {
        let known = trusted(ctx, &server);
        others.retain(|other| known.contains(&other.key().id()));
    } else {
        others.retain(|other| trusted(ctx, other.key()).contains(&id));
    }
    let items = others.iter().map(|other| ctx.view(other)).collect();
    Ok(page::with_links(ctx, call, Reply::ok(items), None))
}

fn associate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    let named = call
        .member("trusted")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut known = trusted(ctx, &server);
    for id in named.iter().filter_map(Value::as_str) {
        if ctx.named("authorization-server", &[id]).is_none() {
            return Err(Error::not_found(id, "AuthorizationServer"));
        }
        if !known.iter().any(|known| known == id) {
            known.push(id.to_owned());
        }
    }
    let items = known
        .iter()
        .filter_map(|id| ctx.named("authorization-server", &[id]))
        .map(|other| ctx.view(&other))
        .collect();
    ctx.hide(&server, TRUSTED, json!(known));
    Ok(Reply::ok(items))
}

fn dissociate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let server = server(ctx, call)?;
    let mut known = trusted(ctx, &server);
    known.retain(|id| id != call.last_param());
    ctx.hide(&server, TRUSTED, json!(known));
    Ok(Reply::no_content())
}

const KEYS: &str = "keys";
/// Rotation by Okta itself.
const AUTO: &str = "AUTO";
const TRUSTED: &str = "trusted";
/// Days from one automatic rotation to the next.
const ROTATION_DAYS: i64 = 90;
