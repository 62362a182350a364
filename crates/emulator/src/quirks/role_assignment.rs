//! Roles people and groups have: standard roles by type, custom roles over a resource set, and what the former are narrowed to.
//!
//! Ids take Okta's two forms: roles that can be narrowed have their type in base 32, all others an id like any object.

mod standard;
mod targets;

use super::{Quirk, custom_role};
use crate::member;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, generic, links, locate};
use http::StatusCode;
use org::{Key, Kind, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("assignRoleToUser", assign_to_user),
        ("assignRoleToGroup", assign_to_group),
        ("assignRoleToClient", assign_to_client),
        ("listAssignedRolesForUser", list_of_user),
        ("listUsersWithRoleAssignments", assignees),
        ("listGroupTargetsForRole", targets::groups_of_user),
        ("assignGroupTargetToUserRole", targets::add_group_to_user),
        (
            "unassignGroupTargetFromUserAdminRole",
            targets::remove_group_from_user,
        ),
        (
            "listApplicationTargetsForApplicationAdministratorRoleForUser",
            targets::apps_of_user,
        ),
        (
            "assignAllAppsAsTargetToRoleForUser",
            targets::all_apps_to_user,
        ),
        (
            "assignAppTargetToAdminRoleForUser",
            targets::add_app_to_user,
        ),
        (
            "assignAppInstanceTargetToAppAdminRoleForUser",
            targets::add_app_to_user,
        ),
        (
            "unassignAppTargetFromAppAdminRoleForUser",
            targets::remove_app_from_user,
        ),
        (
            "unassignAppInstanceTargetFromAdminRoleForUser",
            targets::remove_app_from_user,
        ),
        ("listGroupTargetsForGroupRole", targets::groups_of_group),
        (
            "assignGroupTargetToGroupAdminRole",
            targets::add_group_to_group,
        ),
        (
            "unassignGroupTargetFromGroupAdminRole",
            targets::remove_group_from_group,
        ),
        (
            "listApplicationTargetsForApplicationAdministratorRoleForGroup",
            targets::apps_of_group,
        ),
        (
            "assignAppTargetToAdminRoleForGroup",
            targets::add_app_to_group,
        ),
        (
            "assignAppInstanceTargetToAppAdminRoleForGroup",
            targets::add_app_to_group,
        ),
        (
            "unassignAppTargetToAdminRoleForGroup",
            targets::remove_app_from_group,
        ),
        (
            "unassignAppInstanceTargetToAppAdminRoleForGroup",
            targets::remove_app_from_group,
        ),
        ("listGroupTargetRoleForClient", targets::groups_of_client),
        (
            "assignGroupTargetRoleForClient",
            targets::add_group_to_client,
        ),
        (
            "removeGroupTargetRoleFromClient",
            targets::remove_group_from_client,
        ),
        ("listAppTargetRoleToClient", targets::apps_of_client),
        ("assignAppTargetRoleToClient", targets::add_app_to_client),
        (
            "assignAppTargetInstanceRoleForClient",
            targets::add_app_to_client,
        ),
        (
            "removeAppTargetRoleFromClient",
            targets::remove_app_from_client,
        ),
        (
            "removeAppTargetInstanceRoleForClient",
            targets::remove_app_from_client,
        ),
    ],
    view: Some(view),
    ..Quirk::NONE
};

fn assign_to_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    assign_under(ctx, call, "user", "user-role")
}

fn assign_to_group(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    assign_under(ctx, call, "group", "group-role")
}

fn assign_to_client(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    assign_under(ctx, call, "app", "client-role")
}

fn assign_under(
    ctx: &mut Context<'_>,
    call: &Call,
    owner: &str,
    relation: &str,
) -> Result<Reply, Error> {
    let owner = locate::item(ctx, kind(owner)?, &call.params)?;
    ctx.find(&owner)?;
    let given = Value::Object(call.object()?.clone());
    let key = assign(ctx, &owner, kind(relation)?, &given)?;
    let assignment = ctx.find(&key)?;
    Ok(Reply::with(StatusCode::CREATED, ctx.view(&assignment)))
}

