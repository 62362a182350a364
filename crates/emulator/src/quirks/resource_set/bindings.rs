//! Bindings of a resource set: which custom roles reach it, and through whom. A binding keeps nothing of its own: it is the
//! assignments of custom roles to people and groups that name this set.

use super::super::custom_role;
use super::set;
use crate::quirks::role_assignment;
use crate::{Call, Context, Error, Reply, links, world::kind};
use org::{Key, Object};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The assignments that bind a role (or any, if none is named) to the set.
fn assignments(ctx: &Context<'_>, set: &str, role: Option<&str>) -> Vec<Arc<Object>> {
    let mut all: Vec<_> = ["user-role", "group-role"]
        .into_iter()
        .flat_map(|name| ctx.all(name))
        .collect();
    all.retain(|assignment| {
        assignment.text_at("resource-set") == Some(set)
            && role.is_none_or(|role| assignment.text_at("role") == Some(role))
    });
    all
}

pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let set = set(ctx, call)?;
    let bound = assignments(ctx, &set.id(), None);
    let roles: BTreeSet<String> = bound
        .iter()
        .filter_map(|a| a.text_at("role").map(str::to_owned))
        .collect();
    let roles = roles
        .iter()
        .map(|role| json!({"id": role, "_links": binding_links(ctx, &set, role)}));
    let body = json!({"roles": roles.collect::<Vec<_>>(), "_links": {
        "self": links::to(ctx, &call.path, &[]), "resource-set": links::to(ctx, &links::item_path(&set), &[])}});
    Ok(Reply::ok(body))
}

fn binding_links(ctx: &Context<'_>, set: &Key, role: &str) -> Value {
    let own = format!("{}/bindings/{role}", links::item_path(set));
    json!({"self": links::to(ctx, &own, &[]), "members": links::to(ctx, &format!("{own}/members"), &[])})
}

pub(super) fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let set = set(ctx, call)?;
    let role = call.text("role").ok_or_else(|| Error::blank("role"))?;
    let role = custom_role::key(ctx, role)?;
    ctx.find(&role)?;
    let members = call
        .member("members")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    bind(ctx, &set, &role, &members)?;
    Ok(Reply::ok(
        json!({"id": role.id(), "_links": whole_links(ctx, &set, &role)}),
    ))
}

fn whole_links(ctx: &Context<'_>, set: &Key, role: &Key) -> Value {
    let mut all = Map::new();
    let own = format!("{}/bindings/{}", links::item_path(set), role.id());
    all.insert("self".to_owned(), links::to(ctx, &own, &[]));
    all.insert(
        "bindings".to_owned(),
        links::to(ctx, &format!("{}/bindings", links::item_path(set)), &[]),
    );
    all.insert(
        "resource-set".to_owned(),
        links::to(ctx, &links::item_path(set), &[]),
    );
    Value::Object(all)
}

/// Assigns the role over the set to every member, named by address.
fn bind(ctx: &mut Context<'_>, set: &Key, role: &Key, members: &[Value]) -> Result<(), Error> {
    for member in members.iter().filter_map(Value::as_str) {
        let mut segments = member.rsplit('/');
        let (id, collection) = (
            segments.next().unwrap_or_default(),
            segments.next().unwrap_or_default(),
        );
        let (owner, relation) = match collection {
            "users" => ("user", "user-role"),
            "groups" => ("group", "group-role"),
            _ => {
                return Err(Error::invalid(
                    "members",
                    [format!("members: {member} is neither a user nor a group.")],
                ));
            }
        };
        let owner = Key::new(kind(owner)?, &[id]);
        ctx.find(&owner)?;
        let body = json!({"type": "CUSTOM", "role": role.id(), "resource-set": set.id()});
        role_assignment::assign(ctx, &owner, kind(relation)?, &body)?;
    }
    Ok(())
}

/// The set, the role, and what binds them; Okta's 404 if nothing does.
fn found(ctx: &Context<'_>, call: &Call) -> Result<(Key, Key, Vec<Arc<Object>>), Error> {
    let set = set(ctx, call)?;
    let role = custom_role::key(ctx, call.param(1))?;
    let bound = assignments(ctx, &set.id(), Some(&role.id()));
    if bound.is_empty() {
        return Err(Error::not_found(call.param(1), "RoleBinding"));
    }
    Ok((set, role, bound))
}

pub(super) fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (set, role, _) = found(ctx, call)?;
    Ok(Reply::ok(
        json!({"id": role.id(), "_links": whole_links(ctx, &set, &role)}),
    ))
}

pub(super) fn delete(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (_, _, bound) = found(ctx, call)?;
    bound
        .iter()
        .for_each(|assignment| ctx.forget(assignment.key()));
    Ok(Reply::no_content())
}

pub(super) fn members(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (set, role, bound) = found(ctx, call)?;
    let members = bound
        .iter()
        .map(|assignment| described(ctx, &set, &role, assignment));
    let body = json!({"members": members.collect::<Vec<_>>(), "_links": {
        "self": links::to(ctx, &call.path, &[]),
        "binding": links::to(ctx, &format!("{}/bindings/{}", links::item_path(&set), role.id()), &[])}});
    Ok(Reply::ok(body))
}

fn described(ctx: &Context<'_>, set: &Key, role: &Key, assignment: &Object) -> Value {
    let id = assignment.key().id();
    let own = format!(
        "{}/bindings/{}/members/{id}",
        links::item_path(set),
        role.id()
    );
    let meant = assignment
        .key()
        .parent()
        .map(|owner| links::item_path(&owner))
        .unwrap_or_default();
    json!({"id": id, "created": assignment.text_at("created"), "lastUpdated": assignment.text_at("lastUpdated"),
        "_links": {"self": links::to(ctx, &meant, &[]), "member": links::to(ctx, &own, &[])}})
}

pub(super) fn add_members(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (set, role, _) = found(ctx, call)?;
    let additions = call
        .member("additions")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    bind(ctx, &set, &role, &additions)?;
    Ok(Reply::ok(
        json!({"id": role.id(), "_links": whole_links(ctx, &set, &role)}),
    ))
}

pub(super) fn member(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (set, role, bound) = found(ctx, call)?;
    let one = bound
        .iter()
        .find(|assignment| assignment.key().id() == call.param(2));
    let one = one.ok_or_else(|| Error::not_found(call.param(2), "RoleBindingMember"))?;
    Ok(Reply::ok(described(ctx, &set, &role, one)))
}

pub(super) fn remove_member(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (_, _, bound) = found(ctx, call)?;
    let one = bound
        .iter()
        .find(|assignment| assignment.key().id() == call.param(2));
    let one = one.ok_or_else(|| Error::not_found(call.param(2), "RoleBindingMember"))?;
    ctx.forget(one.key());
    Ok(Reply::no_content())
}
