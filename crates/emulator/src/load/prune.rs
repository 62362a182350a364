//! Makes every declared reference of what was loaded lead somewhere: by leaving out an element of a list, or
//! by leaving out the object. Repeated until nothing more falls.

use super::settle::Settled;
use super::{LeftOut, Reason};
use crate::Context;
use catalog::pattern::Pattern;
use catalog::resource::Reference;
use org::{Key, Kind, Object, id_tokens};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Settles the references of everything loaded and tells what stands in the end, in recorded order.
pub(super) fn prune(ctx: &mut Context<'_>, settled: Settled, left_out: &mut LeftOut) -> Vec<Key> {
    let Settled {
        mut keys,
        stood,
        ids,
    } = settled;
    for key in &keys {
        ctx.change(key, |body| org::remap(key.kind(), body, &ids));
    }
    let mut complete = false;
    while !complete {
        complete = true;
        let known = known_ids(ctx);
        keys.retain(|key| {
            let Some(object) = ctx.get(key) else {
                left_out.count(Reason::Owner, key);
                return false;
            };
            let mut body = object.body().clone();
            let verdict = mend(key.kind(), &mut body, &known);
            match verdict {
                Verdict::Whole => return true,
                Verdict::Lessened => {
                    left_out.count(Reason::Element, key);
                    ctx.keep(key.clone(), body);
                }
                Verdict::Broken => {
                    left_out.count(Reason::Reference, key);
                    match stood.get(key) {
                        Some(before) => ctx.keep(key.clone(), before.clone()),
                        None => ctx.forget(key),
                    }
                    complete = false;
                    return false;
                }
            }
            true
        });
        complete &= !sweep(ctx, &known);
    }
    keys
}

/// Forgets what was made together with an object that has gone since; tells whether there was any.
fn sweep(ctx: &mut Context<'_>, known: &Known) -> bool {
    let is_broken = |object: &&Arc<Object>| {
        let mut body = object.body().clone();
        mend(object.key().kind(), &mut body, known) == Verdict::Broken
    };
    let orphans: Vec<Key> = ctx
        .world
        .org
        .iter()
        .filter(is_broken)
        .map(|object| object.key().clone())
        .collect();
    orphans.iter().for_each(|key| ctx.forget(key));
    !orphans.is_empty()
}

/// What became of a body's references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    /// All lead somewhere.
    Whole,
    /// Elements of lists went.
    Lessened,
    /// One leads nowhere.
    Broken,
}

type Known = HashMap<Kind, HashSet<String>>;

fn known_ids(ctx: &Context<'_>) -> Known {
    let mut known = Known::new();
    for object in ctx.world.org.iter() {
        known
            .entry(object.key().kind())
            .or_default()
            .insert(object.key().id());
    }
    known
}

fn mend(kind: Kind, body: &mut Value, known: &Known) -> Verdict {
    let references = kind
        .facts()
        .references
        .iter()
        .filter(|reference| !reference.deferred);
    references
        .map(|reference| mend_place(reference, body, known))
        .max()
        .unwrap_or(Verdict::Whole)
}

fn mend_place(reference: &Reference, body: &mut Value, known: &Known) -> Verdict {
    let kinds: Vec<Kind> = reference
        .to
        .iter()
        .filter_map(|name| Kind::named(name))
        .collect();
    let leads = |text: &str| {
        id_tokens(text).all(|id| {
            kinds
                .iter()
                .any(|kind| known.get(kind).is_some_and(|ids| ids.contains(id)))
        })
    };
    let all_lead = |at: &Pattern, body: &Value| {
        at.values(body)
            .into_iter()
            .filter_map(Value::as_str)
            .all(leads)
    };
    if all_lead(&reference.at, body) {
        return Verdict::Whole;
    }
    if let Some((list, element)) = list_and_element(reference.at.as_str()) {
        let mut emptied = false;
        list.edit(body, &mut |at| {
            if let Value::Array(items) = at {
                items.retain(|item| match &element {
                    Some(element) => all_lead(element, item),
                    None => item.as_str().is_none_or(leads),
                });
                emptied |= items.is_empty();
            }
        });
        return if emptied {
            Verdict::Broken
        } else {
            Verdict::Lessened
        };
    }
    Verdict::Broken
}

/// `a.b[].c` is the list `a.b` and `c` in each element.
fn list_and_element(place: &str) -> Option<(Pattern, Option<Pattern>)> {
    let (list, rest) = place.rsplit_once("[]")?;
    let list = Pattern::parse(list).ok()?;
    match rest.strip_prefix('.') {
        Some(rest) => Some((list, Some(Pattern::parse(rest).ok()?))),
        None => Some((list, None)),
    }
}
