//! Which known objects a body names, and where: declared references and any id of a known object found elsewhere. Unlike
//! [`org::references`] it knows the places, so that one of them can be left out and written later.

use catalog::resource::Reference;
use org::{Key, Kind, Org, id_tokens};
use serde_json::Value;
use std::collections::HashMap;

/// The objects of an org by the ids Okta assigned to them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_id: HashMap<String, Key>,
}

/// One place that names an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The object named.
    pub object: Key,
    /// Members and positions on the way, outermost first.
    pub place: Vec<String>,
    /// The body makes sense without it for a while: declared deferred, or not declared at all.
    pub deferrable: bool,
}

/// Whether Okta assigns the ids of a kind (and would assign another one next time). Relations are called by the ids of
/// their ends, some kinds by names of the caller's choice.
pub(crate) fn assigns_ids(kind: Kind) -> bool {
    let facts = kind.facts();
    !facts.singleton && facts.relates.is_none() && facts.is_readonly(facts.identity.id.as_str())
}

/// The kinds that the ids of a key belong to, owners first.
pub(crate) fn kinds_on_the_way(kind: Kind) -> Vec<Kind> {
    let mut kinds = Vec::new();
    let mut next = kind.facts().parent.as_deref().and_then(Kind::named);
    while let Some(owner) = next {
        kinds.insert(0, owner);
        next = owner.facts().parent.as_deref().and_then(Kind::named);
    }
    let own = kind.facts().relates.as_deref().and_then(Kind::named);
    kinds.push(own.unwrap_or(kind));
    kinds
}

impl Index {
    /// Lists the objects of `org` whose ids Okta assigned.
    pub(crate) fn of(org: &Org) -> Self {
        let assigned = org.iter().filter(|object| assigns_ids(object.key().kind()));
        Self {
            by_id: assigned
                .map(|object| (object.key().id(), object.key().clone()))
                .collect(),
        }
    }

    /// The object of that id.
    pub(crate) fn key(&self, id: &str) -> Option<&Key> {
        self.by_id.get(id)
    }

    /// All ids and their objects.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Key)> {
        self.by_id.iter()
    }

    /// What `body`, of an object of `kind`, names. Places the kind declares verbatim name nothing.
    pub(crate) fn mentions(&self, kind: Kind, body: &Value) -> Vec<Mention> {
        let mut found = Vec::new();
        self.walk(kind, body, &mut Vec::new(), &mut found);
        found
    }

    fn walk(&self, kind: Kind, value: &Value, place: &mut Vec<String>, found: &mut Vec<Mention>) {
        match value {
            Value::String(text) => self.look(kind, text, place, found),
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    place.push(at.to_string());
                    self.walk(kind, item, place, found);
                    place.pop();
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    place.push(name.clone());
                    self.look(kind, name, place, found);
                    self.walk(kind, member, place, found);
                    place.pop();
                }
            }
            _ => {}
        }
    }

    fn look(&self, kind: Kind, text: &str, place: &[String], found: &mut Vec<Mention>) {
        let whole = self.key(text).into_iter();
        let parts = id_tokens(text)
            .filter(|token| *token != text)
            .filter_map(|token| self.key(token));
        let mut objects = whole.chain(parts).peekable();
        if objects.peek().is_none() {
            return;
        }
        let path = place.join(".");
        if kind.facts().verbatim.iter().any(|at| at.covers(&path)) {
            return;
        }
        let declared = declared_at(kind, &path);
        let means_an_id = declared.is_some() || id_tokens(text).next().is_some();
        for object in objects.filter(|_| means_an_id) {
            let deferrable = declared.is_none_or(|reference| reference.deferred);
            found.push(Mention {
                object: object.clone(),
                place: place.to_vec(),
                deferrable,
            });
        }
    }
}

fn declared_at(kind: Kind, path: &str) -> Option<&'static Reference> {
    kind.facts()
        .references
        .iter()
        .find(|reference| reference.at.covers(path))
}

/// Takes the value at `place` out of `body`; an array that loses an element goes as a whole, because half a list is a lie.
pub(crate) fn leave_out(body: &mut Value, place: &[String]) {
    let Some((name, rest)) = place.split_first() else {
        return;
    };
    let Value::Object(members) = body else { return };
    match members.get_mut(name) {
        Some(member) if member.is_object() && !rest.is_empty() => leave_out(member, rest),
        Some(_) => drop(members.shift_remove(name)),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use org::Object;
    use serde_json::json;

    const GROUP: &str = "00gkwum8v41A6dgO01d7";
    const USER: &str = "00ukwum8v41A6dgO01d7";

    fn index() -> Index {
        let mut org = Org::new();
        for (kind, id) in [
            ("group", GROUP),
            ("user", USER),
            ("authorization-server", "default"),
        ] {
            org.insert(Object::new(
                Key::new(Kind::named(kind).unwrap(), &[id]),
                json!({"id": id}),
            ));
        }
        Index::of(&org)
    }

    #[test]
    fn declared_and_undeclared_places_differ_in_what_can_wait() {
        let kind = Kind::named("user").unwrap();
        let body = json!({"profile": {"managerId": USER, "note": format!("see {GROUP}"), "kind": "default"}});
        let found = index().mentions(kind, &body);
        let places: Vec<_> = found
            .iter()
            .map(|m| (m.place.join("."), m.deferrable))
            .collect();
        assert_eq!(
            places,
            [
                ("profile.managerId".to_owned(), true),
                ("profile.note".to_owned(), true)
            ]
        );
        let rule = Kind::named("group-rule").unwrap();
        let body = json!({"conditions": {"expression": {"value": format!("isMemberOfGroup(\"{GROUP}\")")}}});
        assert!(!index().mentions(rule, &body)[0].deferrable);
    }

    #[test]
    fn leaving_out_takes_the_nearest_member() {
        let mut body = json!({"a": {"b": ["x", "y"], "c": 1}});
        leave_out(&mut body, &["a".to_owned(), "b".to_owned(), "1".to_owned()]);
        assert_eq!(body, json!({"a": {"c": 1}}));
    }
}
