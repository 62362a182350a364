//! Group rules: evaluated when switched on and whenever a user or a membership changes.
//!
//! A rule leaves its mark beside the memberships it makes, so that it can take them back; memberships made by hand stay.
//! An expression outside the subset understood is accepted and puts nobody anywhere.

mod expression;

use super::{Change, Quirk, group};
use crate::member;
use crate::{Call, Context, Error};
use expression::Expression;
use org::{Key, Kind, Object};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const QUIRK: Quirk = Quirk {
    check: Some(check),
    removed: Some(removed),
    switched: Some(switched),
    ..Quirk::NONE
};

fn check(ctx: &Context<'_>, _call: &Call, change: &Change) -> Result<(), Error> {
    let name = member::text(&change.given, "name").unwrap_or_default();
    if name.is_empty() {
        return Err(Error::blank("name"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Error::invalid(
            "name",
            [format!(
                "name: The field must have at most {NAME_MAX} characters."
            )],
        ));
    }
    let same = |rule: &Arc<Object>| *rule.key() != change.key && rule.text_at("name") == Some(name);
    if ctx.all("group-rule").iter().any(same) {
        return Err(Error::invalid(
            "name",
            ["name: An object with this field already exists in the current organization"],
        ));
    }
    if expression_text(&change.given).is_empty() {
        return Err(Error::blank("conditions.expression.value"));
    }
    match targets(&change.given)
        .into_iter()
        .find(|id| ctx.named("group", &[id]).is_none())
    {
        Some(id) => Err(Error::invalid(
            "groupIds",
            [format!("groupIds: Group {id} does not exist.")],
        )),
        None => Ok(()),
    }
}

fn expression_text(rule: &Value) -> &str {
    member::text(rule, "conditions.expression.value").unwrap_or_default()
}

fn targets(rule: &Value) -> Vec<String> {
    let ids = rule.pointer("/actions/assignUserToGroups/groupIds");
    let ids = ids.and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn is_excluded(rule: &Value, user: &str) -> bool {
    let excluded = rule.pointer("/conditions/people/users/exclude");
    excluded
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|id| id.as_str() == Some(user))
}

/// A rule that was switched on looks at everybody; one switched off leaves memberships as they are.
fn switched(ctx: &mut Context<'_>, key: &Key) {
    let active = ctx
        .get(key)
        .is_some_and(|rule| rule.text_at("status") == Some("ACTIVE"));
    if active {
        for user in ctx.all("user") {
            // Nothing a rule does can be refused: groups and users exist.
            let _ = apply_to(ctx, &user.key().id());
        }
    }
}

fn removed(ctx: &mut Context<'_>, rule: &Object) {
    let Some(kind) = Kind::named("group-membership") else {
        return;
    };
    let id = rule.key().id();
    let marked: Vec<Key> = ctx
        .world
        .org
        .of(kind)
        .map(|m| m.key().clone())
        .filter(|key| has_mark(ctx, key, &id))
        .collect();
    marked.iter().for_each(|key| unmark(ctx, key, &id));
}

/// Applies every active rule to one user, until nothing changes: a membership made by one rule may be another's condition.
/// Rules do not look at people who have left; those keep the memberships they had.
pub(crate) fn apply_to(ctx: &mut Context<'_>, user: &str) -> Result<(), Error> {
    for _ in 0..PASSES_MAX {
        let rules = ctx.all("group-rule");
        let active = rules
            .iter()
            .filter(|rule| rule.text_at("status") == Some("ACTIVE"));
        let mut changed = false;
        for rule in active {
            changed |= apply(ctx, rule, user)?;
        }
        if !changed {
            break;
        }
    }
    Ok(())
}

fn apply(ctx: &mut Context<'_>, rule: &Object, user: &str) -> Result<bool, Error> {
    let Some(person) = ctx.named("user", &[user]) else {
        return Ok(false);
    };
    if person.text_at("status") == Some("DEPROVISIONED") {
        return Ok(false);
    }
    let expression = Expression::parse(expression_text(rule.body()));
    let holds =
        expression.is_some_and(|e| e.holds(ctx, &person)) && !is_excluded(rule.body(), user);
    let mut changed = false;
    for target in targets(rule.body()) {
        let key = Key::new(crate::world::kind("group-membership")?, &[&target, user]);
        if holds {
            if ctx.named("group", &[&target]).is_some() && group::join(ctx, &target, user)? {
                ctx.hide(&key, MARK, json!([rule.key().id()]));
                changed = true;
            }
        } else if has_mark(ctx, &key, &rule.key().id()) {
            unmark(ctx, &key, &rule.key().id());
            if ctx.hidden(&key, MARK).is_none() {
                group::leave(ctx, &target, user)?;
                changed = true;
            }
        }
    }
    Ok(changed)
}

fn has_mark(ctx: &Context<'_>, membership: &Key, rule: &str) -> bool {
    let marks = ctx.hidden(membership, MARK).and_then(Value::as_array);
    marks
        .into_iter()
        .flatten()
        .any(|mark| mark.as_str() == Some(rule))
}

fn unmark(ctx: &mut Context<'_>, membership: &Key, rule: &str) {
    let Some(hidden) = ctx.world.hidden.get_mut(membership) else {
        return;
    };
    if let Some(Value::Array(marks)) = hidden.get_mut(MARK) {
        marks.retain(|mark| mark.as_str() != Some(rule));
        if marks.is_empty() {
            hidden.shift_remove(MARK);
        }
    }
}

/// A user taken by hand out of a group a rule had put them in is excluded from that rule.
pub(crate) fn exclude(ctx: &mut Context<'_>, membership: &Key, user: &str) {
    let marks = ctx
        .hidden(membership, MARK)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for rule in marks.iter().filter_map(Value::as_str) {
        let Ok(kind) = crate::world::kind("group-rule") else {
            return;
        };
        ctx.change(&Key::new(kind, &[rule]), |body| {
            let people = body.get_mut("conditions").and_then(|c| c.get_mut("people"));
            let excluded = people
                .and_then(|p| p.get_mut("users"))
                .and_then(|u| u.get_mut("exclude"));
            if let Some(Value::Array(excluded)) = excluded {
                excluded.push(json!(user));
            }
        });
    }
}

/// Rules that put people into a group that is gone are invalid for good.
pub(crate) fn invalidate(ctx: &mut Context<'_>, group: &str) {
    for rule in ctx.all("group-rule") {
        if targets(rule.body()).iter().any(|id| id == group) {
            ctx.change(rule.key(), |body| {
                member::set(body, "status", json!("INVALID"));
                member::set(body, "allGroupsValid", json!(false));
            });
        }
    }
}

/// Longest name (recorded refusals of longer ones).
const NAME_MAX: usize = 50;
/// Passes over all rules for one user: the longest chain of rules that feed each other.
const PASSES_MAX: usize = 8;
/// Name of a rule's mark beside a membership.
const MARK: &str = "rules";
