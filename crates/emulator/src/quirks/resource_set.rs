//! Resource sets: found by id or label, born with the resources their creator names, bound to roles by assignments.

mod bindings;
mod orn;

use super::custom_role::{labelled, with_list_link, with_own_link};
use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic, links, locate};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("createResourceSet", create),
        ("getResourceSet", get),
        ("replaceResourceSet", replace),
        ("listResourceSets", list),
        ("listBindings", bindings::list),
        ("createResourceSetBinding", bindings::create),
        ("getBinding", bindings::get),
        ("deleteBinding", bindings::delete),
        ("listMembersOfBinding", bindings::members),
        ("addMembersToBinding", bindings::add_members),
        ("getMemberOfBinding", bindings::member),
        ("unassignMemberFromBinding", bindings::remove_member),
    ],
    resolve: Some(resolve),
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    ..Quirk::NONE
};

/// The resources of a set.
pub(crate) const RESOURCES: Quirk = Quirk {
    operations: &[
        ("listResourceSetResources", list_resources),
        ("addResourceSetResource", add_resource),
        ("addResourceSetResources", add_resources),
    ],
    view: Some(view_resource),
    ..Quirk::NONE
};

fn resolve(ctx: &Context<'_>, _: &[String], given: &str) -> Option<String> {
    labelled(ctx, "resource-set", given)
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let label = member::text(&change.given, "label").unwrap_or_default();
    if label.trim().is_empty() {
        return Err(Error::invalid("label", ["label: Label must be specified"]));
    }
    let taken = labelled(ctx, "resource-set", label).is_some_and(|id| id != change.key.id());
    if taken {
        return Err(Error::invalid(
            "label",
            ["label: There is already a resource set with this name."],
        ));
    }
    Ok(())
}

fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(members) = change.new.as_object_mut() {
        members.shift_remove("resources");
    }
    Ok(())
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    let named = change.given.get("resources").and_then(Value::as_array);
    for address in named.into_iter().flatten().filter_map(Value::as_str) {
        add(ctx, &change.key, address, &Value::Null)?;
    }
    Ok(())
}

/// Puts a resource into a set; one that is there already stays as it is.
fn add(ctx: &mut Context<'_>, set: &Key, address: &str, conditions: &Value) -> Result<Key, Error> {
    let orn = orn::of(ctx, address).ok_or_else(|| {
        Error::invalid(
            "resources",
            [format!("resources: {address} is not a resource.")],
        )
    })?;
    let known = ctx.children("resource-set-resource", set.path());
    if let Some(known) = known
        .iter()
        .find(|resource| resource.text_at("orn") == Some(&orn))
    {
        return Ok(known.key().clone());
    }
    let id = ctx.new_id("ire");
    let now = ctx.stamp();
    let mut body = Map::new();
    body.insert("id".to_owned(), json!(id));
    body.insert("orn".to_owned(), json!(orn));
    if conditions
        .as_object()
        .is_some_and(|conditions| !conditions.is_empty())
    {
        body.insert("conditions".to_owned(), conditions.clone());
    }
    body.insert("created".to_owned(), json!(now));
    body.insert("lastUpdated".to_owned(), json!(now));
    let key = set.child(kind("resource-set-resource")?, &id);
    ctx.keep(key.clone(), Value::Object(body));
    Ok(key)
}

fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::create(ctx, call, kind("resource-set")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::get(ctx, call, kind("resource-set")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::replace(ctx, call, kind("resource-set")?)?;
    Ok(with_own_link(ctx, call, reply))
}

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let reply = generic::list(ctx, call, kind("resource-set")?)?;
    Ok(with_list_link(ctx, call, reply))
}

fn set(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("resource-set")?, &call.params)?;
    ctx.find(&key).map(|_| key)
}

fn list_resources(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = set(ctx, call)?;
    let reply = generic::list(ctx, call, kind("resource-set-resource")?)?;
    let mut reply = with_list_link(ctx, call, reply);
    if let Content::Json(body) = &mut reply.body {
        member::set(
            body,
            "_links.resource-set",
            links::to(ctx, &links::item_path(&key), &[]),
        );
    }
    Ok(reply)
}

fn add_resource(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = set(ctx, call)?;
    let address = call.text("resourceOrnOrUrl");
    let address = address
        .ok_or_else(|| Error::blank("resourceOrnOrUrl"))?
        .to_owned();
    let conditions = call.member("conditions").cloned().unwrap_or_default();
    let key = add(ctx, &key, &address, &conditions)?;
    let resource = ctx.find(&key)?;
    Ok(Reply::ok(ctx.view(&resource)))
}

fn add_resources(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = set(ctx, call)?;
    let additions = call
        .member("additions")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for address in additions.iter().filter_map(Value::as_str) {
        add(ctx, &key, address, &Value::Null)?;
    }
    let set = ctx.find(&key)?;
    let reply = Reply::ok(ctx.view(&set));
    Ok(with_own_link(ctx, call, reply))
}

/// `self` leads to what the resource stands for, `resource` to its place in the set.
fn view_resource(ctx: &Context<'_>, resource: &Object, body: &mut Value) {
    let meant = resource.text_at("orn").and_then(orn::path);
    let own = links::to(ctx, &links::item_path(resource.key()), &[]);
    let mut all = Map::new();
    if let Some(meant) = meant {
        all.insert("self".to_owned(), links::to(ctx, &meant, &[]));
    }
    all.insert("resource".to_owned(), own);
    member::set(body, "_links", Value::Object(all));
}
