//! Which objects a body names, and how a body reads when those objects have other ids.
//!
//! Declared references (see `okta/resources/`) say what kind is meant; besides them, any 20-character Okta id anywhere in a
//! body (expressions, URLs, conditions, profile values) that belongs to a known object is rewritten too. Nothing else is.

use crate::{Kind, Object};
use serde_json::Value;

/// A place in a body that names another object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Kinds it may be of, as declared.
    pub to: Vec<Kind>,
    /// The id found there.
    pub id: String,
    /// Whether the reference is written in a second step.
    pub deferred: bool,
}

/// The declared references of `object`, in document order. A place that holds text around ids (an expression, a URL)
/// yields each id in it; a place that holds no id-like text yields the text itself, which may be a login or a name.
pub fn references(object: &Object) -> Vec<Named> {
    let mut named = Vec::new();
    for reference in &object.key().kind().facts().references {
        let to: Vec<Kind> = reference
            .to
            .iter()
            .filter_map(|name| Kind::named(name))
            .collect();
        for value in reference.at.values(object.body()) {
            let Some(text) = value.as_str() else { continue };
            let ids: Vec<&str> = id_tokens(text).collect();
            let whole = ids.is_empty() && !text.is_empty() && !text.contains(['(', ' ']);
            for id in ids.into_iter().chain(whole.then_some(text)) {
                named.push(Named {
                    to: to.clone(),
                    id: id.to_owned(),
                    deferred: reference.deferred,
                });
            }
        }
    }
    named
}

/// The substrings of `text` that have the form of an Okta id: a maximal run of exactly 20 letters and digits, at least
/// one of them a digit (recorded traffic: all ids but a few relation ids have this form).
pub fn id_tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|run| run.len() == ID_LENGTH && run.bytes().any(|b| b.is_ascii_digit()))
}

/// Says what an id of one org is called in another.
pub trait Remap {
    /// The new id, or none when the object is unknown or keeps its id.
    fn new_id(&self, old: &str) -> Option<&str>;
}

impl Remap for std::collections::BTreeMap<String, String> {
    fn new_id(&self, old: &str) -> Option<&str> {
        self.get(old).map(String::as_str)
    }
}

impl Remap for std::collections::HashMap<String, String> {
    fn new_id(&self, old: &str) -> Option<&str> {
        self.get(old).map(String::as_str)
    }
}

/// Rewrites every id in `body` that `ids` knows, in whole strings, inside text and in member names, but not at the places
/// the kind declares verbatim. Cost: one scan of every string of the body.
pub fn remap(kind: Kind, body: &mut Value, ids: &dyn Remap) {
    let kept: Vec<Vec<Value>> = kind
        .facts()
        .verbatim
        .iter()
        .map(|at| at.values(body).into_iter().cloned().collect())
        .collect();
    rewrite(body, ids);
    for (at, values) in kind.facts().verbatim.iter().zip(kept) {
        let mut values = values.into_iter();
        at.edit(body, &mut |value| {
            if let Some(old) = values.next() {
                *value = old;
            }
        });
    }
}

fn rewrite(value: &mut Value, ids: &dyn Remap) {
    match value {
        Value::String(text) => {
            if let Some(new) = rewrite_text(text, ids) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, ids)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| rewrite(member, ids));
            if members.keys().any(|name| rewrite_text(name, ids).is_some()) {
                let old = std::mem::take(members);
                members.extend(
                    old.into_iter()
                        .map(|(name, v)| (rewrite_text(&name, ids).unwrap_or(name), v)),
                );
            }
        }
        _ => {}
    }
}

fn rewrite_text(text: &str, ids: &dyn Remap) -> Option<String> {
    if let Some(new) = ids.new_id(text) {
        return Some(new.to_owned());
    }
    let mut out = String::new();
    let mut rest_from = 0;
    for token in id_tokens(text) {
        let Some(new) = ids.new_id(token) else {
            continue;
        };
        let at = token.as_ptr() as usize - text.as_ptr() as usize;
        out.push_str(text.get(rest_from..at)?);
        out.push_str(new);
        rest_from = at + token.len();
    }
    (rest_from > 0).then(|| out + text.get(rest_from..).unwrap_or_default())
}

/// Length of Okta's ids.
const ID_LENGTH: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;
    use serde_json::json;
    use std::collections::BTreeMap;

    const OLD: &str = "00gkwum8v41A6dgO01d7";
    const NEW: &str = "00gzzzzzzzzzzzzzz1d7";

    fn ids() -> BTreeMap<String, String> {
        [(OLD.to_owned(), NEW.to_owned())].into()
    }

    #[test]
    fn ids_are_rewritten_in_values_expressions_urls_and_member_names() {
        let mut body = json!({
            "groupIds": [OLD],
            "value": format!("isMemberOfAnyGroup(\"{OLD}\", \"00gother00000000001d7\")"),
            "href": format!("https://x.okta.com/api/v1/groups/{OLD}/users"),
            OLD: true,
        });
        remap(Kind::named("group-rule").unwrap(), &mut body, &ids());
        assert!(!body.to_string().contains(OLD));
        assert_eq!(body.to_string().matches(NEW).count(), 4);
    }

    #[test]
    fn longer_runs_and_verbatim_places_stay() {
        let mut body =
            json!({"note": format!("x{OLD}"), "conditions": {"clients": {"include": [OLD]}}});
        let before = body.clone();
        remap(Kind::named("as-policy").unwrap(), &mut body, &ids());
        assert_eq!(body, before);
    }

    #[test]
    fn a_group_rule_names_the_groups_of_its_expression() {
        let rule = Object::new(
            Key::new(Kind::named("group-rule").unwrap(), &["0pr1"]),
            json!({"conditions": {"expression": {"value": format!("isMemberOfGroup(\"{OLD}\")")}}}),
        );
        let named = references(&rule);
        assert_eq!(named.len(), 1);
        assert_eq!(named[0].id, OLD);
        assert_eq!(named[0].to, [Kind::named("group").unwrap()]);
    }
}
