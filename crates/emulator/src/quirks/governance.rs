//! Governance: entitlements, their bundles, campaigns and conditions of requests. Bodies are kept as sent; Okta adds names of
//! resources and ids of values. Requests, reviews and decisions are not played.

use super::{Change, Quirk};
use crate::member;
use crate::{Call, Content, Context, Error, Reply, generic, links, locate, page, world::kind};
use jiff::{SignedDuration, Timestamp};
use org::{Key, Object};
use serde_json::{Value, json};

pub(crate) const ENTITLEMENTS: Quirk = Quirk {
    operations: &[
        ("getPrincipalEntitlements", effective),
        ("getEntitlement", get_entitlement),
        ("createEntitlement", create_entitlement),
    ],
    shape: Some(shape_entitlement),
    view: Some(view),
    ..Quirk::NONE
};

pub(crate) const BUNDLES: Quirk = Quirk {
    operations: &[
        ("getEntitlementBundle", get_bundle),
        ("createEntitlementBundle", create_bundle),
    ],
    shape: Some(shape_bundle),
    view: Some(view),
    ..Quirk::NONE
};

pub(crate) const CAMPAIGNS: Quirk = Quirk {
    shape: Some(shape_campaign),
    view: Some(view_campaign),
    ..Quirk::NONE
};

pub(crate) const CONDITIONS: Quirk = Quirk {
    shape: Some(shape),
    view: Some(view),
    ..Quirk::NONE
};

/// Governance writes times without fractions.
fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    for member in ["created", "lastUpdated"] {
        if let Some(at) = change.new.get_mut(member)
            && let Some(text) = at.as_str()
        {
            *at = json!(text.replace(".000Z", "Z"));
        }
    }
    Ok(())
}

/// A campaign without an end ends when its days are over; a recurrence that says nothing goes.
fn shape_campaign(ctx: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(schedule) = change
        .new
        .get_mut("scheduleSettings")
        .and_then(Value::as_object_mut)
    {
        if schedule
            .get("recurrence")
            .and_then(|r| r.get("interval"))
            .and_then(Value::as_str)
            == Some("")
        {
            schedule.shift_remove("recurrence");
        }
        let start = schedule
            .get("startDate")
            .and_then(Value::as_str)
            .and_then(|at| at.parse::<Timestamp>().ok());
        let days = schedule
            .get("durationInDays")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        let end = start.and_then(|at| {
            at.checked_add(SignedDuration::from_secs(days.saturating_mul(DAY_SECONDS)))
                .ok()
        });
        if let Some(end) = end {
            schedule.entry("endDate").or_insert(json!(end.to_string()));
        }
    }
    shape(ctx, call, change)
}

/// What somebody is entitled to: nothing, for the emulated org plays no grants.
fn effective(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    if call.query("filter").is_none_or(str::is_empty) {
        return Err(Error::blank("filter"));
    }
    let own = link(ctx, &format!("{}?{}", call.path, call.raw_query));
    let body = json!({"data": [], "_links": {"self": own}});
    Ok(page::with_links(ctx, call, Reply::ok(body), None))
}

/// Name of the app or group a body names by `externalId`.
fn resource_orn(ctx: &Context<'_>, named: Option<&Value>) -> Value {
    let id = named
        .and_then(|named| named.get("externalId"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    match ctx.named("app", &[id]) {
        Some(app) => {
            let name = app.text_at("name").unwrap_or_default();
            json!(format!(
                "orn:okta:idp:{}:apps:{name}:{id}",
                ctx.world.org_id
            ))
        }
        None => json!(format!(
            "orn:okta:directory:{}:groups:{id}",
            ctx.world.org_id
        )),
    }
}

fn shape_entitlement(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let orn = resource_orn(ctx, change.new.get("parent"));
    member::set(&mut change.new, "parentResourceOrn", orn);
    let values = change
        .new
        .get("values")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let named = values.into_iter().map(|mut value| {
        if value.get("id").is_none() {
            member::set(&mut value, "id", json!(ctx.new_id("ent")));
        }
        value
    });
    let named: Vec<Value> = named.collect();
    member::set(&mut change.new, "metadata", json!({"total": named.len()}));
    member::set(&mut change.new, "values", Value::Array(named));
    Ok(())
}

fn shape_bundle(ctx: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    let orn = resource_orn(ctx, change.new.get("target"));
    member::set(&mut change.new, "targetResourceOrn", orn);
    member::set(
        &mut change.new,
        "orn",
        json!(format!(
            "orn:okta:governance:{}:entitlement-bundles:{}",
            ctx.world.org_id,
            change.key.id()
        )),
    );
    shape(ctx, call, change)
}

/// A link as governance writes it.
fn link(ctx: &Context<'_>, path: &str) -> Value {
    let mut link = links::to(ctx, path, &[]);
    member::set(&mut link, "hints", json!({}));
    link
}

fn view(ctx: &Context<'_>, object: &Object, body: &mut Value) {
    member::set(
        body,
        "_links",
        json!({"self": link(ctx, &links::item_path(object.key()))}),
    );
}

fn view_campaign(ctx: &Context<'_>, campaign: &Object, body: &mut Value) {
    view(ctx, campaign, body);
    let item = links::item_path(campaign.key());
    member::set(
        body,
        "_links.launchCampaign",
        link(ctx, &format!("{item}/launch")),
    );
    member::set(
        body,
        "_links.endCampaign",
        link(ctx, &format!("{item}/end")),
    );
    let reviews = format!(
        "/governance/api/v1/reviews?filter=campaignId%20eq%20%22{}%22",
        campaign.key().id()
    );
    member::set(body, "_links.reviews", link(ctx, &reviews));
}

fn create_entitlement(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::create(ctx, call, kind("entitlement")?)?;
    Ok(page::with_links(ctx, call, reply, None))
}

fn get_entitlement(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::get(ctx, call, kind("entitlement")?)?;
    Ok(page::with_links(ctx, call, reply, None))
}

fn create_bundle(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::create(ctx, call, kind("entitlement-bundle")?)?;
    Ok(page::with_links(ctx, call, reply, None))
}

/// Read, a bundle tells the names behind the ids it is made of.
fn get_bundle(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind("entitlement-bundle")?, &call.params)?;
    let mut reply = generic::get(ctx, call, key.kind())?;
    if let Content::Json(body) = &mut reply.body
        && let Some(entitlements) = body.get_mut("entitlements").and_then(Value::as_array_mut)
    {
        for part in entitlements {
            name_parts(ctx, part)?;
        }
    }
    Ok(page::with_links(ctx, call, reply, None))
}

fn name_parts(ctx: &Context<'_>, part: &mut Value) -> Result<(), Error> {
    let id = part.get("id").and_then(Value::as_str).unwrap_or_default();
    let Some(entitlement) = ctx.get(&Key::new(kind("entitlement")?, &[id])) else {
        return Ok(());
    };
    for member in [
        "name",
        "externalValue",
        "multiValue",
        "required",
        "dataType",
    ] {
        part[member] = entitlement.body().get(member).cloned().unwrap_or_default();
    }
    let known = entitlement
        .body()
        .get("values")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for value in part
        .get_mut("values")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(full) = known
            .iter()
            .find(|known| known.get("id") == value.get("id"))
        {
            *value = full.clone();
        }
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        member::set(
            value,
            "orn",
            json!(format!(
                "orn:okta:governance:{}:entitlement-values:{id}",
                ctx.world.org_id
            )),
        );
    }
    Ok(())
}

/// Seconds of a day.
const DAY_SECONDS: i64 = 86_400;
