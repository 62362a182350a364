//! Profile mappings: made with an app (both ways) or an identity provider (towards each user type), never by a call.

use super::{Quirk, schema, user_type};
use crate::world::kind;
use crate::{Call, Context, Error, Reply, birth, generic, links};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listProfileMappings", list),
        ("updateProfileMapping", update),
    ],
    view: Some(view),
    ..Quirk::NONE
};

/// Makes the mappings of a new app: from it to the default user type, and back.
pub(super) fn make(ctx: &mut Context<'_>, app: &Key) -> Result<(), Error> {
    let object = ctx.find(app)?;
    let user_type = user_type::default_id(ctx).unwrap_or_default();
    let app = json!({"id": app.id(), "name": object.text_at("name"), "type": "appuser"});
    let person = json!({"id": user_type, "name": "user", "type": "user"});
    keep(ctx, &app, &person)?;
    keep(ctx, &person, &app)
}

/// Makes the mappings of a new identity provider: one to each user type.
pub(super) fn make_inbound(ctx: &mut Context<'_>, provider: &Key) -> Result<(), Error> {
    let provider = ctx.find(provider)?;
    for user_type in ctx.all("user-type") {
        keep_inbound(ctx, &provider, &user_type)?;
    }
    Ok(())
}

/// Makes the mappings of a new user type: one from each identity provider.
pub(super) fn make_for_type(ctx: &mut Context<'_>, user_type: &Key) -> Result<(), Error> {
    let user_type = ctx.find(user_type)?;
    for provider in ctx.all("idp") {
        keep_inbound(ctx, &provider, &user_type)?;
    }
    Ok(())
}

fn keep_inbound(ctx: &mut Context<'_>, provider: &Object, user_type: &Object) -> Result<(), Error> {
    let name = match provider.text_at("type") {
        Some("SAML2") => "saml_idp".to_owned(),
        other => format!("{}_idp", other.unwrap_or_default().to_lowercase()),
    };
    let source = json!({"id": provider.key().id(), "name": name, "type": "appuser"});
    let target =
        json!({"id": user_type.key().id(), "name": user_type.text_at("name"), "type": "user"});
    keep(ctx, &source, &target)
}

/// Forgets the mappings from and to an object that has gone.
pub(super) fn forget_of(ctx: &mut Context<'_>, gone: &Object) {
    let id = gone.key().id();
    for mapping in ctx.all("profile-mapping") {
        let names = |end: &str| mapping.body().pointer(end).and_then(Value::as_str) == Some(&id);
        if names("/source/id") || names("/target/id") {
            ctx.forget(mapping.key());
        }
    }
}

fn keep(ctx: &mut Context<'_>, source: &Value, target: &Value) -> Result<(), Error> {
    let kind = kind("profile-mapping")?;
    let id = ctx.new_id(&kind.facts().identity.prefix);
    let given = json!({"source": source, "target": target});
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(id));
    body.extend(given.as_object().cloned().unwrap_or_default());
    birth::fill(
        &kind.facts().birth,
        &mut body,
        &mut ctx.scope(&given, &id, ""),
    );
    ctx.keep(Key::new(kind, &[&id]), Value::Object(body));
    Ok(())
}

/// Mappings of one end or all; a list says nothing about their properties.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind = kind("profile-mapping")?;
    let mut mappings = ctx.all("profile-mapping");
    for (name, end) in [("sourceId", "/source/id"), ("targetId", "/target/id")] {
        if let Some(wanted) = call.query(name) {
            mappings.retain(|mapping| {
                mapping.body().pointer(end).and_then(Value::as_str) == Some(wanted)
            });
        }
    }
    let mut reply = generic::reply_page(ctx, call, kind, mappings)?;
    if let crate::Content::Json(Value::Array(items)) = &mut reply.body {
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            item.shift_remove("properties");
        }
    }
    Ok(reply)
}

/// Writes the properties given, removes those given as `null`, leaves the others.
fn update(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let id = call.param(0);
    let object = ctx
        .named("profile-mapping", &[id])
        .ok_or_else(|| Error::not_found(id, "ProfileMapping"))?;
    let given = call
        .object()?
        .get("properties")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let mut body = object.body().clone();
    if let Some(members) = body.as_object_mut() {
        let properties = members.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            for (name, value) in given {
                if value.is_null() {
                    properties.shift_remove(&name);
                } else {
                    properties.insert(name, value);
                }
            }
        }
    }
    ctx.keep(object.key().clone(), body);
    let object = ctx.find(object.key())?;
    Ok(Reply::ok(ctx.view(&object)))
}

fn view(ctx: &Context<'_>, _: &Object, body: &mut Value) {
    for end in ["source", "target"] {
        let Some(end) = body.get_mut(end).and_then(Value::as_object_mut) else {
            continue;
        };
        let text = |name: &str| {
            end.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let id = text("id");
        let (own, schema) = if text("type") == "user" {
            (
                format!("/api/v1/meta/types/user/{id}"),
                format!("/api/v1/meta/schemas/user/{}", schema::id_of(&id)),
            )
        } else {
            (
                format!("/api/v1/apps/{id}"),
                format!("/api/v1/meta/schemas/apps/{id}/default"),
            )
        };
        end.insert(
            "_links".to_owned(),
            json!({"self": links::to(ctx, &own, &[]), "schema": links::to(ctx, &schema, &[])}),
        );
    }
}
