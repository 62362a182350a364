//! Which policies an app falls under: one of each type. A new app gets the org's default access and enrolment policy.

use super::super::Quirk;
use crate::world::kind;
use crate::{Call, Context, Error, Reply};
use org::{Key, Object};
use serde_json::json;
use std::sync::Arc;

pub(crate) const ASSIGNMENT: Quirk = Quirk {
    operations: &[("assignApplicationPolicy", assign)],
    ..Quirk::NONE
};

/// Policy types an app has exactly one of, with the link that leads to it.
const TYPES: [(&str, &str); 2] = [
    ("ACCESS_POLICY", "accessPolicy"),
    ("PROFILE_ENROLLMENT", "profileEnrollment"),
];

/// The link relations and ids of the policies an app falls under; without an assignment, the org's default.
pub(super) fn of(ctx: &Context<'_>, app: &Key) -> Vec<(&'static str, String)> {
    let assigned = ctx.children("app-policy", app.path());
    let of_type = |kind: &str| {
        let mut policies = assigned
            .iter()
            .filter_map(|relation| ctx.named("policy", &[&relation.key().id()]));
        policies.find(|policy| policy.text_at("type") == Some(kind))
    };
    let named = TYPES.iter().filter_map(|(kind, rel)| {
        let policy = of_type(kind).or_else(|| default(ctx, app, kind))?;
        Some((*rel, policy.key().id()))
    });
    named.collect()
}

/// The policy an app falls under when nobody says otherwise. Okta's own apps have the access policy of their name.
fn default(ctx: &Context<'_>, app: &Key, kind: &str) -> Option<Arc<Object>> {
    let label = ctx
        .get(app)
        .map(|object| object.title())
        .unwrap_or_default();
    let policies = ctx.all("policy");
    let of_type = || {
        policies
            .iter()
            .filter(|policy| policy.text_at("type") == Some(kind))
    };
    let own = of_type().find(|policy| policy.title() == label && kind == "ACCESS_POLICY");
    own.or_else(|| of_type().find(|policy| policy.body().get("system") == Some(&json!(true))))
        .cloned()
}

/// Puts a new app under the org's default policies.
pub(super) fn assign_defaults(ctx: &mut Context<'_>, app: &Key) -> Result<(), Error> {
    for (kind, _) in TYPES {
        if let Some(policy) = default(ctx, app, kind) {
            relate(ctx, app, &policy)?;
        }
    }
    Ok(())
}

fn assign(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = super::find(ctx, call)?;
    let id = call.param(1);
    let policy = ctx
        .named("policy", &[id])
        .ok_or_else(|| Error::not_found(id, "Policy"))?;
    let reserved = ctx.all("app").into_iter().find(|other| {
        other.key().kind().facts().is_system(other.body()) && other.title() == policy.title()
    });
    if let Some(owner) = reserved
        && policy.text_at("type") == Some("ACCESS_POLICY")
        && owner.key() != app.key()
    {
        let cause = format!(
            "This policy belongs to \"{}\", and re-assignment of this policy is not allowed",
            owner.title()
        );
        return Err(Error::invalid("Policy", [cause]));
    }
    relate(ctx, app.key(), &policy)?;
    Ok(Reply::no_content())
}

/// Puts the app under `policy` instead of the one of the same type.
fn relate(ctx: &mut Context<'_>, app: &Key, policy: &Arc<Object>) -> Result<(), Error> {
    for other in ctx.children("app-policy", app.path()) {
        let former = ctx.named("policy", &[&other.key().id()]);
        if former.is_none_or(|former| former.text_at("type") == policy.text_at("type")) {
            ctx.forget(other.key());
        }
    }
    let id = policy.key().id();
    ctx.keep(app.child(kind("app-policy")?, &id), json!({"id": id}));
    Ok(())
}
