//! Policies and their rules: ids by generation, priorities, the authenticators an enrollment policy lists, clones, mappings.
//!
//! Serves the policies of the org and those of authorization servers. The bodies' defaults are data; nothing here fills them.

mod body;
mod priority;
mod simulation;

use super::Quirk;
use crate::member;
use crate::quirks::Change;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, generic, links, locate};
use org::{Key, Kind, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listPolicies", list),
        ("getPolicy", get),
        ("clonePolicy", clone),
        ("listPolicyApps", apps),
        ("listPolicyMappings", mappings),
        ("mapResourceToPolicy", map_resource),
        ("createPolicySimulation", simulation::simulate),
    ],
    prefix: Some(prefix),
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    removing: Some(removing),
    removed: Some(removed),
    ..Quirk::NONE
};

/// Whether the type belongs to the second generation: priorities from 0 with gaps, a catch-all rule at 99.
fn is_second_generation(policy_type: &str) -> bool {
    SECOND_GENERATION.contains(&policy_type)
}

fn type_of(body: &Value) -> &str {
    body.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn is_system(body: &Value) -> bool {
    body.get("system") == Some(&Value::Bool(true))
}

/// Ids of second-generation policies and rules have prefixes of their own; the type tells both apart.
fn prefix(kind: Kind, body: &Value) -> &'static str {
    match (kind.name(), is_second_generation(type_of(body))) {
        ("policy", true) => "rst",
        ("policy-rule", true) => "rul",
        ("policy" | "as-policy", _) => "00p",
        _ => "0pr",
    }
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let name = member::text(&change.given, "name");
    let Some(name) = name.filter(|name| !name.trim().is_empty()) else {
        return Err(Error::blank("name"));
    };
    let kind = change.key.kind();
    if kind.name() == "policy" && type_of(&change.given).is_empty() {
        return Err(Error::blank("type"));
    }
    let single = SINGLE.contains(&type_of(&change.given)) && kind.name() == "policy";
    if single {
        let cause = format!(
            "type: There can be only one policy of type {}.",
            type_of(&change.given)
        );
        return Err(Error::invalid("type", [cause]));
    }
    let taken = priority::siblings(ctx, &change.key, type_of(&change.given))
        .iter()
        .any(|sibling| sibling.text_at("name") == Some(name));
    if taken {
        return Err(Error::invalid("name", ["name: name must be unique"]));
    }
    Ok(())
}

fn shape(ctx: &mut Context<'_>, call: &Call, change: &mut Change) -> Result<(), Error> {
    if change.old.is_none() && !call.flag("activate", true) {
        member::set(&mut change.new, "status", json!("INACTIVE"));
    }
    let old = change.old.as_deref();
    if let Some(old) = old.filter(|old| is_system(old.body())) {
        for member in ["name", "priority", "conditions"] {
            if let (Some(value), Some(members)) =
                (old.body().get(member), change.new.as_object_mut())
            {
                members.insert(member.to_owned(), value.clone());
            }
        }
    }
    match change.key.kind().name() {
        "policy" => body::complete_authenticators(ctx, &mut change.new),
        "policy-rule" | "as-policy-rule" => body::tidy_rule(&mut change.new),
        _ => {}
    }
    priority::choose(ctx, change);
    Ok(())
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    priority::make_room(ctx, &change.key);
    Ok(())
}

fn removing(_: &Context<'_>, object: &Object) -> Result<(), Error> {
    if is_system(object.body()) {
        let what = object.key().kind().facts().title.clone();
        let cause = format!("The default {what} cannot be deleted.");
        return Err(Error::new("E0000077").with_cause(cause));
    }
    Ok(())
}

fn removed(ctx: &mut Context<'_>, object: &Object) {
    priority::close_gap(ctx, object);
    if object.key().kind().name() == "policy" {
        fall_back(ctx, object);
    }
}

/// Puts the apps that were under a policy now gone under the org's default policy of its type.
fn fall_back(ctx: &mut Context<'_>, gone: &Object) {
    let Ok(relation) = kind("app-policy") else {
        return;
    };
    let policies = ctx.all("policy");
    let of_type: Vec<_> = policies
        .iter()
        .filter(|policy| type_of(policy.body()) == type_of(gone.body()))
        .collect();
    let Some(default) = of_type.iter().find(|policy| is_system(policy.body())) else {
        return;
    };
    let id = default.key().id();
    for app in ctx.all("app") {
        let governed = ctx.children("app-policy", app.key().path());
        let has_one = governed.iter().any(|one| {
            of_type
                .iter()
                .any(|policy| policy.key().id() == one.key().id())
        });
        if !has_one {
            ctx.keep(app.key().child(relation, &id), json!({"id": id}));
        }
    }
}

