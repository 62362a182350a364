//! An Okta org's objects as values in memory: keys, bodies, references, natural keys, search.
//!
//! One structure with several owners: the emulator's state, both sides of a difference, a rehearsal. It never does I/O,
//! never reads a clock and never decides what should change. Start with [`Org`].

pub mod filter;
mod key;
mod object;
mod reference;

pub use key::{Key, Kind};
pub use object::Object;
pub use reference::{Remap, id_tokens, references, remap};

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// Objects by kind and path. Cloning shares every object, so that a rehearsal costs one pointer per object.
#[derive(Debug, Clone, Default)]
pub struct Org {
    kinds: BTreeMap<Kind, BTreeMap<String, Arc<Object>>>,
}

impl Org {
    /// An org that keeps nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps `object` under its key and hands back the one it replaces.
    pub fn insert(&mut self, object: Object) -> Option<Arc<Object>> {
        let key = object.key().clone();
        self.kinds
            .entry(key.kind())
            .or_default()
            .insert(key.path().to_owned(), Arc::new(object))
    }

    /// Forgets the object and hands it back.
    pub fn remove(&mut self, key: &Key) -> Option<Arc<Object>> {
        self.kinds.get_mut(&key.kind())?.remove(key.path())
    }

    /// The object under `key`.
    pub fn get(&self, key: &Key) -> Option<&Arc<Object>> {
        self.kinds.get(&key.kind())?.get(key.path())
    }

    /// All objects of a kind, ordered by path (Okta's ids grow with time, so this is roughly creation order).
    pub fn of(&self, kind: Kind) -> impl DoubleEndedIterator<Item = &Arc<Object>> {
        self.kinds
            .get(&kind)
            .into_iter()
            .flat_map(|objects| objects.values())
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.kinds.get(&kind).map_or(0, BTreeMap::len)
    }

    /// All objects of a kind that one parent owns. Cost: one range look-up, then one step per child.
    pub fn children<'a>(
        &'a self,
        kind: Kind,
        parent_path: &str,
    ) -> impl Iterator<Item = &'a Arc<Object>> {
        let prefix = format!("{parent_path}/");
        let from = Bound::Included(prefix.clone());
        let objects = self.kinds.get(&kind);
        objects
            .into_iter()
            .flat_map(move |objects| objects.range::<String, _>((from.clone(), Bound::Unbounded)))
            .take_while(move |(path, _)| path.starts_with(&prefix))
            .map(|(_, object)| object)
    }

    /// Every object, kind by kind in restore order (see [`catalog::resource`]), within a kind by path.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.kinds.values().flat_map(|objects| objects.values())
    }

    /// The kinds that have objects, in restore order.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        self.kinds
            .iter()
            .filter(|(_, objects)| !objects.is_empty())
            .map(|(kind, _)| *kind)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.kinds.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(kind: &str, path: &[&str]) -> Object {
        let kind = Kind::named(kind).unwrap();
        Object::new(Key::new(kind, path), json!({"id": path.last()}))
    }

    #[test]
    fn children_are_those_of_one_parent_only() {
        let mut org = Org::new();
        for (group, user) in [
            ("00g1", "00u1"),
            ("00g1", "00u2"),
            ("00g10", "00u1"),
            ("00g2", "00u3"),
        ] {
            org.insert(object("group-membership", &[group, user]));
        }
        let members = |group| {
            org.children(Kind::named("group-membership").unwrap(), group)
                .count()
        };
        assert_eq!(
            (members("00g1"), members("00g10"), members("00g3")),
            (2, 1, 0)
        );
    }

    #[test]
    fn a_clone_is_a_world_of_its_own() {
        let mut org = Org::new();
        org.insert(object("user", &["00u1"]));
        let mut rehearsal = org.clone();
        rehearsal.remove(&Key::new(Kind::named("user").unwrap(), &["00u1"]));
        assert_eq!((org.len(), rehearsal.len()), (1, 0));
    }
}