/// Gives `owner` a role; one it has already is answered as it is.
pub(super) fn assign(
    ctx: &mut Context<'_>,
    owner: &Key,
    relation: Kind,
    given: &Value,
) -> Result<Key, Error> {
    let role_type = given
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (to_group, assignment_type) = match owner.kind().name() {
        "group" => (true, "GROUP"),
        "app" => (false, "CLIENT"),
        _ => (false, "USER"),
    };
    let mut body = Map::new();
    let id = if role_type == "CUSTOM" {
        let named = |member: &str| {
            given
                .get(member)
                .and_then(Value::as_str)
                .ok_or_else(|| Error::blank(member))
        };
        let role = custom_role::key(ctx, named("role")?)?;
        let set = named("resource-set")?;
        let set = custom_role::labelled(ctx, "resource-set", set).unwrap_or_else(|| set.to_owned());
        let label = ctx
            .find(&role)?
            .text_at("label")
            .unwrap_or_default()
            .to_owned();
        ctx.find(&Key::new(kind("resource-set")?, &[&set]))?;
        body.insert("role".to_owned(), json!(role.id()));
        body.insert("resource-set".to_owned(), json!(set));
        body.insert("label".to_owned(), json!(label));
        ctx.new_id("irb")
    } else {
        let known = standard::ROLES.iter().find(|(of, _, _)| *of == role_type);
        let (_, label, narrowed) =
            known.ok_or_else(|| Error::invalid("type", ["type: The role type is not known."]))?;
        body.insert("label".to_owned(), json!(label));
        match (narrowed, to_group) {
            (true, _) => standard::base32(role_type),
            (false, true) => ctx.new_id("gra"),
            (false, false) => ctx.new_id("ra1"),
        }
    };
    let same = |known: &std::sync::Arc<Object>| {
        ["role", "resource-set"]
            .iter()
            .all(|member| known.text_at(member) == body.get(*member).and_then(Value::as_str))
            && known.text_at("type") == Some(role_type)
    };
    if let Some(known) = ctx
        .children(relation.name(), owner.path())
        .iter()
        .find(|known| same(known))
    {
        return Ok(known.key().clone());
    }
    let now = ctx.stamp();
    for (member, value) in [
        ("id", id.as_str()),
        ("type", role_type),
        ("status", "ACTIVE"),
        ("created", &now),
        ("lastUpdated", &now),
        ("assignmentType", assignment_type),
    ] {
        body.insert(member.to_owned(), json!(value));
    }
    let key = owner.child(relation, &id);
    ctx.keep(key.clone(), Value::Object(body));
    let event = if to_group {
        "group.privilege.grant"
    } else {
        "user.account.privilege.grant"
    };
    if let Some(owner) = ctx.get(owner) {
        ctx.log(event, vec![crate::syslog::Target::of(&owner)]);
    }
    Ok(key)
}

/// Custom roles lead on to the role, its permissions and its resource set.
fn view(ctx: &Context<'_>, assignment: &Object, body: &mut Value) {
    if assignment.text_at("type") != Some("CUSTOM") {
        return;
    }
    let (Some(role), Some(set)) = (
        assignment.text_at("role"),
        assignment.text_at("resource-set"),
    ) else {
        return;
    };
    let role_path = format!("/api/v1/iam/roles/{role}");
    let set_path = format!("/api/v1/iam/resource-sets/{set}");
    let member = format!(
        "{set_path}/bindings/{role}/members/{}",
        assignment.key().id()
    );
    for (rel, path) in [
        ("resource-set", &set_path),
        ("role", &role_path),
        ("permissions", &format!("{role_path}/permissions")),
        ("member", &member),
    ] {
        crate::member::set(body, &format!("_links.{rel}"), links::to(ctx, path, &[]));
    }
}

/// A person's own roles, and those that come with a group.
fn list_of_user(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = locate::item(ctx, kind("user")?, &call.params)?;
    ctx.find(&user)?;
    let own = generic::listed(ctx, call, kind("user-role")?)?;
    let mut roles: Vec<Value> = own.iter().map(|assignment| ctx.view(assignment)).collect();
    for assignment in ctx.all("group-role") {
        let Some(group) = assignment.key().parent() else {
            continue;
        };
        if ctx
            .named("group-membership", &[&group.id(), &user.id()])
            .is_some()
        {
            roles.push(ctx.view(&assignment));
        }
    }
    Ok(Reply::ok(Value::Array(roles)))
}

/// Everybody who has a role, directly or by a group.
fn assignees(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut ids: Vec<String> = ctx
        .all("user-role")
        .iter()
        .filter_map(|assignment| assignment.key().parent().map(|owner| owner.id()))
        .collect();
    for assignment in ctx.all("group-role") {
        let Some(group) = assignment.key().parent() else {
            continue;
        };
        ids.extend(
            ctx.children("group-membership", &group.id())
                .iter()
                .map(|member| member.key().id()),
        );
    }
    ids.sort();
    ids.dedup();
    let (ids, next) = crate::page::cut(call, ids, ASSIGNEES_PAGE, String::clone)?;
    let value = ids.iter().map(|id| {
        let path = format!("/api/v1/users/{id}");
        json!({"id": id, "orn": format!("orn:okta:directory:{}:users:{id}", ctx.world.org_id),
            "_links": {"roles": links::to(ctx, &format!("{path}/roles"), &[]), "self": links::to(ctx, &path, &[])}})
    });
    let mut body = json!({"value": value.collect::<Vec<_>>()});
    if let Some(next) = next {
        let path = format!(
            "{}?{}",
            call.path,
            catalog::encode_query([("after", next.as_str())])
        );
        member::set(&mut body, "_links.next", links::to(ctx, &path, &[]));
    }
    Ok(Reply::ok(body))
}

/// People in one page of assignees.
const ASSIGNEES_PAGE: usize = 100;
