//! `_links` of an object, rendered from the catalog's data whenever it is answered; never kept.

use crate::Context;
use catalog::resource::Link;
use org::{Key, Object};
use serde_json::{Map, Value, json};

/// The links of `object`, if its kind has any.
pub(crate) fn render(ctx: &Context<'_>, object: &Object) -> Option<Value> {
    let facts = object.key().kind().facts();
    if facts.birth.links.is_empty() {
        return None;
    }
    let item = item_path(object.key());
    let mut links = Map::new();
    for link in &facts.birth.links {
        if link
            .when
            .as_ref()
            .is_some_and(|condition| !condition.holds(object.body()))
        {
            continue;
        }
        let (rel, path) = address(link, object, &item);
        let href = if path.starts_with('/') {
            format!("{}{path}", ctx.world.base_url)
        } else {
            path
        };
        let one = target(link, &href);
        match (link.array, links.get_mut(&rel)) {
            (true, Some(Value::Array(list))) => list.push(one),
            (true, _) => drop(links.insert(rel, Value::Array(vec![one]))),
            (false, _) => drop(links.insert(rel, one)),
        }
    }
    Some(Value::Object(links))
}

/// One link, without members.
pub(crate) fn to(ctx: &Context<'_>, path: &str, allow: &[&str]) -> Value {
    let href = format!("{}{path}", ctx.world.base_url);
    if allow.is_empty() {
        json!({"href": href})
    } else {
        json!({"href": href, "hints": {"allow": allow}})
    }
}

/// Path of the object under `key`.
pub(crate) fn item_path(key: &Key) -> String {
    let template = key.kind().facts().item_path();
    let mut ids = key.ids().into_iter();
    let segments = template.split('/').map(|segment| {
        if segment.starts_with('{') {
            ids.next().unwrap_or_default()
        } else {
            segment.to_owned()
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn address(link: &Link, object: &Object, item: &str) -> (String, String) {
    let rel = link.rel.clone();
    match &link.path {
        Some(path) => {
            let path = fill(path, object, item);
            let whole = path.starts_with('/') || path.contains("://");
            let path = if whole {
                path
            } else {
                format!("{item}/{path}")
            };
            (rel, path)
        }
        None if rel == "self" => (rel, item.to_owned()),
        None if rel == "deactivate" => {
            let rel = if is_off(object) {
                "activate"
            } else {
                "deactivate"
            };
            (rel.to_owned(), format!("{item}/lifecycle/{rel}"))
        }
        None => {
            let path = format!("{item}/{rel}");
            (rel, path)
        }
    }
}

fn is_off(object: &Object) -> bool {
    let lifecycle = object.key().kind().facts().lifecycle.as_ref();
    lifecycle.is_some_and(|l| {
        l.field.first(object.body()).and_then(Value::as_str) == Some(l.off.as_str())
    })
}

/// Fills `{self}` (path of the object), `{id}`, `{parent}` and places of the body into a path template.
fn fill(template: &str, object: &Object, item: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        match name {
            "self" => out.push_str(item),
            "id" => out.push_str(&object.key().id()),
            "parent" => out.push_str(&object.key().parent().map(|k| k.id()).unwrap_or_default()),
            place => {
                let at = catalog::pattern::Pattern::parse(place).ok();
                let value = at.and_then(|at| {
                    at.first(object.body())
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                });
                out.push_str(&value.unwrap_or_default());
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn target(link: &Link, href: &str) -> Value {
    let mut target = Map::new();
    target.insert("href".to_owned(), Value::String(href.to_owned()));
    for (name, value) in &link.members {
        let value = if value == "true" {
            Value::Bool(true)
        } else {
            Value::String(value.clone())
        };
        target.insert(name.clone(), value);
    }
    let switch = link.rel == "deactivate"
        && link.path.is_none()
        && link.allow.is_empty()
        && link.members.is_empty();
    if switch {
        target.insert("hints".to_owned(), json!({"allow": ["POST"]}));
    } else if !link.allow.is_empty() {
        target.insert("hints".to_owned(), json!({"allow": link.allow}));
    }
    Value::Object(target)
}
