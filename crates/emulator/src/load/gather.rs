//! From conversations to the latest word on every object they show. Deletions are not heard: a recording that cleans up behind
//! itself still tells a rich org. Nothing here knows the org being filled.

use super::host::Hosts;
use super::shown::{Show, shown};
use super::{LeftOut, Reason};
use crate::recording::{Conversation, Interaction};
use catalog::recognise;
use org::{Key, Kind};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// An object as recordings show it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Its key in its own org; an owner may stand under an alias (`default`, a login).
    pub key: Key,
    /// The latest body.
    pub body: Value,
    /// What its creator sent.
    pub asked: Option<Value>,
    /// When it was last heard of: a count of everything heard.
    pub last: usize,
}

/// Everything the recordings show.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// The objects by kind, in the order in which they were first seen.
    pub kinds: HashMap<Kind, Vec<Seen>>,
    /// Addresses of the recorded orgs.
    pub hosts: Hosts,
    /// Ids that only links tell: the owned kind and the id in its path, and the id of the owner.
    pub followed: HashMap<(Kind, String), String>,
    /// How many answers were looked at.
    pub answers: usize,
    places: HashMap<Key, usize>,
    summaries: BTreeSet<Key>,
    heard: usize,
}

/// Gathers what the accepted answers of all conversations show.
pub(super) fn gather(conversations: &[Conversation], left_out: &mut LeftOut) -> Gathered {
    let mut gathered = Gathered::default();
    for conversation in conversations {
        for one in &conversation.interactions {
            if one.synthetic.is_empty() && (200..300).contains(&one.status) {
                gathered.hear(one);
            }
        }
    }
    let unread = |key: &&Key| !gathered.places.contains_key(*key);
    for key in gathered.summaries.iter().filter(unread) {
        left_out.count(Reason::Summary, key);
    }
    gathered
}

impl Gathered {
    /// How many objects there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    fn hear(&mut self, one: &Interaction) {
        let target = if one.query.is_empty() {
            one.path.clone()
        } else {
            format!("{}?{}", one.path, one.query)
        };
        let Ok(call) = recognise(&one.method, &target) else {
            return;
        };
        self.hosts.add(&one.host);
        let Some((kind, show)) = shown(call.operation.id) else {
            return;
        };
        self.answers += 1;
        let params: Vec<&str> = call
            .parameters
            .iter()
            .map(|(_, value)| value.as_ref())
            .collect();
        let body = one.answer.json();
        match show {
            Show::Items => {
                let (owners, _) = split(kind, &params);
                for item in items(kind, body) {
                    self.item(kind, owners, item);
                }
            }
            Show::One => {
                let (owners, own) = split(kind, &params);
                if let Some(body) = body.filter(|body| is_object_of(kind, body)) {
                    let seen = self.one(kind, owners, own, body);
                    let creates = kind.facts().verbs.create.as_deref() == Some(call.operation.id);
                    if let (true, Some(seen)) = (creates, seen) {
                        seen.asked = one.request.json().cloned();
                    }
                }
            }
            Show::Link => {
                let (owners, own) = split(kind, &params);
                if let Some(id) = own {
                    self.link(kind, owners, id, body);
                }
            }
            Show::OtherEnds => {
                let owner = kind.facts().parent.as_deref().and_then(Kind::named);
                for item in items(kind, body) {
                    let (Some(owner), Some(end)) = (owner, params.first()) else {
                        continue;
                    };
                    let Some(id) = id_of(owner, item) else {
                        continue;
                    };
                    self.see(Key::new(owner, &[&id]), item);
                    self.link(kind, &[id.as_str()], end, None);
                }
            }
        }
    }

    /// An item of a list. Lists of some relations show the whole other end instead of the relation; some show summaries.
    fn item(&mut self, kind: Kind, owners: &[&str], item: &Value) {
        let facts = kind.facts();
        let Some(id) = id_of(kind, item) else { return };
        let end = facts.relates.as_deref().and_then(Kind::named);
        if let (Some(end), false) = (end, facts.listing.keep.is_empty()) {
            self.see(Key::new(end, &[&id]), item);
            self.link(kind, owners, &id, None);
        } else if facts.listing.detail {
            self.summaries.insert(with_owners(kind, owners, &id));
        } else {
            self.one(kind, owners, None, item);
        }
    }

    fn one(
        &mut self,
        kind: Kind,
        owners: &[&str],
        own: Option<&str>,
        body: &Value,
    ) -> Option<&mut Seen> {
        let id = if kind.facts().singleton {
            kind.name().to_owned()
        } else {
            id_of(kind, body).or_else(|| own.map(str::to_owned))?
        };
        let key = with_owners(kind, owners, &id);
        self.see(key.clone(), body);
        let at = *self.places.get(&key)?;
        self.kinds.get_mut(&kind)?.get_mut(at)
    }

    fn link(&mut self, kind: Kind, owners: &[&str], id: &str, body: Option<&Value>) {
        let place = kind.facts().identity.id.as_str();
        let key = with_owners(kind, owners, id);
        match body.filter(|body| is_object_of(kind, body)) {
            Some(body) => self.see(key, body),
            None => {
                let known = self.seen(&key).map(|seen| seen.body.clone());
                self.see(key, &known.unwrap_or_else(|| json!({place: id})));
            }
        }
    }

    fn seen(&self, key: &Key) -> Option<&Seen> {
        self.kinds.get(&key.kind())?.get(*self.places.get(key)?)
    }

    /// Notes the latest body of an object, and what only its links tell.
    fn see(&mut self, key: Key, body: &Value) {
        let kind = key.kind();
        for owned in
            Kind::all().filter(|owned| owned.facts().parent.as_deref() == Some(kind.name()))
        {
            let listing = &owned.facts().listing;
            if let Some(id) = listing
                .follow
                .as_ref()
                .and_then(|link| last_segment(link.first(body)?.as_str()?))
            {
                self.followed.insert((owned, id.to_owned()), key.id());
            }
            for link in &listing.from_parent {
                if let Some(id) = link
                    .first(body)
                    .and_then(Value::as_str)
                    .and_then(last_segment)
                {
                    let child = key.child(owned, id);
                    self.see(child, &json!({"id": id}));
                }
            }
        }
        if let Some(host) = own_host(body) {
            self.hosts.add(host);
        }
        self.heard += 1;
        let (body, last) = (without_links(body), self.heard);
        let seen = self.kinds.entry(kind).or_default();
        match self.places.get(&key).and_then(|at| seen.get_mut(*at)) {
            Some(known) => (known.body, known.last) = (body, last),
            None => {
                self.places.insert(key.clone(), seen.len());
                seen.push(Seen {
                    key,
                    body,
                    asked: None,
                    last,
                });
            }
        }
    }
}

