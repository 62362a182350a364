//! Memberships: who is in a group, by hand or by rule. A rule leaves its mark beside the membership.

use super::super::{group_rule, user};
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply, locate, world::kind};
use org::{Key, Object};
use serde_json::{Value, json};
use std::sync::Arc;

/// The group a path names.
pub(super) fn group(ctx: &Context<'_>, call: &Call) -> Result<Arc<Object>, Error> {
    ctx.find(&Key::new(kind("group")?, &[call.param(0)]))
}

/// Puts a user into a group, if not there yet; tells whether it was not.
pub(crate) fn join(ctx: &mut Context<'_>, group: &str, user: &str) -> Result<bool, Error> {
    let key = Key::new(kind("group-membership")?, &[group, user]);
    if ctx.get(&key).is_some() {
        return Ok(false);
    }
    ctx.keep(key, json!({"id": user}));
    touch(ctx, group)?;
    Ok(true)
}

/// Takes a user out of a group.
pub(crate) fn leave(ctx: &mut Context<'_>, group: &str, user: &str) -> Result<(), Error> {
    ctx.forget(&Key::new(kind("group-membership")?, &[group, user]));
    touch(ctx, group)
}

fn touch(ctx: &mut Context<'_>, group: &str) -> Result<(), Error> {
    let now = Value::String(ctx.stamp());
    ctx.change(&Key::new(kind("group")?, &[group]), |body| {
        if let Some(at) = body.get_mut("lastMembershipUpdated") {
            *at = now;
        }
    });
    Ok(())
}

/// The members of a group, as users of a list.
pub(super) fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let group = group(ctx, call)?;
    let memberships = ctx.children("group-membership", group.key().path());
    let users = memberships
        .iter()
        .filter_map(|m| ctx.named("user", &[&m.key().id()]))
        .collect();
    user::answer_page(ctx, call, users, MEMBERS_PAGE)
}

/// Puts a user into a group.
pub(super) fn assign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (group, user) = ends(ctx, call)?;
    if join(ctx, &group.key().id(), &user.key().id())? {
        ctx.log(
            "group.user_membership.add",
            vec![Target::of(&user), Target::of(&group)],
        );
        group_rule::apply_to(ctx, &user.key().id())?;
    }
    Ok(Reply::no_content())
}

/// Takes a user out of a group; a rule that had put the user there will not do so again.
pub(super) fn unassign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let (group, user) = ends(ctx, call)?;
    let key = Key::new(
        kind("group-membership")?,
        &[&group.key().id(), &user.key().id()],
    );
    if ctx.get(&key).is_some() {
        group_rule::exclude(ctx, &key, &user.key().id());
        leave(ctx, &group.key().id(), &user.key().id())?;
        ctx.log(
            "group.user_membership.remove",
            vec![Target::of(&user), Target::of(&group)],
        );
        group_rule::apply_to(ctx, &user.key().id())?;
    }
    Ok(Reply::no_content())
}

fn ends(ctx: &Context<'_>, call: &Call) -> Result<(Arc<Object>, Arc<Object>), Error> {
    let group = group(ctx, call)?;
    let user = locate::item(
        ctx,
        kind("user")?,
        std::slice::from_ref(&call.param(1).to_owned()),
    )?;
    let user = ctx
        .get(&user)
        .ok_or_else(|| Error::not_found(call.param(1), "User"))?;
    if group.text_at("type") != Some("OKTA_GROUP") {
        let what = "Memberships of groups that Okta or an app manages cannot be changed.";
        return Err(Error::invalid("group", [what]));
    }
    Ok((group, user))
}

/// Okta's page of members (documented).
const MEMBERS_PAGE: usize = 1000;
