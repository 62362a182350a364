//! From path parameters to keys: resolves aliases (`me`, logins, `default`) and makes sure every owner on the way exists.

use crate::{Context, Error, quirks};
use org::{Key, Kind};

/// The kinds on the way to `kind`, the outermost owner first, `kind` itself left out.
fn owners(kind: Kind) -> Vec<Kind> {
    let mut way: Vec<Kind> = std::iter::successors(parent(kind), |k| parent(*k)).collect();
    way.reverse();
    way
}

fn parent(kind: Kind) -> Option<Kind> {
    Kind::named(kind.facts().parent.as_deref()?)
}

/// The resolved ids of the owners of a collection, outermost first; Okta's 404 if one of them does not exist.
pub(crate) fn collection(
    ctx: &Context<'_>,
    kind: Kind,
    params: &[String],
) -> Result<Vec<String>, Error> {
    let mut ids: Vec<String> = Vec::new();
    for (owner, given) in owners(kind).into_iter().zip(params) {
        let id = resolve(ctx, owner, &ids, given);
        ids.push(id);
        let path: Vec<&str> = ids.iter().map(String::as_str).collect();
        let key = Key::new(owner, &path);
        if ctx.world.org.get(&key).is_none() {
            return Err(Error::not_found(given, &owner.facts().birth.class));
        }
    }
    Ok(ids)
}

/// The key of one object, whether or not it exists; Okta's 404 if one of its owners does not.
pub(crate) fn item(ctx: &Context<'_>, kind: Kind, params: &[String]) -> Result<Key, Error> {
    let mut ids = collection(ctx, kind, params)?;
    if kind.facts().singleton {
        ids.push(kind.name().to_owned());
    } else {
        let given = params.get(ids.len()).map_or("", String::as_str);
        let id = resolve(ctx, kind, &ids, given);
        ids.push(id);
    }
    Ok(key(kind, &ids))
}

/// The key reached by `ids`.
pub(crate) fn key(kind: Kind, ids: &[String]) -> Key {
    let path: Vec<&str> = ids.iter().map(String::as_str).collect();
    Key::new(kind, &path)
}

/// The id meant by `given` among the objects of `kind`.
fn resolve(ctx: &Context<'_>, kind: Kind, owners: &[String], given: &str) -> String {
    let alias = quirks::of(kind)
        .resolve
        .and_then(|resolve| resolve(ctx, owners, given));
    alias.unwrap_or_else(|| given.to_owned())
}
