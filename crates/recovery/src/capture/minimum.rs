//! The fewest calls that read what an image holds, to set beside the calls that were used.
//!
//! For every collection that has to be asked: `max(1, ⌈objects ÷ page size⌉)` pages, since an empty collection still takes a
//! call to be known empty; one call for a single object; one more per item where listings give summaries only; none for
//! objects that are links in their owner's body. A collection has to be asked unless its owner's body, or a listing of owners
//! worth asking (itself paged), says that it is empty. Collections walked value by value are asked once per value.

use super::{is_worth_asking, owner_kind};
use crate::image::Image;
use catalog::resource::Listing;
use org::{Kind, Object};
use std::collections::{BTreeMap, BTreeSet};

/// The fewest calls that read what `image` holds.
pub fn minimum_calls(image: &Image) -> usize {
    image.walked().map(|kind| of_kind(image, kind)).sum()
}

fn of_kind(image: &Image, kind: Kind) -> usize {
    let listing = &kind.facts().listing;
    if !listing.from_parent.is_empty() {
        return 0;
    }
    let Some(owner) = owner_kind(kind) else {
        return of_collection(
            kind,
            &image.org.of(kind).map(AsRef::as_ref).collect::<Vec<_>>(),
        );
    };
    let owners = image
        .org
        .of(owner)
        .filter(|owner| is_worth_asking(kind, owner));
    let mut asked = BTreeSet::new();
    let mut calls = 0;
    for owner in owners {
        if listing
            .follow
            .as_ref()
            .is_some_and(|link| link.first(owner.body()).is_none())
        {
            continue;
        }
        let owned: Vec<&Object> = image
            .org
            .children(kind, owner.key().path())
            .map(AsRef::as_ref)
            .collect();
        if listing.parents.is_some() && owned.is_empty() {
            continue;
        }
        asked.insert(owner.key());
        calls += of_collection(kind, &owned);
    }
    let named = listing
        .parents
        .as_ref()
        .map_or(0, |_| pages(asked.len(), Some(OWNERS_PER_PAGE)));
    calls + named
}

fn of_collection(kind: Kind, objects: &[&Object]) -> usize {
    let Listing {
        each,
        limit,
        detail,
        ..
    } = &kind.facts().listing;
    let verbs = &kind.facts().verbs;
    if kind.facts().singleton {
        return usize::from(verbs.get.is_some());
    }
    if verbs.list.is_none() {
        return 0;
    }
    let details = if *detail { objects.len() } else { 0 };
    let Some((parameter, values)) = each else {
        return pages(objects.len(), *limit) + details;
    };
    let mut parts: BTreeMap<&str, usize> = values.iter().map(|value| (value.as_str(), 0)).collect();
    for value in objects
        .iter()
        .filter_map(|object| object.text_at(parameter))
    {
        *parts.entry(value).or_default() += 1;
    }
    parts
        .values()
        .map(|count| pages(*count, *limit))
        .sum::<usize>()
        + details
}

fn pages(objects: usize, limit: Option<u32>) -> usize {
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    objects.div_ceil(limit).max(1)
}

/// Owners on one page of a listing of owners (Okta's default for role assignees).
const OWNERS_PER_PAGE: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{group, member, user};
    use org::Org;
    use serde_json::json;

    fn calls(org: Org, kind: &str) -> usize {
        of_kind(&Image::whole(org), Kind::named(kind).unwrap())
    }

    #[test]
    fn empty_collections_cost_a_call_unless_known_to_be_empty() {
        let mut org = Org::new();
        let (sales, legal) = (group(&mut org, "Sales"), group(&mut org, "Legal"));
        let ana = user(&mut org, "ana", "ACTIVE");
        member(&mut org, &sales, &ana);
        assert_eq!(calls(org.clone(), "group-membership"), 2);
        let mut object = org
            .get(&crate::sample::key("group", &[&legal]))
            .unwrap()
            .as_ref()
            .clone();
        object.body_mut()["_embedded"] = json!({"stats": {"usersCount": 0}});
        org.insert(object);
        assert_eq!(
            calls(org.clone(), "group-membership"),
            1,
            "Okta counts the members already"
        );
        assert_eq!(
            calls(org, "user-role"),
            1,
            "one page says that nobody has a role"
        );
        let policy_types = Kind::named("policy")
            .unwrap()
            .facts()
            .listing
            .each
            .as_ref()
            .unwrap()
            .1
            .len();
        assert_eq!(calls(Org::new(), "policy"), policy_types);
        assert_eq!((pages(200, Some(200)), pages(201, Some(200))), (1, 2));
    }
}
