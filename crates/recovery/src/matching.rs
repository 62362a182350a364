//! Which object of one image is which of the other: by id first, then by natural key, owners before what they own.
//!
//! Where a natural key fits several objects nothing is matched; the ambiguity is handed back for a person to settle. Ids
//! inside natural keys are translated by what is matched already, so that keys compare objects and not names of objects.

use crate::ids::{IdMap, SourceId, TargetId};
use crate::mention::assigns_ids;
use catalog::pattern::Pattern;
use org::{Key, Kind, Object, Org};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Objects of two images, paired.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    counterparts: BTreeMap<Key, Key>,
    taken: HashMap<Key, Key>,
    ids: IdMap,
    ambiguous: Vec<Ambiguity>,
}

/// Objects that one natural key fits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Ambiguity {
    /// Objects of the wanted image.
    pub wanted: Vec<Key>,
    /// Objects of the live image.
    pub live: Vec<Key>,
    /// Name of the first, for people.
    pub title: String,
}

/// Path of the owner in the live image, and natural key.
type Place = (String, String);

/// Objects that one natural key fits, below one owner.
#[derive(Default)]
struct Candidates<'a> {
    wanted: Vec<&'a Arc<Object>>,
    live: Vec<&'a Arc<Object>>,
}

/// Pairs the objects of `wanted` with those of `live`. `known` says what is called how already (a run's own creations).
/// Cost: one look-up per object and, for those not found by id, one natural key on either side.
pub(crate) fn pair(wanted: &Org, live: &Org, known: &IdMap) -> Matching {
    let mut matching = Matching {
        ids: known.clone(),
        ..Matching::default()
    };
    for kind in Kind::all() {
        let unmatched: Vec<_> = wanted
            .of(kind)
            .filter(|object| !matching.pair_by_id(object, live))
            .collect();
        matching.pair_by_key(kind, &unmatched, live);
    }
    matching
}

impl Matching {
    /// The live object that `wanted` is.
    pub fn live(&self, wanted: &Key) -> Option<&Key> {
        self.counterparts.get(wanted)
    }

    /// The wanted object that `live` is.
    pub fn wanted(&self, live: &Key) -> Option<&Key> {
        self.taken.get(live)
    }

    /// Whether `live` is some wanted object.
    pub fn is_wanted(&self, live: &Key) -> bool {
        self.taken.contains_key(live)
    }

    /// What the wanted objects' ids are in the live image.
    pub fn ids(&self) -> &IdMap {
        &self.ids
    }

    /// What could not be told apart.
    pub fn ambiguous(&self) -> &[Ambiguity] {
        &self.ambiguous
    }

    fn pair_by_id(&mut self, object: &Arc<Object>, live: &Org) -> bool {
        let key = object.key();
        let Some(expected) = self.expected(key) else {
            return false;
        };
        match live.get(&expected) {
            Some(found) if !self.is_wanted(&expected) => {
                self.note(object, found);
                true
            }
            _ => false,
        }
    }

    /// Where `key` would be if its object kept its id. A relation is called by the ids of its ends.
    fn expected(&self, key: &Key) -> Option<Key> {
        let id = key.id();
        let id = self.ids.target(&id).map_or(id.as_str(), TargetId::as_str);
        match key.parent() {
            Some(parent) => Some(self.live(&parent)?.child(key.kind(), id)),
            None => Some(Key::new(key.kind(), &[id])),
        }
    }

    fn pair_by_key(&mut self, kind: Kind, unmatched: &[&Arc<Object>], live: &Org) {
        if unmatched.is_empty() || kind.facts().identity.key.is_empty() {
            return;
        }
        let mut places: BTreeMap<Place, Candidates<'_>> = BTreeMap::new();
        for object in unmatched {
            if let Some(place) = self.wanted_place(object) {
                places.entry(place).or_default().wanted.push(object);
            }
        }
        for object in live.of(kind).filter(|object| !self.is_wanted(object.key())) {
            let owner = object
                .key()
                .parent()
                .map_or_else(String::new, |parent| parent.path().to_owned());
            let place = natural_key(object, &IdMap::default()).map(|key| (owner, key));
            if let Some(candidates) = place.and_then(|place| places.get_mut(&place)) {
                candidates.live.push(object);
            }
        }
        for Candidates { wanted, live } in places.into_values() {
            match (wanted.as_slice(), live.as_slice()) {
                ([_, ..], []) => {}
                ([wanted], [live]) => self.note(wanted, live),
                _ => self.ambiguous.push(ambiguity(&wanted, &live)),
            }
        }
    }

    fn wanted_place(&self, object: &Object) -> Option<Place> {
        let owner = match object.key().parent() {
            Some(parent) => self.live(&parent)?.path().to_owned(),
            None => String::new(),
        };
        Some((owner, natural_key(object, &self.ids)?))
    }

    fn note(&mut self, wanted: &Object, live: &Object) {
        let (from, to) = (wanted.key(), live.key());
        self.counterparts.insert(from.clone(), to.clone());
        self.taken.insert(to.clone(), from.clone());
        if assigns_ids(from.kind()) {
            self.ids
                .insert(SourceId::from(from.id()), TargetId::from(to.id()));
        }
        for link in followed_links(from.kind()) {
            if let (Some(old), Some(new)) = (
                last_segment(link, wanted.body()),
                last_segment(link, live.body()),
            ) {
                self.ids.insert(SourceId::from(old), TargetId::from(new));
            }
        }
    }
}

