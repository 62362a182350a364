//! What can be learned from an object of a snapshot, or from an answer that passed the gateway. Plain data: which object was seen,
//! is gone, joined or left what. Reads bodies and keeps nothing of them but what policies can look at.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use access::{Call, Stance, is_judged};
use catalog::{Method, Operation, unnamed};
use org::{Key, Kind};
use policy::Object;
use serde_json::Value;

use super::known::{APP_USER, GROUP_ROLE, MEMBERSHIP, USER_ROLE, entity_of};

/// One thing to know.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lesson {
    /// An object as it is now.
    Seen(Key, Object),
    /// An object that is no more.
    Gone(Key),
    /// An object in another state.
    Status(Key, Arc<str>),
    /// A person deactivated or, if that was so before, deleted.
    Withdrawn(Key),
    /// A person now in a group.
    Joined { group: Arc<str>, user: Arc<str> },
    /// A person no longer in a group.
    Left { group: Arc<str>, user: Arc<str> },
    /// A person more who has an app.
    Employed { app: Arc<str> },
    /// How well an object protects.
    Stands(Key, Stance),
    /// A person or group that holds a role.
    Assigned { holder: Arc<str>, role: Arc<str> },
    /// A person or group that no longer does.
    Unassigned { holder: Arc<str>, role: Arc<str> },
}

/// What an operation does to objects of a kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Create(Kind),
    Write(Kind),
    Delete(Kind),
    On(Kind),
    Off(Kind),
    /// Switches a person to a state.
    Person(&'static str),
    /// Names holders of roles in its body.
    Bind,
}

static ACTS: LazyLock<HashMap<&'static str, Act>> = LazyLock::new(|| {
    let mut acts = HashMap::new();
    let operation = |id: &Option<String>| catalog::operations().by_id(id.as_deref()?);
    for kind in Kind::all() {
        let verbs = &kind.facts().verbs;
        let item = unnamed(&kind.facts().item_path());
        let same = |one: &&Operation| one.method != Method::Get && unnamed(one.template) == item;
        let writes = catalog::operations().iter().filter(same);
        acts.extend(writes.map(|one| (one.id, Act::Write(kind))));
        for (id, act) in [
            (&verbs.create, Act::Create(kind)),
            (&verbs.replace, Act::Write(kind)),
            (&verbs.delete, Act::Delete(kind)),
            (&verbs.activate, Act::On(kind)),
            (&verbs.deactivate, Act::Off(kind)),
        ] {
            acts.extend(operation(id).map(|one| (one.id, act)));
        }
    }
    acts.extend(
        PERSON_STATES
            .iter()
            .map(|(id, state)| (*id, Act::Person(state))),
    );
    acts.extend(BINDINGS.iter().map(|id| (*id, Act::Bind)));
    acts
});

/// What an object of a snapshot teaches.
pub(super) fn of_object(key: &Key, body: &Value) -> Vec<Lesson> {
    let ids = key.ids();
    match (key.kind().name(), ids.as_slice()) {
        (MEMBERSHIP, [group, user]) => vec![Lesson::Joined {
            group: group.as_str().into(),
            user: user.as_str().into(),
        }],
        (USER_ROLE | GROUP_ROLE, [holder, role]) => {
            let mut lessons = vec![Lesson::Assigned {
                holder: holder.as_str().into(),
                role: role.as_str().into(),
            }];
            lessons.extend(seen(key, body));
            lessons
        }
        (APP_USER, [app, _]) => vec![Lesson::Employed {
            app: app.as_str().into(),
        }],
        (name, _) if is_judged(name) => {
            let stance = Stance::of(name, body).map(|stance| Lesson::Stands(key.clone(), stance));
            seen(key, body).into_iter().chain(stance).collect()
        }
        _ => seen(key, body).into_iter().collect(),
    }
}

/// What a successful call of this operation does to objects, where that is known.
pub(super) fn act_of(operation: &Operation) -> Option<Act> {
    ACTS.get(operation.id).copied()
}

/// What a successful answer to `call` teaches; `ids` are the values of its path, other names turned into ids.
pub(super) fn of(act: Act, call: &Call, ids: &[&str], answer: &[u8]) -> Vec<Lesson> {
    let body = || serde_json::from_slice::<Value>(answer).unwrap_or_default();
    match act {
        Act::Create(kind) if kind.name() == MEMBERSHIP => membership(ids, true),
        Act::Delete(kind) if kind.name() == MEMBERSHIP => membership(ids, false),
        Act::Create(kind) => created(kind, ids, &body(), call),
        Act::Write(kind) => written(kind, ids, &body()),
        Act::Delete(kind) => deleted(kind, ids),
        Act::On(kind) => switched(kind, ids, true),
        Act::Off(kind) => switched(kind, ids, false),
        Act::Person(state) => {
            let key = Kind::named("user").map(|kind| Key::new(kind, ids));
            key.map(|key| Lesson::Status(key, state.into()))
                .into_iter()
                .collect()
        }
        Act::Bind => bound(call),
    }
}

