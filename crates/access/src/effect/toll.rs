//! What one call does: how many objects of which class of effects. Pure; what was last seen of its objects is handed in.

use aws_lc_rs::digest::{SHA256, digest};
use catalog::{Kind, Operation};
use serde_json::Value;

use super::Class;
use super::reading::{Effect, Grants, Size, effects_of};
use super::stance::{Stance, judged_type, weak_from_birth};
use crate::Call;
use crate::limits::OBJECTS_PER_CALL_MAX;

/// So much of one class of effects, done to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
    /// What is done.
    pub class: Class,
    /// To what: `users/00u1`, or a part of it. Twice the same object counts once.
    pub object: String,
    /// How many it is.
    pub count: u32,
    /// Whether that is a guess, because the size of the object was never seen.
    pub guessed: bool,
}

/// What has to be known to say what a call does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// The size of what the path names.
    pub size: Option<Size>,
    /// Whether groups it names grant roles.
    pub grants: bool,
    /// The object as last seen; its resource type.
    pub stance: Option<&'static str>,
}

/// What was last seen of the objects of a call.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The size that was sought.
    pub size: Option<u32>,
    /// Whether one of the groups grants roles; `None` when one of them is not known.
    pub grants: Option<bool>,
    /// The object as last seen.
    pub before: Option<Stance>,
}

/// What has to be known about calls of an operation; `None` when none of them has any effect.
pub fn sought(operation: &Operation) -> Option<Sought> {
    if operation.is_read() {
        return None;
    }
    let Some(effects) = effects_of(operation) else {
        return Some(Sought::default());
    };
    let mut sought = Sought::default();
    for effect in effects {
        sought.size = sought.size.or(effect.size);
        sought.grants |= effect.grants.is_some();
        if effect.compared {
            sought.stance = judged_type(operation);
        }
    }
    (!effects.is_empty()).then_some(sought)
}

/// The groups a call names of which it matters whether they grant roles.
pub fn groups_named(call: &Call) -> Vec<String> {
    let effects = effects_of(call.operation).unwrap_or_default();
    let mut groups = Vec::new();
    for grants in effects.iter().filter_map(|effect| effect.grants.as_ref()) {
        match grants {
            Grants::Parameter(name) => groups.extend(call.param(name).map(str::to_owned)),
            Grants::Body(place) => {
                let body = json_of(call).unwrap_or_default();
                let ids = place.values(&body).into_iter().filter_map(Value::as_str);
                groups.extend(ids.map(str::to_owned));
            }
        }
    }
    groups
}

/// What a call does, as far as it has budgets. Of an operation that no rule speaks of, one delete.
pub fn tolls(call: &Call, seen: &Seen) -> Vec<Toll> {
    let Some(effects) = effects_of(call.operation) else {
        return vec![toll(Class::Deletes, object_of(call, false), 1, true)];
    };
    let body = json_of(call);
    let mut tolls = Vec::new();
    for effect in effects {
        if applies(effect, call, body.as_ref(), seen) {
            add(effect, call, body.as_ref(), seen, &mut tolls);
        }
    }
    tolls
}

fn applies(effect: &Effect, call: &Call, body: Option<&Value>, seen: &Seen) -> bool {
    let said = |pairs: &[(String, String)], wanted: &(String, String)| {
        pairs
            .iter()
            .any(|(name, value)| *name == wanted.0 && value.eq_ignore_ascii_case(&wanted.1))
    };
    let query = effect
        .query
        .as_ref()
        .is_none_or(|wanted| said(&call.query, wanted));
    let param = effect
        .param
        .as_ref()
        .is_none_or(|wanted| said(&call.params, wanted));
    // A body that cannot be read may say anything.
    let when = effect
        .when
        .as_ref()
        .is_none_or(|when| match (body, &call.body) {
            (Some(body), _) => when.holds(body),
            (None, unread) => unread.is_some(),
        });
    let grants = effect.grants.is_none() || seen.grants.unwrap_or(true);
    query && param && when && grants && (!effect.compared || loosens(call, body, seen))
}

/// Whether the body is looser than what was last seen; an object that was never seen may have been strict.
fn loosens(call: &Call, body: Option<&Value>, seen: &Seen) -> bool {
    let (Some(name), Some(body)) = (judged_type(call.operation), body) else {
        return true;
    };
    match (call.operation.kind, &seen.before) {
        (Kind::Create, _) => !weak_from_birth(name, body).is_empty(),
        (kind, Some(before)) => !before.loosened_by(body, kind == Kind::Update).is_empty(),
        (_, None) => true,
    }
}

fn add(effect: &Effect, call: &Call, body: Option<&Value>, seen: &Seen, tolls: &mut Vec<Toll>) {
    let object = object_of(call, effect.size.is_some());
    if let Some(place) = &effect.each {
        let found = body.map(|body| place.values(body)).unwrap_or_default();
        if found.len() > OBJECTS_PER_CALL_MAX {
            let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
            tolls.push(toll(effect.class, object, count, false));
        } else if found.is_empty() {
            tolls.push(toll(effect.class, object, 1, true));
        } else {
            let each = found.into_iter().map(|value| format!("{object}#{value}"));
            tolls.extend(each.map(|object| toll(effect.class, object, 1, false)));
        }
        return;
    }
    let (count, guessed) = match effect.size {
        Some(_) => (seen.size.unwrap_or(effect.unknown), seen.size.is_none()),
        None => (effect.unknown, false),
    };
    let guessed = guessed
        || (effect.compared && seen.before.is_none() && call.operation.kind != Kind::Create)
        || (effect.grants.is_some() && seen.grants.is_none());
    if count > 0 {
        tolls.push(toll(effect.class, object, count, guessed));
    }
}

fn toll(class: Class, object: String, count: u32, guessed: bool) -> Toll {
    Toll {
        class,
        object,
        count,
        guessed,
    }
}

/// What a call is about: the path of a delete, and of others up to their last parameter, so that two ways to switch somebody off are
/// one object. What names nothing is as many objects as it has different bodies.
fn object_of(call: &Call, inside: bool) -> String {
    let operation = call.operation;
    let pairs: Vec<(&str, &str)> = call
        .params
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let path = operation.path(&pairs);
    let path = path.as_deref().unwrap_or(operation.template);
    let kept = match operation.kind {
        Kind::Delete => usize::MAX,
        _ => {
            let segments = operation.template.split('/');
            let last = segments.enumerate().filter(|(_, one)| one.starts_with('{'));
            last.last().map_or(0, |(at, _)| at + 1)
        }
    };
    let inside = if inside { "/*" } else { "" };
    if kept == 0 {
        let body = call.body.as_ref().map(|body| body.bytes.as_ref());
        let hash = digest(&SHA256, body.unwrap_or_default());
        let digits = hash
            .as_ref()
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"));
        return format!(
            "{}#{}",
            short(operation.template),
            digits.collect::<String>()
        );
    }
    let segments: Vec<&str> = path.split('/').take(kept).collect();
    format!("{}{inside}", short(&segments.join("/")))
}

fn short(path: &str) -> &str {
    let path = path.strip_prefix("/api/v1/").unwrap_or(path);
    path.trim_start_matches('/')
}

fn json_of(call: &Call) -> Option<Value> {
    let body = call.body.as_ref()?;
    serde_json::from_slice(&body.bytes).ok()
}

#[cfg(test)]
mod tests;
