//! Everything one emulated org remembers: its objects, and what bodies do not hold (secrets, tokens, counters, the log).
//!
//! Behaviours reach it through [`Context`], which adds who calls and what time it is. Nothing here answers a request.

use crate::auth::{Actor, Tokens};
use crate::birth::Scope;
use crate::edition::Edition;
use crate::ids::Ids;
use crate::quirks::oauth::OrgKey;
use crate::rate::Rates;
use crate::syslog::{Entry, SystemLog, Target};
use crate::{Error, links, quirks};
use jiff::Timestamp;
use org::{Key, Kind, Object, Org};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// State of one emulated org. Has no `Debug`: it holds secrets.
pub(crate) struct World {
    /// The org's objects. Bodies are kept without `_links` and `_embedded`; both are made when an object is answered.
    pub org: Org,
    /// Makes ids and random texts.
    pub ids: Ids,
    /// What an object has beside its body: a password, a client secret, a flag no answer shows.
    pub hidden: BTreeMap<Key, Map<String, Value>>,
    /// System Log.
    pub log: SystemLog,
    /// Tokens callers may present.
    pub tokens: Tokens,
    /// Key access tokens are signed with.
    pub key: OrgKey,
    /// Ids of client assertions that were used, with when they expire (seconds since 1970).
    pub spent_assertions: BTreeMap<String, i64>,
    /// Rate limits.
    pub rates: Rates,
    /// Address of the org, without a slash at the end.
    pub base_url: String,
    /// Id of the org itself.
    pub org_id: String,
    /// Operations asked for that have no behaviour, with how often.
    pub unsupported: BTreeMap<&'static str, u64>,
    /// Its engine, features and release.
    pub edition: Edition,
    /// Operations of features the org has not licensed.
    pub unlicensed: BTreeSet<String>,
}

/// One call's view of the world: who calls, and when.
pub(crate) struct Context<'w> {
    /// The org's state.
    pub world: &'w mut World,
    /// Time of the call.
    pub now: Timestamp,
    /// Who calls.
    pub actor: Actor,
    /// Id of the request, as in `X-Okta-Request-Id`.
    pub request_id: String,
}

/// The kind of that name. A name without a resource file is answered as an unsupported operation.
pub(crate) fn kind(name: &str) -> Result<Kind, Error> {
    Kind::named(name).ok_or_else(|| Error::new("E0000060"))
}

/// Okta's usual form of a time: whole seconds, `2025-01-01T00:00:00.000Z`.
pub(crate) fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

impl Context<'_> {
    /// The time of the call as Okta writes it.
    pub(crate) fn stamp(&self) -> String {
        stamp(self.now)
    }

    /// A new id with this prefix.
    pub(crate) fn new_id(&mut self, prefix: &str) -> String {
        self.world.ids.id(prefix, self.now)
    }

    /// The object under `key`.
    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Object>> {
        self.world.org.get(key).cloned()
    }

    /// The object under `key`, or Okta's 404 with the kind's class.
    pub(crate) fn find(&self, key: &Key) -> Result<Arc<Object>, Error> {
        let missing = || Error::not_found(&key.id(), &key.kind().facts().birth.class);
        self.get(key).ok_or_else(missing)
    }

    /// The object of kind `name` reached by `ids`, owners first.
    pub(crate) fn named(&self, name: &str, ids: &[&str]) -> Option<Arc<Object>> {
        self.get(&Key::new(Kind::named(name)?, ids))
    }

    /// All objects of kind `name`, oldest first.
    pub(crate) fn all(&self, name: &str) -> Vec<Arc<Object>> {
        Kind::named(name)
            .map(|kind| self.world.org.of(kind).cloned().collect())
            .unwrap_or_default()
    }

    /// The objects of kind `name` that the object at `owner` (ids joined by `/`) owns.
    pub(crate) fn children(&self, name: &str, owner: &str) -> Vec<Arc<Object>> {
        Kind::named(name)
            .map(|kind| self.world.org.children(kind, owner).cloned().collect())
            .unwrap_or_default()
    }

    /// Keeps `body` under `key`, replacing what was there.
    pub(crate) fn keep(&mut self, key: Key, mut body: Value) {
        if let Some(members) = body.as_object_mut() {
            members.shift_remove("_links");
            members.shift_remove("_embedded");
        }
        self.world.org.insert(Object::new(key, body));
    }

    /// Changes the body kept under `key`, if there is one.
    pub(crate) fn change(&mut self, key: &Key, change: impl FnOnce(&mut Value)) {
        if let Some(object) = self.get(key) {
            let mut body = object.body().clone();
            change(&mut body);
            self.keep(key.clone(), body);
        }
    }

    /// Forgets the object under `key`, everything it owns, every relation it is the other end of, and what is hidden of them.
    pub(crate) fn forget(&mut self, key: &Key) {
        for kind in Kind::all() {
            let facts = kind.facts();
            if facts.parent.as_deref() == Some(key.kind().name()) {
                let owned: Vec<Key> = self
                    .world
                    .org
                    .children(kind, key.path())
                    .map(|o| o.key().clone())
                    .collect();
                owned.iter().for_each(|key| self.forget(key));
            }
            if facts.relates.as_deref() == Some(key.kind().name()) {
                let id = key.id();
                let ends: Vec<Key> = self
                    .world
                    .org
                    .of(kind)
                    .map(|o| o.key().clone())
                    .filter(|k| k.id() == id)
                    .collect();
                ends.iter().for_each(|key| self.forget(key));
            }
        }
        self.world.hidden.remove(key);
        self.world.org.remove(key);
    }

    /// Something hidden of the object under `key`.
    pub(crate) fn hidden(&self, key: &Key, name: &str) -> Option<&Value> {
        self.world.hidden.get(key)?.get(name)
    }

    /// Hides something of the object under `key`.
    pub(crate) fn hide(&mut self, key: &Key, name: &str, value: Value) {
        self.world
            .hidden
            .entry(key.clone())
            .or_default()
            .insert(name.to_owned(), value);
    }

    /// The object as Okta answers it: its body with links, and with what the kind's quirk adds.
    pub(crate) fn view(&self, object: &Object) -> Value {
        let mut body = object.body().clone();
        if let (Some(links), Some(members)) = (links::render(self, object), body.as_object_mut()) {
            members.insert("_links".to_owned(), links);
        }
        if let Some(view) = quirks::of(object.key().kind()).view {
            view(self, object, &mut body);
        }
        body
    }

    /// Where placeholders of defaults look values up.
    pub(crate) fn scope<'a>(
        &'a mut self,
        body: &'a Value,
        id: &'a str,
        owner: &'a str,
    ) -> Scope<'a> {
        Scope {
            id,
            owner,
            now: stamp(self.now),
            actor: self.actor.user_id().to_owned(),
            base_url: &self.world.base_url,
            org_id: &self.world.org_id,
            ids: &mut self.world.ids,
            body,
        }
    }

    /// Writes an entry of the System Log.
    pub(crate) fn log(&mut self, event_type: &str, targets: Vec<Target>) {
        let uuid = self.world.ids.uuid();
        let entry = Entry::new(
            uuid,
            event_type,
            self.now,
            &self.actor,
            &self.request_id,
            targets,
        );
        self.world.log.push(entry);
    }
}