/// `type` is required; policies that belong to resources say to which kind.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind = kind("policy")?;
    let Some(wanted) = call.query("type").filter(|text| !text.is_empty()) else {
        return Err(Error::invalid(
            "type",
            ["type: The field cannot be left blank"],
        ));
    };
    let mut policies = generic::listed(ctx, call, kind)?;
    let status = call.query("status");
    policies.retain(|policy| status.is_none_or(|status| policy.text_at("status") == Some(status)));
    if !is_second_generation(wanted) {
        policies.sort_by_key(|policy| policy.body().get("priority").and_then(Value::as_i64));
    }
    let mut reply = generic::reply_page(ctx, call, kind, policies)?;
    if let crate::Content::Json(Value::Array(items)) = &mut reply.body {
        for item in items {
            if call.asks("expand", "rules") {
                embed_rules(ctx, item);
            }
            if let Some(resource) = RESOURCES
                .iter()
                .find(|(of, _)| *of == wanted)
                .map(|(_, resource)| *resource)
            {
                member::set(item, "_embedded.resourceType", json!(resource));
            }
        }
    }
    Ok(reply)
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::get(ctx, call, kind("policy")?)?;
    if let crate::Content::Json(body) = &mut reply.body
        && call.asks("expand", "rules")
    {
        embed_rules(ctx, body);
    }
    Ok(reply)
}

fn embed_rules(ctx: &Context<'_>, policy: &mut Value) {
    let id = policy
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut rules = ctx.children("policy-rule", &id);
    rules.sort_by_key(|rule| rule.body().get("priority").and_then(Value::as_i64));
    let rules: Vec<Value> = rules.iter().map(|rule| ctx.view(rule)).collect();
    member::set(policy, "_embedded.rules", Value::Array(rules));
}

/// A copy of a policy with its rules.
fn clone(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind_of_policy = kind("policy")?;
    let source = ctx.find(&locate::item(ctx, kind_of_policy, &call.params)?)?;
    let mut body = source.body().clone();
    let id = ctx.new_id(prefix(source.key().kind(), &body));
    let name = source.text_at("name").unwrap_or_default();
    member::set(&mut body, "name", json!(format!("[cloned] {name}")));
    member::set(&mut body, "id", json!(id));
    member::set(&mut body, "system", json!(false));
    member::set(&mut body, "created", Value::Null);
    member::set(&mut body, "lastUpdated", Value::Null);
    let key = Key::new(kind_of_policy, &[&id]);
    ctx.keep(key.clone(), body);
    for rule in ctx.children("policy-rule", &source.key().id()) {
        let mut body = rule.body().clone();
        let rule_id = ctx.new_id(prefix(rule.key().kind(), &body));
        member::set(&mut body, "id", json!(rule_id));
        ctx.keep(key.child(rule.key().kind(), &rule_id), body);
    }
    let copy = ctx.find(&key)?;
    Ok(Reply::ok(ctx.view(&copy)))
}

/// Apps under the policy.
fn apps(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let apps = governed(ctx, call)?;
    generic::reply_page(ctx, call, kind("app")?, apps).map(|reply| {
        if reply.headers.contains_key(http::header::LINK) {
            reply
        } else {
            crate::page::with_links(ctx, call, reply, None)
        }
    })
}

/// The apps that name the policy.
fn governed(ctx: &Context<'_>, call: &Call) -> Result<Vec<std::sync::Arc<Object>>, Error> {
    let policy = ctx.find(&locate::item(ctx, kind("policy")?, &call.params)?)?;
    let id = policy.key().id();
    let relations = ctx.all("app-policy");
    let named = relations
        .iter()
        .filter(|relation| relation.key().id() == id);
    Ok(named
        .filter_map(|relation| ctx.get(&relation.key().parent()?))
        .collect())
}

fn mappings(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let apps = governed(ctx, call)?;
    let policy = call.param(0);
    let mappings = apps.iter().map(|app| {
        let id = app.key().id();
        let own = links::to(
            ctx,
            &format!("/api/v1/policies/{policy}/mappings/{id}"),
            &["GET", "DELETE"],
        );
        let application = links::to(
            ctx,
            &format!("/api/v1/apps/{id}"),
            &["GET", "PUT", "DELETE"],
        );
        let of = links::to(
            ctx,
            &format!("/api/v1/policies/{policy}"),
            &["GET", "PUT", "DELETE"],
        );
        json!({"id": id, "_links": {"self": own, "application": application, "policy": of}})
    });
    Ok(Reply::ok(mappings.collect()))
}

/// Okta has closed this way of mapping; apps are assigned by `PUT /apps/{id}/policies/{id}`.
fn map_resource(_: &mut Context<'_>, _: &Call) -> Result<Reply, Error> {
    Err(Error::invalid(
        "Policy mappings are no longer supported on this endpoint.",
        [""; 0],
    ))
}

/// Types whose priorities start at 0 and keep gaps.
const SECOND_GENERATION: &[&str] = &[
    "ACCESS_POLICY",
    "CLIENT_UPDATE",
    "DEVICE_SIGNAL_COLLECTION",
    "ENTITY_RISK",
    "IDENTITY_CLAIM_SOURCING",
    "POST_AUTH_SESSION",
    "PROFILE_ENROLLMENT",
    "SESSION_VIOLATION_DETECTION",
];

/// Types of which every org has exactly one policy.
const SINGLE: &[&str] = &[
    "ENTITY_RISK",
    "IDP_DISCOVERY",
    "POST_AUTH_SESSION",
    "SESSION_VIOLATION_DETECTION",
];

/// What the policies of a type are for, as lists of policies tell.
const RESOURCES: &[(&str, &str)] = &[("ACCESS_POLICY", "APP"), ("PROFILE_ENROLLMENT", "APP")];
