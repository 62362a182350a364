//! The keys partners sign with: made from a certificate or a bare RSA key, shared by all providers of the org.

use super::certificate;
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, locate};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(super) fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let given = call.object()?.clone();
    let kid = ctx.world.ids.uuid();
    let key = Key::new(kind("idp-key")?, &[&kid]);
    let body = body(ctx, &kid, &given)?;
    ctx.keep(key.clone(), body);
    let object = ctx.find(&key)?;
    Ok(Reply::ok(ctx.view(&object)))
}

pub(super) fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind("idp-key")?, &call.params)?;
    let old = ctx.find(&key)?;
    let given = call.object()?.clone();
    let mut body = body(ctx, &key.id(), &given)?;
    member::set(&mut body, "created", json!(old.text_at("created")));
    ctx.keep(key.clone(), body);
    let object = ctx.find(&key)?;
    Ok(Reply::ok(ctx.view(&object)))
}

fn body(ctx: &Context<'_>, kid: &str, given: &Map<String, Value>) -> Result<Value, Error> {
    let now = ctx.stamp();
    let chain = given.get("x5c").and_then(Value::as_array);
    if let Some(first) = chain
        .and_then(|chain| chain.first())
        .and_then(Value::as_str)
    {
        let invalid = || Error::invalid("x5c", ["x5c: The certificate is not valid."]);
        let known = certificate::read(first).ok_or_else(invalid)?;
        return Ok(
            json!({"kty": "RSA", "created": now, "lastUpdated": now, "expiresAt": known.expires, "alg": "RSA", "kid": kid,
            "use": "sig", "x5c": chain, "x5t#S256": known.fingerprint, "e": known.exponent, "n": known.modulus}),
        );
    }
    let part = |name: &str| {
        given
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| Error::blank("x5c"))
    };
    Ok(
        json!({"kty": "RSA", "created": now, "lastUpdated": now, "kid": kid, "use": "sig", "e": part("e")?, "n": part("n")?}),
    )
}

/// A key that a provider trusts stays.
pub(super) fn removing(ctx: &Context<'_>, key: &Object) -> Result<(), Error> {
    let kid = key.key().id();
    let trusted = ctx.all("idp").into_iter().any(|provider| {
        provider
            .body()
            .pointer("/protocol/credentials/trust/kid")
            .and_then(Value::as_str)
            == Some(&kid)
    });
    if trusted {
        return Err(Error::invalid(
            "kid",
            ["kid: The key is in use and cannot be deleted."],
        ));
    }
    Ok(())
}
