//! One page of a listing taken apart: each item as the very bytes Okta sent, and its id.

use org::{Key, Kind, Object};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// The items of a page: the array itself, or the array that stands at `member`.
pub(super) fn items<'a>(
    body: &'a [u8],
    member: Option<&str>,
) -> Result<Vec<&'a RawValue>, serde_json::Error> {
    let Some(member) = member else {
        return serde_json::from_slice(body);
    };
    let members: HashMap<&str, &RawValue> = serde_json::from_slice(body)?;
    members
        .get(member)
        .map_or_else(|| Ok(Vec::new()), |items| serde_json::from_str(items.get()))
}

/// The object an item is, owned by `owner`.
pub(super) fn object(kind: Kind, owner: Option<&Key>, raw: &str) -> Result<Object, String> {
    let body: Value = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let id = if kind.facts().singleton {
        kind.name().to_owned()
    } else {
        let id = kind
            .facts()
            .identity
            .id
            .first(&body)
            .and_then(Value::as_str);
        id.ok_or_else(|| format!("an item has no {}", kind.facts().identity.id))?
            .to_owned()
    };
    let key = owner.map_or_else(|| Key::new(kind, &[&id]), |owner| owner.child(kind, &id));
    let keep = &kind.facts().listing.keep;
    if keep.is_empty() {
        return Object::read(key, raw).map_err(|error| error.to_string());
    }
    let kept = keep
        .iter()
        .filter_map(|name| Some((name.clone(), body.get(name)?.clone())));
    Ok(Object::new(key, Value::Object(kept.collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_the_bytes_okta_sent() {
        let body = br#"[{"id":"nzo1", "n": 1.00},{"id":"nzo2","t":"caf\u00e9"}]"#;
        let zone = Kind::named("zone").unwrap();
        let found: Vec<_> = items(body, None)
            .unwrap()
            .iter()
            .map(|raw| object(zone, None, raw.get()).unwrap())
            .collect();
        assert_eq!(found[0].text().as_ref(), r#"{"id":"nzo1", "n": 1.00}"#);
        assert_eq!(found[1].text().as_ref(), r#"{"id":"nzo2","t":"caf\u00e9"}"#);
        assert_eq!(found[1].key().id(), "nzo2");
    }

    #[test]
    fn wrapped_items_are_found_and_relations_reduced() {
        let body = br#"{"roles": [{"id": "cr01", "label": "Helpdesk"}], "_links": {}}"#;
        assert_eq!(items(body, Some("roles")).unwrap().len(), 1);
        let owner = Key::new(Kind::named("group").unwrap(), &["00g1"]);
        let raw = r#"{"id": "00u1", "profile": {"login": "x"}}"#;
        let member = object(Kind::named("group-membership").unwrap(), Some(&owner), raw).unwrap();
        assert_eq!(member.text().as_ref(), r#"{"id":"00u1"}"#);
        assert_eq!(member.key().path(), "00g1/00u1");
        assert!(object(Kind::named("zone").unwrap(), None, "{}").is_err());
    }
}
