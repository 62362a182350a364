//! Puts what was gathered into the org, owners before what they own: under the recorded ids, or under the id of the object that
//! stands for it already. References may still lead nowhere afterwards; see `prune`.

use super::enter;
use super::gather::{Gathered, Seen};
use super::host::Hosts;
use super::{LeftOut, Reason};
use crate::Context;
use catalog::pattern::Pattern;
use org::{Key, Kind, Object};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What entered the org.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Objects from the recordings, in recorded order within a kind.
    pub keys: Vec<Key>,
    /// Of those, the ones that stood before, with the bodies they had.
    pub stood: HashMap<Key, Value>,
    /// What recorded ids read as, where that is something else.
    pub ids: HashMap<String, String>,
}

/// Puts everything into the org.
pub(super) fn settle(
    ctx: &mut Context<'_>,
    mut gathered: Gathered,
    left_out: &mut LeftOut,
) -> Settled {
    let mut settling = Settling {
        settled: Settled::default(),
        hosts: std::mem::take(&mut gathered.hosts),
        followed: std::mem::take(&mut gathered.followed),
        places: HashMap::new(),
        loaded: BTreeSet::new(),
    };
    for kind in Kind::all() {
        settling.survey(ctx, kind);
        let mut list = gathered.kinds.remove(&kind).unwrap_or_default();
        if !kind.facts().listing.from_parent.is_empty() {
            list.sort_by_key(|seen| seen.last);
        }
        for seen in list {
            if let Err(reason) = settling.place(ctx, &seen) {
                left_out.count(reason, &seen.key);
            }
        }
    }
    settling.settled
}

struct Settling {
    settled: Settled,
    hosts: Hosts,
    followed: HashMap<(Kind, String), String>,
    /// The objects of the kind at hand by owner's path and natural key.
    places: HashMap<(String, String), Key>,
    loaded: BTreeSet<Key>,
}

impl Settling {
    /// Notes which objects of `kind` stand already.
    fn survey(&mut self, ctx: &Context<'_>, kind: Kind) {
        self.places.clear();
        for object in ctx.world.org.of(kind) {
            if let Some(place) = place_of(object.key(), object.body()) {
                self.places.insert(place, object.key().clone());
            }
        }
    }

    fn place(&mut self, ctx: &mut Context<'_>, seen: &Seen) -> Result<(), Reason> {
        let kind = seen.key.kind();
        let owner = self.owner(ctx, &seen.key)?;
        if owner.is_some() && kind.facts().is_derived(&seen.body) {
            return Err(Reason::Derived);
        }
        let mut body = self.told(ctx, kind, seen.body.clone());
        mean_defaults(ctx, kind, &mut body);
        let key = self.key(kind, owner.as_ref(), &seen.key.id());
        if !end_stands(ctx, &key) {
            return Err(Reason::Reference);
        }
        let place = place_of(&key, &body);
        if place.is_none() && !kind.facts().identity.key.is_empty() {
            return Err(Reason::Summary);
        }
        let of_place = place.as_ref().and_then(|place| self.places.get(place));
        let standing = of_place
            .cloned()
            .or_else(|| ctx.get(&key).map(|_| key.clone()));
        let Some(standing) = standing else {
            let asked = seen.asked.clone().map(|asked| self.told(ctx, kind, asked));
            enter::make(ctx, &key, body, asked.as_ref())?;
            self.places.extend(place.map(|place| (place, key.clone())));
            self.loaded.insert(key.clone());
            self.settled.keys.push(key);
            return Ok(());
        };
        self.reads_as(&seen.key.id(), &standing);
        if self.loaded.contains(&standing) && !self.settled.stood.contains_key(&standing) {
            return Err(Reason::Twin);
        }
        self.adopt(ctx, standing, body);
        Ok(())
    }

    /// A recorded body in this org's words: its address, its ids.
    fn told(&self, ctx: &Context<'_>, kind: Kind, mut body: Value) -> Value {
        self.hosts.rewrite(&mut body, &ctx.world.base_url);
        org::remap(kind, &mut body, &self.settled.ids);
        body
    }

    /// The key of the recorded owner in this org; nothing if the kind has none.
    fn owner(&self, ctx: &Context<'_>, key: &Key) -> Result<Option<Key>, Reason> {
        let ids = key.ids();
        let owners: Vec<Kind> =
            std::iter::successors(parent(key.kind()), |kind| parent(*kind)).collect();
        let mut found: Option<Key> = None;
        for (depth, (kind, given)) in owners.iter().rev().zip(&ids).enumerate() {
            let of_link = self.followed.get(&(key.kind(), given.clone()));
            let given = if depth + 1 == owners.len() {
                of_link.unwrap_or(given)
            } else {
                given
            };
            let own = self.key(*kind, found.as_ref(), given);
            let own = if ctx.get(&own).is_some() {
                Some(own)
            } else {
                by_alias(ctx, *kind, given)
            };
            found = Some(own.ok_or(Reason::Owner)?);
        }
        Ok(found)
    }

    /// The key under which a recorded object is known here.
    fn key(&self, kind: Kind, owner: Option<&Key>, id: &str) -> Key {
        let id = self.settled.ids.get(id).map_or(id, String::as_str);
        match owner {
            Some(owner) => owner.child(kind, id),
            None => Key::new(kind, &[id]),
        }
    }

