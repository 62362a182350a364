//! Custom domains: a brand is made with each; without DNS in an emulated org, verification fails and says so.

use super::{Change, Quirk};
use crate::member;
use crate::{Call, Content, Context, Error, Reply, generic, world::kind};
use org::Key;
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listCustomDomains", list),
        ("verifyDomain", verify),
        ("upsertCertificate", certify),
    ],
    check: Some(check),
    shape: Some(shape),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let name = member::text(&change.given, "domain").ok_or_else(|| Error::blank("domain"))?;
    if ctx
        .all("domain")
        .iter()
        .any(|domain| domain.text_at("domain") == Some(name))
    {
        return Err(Error::invalid(
            "domain",
            ["domain: The domain already exists in this org"],
        ));
    }
    Ok(())
}

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let old = change.old.as_ref().map(|old| old.body().clone());
    let Some(body) = change.new.as_object_mut() else {
        return Ok(());
    };
    for (name, value) in old.iter().filter_map(Value::as_object).flatten() {
        if name == "brandId" {
            body.entry("brandId").or_insert_with(|| value.clone());
        } else {
            body.insert(name.clone(), value.clone());
        }
    }
    if !body.contains_key("brandId") {
        let name = body.get("domain").cloned().unwrap_or_default();
        let id = make_brand(ctx, &name)?;
        body.insert("brandId".to_owned(), json!(id));
    }
    Ok(())
}

fn make_brand(ctx: &mut Context<'_>, name: &Value) -> Result<String, Error> {
    let kind = kind("brand")?;
    let id = ctx.new_id("bnd");
    let mut body = json!({"id": id, "name": name})
        .as_object()
        .cloned()
        .unwrap_or_default();
    crate::birth::fill(
        &kind.facts().birth,
        &mut body,
        &mut ctx.scope(&json!({"name": name}), &id, ""),
    );
    ctx.keep(Key::new(kind, &[&id]), Value::Object(body));
    Ok(id)
}

/// A list says nothing about DNS records and verification links.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::list(ctx, call, kind("domain")?)?;
    if let Content::Json(body) = &mut reply.body
        && let Some(domains) = body.get_mut("domains").and_then(Value::as_array_mut)
    {
        for domain in domains.iter_mut().filter_map(Value::as_object_mut) {
            domain.shift_remove("dnsRecords");
            if let Some(links) = domain.get_mut("_links").and_then(Value::as_object_mut) {
                links.shift_remove("verify");
            }
        }
    }
    Ok(reply)
}

fn verify(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    let domain = ctx
        .named("domain", &[id])
        .ok_or_else(|| Error::not_found(id, "Domain"))?;
    ctx.change(domain.key(), |body| {
        body["validationStatus"] = json!("FAILED_TO_VERIFY")
    });
    let domain = ctx.find(domain.key())?;
    let mut body = ctx.view(&domain);
    if let Some(links) = body.get_mut("_links").and_then(Value::as_object_mut) {
        links.shift_remove("verify");
    }
    Ok(Reply::ok(body))
}

fn certify(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    ctx.named("domain", &[id])
        .map(|_| Reply::no_content())
        .ok_or_else(|| Error::not_found(id, "Domain"))
}