/// Links in objects of `kind` that lead to an object they own and whose id stands nowhere else.
pub(crate) fn followed_links(kind: Kind) -> impl Iterator<Item = &'static Pattern> {
    let owned =
        Kind::all().filter(move |other| other.facts().parent.as_deref() == Some(kind.name()));
    owned.filter_map(|owned| owned.facts().listing.follow.as_ref())
}

/// The last path segment of the link at `place`.
pub(crate) fn last_segment<'a>(place: &Pattern, body: &'a Value) -> Option<&'a str> {
    let link = place.first(body)?.as_str()?;
    let path = link.split(['?', '#']).next()?;
    path.rsplit('/').find(|segment| !segment.is_empty())
}

/// The values that recognise an object, ids in them translated by `ids`; none when the object states none of them.
pub(crate) fn natural_key(object: &Object, ids: &IdMap) -> Option<String> {
    let kind = object.key().kind();
    let places = &kind.facts().identity.key;
    let values: Vec<Vec<Value>> = places
        .iter()
        .map(|place| place.values(object.body()).into_iter().cloned().collect())
        .collect();
    if values.iter().all(Vec::is_empty) {
        return None;
    }
    let mut key = Value::Array(values.into_iter().map(Value::Array).collect());
    org::remap(kind, &mut key, ids);
    Some(key.to_string())
}

/// Natural keys that occur more than once among the objects one parent owns.
pub(crate) fn doubled(org: &Org) -> HashMap<(Kind, String, String), Vec<Key>> {
    let mut seen: HashMap<(Kind, String, String), Vec<Key>> = HashMap::new();
    for object in org.iter() {
        let key = object.key();
        let owner = key
            .parent()
            .map_or_else(String::new, |parent| parent.path().to_owned());
        if let Some(natural) = natural_key(object, &IdMap::default()) {
            seen.entry((key.kind(), owner, natural))
                .or_default()
                .push(key.clone());
        }
    }
    seen.retain(|_, keys| keys.len() > 1);
    seen
}

fn ambiguity(wanted: &[&Arc<Object>], live: &[&Arc<Object>]) -> Ambiguity {
    Ambiguity {
        wanted: wanted.iter().map(|object| object.key().clone()).collect(),
        live: live.iter().map(|object| object.key().clone()).collect(),
        title: wanted
            .first()
            .map(|object| object.title())
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn org(objects: &[(&str, &[&str], Value)]) -> Org {
        let mut org = Org::new();
        for (kind, ids, body) in objects {
            org.insert(Object::new(
                Key::new(Kind::named(kind).unwrap(), ids),
                body.clone(),
            ));
        }
        org
    }

    fn group(id: &'static str, name: &str) -> (&'static str, Vec<&'static str>, Value) {
        (
            "group",
            vec![id],
            json!({"id": id, "type": "OKTA_GROUP", "profile": {"name": name}}),
        )
    }

    fn key(kind: &str, ids: &[&str]) -> Key {
        Key::new(Kind::named(kind).unwrap(), ids)
    }

    #[test]
    fn an_id_beats_a_name_and_a_name_finds_the_recreated() {
        let a = [group("00g1", "Sales"), group("00g2", "Legal")];
        let b = [group("00g1", "Sales EMEA"), group("00g9", "Legal")];
        let plain = |list: &[(&'static str, Vec<&'static str>, Value)]| {
            org(&list
                .iter()
                .map(|(k, i, v)| (*k, i.as_slice(), v.clone()))
                .collect::<Vec<_>>())
        };
        let matching = pair(&plain(&a), &plain(&b), &IdMap::default());
        assert_eq!(
            matching.live(&key("group", &["00g1"])),
            Some(&key("group", &["00g1"]))
        );
        assert_eq!(
            matching.live(&key("group", &["00g2"])),
            Some(&key("group", &["00g9"]))
        );
        assert_eq!(matching.ids().target("00g2").unwrap().as_str(), "00g9");
    }

    #[test]
    fn two_of_one_name_are_asked_about_not_guessed() {
        let (kind, ids, body) = group("00g1", "Sales");
        let wanted = org(&[(kind, &ids, body.clone())]);
        let live = org(&[(kind, &["00g8"], body.clone()), (kind, &["00g9"], body)]);
        let matching = pair(&wanted, &live, &IdMap::default());
        assert_eq!(matching.live(&key("group", &["00g1"])), None);
        assert_eq!(matching.ambiguous().len(), 1);
        assert_eq!(matching.ambiguous()[0].live.len(), 2);
    }

    #[test]
    fn a_relation_is_recognised_through_both_its_ends() {
        let (kind, ids, body) = group("00g1", "Sales");
        let user = |id: &str| json!({"id": id, "profile": {"login": "ana@example.com"}});
        let wanted = org(&[
            (kind, &ids, body.clone()),
            ("user", &["00u1"], user("00u1")),
            ("group-membership", &["00g1", "00u1"], json!({"id": "00u1"})),
        ]);
        let live = org(&[
            (kind, &["00g9"], body),
            ("user", &["00u9"], user("00u9")),
            ("group-membership", &["00g9", "00u9"], json!({"id": "00u9"})),
        ]);
        let matching = pair(&wanted, &live, &IdMap::default());
        let found = matching.live(&key("group-membership", &["00g1", "00u1"]));
        assert_eq!(found, Some(&key("group-membership", &["00g9", "00u9"])));
    }
}
