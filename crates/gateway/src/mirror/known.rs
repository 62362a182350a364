//! The index behind the mirror: objects by kind and path, people by name, who is in which group, who holds which role.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use access::Objects;
use catalog::Operation;
use org::{Key, Kind};
use policy::{Attribute, EntityType, Object, ObjectSlot, entity_types};

use super::lesson::Lesson;
use super::people::People;
use super::sizes::Sizes;
use super::{Sighting, lesson};

/// What is known of an org.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) objects: HashMap<Kind, HashMap<String, Object>>,
    people: People,
    /// Ids by name, of kinds whose paths take either; several of one name are none.
    labels: HashMap<(Kind, String), Vec<Arc<str>>>,
    /// Groups by the id of a person.
    groups: HashMap<Arc<str>, Vec<Arc<str>>>,
    /// Role assignments by the id of a person or group.
    pub(super) roles: HashMap<Arc<str>, HashSet<Arc<str>>>,
    /// The group all people are in, which no list of members needs to say.
    pub(super) everyone: Option<Arc<str>>,
    pub(super) sizes: Sizes,
    /// Whether all assignments of roles to people, or to groups, were seen.
    roles_of_people_seen: bool,
    pub(super) roles_of_groups_seen: bool,
}

impl Known {
    pub(super) fn of(sighting: &Sighting<'_>) -> Self {
        let seen = |names: &[&str]| {
            !sighting
                .partial
                .iter()
                .any(|kind| names.contains(&kind.name()))
        };
        let mut known = Self {
            objects: HashMap::new(),
            people: People::default(),
            labels: HashMap::new(),
            groups: HashMap::new(),
            roles: HashMap::new(),
            everyone: None,
            sizes: Sizes::seen(seen(&[MEMBERSHIP]), seen(&[APP_USER])),
            roles_of_people_seen: seen(&[USER_ROLE, GROUP_ROLE, MEMBERSHIP]),
            roles_of_groups_seen: seen(&[GROUP_ROLE]),
        };
        for object in sighting.org.iter() {
            for lesson in lesson::of_object(object.key(), object.body()) {
                known.learn(&lesson);
            }
        }
        known
    }

    pub(super) fn learn(&mut self, lesson: &Lesson) {
        match lesson {
            Lesson::Seen(key, object) => self.see(key, object),
            Lesson::Gone(key) => self.forget(key),
            Lesson::Status(key, status) => {
                self.sizes.switched(key, status);
                let known = self.objects.get_mut(&key.kind());
                if let Some(object) = known.and_then(|known| known.get_mut(key.path())) {
                    let status = Attribute::Text(Arc::clone(status));
                    *object = object.clone().with("status", status);
                }
            }
            Lesson::Withdrawn(key) => self.withdraw(key),
            Lesson::Joined { group, user } => {
                let groups = self.groups.entry(Arc::clone(user)).or_default();
                if !groups.contains(group) {
                    groups.push(Arc::clone(group));
                    self.sizes.joined(group);
                }
            }
            Lesson::Left { group, user } => {
                if let Some(groups) = self.groups.get_mut(user)
                    && let Some(at) = groups.iter().position(|known| known == group)
                {
                    groups.swap_remove(at);
                    self.sizes.left(group);
                }
            }
            Lesson::Employed { app } => self.sizes.employed(app),
            Lesson::Stands(key, stance) => self.sizes.stands(key, stance.clone()),
            Lesson::Assigned { holder, role } => {
                let roles = self.roles.entry(Arc::clone(holder)).or_default();
                roles.insert(Arc::clone(role));
            }
            Lesson::Unassigned { holder, role } => {
                if let Some(roles) = self.roles.get_mut(holder) {
                    roles.remove(role);
                }
            }
        }
    }

    fn see(&mut self, key: &Key, object: &Object) {
        self.unname(key);
        match (
            object.entity,
            object.attribute("login"),
            object.attribute("name"),
        ) {
            (USER, Some(Attribute::Text(login)), _) => self.people.add(login, &object.id),
            (GROUP, _, Some(Attribute::Text(name)))
                if &**name == EVERYONE
                    && object.attribute("kind") == Some(&Attribute::Text(BUILT_IN.into())) =>
            {
                self.everyone = Some(Arc::clone(&object.id));
            }
            (entity, _, Some(Attribute::Text(name))) if LABELLED.contains(&entity) => {
                let bearers = self.labels.entry((key.kind(), name.to_string()));
                bearers.or_default().push(Arc::clone(&object.id));
            }
            _ => {}
        }
        let of_kind = self.objects.entry(key.kind()).or_default();
        of_kind.insert(key.path().to_owned(), object.clone());
    }

    fn forget(&mut self, key: &Key) {
        self.unname(key);
        self.sizes.forget(key);
        if key.kind().name() == "user" {
            let groups = self.groups.remove(key.path()).unwrap_or_default();
            groups.iter().for_each(|group| self.sizes.left(group));
        }
        if let Some(known) = self.objects.get_mut(&key.kind()) {
            known.remove(key.path());
        }
    }

    /// Okta's delete of a person who is not deactivated only deactivates; the next one deletes.
    fn withdraw(&mut self, key: &Key) {
        let known = self
            .objects
            .get(&key.kind())
            .and_then(|known| known.get(key.path()));
        let status = known.and_then(|object| object.attribute("status"));
        if status == Some(&Attribute::Text(DEPROVISIONED.into())) {
            self.forget(key);
        } else {
            self.learn(&Lesson::Status(key.clone(), DEPROVISIONED.into()));
        }
    }

