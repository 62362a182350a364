//! What an object is called inside one org: its kind and the ids on the way to it.

use catalog::resource::{ResourceType, resources};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// A resource type of the catalog. Kinds order by restore order (parents before children, needs before needers).
#[derive(Clone, Copy)]
pub struct Kind(&'static ResourceType);

impl Kind {
    /// The kind of that name (`group-rule`), if the catalog has it.
    pub fn named(name: &str) -> Option<Self> {
        resources().named(name).map(Self)
    }

    /// All kinds, in restore order.
    pub fn all() -> impl Iterator<Item = Self> {
        resources().iter().map(Self)
    }

    /// The catalog's facts about it.
    pub fn facts(self) -> &'static ResourceType {
        self.0
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        &self.0.name
    }

    /// Its position in restore order.
    pub fn rank(self) -> usize {
        resources().rank(&self.0.name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}
impl Eq for Kind {}
impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Kind {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}
impl std::hash::Hash for Kind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name)
    }
}
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.name)
    }
}

/// Kind and path: `policy-rule 00p…/0pr…`. The path joins the ids of the owners and the object's own id by `/`; ids that
/// contain `/` or `%` are percent-encoded in it. A singleton's own id is its kind's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    kind: Kind,
    path: String,
}

impl Key {
    /// The key of the object reached by `ids`: owners first, its own id last.
    pub fn new(kind: Kind, ids: &[&str]) -> Self {
        let mut path = String::with_capacity(ids.iter().map(|id| id.len() + 1).sum());
        for (at, id) in ids.iter().enumerate() {
            if at > 0 {
                path.push('/');
            }
            push_encoded(&mut path, id);
        }
        Self { kind, path }
    }

    /// The key of `kind` with a path as [`Key::path`] gives it.
    pub fn at(kind: Kind, path: &str) -> Self {
        Self {
            kind,
            path: path.to_owned(),
        }
    }

    /// The key of `id` owned by the object under `self`.
    pub fn child(&self, kind: Kind, id: &str) -> Self {
        let mut path = self.path.clone();
        path.push('/');
        push_encoded(&mut path, id);
        Self { kind, path }
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The path as kept in [`crate::Org`].
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The ids of the path, owners first.
    pub fn ids(&self) -> Vec<String> {
        self.path.split('/').map(decode).collect()
    }

    /// The object's own id.
    pub fn id(&self) -> String {
        decode(self.path.rsplit('/').next().unwrap_or_default())
    }

    /// The key of the owner, if the kind has one.
    pub fn parent(&self) -> Option<Self> {
        let kind = Kind::named(self.kind.facts().parent.as_deref()?)?;
        let (path, _) = self.path.rsplit_once('/')?;
        Some(Self {
            kind,
            path: path.to_owned(),
        })
    }
}

fn push_encoded(path: &mut String, id: &str) {
    for c in id.chars() {
        match c {
            '/' => path.push_str("%2F"),
            '%' => path.push_str("%25"),
            _ => path.push(c),
        }
    }
}

fn decode(segment: &str) -> String {
    segment.replace("%2F", "/").replace("%25", "%")
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.path)
    }
}
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (kind, path) = text
            .split_once(' ')
            .ok_or_else(|| serde::de::Error::custom("a key is `kind path`"))?;
        let kind = Kind::named(kind)
            .ok_or_else(|| serde::de::Error::custom(format!("no resource type `{kind}`")))?;
        Ok(Self {
            kind,
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_survive_being_written_down() {
        let key = Key::new(
            Kind::named("custom-role-permission").unwrap(),
            &["cr0/1", "okta.users.read"],
        );
        let text = serde_json::to_string(&key).unwrap();
        let back: Key = serde_json::from_str(&text).unwrap();
        assert_eq!(back, key);
        assert_eq!(back.ids(), ["cr0/1", "okta.users.read"]);
        assert_eq!(back.parent().unwrap().kind().name(), "custom-role");
    }
}