/// Owners and, if the path goes on, the object's own id.
fn split<'p>(kind: Kind, params: &'p [&'p str]) -> (&'p [&'p str], Option<&'p str>) {
    let owners = std::iter::successors(owner(kind), |kind| owner(*kind)).count();
    let (owners, own) = params.split_at(owners.min(params.len()));
    (owners, own.first().copied())
}

fn owner(kind: Kind) -> Option<Kind> {
    kind.facts().parent.as_deref().and_then(Kind::named)
}

fn items(kind: Kind, body: Option<&Value>) -> &[Value] {
    let list = match &kind.facts().listing.items {
        Some(name) => body.and_then(|body| body.get(name)),
        None => body,
    };
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Whether an answer is the object itself and not an empty acknowledgement.
fn is_object_of(kind: Kind, body: &Value) -> bool {
    let members = body.as_object().is_some_and(|members| !members.is_empty());
    members && (kind.facts().singleton || id_of(kind, body).is_some())
}

fn id_of(kind: Kind, body: &Value) -> Option<String> {
    kind.facts()
        .identity
        .id
        .first(body)?
        .as_str()
        .map(str::to_owned)
}

fn with_owners(kind: Kind, owners: &[&str], id: &str) -> Key {
    let ids: Vec<&str> = owners.iter().copied().chain([id]).collect();
    Key::new(kind, &ids)
}

fn last_segment(link: &str) -> Option<&str> {
    let path = link.split(['?', '#']).next()?;
    path.rsplit('/').find(|segment| !segment.is_empty())
}

/// The host an object's own link leads to: the org's, whatever host the client asked.
fn own_host(body: &Value) -> Option<&str> {
    let link = body.pointer("/_links/self/href")?.as_str()?;
    let (host, path) = link.strip_prefix("https://")?.split_once('/')?;
    path.starts_with("api/v1/").then_some(host)
}

fn without_links(body: &Value) -> Value {
    match body {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, _)| *name != "_links" && *name != "_embedded");
            Value::Object(
                kept.map(|(name, value)| (name.clone(), value.clone()))
                    .collect::<Map<_, _>>(),
            )
        }
        other => other.clone(),
    }
}