    /// Takes the names of an object that is about to change or go out of the indexes.
    fn unname(&mut self, key: &Key) {
        let known = self
            .objects
            .get(&key.kind())
            .and_then(|known| known.get(key.path()));
        let Some(object) = known else { return };
        match (
            object.entity,
            object.attribute("login"),
            object.attribute("name"),
        ) {
            (USER, Some(Attribute::Text(login)), _) => self.people.remove(login, &object.id),
            (entity, _, Some(Attribute::Text(name))) if LABELLED.contains(&entity) => {
                if let Some(bearers) = self.labels.get_mut(&(key.kind(), name.to_string())) {
                    bearers.retain(|id| *id != object.id);
                }
            }
            _ => {}
        }
    }

    /// The object of `kind` that `ids` name (owners first), under its id or one of its other names.
    fn find(&self, kind: Kind, ids: &[&str], slot: &ObjectSlot) -> Option<Object> {
        let of_kind = self.objects.get(&kind)?;
        let key = Key::new(kind, ids);
        if let Some(object) = of_kind.get(key.path()) {
            return Some(self.completed(object));
        }
        let (own, owners) = ids.split_last()?;
        let id = if slot.entity == USER {
            self.people.named(own)?
        } else if slot.parameter.ends_with("OrLabel") {
            match self.labels.get(&(kind, (*own).to_owned()))?.as_slice() {
                [only] => only,
                _ => return None,
            }
        } else {
            return None;
        };
        let ids: Vec<&str> = owners.iter().copied().chain([&**id]).collect();
        of_kind
            .get(Key::new(kind, &ids).path())
            .map(|object| self.completed(object))
    }

    /// The object with what its own body does not tell. What was not seen whole is left out.
    fn completed(&self, object: &Object) -> Object {
        let mut object = object.clone();
        let holds = |id: &Arc<str>| self.roles.get(id).is_some_and(|roles| !roles.is_empty());
        if object.entity == GROUP && self.roles_of_groups_seen {
            let grants = holds(&object.id);
            return object.with("grantsRoles", Attribute::Flag(grants));
        }
        if object.entity != USER {
            return object;
        }
        let groups = self.groups.get(&object.id).into_iter().flatten();
        for group in groups.chain(&self.everyone) {
            object = object.inside(GROUP, Arc::clone(group));
        }
        if self.roles_of_people_seen {
            let admin = holds(&object.id) || object.parents.iter().any(|(_, group)| holds(group));
            object = object.with("admin", Attribute::Flag(admin));
        }
        object
    }
}

/// The objects that a path names, in path order. Other names of theirs become ids in `parameters`, as far as they are known.
pub(super) fn look_up(
    known: Option<&Known>,
    operation: &'static Operation,
    parameters: &mut [(String, String)],
) -> Objects {
    let slots = policy::objects_of(operation);
    let mut objects = Vec::with_capacity(slots.len());
    for slot in slots {
        let parameter = slot.parameter;
        let Some(at) = parameters.iter().position(|(name, _)| name == parameter) else {
            return Objects::Unknown { parameter };
        };
        let ids = parameters.iter().take(at + 1);
        let ids: Vec<&str> = ids.map(|(_, value)| value.as_str()).collect();
        let Some(object) = object_at(known, slot, &ids) else {
            return Objects::Unknown { parameter };
        };
        if let Some((_, value)) = parameters.get_mut(at)
            && *value != *object.id
        {
            *value = object.id.to_string();
        }
        objects.push(object);
    }
    Objects::Known(objects)
}

fn object_at(known: Option<&Known>, slot: &ObjectSlot, ids: &[&str]) -> Option<Object> {
    let own = *ids.last()?;
    let Some(resource) = slot.resource else {
        return Some(Object::bare(slot.entity, own));
    };
    let kind = Kind::named(resource)?;
    // A second path to an object names no owner of it.
    let owned = ids.get(ids.len().checked_sub(1 + owners(kind))?..)?;
    known?.find(kind, owned, slot)
}

/// How many owners stand above objects of a kind.
fn owners(kind: Kind) -> usize {
    let mut parent = kind.facts().parent.as_deref();
    let mut count = 0;
    while let Some(above) = parent.and_then(Kind::named) {
        count += 1;
        parent = above.facts().parent.as_deref();
    }
    count
}

/// The entity type of objects of this kind; `None` where no path names one.
pub(super) fn entity_of(kind: Kind) -> Option<&'static EntityType> {
    entity_types().find(|entity| entity.resources.iter().any(|one| one.name == kind.name()))
}

/// Entity type of people.
pub(super) const USER: &str = "User";
/// Entity type of groups.
pub(super) const GROUP: &str = "Group";
/// Entity types whose paths take an id or a name.
const LABELLED: [&str; 2] = ["CustomRole", "ResourceSet"];
const EVERYONE: &str = "Everyone";
const BUILT_IN: &str = "BUILT_IN";
const DEPROVISIONED: &str = "DEPROVISIONED";
/// Kind of assignments of people to apps.
pub(super) const APP_USER: &str = "app-user";
/// Kind of assignments of roles to people.
pub(super) const USER_ROLE: &str = "user-role";
/// Kind of assignments of roles to groups.
pub(super) const GROUP_ROLE: &str = "group-role";
/// Kind of memberships.
pub(super) const MEMBERSHIP: &str = "group-membership";