    /// From now on the recorded id reads as that of `standing`. Ids that are the same in every org, and names, stay.
    fn reads_as(&mut self, recorded: &str, standing: &Key) {
        let own = standing.id();
        if standing.kind().facts().relates.is_none() && own != recorded && is_id(recorded) {
            self.settled.ids.insert(recorded.to_owned(), own);
        }
    }

    /// Gives an object that stands already the recorded body.
    fn adopt(&mut self, ctx: &mut Context<'_>, key: Key, mut body: Value) {
        let Some(old) = ctx.get(&key) else { return };
        let facts = key.kind().facts();
        self.align(ctx, &old, &body);
        org::remap(key.kind(), &mut body, &self.settled.ids);
        if !facts.singleton {
            facts
                .identity
                .id
                .edit(&mut body, &mut |at| *at = Value::String(key.id()));
        }
        if self.loaded.insert(key.clone()) {
            self.settled.keys.push(key.clone());
        }
        let stood = self.settled.stood.entry(key.clone());
        stood.or_insert_with(|| old.body().clone());
        enter::adopt(ctx, &old, body);
    }

    /// What one of Okta's own objects names is Okta's own, too: ids at the same declared places read as the standing ones.
    fn align(&mut self, ctx: &Context<'_>, old: &Object, body: &Value) {
        let facts = old.key().kind().facts();
        let address = facts.singleton.then(|| Pattern::parse("id").ok()).flatten();
        let places = facts
            .references
            .iter()
            .map(|reference| &reference.at)
            .chain(&address);
        for at in places {
            let (recorded, standing) = (ids_at(at, body), ids_at(at, old.body()));
            if recorded.len() != standing.len() {
                continue;
            }
            for (recorded, standing) in recorded.into_iter().zip(standing) {
                if recorded != standing && !stands(ctx, recorded) {
                    self.settled
                        .ids
                        .entry(recorded.to_owned())
                        .or_insert_with(|| standing.to_owned());
                }
            }
        }
    }
}

fn parent(kind: Kind) -> Option<Kind> {
    kind.facts().parent.as_deref().and_then(Kind::named)
}

/// Whether the other end of a relation stands; true for anything else.
fn end_stands(ctx: &Context<'_>, key: &Key) -> bool {
    let end = key.kind().facts().relates.as_deref().and_then(Kind::named);
    end.is_none_or(|end| ctx.get(&Key::new(end, &[&key.id()])).is_some())
}

/// Whether any object that owns itself has this id.
fn stands(ctx: &Context<'_>, id: &str) -> bool {
    let mut kinds = Kind::all().filter(|kind| kind.facts().parent.is_none());
    kinds.any(|kind| ctx.get(&Key::new(kind, &[id])).is_some())
}

/// The object meant by `default`, or by its name.
fn by_alias(ctx: &Context<'_>, kind: Kind, given: &str) -> Option<Key> {
    if given == "default" {
        return default_of(ctx, kind);
    }
    let named = |object: &&Arc<Object>| object.title().eq_ignore_ascii_case(given);
    ctx.world
        .org
        .of(kind)
        .find(named)
        .map(|object| object.key().clone())
}

/// The object of `kind` that every org has as its default, if the kind has such a thing.
pub(super) fn default_of(ctx: &Context<'_>, kind: Kind) -> Option<Key> {
    let is_default = |object: &&Arc<Object>| {
        ["default", "isDefault"]
            .iter()
            .any(|name| object.body().get(name) == Some(&Value::Bool(true)))
    };
    ctx.world
        .org
        .of(kind)
        .find(is_default)
        .map(|object| object.key().clone())
}

/// Where a place names one of a kind that has a default in every org, but none that stands, the default is meant. People recorded
/// in the years before types existed say nothing of theirs; they are of the default type.
fn mean_defaults(ctx: &Context<'_>, kind: Kind, body: &mut Value) {
    for reference in kind.facts().references.iter().filter(|r| !r.deferred) {
        let [to] = reference.to.as_slice() else {
            continue;
        };
        let Some(to) = Kind::named(to).filter(|_| !reference.at.as_str().contains("[]")) else {
            continue;
        };
        let Some(default) = default_of(ctx, to) else {
            continue;
        };
        reference.at.edit(body, &mut |at| {
            let leads = |id: &str| ctx.get(&Key::new(to, &[id])).is_some();
            if !at.as_str().is_some_and(leads) {
                *at = Value::String(default.id());
            }
        });
        if let ("user", Some(members)) = (kind.name(), body.as_object_mut()) {
            let own = || serde_json::json!({"id": default.id()});
            members.entry("type").or_insert_with(own);
        }
    }
}

/// Owner's path and natural key, letter case aside; nothing when the object states none.
fn place_of(key: &Key, body: &Value) -> Option<(String, String)> {
    let places = &key.kind().facts().identity.key;
    let values: Vec<Vec<&Value>> = places.iter().map(|place| place.values(body)).collect();
    if values.iter().all(Vec::is_empty) {
        return None;
    }
    let owner = key
        .parent()
        .map_or_else(String::new, |owner| owner.path().to_owned());
    Some((owner, serde_json::json!(values).to_string().to_lowercase()))
}

/// Whether a text has the form of an id Okta made.
fn is_id(text: &str) -> bool {
    org::id_tokens(text).eq([text])
}

/// The ids in the texts that `at` reaches.
fn ids_at<'a>(at: &Pattern, body: &'a Value) -> Vec<&'a str> {
    let texts = at.values(body).into_iter().filter_map(Value::as_str);
    texts.flat_map(org::id_tokens).collect()
}
