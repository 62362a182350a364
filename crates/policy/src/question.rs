//! What is asked: one operation by the caller of a slice, on these objects, from there, at that time.
//!
//! Objects are handed in complete; nothing here looks one up or guesses what an absent attribute would have been.

use std::net::IpAddr;
use std::sync::Arc;

use catalog::Operation;
use catalog::pattern::Pattern;
use jiff::Timestamp;
use serde_json::Value;

use crate::entity::{AttributeType, EntityType, entity_type};

/// One question to a [`crate::Slice`].
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What is to be done.
    pub operation: &'static Operation,
    /// The objects that the path names, one for each of [`crate::objects_of`], in that order. May be empty where
    /// [`crate::Slice::needs`] says that none is read.
    pub objects: &'a [Object],
    /// Network address of the caller, where it is known. A mapped IPv4 address counts as IPv4.
    pub source: Option<IpAddr>,
    /// Members that the body sets, as dotted paths without array indexes (`profile.email`). May be empty where
    /// [`crate::Slice::needs`] says that none is read.
    pub fields: &'a [String],
    /// Now.
    pub now: Timestamp,
}

/// An object of the org, as far as policies can see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Entity type (`User`).
    pub entity: &'static str,
    /// Okta's id.
    pub id: Arc<str>,
    /// Attributes by name. Absent ones are left out.
    pub attributes: Vec<(&'static str, Attribute)>,
    /// What it belongs to, by entity type and id. Its org is understood.
    pub parents: Vec<(&'static str, Arc<str>)>,
}

/// Value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// Text.
    Text(Arc<str>),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A set of texts.
    Texts(Vec<Arc<str>>),
}

impl Attribute {
    const fn value_type(&self) -> AttributeType {
        match self {
            Self::Text(_) => AttributeType::Text,
            Self::Flag(_) => AttributeType::Flag,
            Self::Number(_) => AttributeType::Number,
            Self::Texts(_) => AttributeType::Texts,
        }
    }
}

impl Object {
    /// An object of which only the id is known.
    pub fn bare(entity: &'static str, id: impl Into<Arc<str>>) -> Self {
        Self {
            entity,
            id: id.into(),
            attributes: Vec::new(),
            parents: Vec::new(),
        }
    }

    /// An object as its body (Okta's JSON) tells it. What a body cannot tell (`admin` of a user, `grantsRoles` of a group, what
    /// it belongs to) is left for [`Object::with`] and [`Object::inside`].
    pub fn read(entity: &'static str, id: impl Into<Arc<str>>, body: &Value) -> Self {
        let mut object = Self::bare(entity, id);
        if let Some(kind) = entity_type(entity) {
            let told = kind.attributes.iter().filter_map(|attribute| {
                Some((attribute.name, read_attribute(kind, attribute.name, body)?))
            });
            object.attributes = told.collect();
        }
        object
    }

    /// The object with this attribute, replacing what it had under the name.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Attribute) -> Self {
        self.attributes.retain(|(known, _)| *known != name);
        self.attributes.push((name, value));
        self
    }

    /// The object as part of another.
    #[must_use]
    pub fn inside(mut self, entity: &'static str, id: impl Into<Arc<str>>) -> Self {
        self.parents.push((entity, id.into()));
        self
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        let found = self.attributes.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    /// Whether it carries all that its type requires, and nothing its type does not have.
    pub(crate) fn is_complete(&self) -> bool {
        let Some(kind) = entity_type(self.entity) else {
            return false;
        };
        let required = kind
            .attributes
            .iter()
            .filter(|attribute| attribute.required);
        required
            .clone()
            .all(|attribute| self.attribute(attribute.name).is_some())
            && self.attributes.iter().all(|(name, value)| {
                kind.attribute(name)
                    .is_some_and(|attribute| attribute.value == value.value_type())
            })
    }
}

/// Where Okta's bodies keep what an attribute is about.
fn read_attribute(kind: &EntityType, name: &str, body: &Value) -> Option<Attribute> {
    let text = |pointer: &str| body.pointer(pointer)?.as_str().map(Arc::from);
    let value = match (kind.name, name) {
        ("User", "admin") | ("Group", "grantsRoles") => return None,
        ("User", "status") => text("/status"),
        ("User", _) => text(&format!("/profile/{name}")),
        ("Group", "name") => text("/profile/name"),
        (_, "kind") => text("/type"),
        (_, "system") => {
            let system = kind
                .resources
                .iter()
                .any(|resource| resource.is_system(body));
            return Some(Attribute::Flag(system));
        }
        ("App", _) => text(&format!("/{name}")),
        (_, "name") => {
            let titles = kind
                .resources
                .iter()
                .filter_map(|r| r.identity.title.as_ref());
            titles.into_iter().find_map(|title| text_at(title, body))
        }
        _ => {
            let states = kind.resources.iter().filter_map(|r| r.lifecycle.as_ref());
            states
                .into_iter()
                .find_map(|states| text_at(&states.field, body))
        }
    };
    value.map(Attribute::Text)
}

fn text_at(place: &Pattern, body: &Value) -> Option<Arc<str>> {
    let found = place.values(body).into_iter().find_map(Value::as_str);
    found.map(Arc::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_tells_what_it_can_and_the_rest_is_missing() {
        let body = json!({"id": "00u1", "status": "ACTIVE", "type": {"id": "oty1"},
            "profile": {"login": "ada@example.com", "email": "ada@example.com", "department": "Research", "title": null}});
        let ada = Object::read("User", "00u1", &body);
        assert_eq!(
            ada.attribute("login"),
            Some(&Attribute::Text("ada@example.com".into()))
        );
        assert_eq!(
            ada.attribute("department"),
            Some(&Attribute::Text("Research".into()))
        );
        assert_eq!(ada.attribute("title"), None);
        assert!(!ada.is_complete());
        assert!(ada.with("admin", Attribute::Flag(false)).is_complete());
    }

    #[test]
    fn kept_things_tell_name_state_and_whether_okta_made_them() {
        let zone = json!({"name": "Office", "status": "ACTIVE", "type": "IP", "system": false});
        let zone = Object::read("NetworkZone", "nzo1", &zone);
        assert!(zone.is_complete());
        assert_eq!(
            zone.attribute("name"),
            Some(&Attribute::Text("Office".into()))
        );
        assert_eq!(
            zone.attribute("status"),
            Some(&Attribute::Text("ACTIVE".into()))
        );
        assert_eq!(zone.attribute("kind"), Some(&Attribute::Text("IP".into())));
        assert_eq!(zone.attribute("system"), Some(&Attribute::Flag(false)));
    }

    #[test]
    fn a_thing_with_something_its_type_does_not_have_is_not_complete() {
        assert!(Object::bare("Factor", "f1").is_complete());
        let odd = Object::bare("Factor", "f1").with("name", Attribute::Flag(true));
        assert!(!odd.is_complete());
        assert!(!Object::bare("Spaceship", "1").is_complete());
    }
}
