//! Which people are linked to a provider, and by which name they are known there. Hidden beside the provider.

use super::provider;
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, links, locate, page};
use org::Key;
use serde_json::{Map, Value, json};

fn linked(ctx: &Context<'_>, provider: &Key) -> Map<String, Value> {
    ctx.hidden(provider, LINKED)
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn described(ctx: &Context<'_>, provider: &Key, user: &str, link: &Value) -> Value {
    let own = format!("{}/users/{user}", links::item_path(provider));
    let mut body = link.clone();
    member::set(
        &mut body,
        "_links",
        json!({
            "self": links::to(ctx, &own, &["GET", "DELETE"]),
            "idp": links::to(ctx, &links::item_path(provider), &[]),
            "user": links::to(ctx, &format!("/api/v1/users/{user}"), &["GET"]),
        }),
    );
    body
}

pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let all: Vec<_> = linked(ctx, &provider).into_iter().collect();
    let (all, next) = page::cut(call, all, PAGE, |(user, _)| user.clone())?;
    let items = all
        .iter()
        .map(|(user, link)| described(ctx, &provider, user, link))
        .collect();
    Ok(page::with_links(
        ctx,
        call,
        Reply::ok(items),
        next.as_deref(),
    ))
}

fn find(ctx: &Context<'_>, call: &Call) -> Result<(Key, String, Value), Error> {
    let provider = provider(ctx, call)?;
    let user = locate::item(
        ctx,
        kind("user")?,
        call.params.get(1..2).unwrap_or_default(),
    )?
    .id();
    let link = linked(ctx, &provider).get(&user).cloned();
    let link = link.ok_or_else(|| Error::not_found(call.param(1), "User"))?;
    Ok((provider, user, link))
}

pub(super) fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (provider, user, link) = find(ctx, call)?;
    Ok(Reply::ok(described(ctx, &provider, &user, &link)))
}

pub(super) fn link(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let provider = provider(ctx, call)?;
    let user = locate::item(
        ctx,
        kind("user")?,
        call.params.get(1..2).unwrap_or_default(),
    )?;
    ctx.find(&user)?;
    let user = user.id();
    let external = call.text("externalId").unwrap_or_default();
    let link = json!({"id": user, "externalId": external, "created": ctx.stamp(), "lastUpdated": ctx.stamp(), "profile": {}});
    let mut all = linked(ctx, &provider);
    all.insert(user.clone(), link.clone());
    ctx.hide(&provider, LINKED, Value::Object(all));
    Ok(Reply::ok(described(ctx, &provider, &user, &link)))
}

pub(super) fn unlink(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (provider, user, _) = find(ctx, call)?;
    let mut all = linked(ctx, &provider);
    all.shift_remove(&user);
    ctx.hide(&provider, LINKED, Value::Object(all));
    Ok(Reply::no_content())
}

/// The providers a person is linked to.
pub(super) fn providers(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = locate::item(ctx, kind("user")?, &call.params)?;
    ctx.find(&user)?;
    let mut all = ctx.all("idp");
    all.retain(|provider| linked(ctx, provider.key()).contains_key(&user.id()));
    Ok(Reply::ok(
        all.iter().map(|provider| ctx.view(provider)).collect(),
    ))
}

/// Tokens of social providers: the emulated org has none, for nobody signs in here.
pub(super) fn tokens(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    find(ctx, call)?;
    Ok(Reply::ok(json!([])))
}

const LINKED: &str = "linked-users";
/// Linked people in one page.
const PAGE: usize = 20;