/// What a call may have done of which nobody knows how it ended: the roles it may have given.
pub(super) fn suspected(act: Act, call: &Call, ids: &[&str]) -> Vec<Lesson> {
    match (act, ids) {
        (Act::Create(kind), [holder]) if [USER_ROLE, GROUP_ROLE].contains(&kind.name()) => {
            vec![Lesson::Assigned {
                holder: (*holder).into(),
                role: call.operation.id.into(),
            }]
        }
        (Act::Bind, _) => bound(call),
        _ => Vec::new(),
    }
}

/// The object with its attributes and its owner; nothing for kinds that no path names and for answers without one.
fn seen(key: &Key, body: &Value) -> Option<Lesson> {
    if !body.is_object() || key.kind().facts().relates.is_some() {
        return None;
    }
    let entity = entity_of(key.kind())?;
    let mut object = Object::read(entity.name, key.id(), body);
    if let Some(owner) = key.parent()
        && let Some(entity) = entity_of(owner.kind())
    {
        object = object.inside(entity.name, owner.id());
    }
    Some(Lesson::Seen(key.clone(), object))
}

/// The object as answered to a write, under the id it says it has.
fn written(kind: Kind, ids: &[&str], body: &Value) -> Vec<Lesson> {
    let told = kind.facts().identity.id.first(body).and_then(Value::as_str);
    match (ids.split_last(), told) {
        (Some((_, owners)), Some(id)) if kind.facts().relates.is_none() => {
            let ids: Vec<&str> = owners.iter().copied().chain([id]).collect();
            of_object(&Key::new(kind, &ids), body)
        }
        _ => Vec::new(),
    }
}

fn created(kind: Kind, owners: &[&str], body: &Value, call: &Call) -> Vec<Lesson> {
    let place = &kind.facts().identity.id;
    let Some(id) = place.first(body).and_then(Value::as_str) else {
        return Vec::new();
    };
    let ids: Vec<&str> = owners.iter().copied().chain([id]).collect();
    let mut lessons = of_object(&Key::new(kind, &ids), body);
    if kind.name() == "user" {
        let sent = sent_by(call);
        let groups = sent
            .get("groupIds")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        lessons.extend(
            groups
                .filter_map(Value::as_str)
                .map(|group| Lesson::Joined {
                    group: group.into(),
                    user: id.into(),
                }),
        );
    }
    lessons
}

fn deleted(kind: Kind, ids: &[&str]) -> Vec<Lesson> {
    let key = Key::new(kind, ids);
    match (kind.name(), ids) {
        ("user", _) => vec![Lesson::Withdrawn(key)],
        // Who has an app is known from snapshots alone; see `Sizes::employed`.
        (APP_USER, _) => Vec::new(),
        (USER_ROLE | GROUP_ROLE, [holder, role]) => vec![
            Lesson::Unassigned {
                holder: (*holder).into(),
                role: (*role).into(),
            },
            Lesson::Gone(key),
        ],
        _ => vec![Lesson::Gone(key)],
    }
}

fn switched(kind: Kind, ids: &[&str], on: bool) -> Vec<Lesson> {
    let states = kind.facts().lifecycle.as_ref();
    let status = states.map(|states| if on { &states.on } else { &states.off });
    let lesson = status.map(|status| Lesson::Status(Key::new(kind, ids), status.as_str().into()));
    lesson.into_iter().collect()
}

fn membership(ids: &[&str], joins: bool) -> Vec<Lesson> {
    let [group, user] = ids else {
        return Vec::new();
    };
    let (group, user) = (Arc::from(*group), Arc::from(*user));
    vec![if joins {
        Lesson::Joined { group, user }
    } else {
        Lesson::Left { group, user }
    }]
}

/// Whoever is named in the body of a binding holds a role from now on. Which assignment that makes is not answered, so it counts
/// until the next snapshot, even if the binding is taken back before.
fn bound(call: &Call) -> Vec<Lesson> {
    let Some(body) = &call.body else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&body.bytes);
    let holders = org::id_tokens(&text).filter(|id| id.starts_with("00u") || id.starts_with("00g"));
    holders
        .map(|id| Lesson::Assigned {
            holder: id.into(),
            role: call.operation.id.into(),
        })
        .collect()
}

fn sent_by(call: &Call) -> Value {
    let body = call.body.as_ref().map(|body| body.bytes.as_ref());
    body.and_then(|bytes| serde_json::from_slice(bytes).ok())
        .unwrap_or_default()
}

/// States people are in after a call that answers with something else than the person (Okta's user life cycle). An activation without
/// a password ends in `PROVISIONED`; which of both it was, the next snapshot tells.
const PERSON_STATES: [(&str, &str); 5] = [
    ("activateUser", "ACTIVE"),
    ("deactivateUser", "DEPROVISIONED"),
    ("suspendUser", "SUSPENDED"),
    ("unsuspendUser", "ACTIVE"),
    ("unlockUser", "ACTIVE"),
];

/// Operations that give people and groups a custom role over a set of resources.
const BINDINGS: [&str; 2] = ["createResourceSetBinding", "addMembersToBinding"];
