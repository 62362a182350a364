//! Hook keys: the public key is shown when a key is made or renamed, and at its own address; the private one never.

use super::Quirk;
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use org::Object;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("createHookKey", create),
        ("replaceHookKey", replace),
        ("getPublicKey", public),
    ],
    ..Quirk::NONE
};

const MODULUS: &str = "n";

fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind = kind("hook-key")?;
    let key = generic::create_under(ctx, call, kind, Vec::new())?;
    let modulus = URL_SAFE_NO_PAD.encode(ctx.world.ids.bytes(256));
    ctx.hide(&key, MODULUS, json!(modulus));
    let object = ctx.find(&key)?;
    let mut body = ctx.view(&object);
    member::set(&mut body, "_embedded", public_key(ctx, &object));
    Ok(Reply::ok(body))
}

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::replace(ctx, call, kind("hook-key")?)?;
    if let (Some(object), Content::Json(body)) =
        (ctx.named("hook-key", &[call.param(0)]), &mut reply.body)
    {
        member::set(body, "_embedded", public_key(ctx, &object));
    }
    Ok(reply)
}

fn public(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let wanted = call.param(0);
    let found = ctx
        .all("hook-key")
        .into_iter()
        .find(|key| key.text_at("keyId") == Some(wanted));
    found
        .map(|key| Reply::ok(public_key(ctx, &key)))
        .ok_or_else(|| Error::not_found(wanted, "HookKey"))
}

fn public_key(ctx: &Context<'_>, object: &Object) -> Value {
    let modulus = ctx
        .hidden(object.key(), MODULUS)
        .cloned()
        .unwrap_or_default();
    json!({"kty": "RSA", "alg": "RSA", "kid": object.text_at("keyId"), "use": null, "e": "AQAB", "n": modulus})
}
