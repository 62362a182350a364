//! Priorities among the policies of one type, and among the rules of one policy.
//!
//! First generation (sign-on, password, enrollment, routing, and all of authorization servers): from 1 without gaps, Okta's own
//! policy or rule last; whatever is put in or taken out moves the others. Second generation: policies have no order, rules
//! count from 0, gaps stay, the catch-all rule has 99.

use super::{is_second_generation, is_system, type_of};
use crate::Context;
use crate::member;
use crate::quirks::Change;
use org::{Key, Object};
use serde_json::{Value, json};
use std::sync::Arc;

fn priority_of(body: &Value) -> Option<i64> {
    body.get("priority").and_then(Value::as_i64)
}

/// The others that share an order with the object under `key`.
pub(super) fn siblings(ctx: &Context<'_>, key: &Key, policy_type: &str) -> Vec<Arc<Object>> {
    let name = key.kind().name();
    let mut all = match key.parent() {
        Some(owner) => ctx.children(name, owner.path()),
        None => ctx.all(name),
    };
    all.retain(|other| {
        other.key() != key && (name != "policy" || type_of(other.body()) == policy_type)
    });
    all.sort_by_key(|other| priority_of(other.body()));
    all
}

/// Whether the object's order has no gaps.
fn is_contiguous(body: &Value) -> bool {
    !is_second_generation(type_of(body))
}

/// Gives the new body its priority: the one asked for, as far as there is room, or the last.
pub(super) fn choose(ctx: &Context<'_>, change: &mut Change) {
    let key = &change.key;
    if is_system(&change.new) {
        return;
    }
    let others = siblings(ctx, key, type_of(&change.new));
    let own: Vec<_> = others
        .iter()
        .filter(|other| !is_system(other.body()))
        .collect();
    let wanted = priority_of(&change.new).or_else(|| priority_of(change.old.as_deref()?.body()));
    let chosen = if is_contiguous(&change.new) {
        let last = i64::try_from(own.len())
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        wanted.map_or(last, |wanted| wanted.clamp(1, last))
    } else if key.kind().name() == "policy" {
        1
    } else {
        let next = own
            .iter()
            .filter_map(|other| priority_of(other.body()))
            .max()
            .map_or(0, |max| max + 1);
        wanted.unwrap_or(next).clamp(0, CATCH_ALL - 1)
    };
    member::set(&mut change.new, "priority", json!(chosen));
}

/// Moves the siblings so that the object under `key` stands where it says.
pub(super) fn make_room(ctx: &mut Context<'_>, key: &Key) {
    let Some(object) = ctx.get(key) else { return };
    let body = object.body().clone();
    let others = siblings(ctx, key, type_of(&body));
    let Some(place) = priority_of(&body) else {
        return;
    };
    if is_contiguous(&body) {
        number(ctx, others, (!is_system(&body)).then_some(place));
    } else if key.kind().name() != "policy" {
        push_down(ctx, &others, place);
    }
}

/// Closes the gap a deleted object leaves.
pub(super) fn close_gap(ctx: &mut Context<'_>, gone: &Object) {
    if is_contiguous(gone.body()) {
        let others = siblings(ctx, gone.key(), type_of(gone.body()));
        number(ctx, others, None);
    }
}

/// Numbers from 1, leaving out the place already taken; Okta's own come last.
fn number(ctx: &mut Context<'_>, mut others: Vec<Arc<Object>>, taken: Option<i64>) {
    others.sort_by_key(|other| (is_system(other.body()), priority_of(other.body())));
    let mut places = (1..).filter(|place| Some(*place) != taken);
    for other in others {
        let Some(place) = places.next() else { return };
        set(ctx, &other, place);
    }
}

/// Makes room at `place` by moving down whoever stands there, and whoever that meets, up to the next gap.
fn push_down(ctx: &mut Context<'_>, others: &[Arc<Object>], place: i64) {
    let mut occupied = place;
    for other in others.iter().filter(|other| !is_system(other.body())) {
        if priority_of(other.body()) == Some(occupied) {
            occupied += 1;
            set(ctx, other, occupied);
        }
    }
}

fn set(ctx: &mut Context<'_>, object: &Object, place: i64) {
    if priority_of(object.body()) != Some(place) {
        ctx.change(object.key(), |body| body["priority"] = json!(place));
    }
}

/// Priority of catch-all rules.
const CATCH_ALL: i64 = 99;
