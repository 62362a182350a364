//! Lists a collection: the owner's objects, those the query keeps, one page of them.

use crate::{Call, Context, Error, Reply, locate, page};
use org::filter::Filter;
use org::{Kind, Object};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A page of the collection under the call's path.
pub(crate) fn list(ctx: &mut Context<'_>, call: &Call, kind: Kind) -> Result<Reply, Error> {
    let objects = listed(ctx, call, kind)?;
    reply_page(ctx, call, kind, objects)
}

/// The objects of the collection that the call's `filter`, `search`, `q` and equality parameters keep, in order.
pub(crate) fn listed(
    ctx: &Context<'_>,
    call: &Call,
    kind: Kind,
) -> Result<Vec<Arc<Object>>, Error> {
    let owners = locate::collection(ctx, kind, &call.params)?;
    let objects: Vec<Arc<Object>> = if owners.is_empty() {
        ctx.world.org.of(kind).cloned().collect()
    } else {
        let path = owners.join("/");
        ctx.world.org.children(kind, &path).cloned().collect()
    };
    select(call, kind, objects)
}

/// Those of `objects` that the call's `filter`, `search`, `q` and equality parameters keep.
fn select(
    call: &Call,
    kind: Kind,
    mut objects: Vec<Arc<Object>>,
) -> Result<Vec<Arc<Object>>, Error> {
    let listing = &kind.facts().listing;
    for name in &listing.by {
        if let Some(wanted) = call.query(name) {
            objects.retain(|object| {
                object
                    .text_at(name)
                    .is_some_and(|value| value.eq_ignore_ascii_case(wanted))
            });
        }
    }
    for name in ["filter", "search"] {
        let Some(text) = call.query(name).filter(|text| !text.trim().is_empty()) else {
            continue;
        };
        let filter = Filter::parse(text)
            .map_err(|error| Error::new("E0000031").with_cause(error.to_string()))?;
        objects.retain(|object| filter.matches(object.body()));
    }
    if let Some(start) = call.query("q").filter(|text| !text.is_empty()) {
        let start = start.to_lowercase();
        let title = kind.facts().identity.title.as_ref();
        objects.retain(|object| {
            let mut places = listing
                .q
                .iter()
                .chain(title.filter(|_| listing.q.is_empty()));
            places.any(|at| {
                let value = at.first(object.body()).and_then(Value::as_str);
                value.is_some_and(|value| value.to_lowercase().starts_with(&start))
            })
        });
    }
    Ok(objects)
}

/// One page of `objects` as Okta answers them.
pub(crate) fn reply_page(
    ctx: &Context<'_>,
    call: &Call,
    kind: Kind,
    objects: Vec<Arc<Object>>,
) -> Result<Reply, Error> {
    let listing = &kind.facts().listing;
    // A list that Okta does not page comes whole, whatever the caller asks: cut without a link it would end unnoticed.
    let (objects, next) = match listing.page {
        Some(usual) => page::cut(call, objects, usual, |object| object.key().id())?,
        None => (objects, None),
    };
    let items: Vec<Value> = objects.iter().map(|object| ctx.view(object)).collect();
    let body = match &listing.items {
        None => Value::Array(items),
        Some(name) => {
            let mut wrapped = Map::new();
            wrapped.insert(name.clone(), Value::Array(items));
            if next.is_some() {
                wrapped.insert(
                    "_links".to_owned(),
                    next_in_body(ctx, call, next.as_deref()),
                );
            }
            Value::Object(wrapped)
        }
    };
    let reply = Reply::ok(body);
    let paged = listing.page.is_some() && listing.items.is_none();
    Ok(if paged {
        page::with_links(ctx, call, reply, next.as_deref())
    } else {
        reply
    })
}

fn next_in_body(ctx: &Context<'_>, call: &Call, next: Option<&str>) -> Value {
    let mut pairs: Vec<(&str, &str)> = call
        .query
        .iter()
        .filter(|(n, _)| n != "after")
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    pairs.extend(next.map(|cursor| ("after", cursor)));
    let path = format!("{}?{}", call.path, catalog::encode_query(pairs));
    serde_json::json!({"next": crate::links::to(ctx, &path, &[])})
}
