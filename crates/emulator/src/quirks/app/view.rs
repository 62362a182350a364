//! Links of an app that depend on more than its own body: where it starts for people, which policies it falls under.

use super::policy;
use crate::Context;
use crate::links::to;
use org::Object;
use serde_json::{Map, Value, json};

/// Adds the links, and leaves out what Okta's own apps do not have.
pub(super) fn view(ctx: &Context<'_>, object: &Object, body: &mut Value) {
    let id = object.key().id();
    let name = object.text_at("name").unwrap_or_default().to_owned();
    let names = object
        .body()
        .pointer("/visibility/appLinks")
        .and_then(Value::as_object);
    let starts: Vec<Value> = names
        .into_iter()
        .flat_map(Map::keys)
        .map(|link| {
            let href = format!("{}/home/{name}/{id}/{link}", ctx.world.base_url);
            json!({"name": link, "href": href, "type": "text/html"})
        })
        .collect();
    let policies: Vec<(&'static str, Value)> = policy::of(ctx, object.key())
        .into_iter()
        .map(|(rel, policy)| (rel, to(ctx, &format!("/api/v1/policies/{policy}"), &[])))
        .collect();
    if let Some(links) = body.get_mut("_links").and_then(Value::as_object_mut) {
        links.insert("appLinks".to_owned(), Value::Array(starts));
        for (rel, link) in policies {
            links.insert(rel.to_owned(), link);
        }
    }
    let hooks = body
        .pointer_mut("/settings/signOn/inlineHooks")
        .and_then(Value::as_array_mut);
    for hook in hooks.into_iter().flatten().filter_map(Value::as_object_mut) {
        let id = hook.get("id").and_then(Value::as_str).unwrap_or_default();
        let link = to(
            ctx,
            &format!("/api/v1/inlineHooks/{id}"),
            &["GET", "PUT", "DELETE"],
        );
        hook.insert("_links".to_owned(), json!({"self": link}));
    }
    if object.key().kind().facts().is_system(object.body()) {
        body["universalLogout"] = json!({"status": "UNSUPPORTED"});
        strip(body);
    }
}

/// Okta's own apps carry no notes, no client and no start of their own accord.
fn strip(body: &mut Value) {
    for (within, member) in [
        ("/settings", "notes"),
        ("/settings", "oauthClient"),
        ("/visibility", "autoLaunch"),
        ("/credentials", "oauthClient"),
        ("/_links", "clientCredentials"),
    ] {
        if let Some(members) = body.pointer_mut(within).and_then(Value::as_object_mut) {
            members.shift_remove(member);
        }
    }
}

/// The start links an app of this name is born with.
pub(super) fn link_names(ctx: &Context<'_>, name: &str) -> Value {
    let made_by_hand = super::is_made_by_hand(ctx, name);
    match name {
        "saasure" => json!({"admin": true}),
        "okta_enduser" | "okta_browser_plugin" => json!({}),
        _ if made_by_hand || name == "oidc_client" => json!({format!("{name}_link"): true}),
        _ => json!({"login": true}),
    }
}
