//! What bodies look like: property names, value kinds and discriminators. Names only; nothing here validates.
//!
//! Read from the embedded index on first use, apart from the operations, so that a program that never looks at bodies
//! does not pay for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::{Property, Type};

const SHAPES: &str = include_str!("../../../okta/shapes.jsonl");

static ALL: LazyLock<Shapes> = LazyLock::new(|| {
    let read = |line| serde_json::from_str::<Line>(line).ok().map(Line::settle);
    Shapes {
        by_name: SHAPES
            .lines()
            .filter_map(read)
            .map(|shape| (shape.name, shape))
            .collect(),
    }
});

/// All shapes, by name.
#[derive(Debug)]
pub struct Shapes {
    by_name: HashMap<&'static str, Shape>,
}

/// The catalog's shapes. The first call reads the index, later ones cost nothing.
pub fn shapes() -> &'static Shapes {
    &ALL
}

impl Shapes {
    /// The shape of this name, as [`Type::Shape`] and [`Type::shape_name`] give it.
    pub fn by_name(&self, name: &str) -> Option<&Shape> {
        self.by_name.get(name)
    }

    /// All shapes, in no particular order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Shape> {
        self.by_name.values()
    }
}

/// One schema of Okta's documents.
#[derive(Debug)]
#[non_exhaustive]
pub struct Shape {
    /// Name; nested objects are called after their parent and property (`User.credentials`).
    pub name: &'static str,
    /// What it is when it is no object: a list, a string, an enumeration.
    pub alias: Option<Type>,
    /// Its own properties, in name order.
    pub properties: Vec<Property>,
    /// Names required although another shape declares them.
    pub required_elsewhere: Vec<&'static str>,
    /// Shapes whose properties it has as well.
    pub all_of: Vec<Type>,
    /// Shapes of which it is exactly one.
    pub one_of: Vec<Type>,
    /// Shapes of which it is at least one.
    pub any_of: Vec<Type>,
    /// How to tell which.
    pub discriminator: Option<Discriminator>,
    /// What members beyond the properties hold, where the document says.
    pub additional: Option<Type>,
}

impl Shape {
    /// Its own property of this name; see [`Shape::property`] for inherited ones.
    pub fn own_property(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }

    /// The property of this name, its own or that of a shape it includes.
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.find_property(name, INHERITANCE_DEPTH_MAX)
    }

    fn find_property(&self, name: &str, depth: usize) -> Option<&'static Property> {
        let this = shapes().by_name(self.name)?;
        this.own_property(name).or_else(|| {
            let depth = depth.checked_sub(1)?;
            let mut parents = self
                .all_of
                .iter()
                .filter_map(|parent| shapes().by_name(parent.shape_name()?));
            parents.find_map(|parent| parent.find_property(name, depth))
        })
    }

    /// The shape that the discriminator's value names.
    pub fn variant(&self, value: &str) -> Option<&'static Shape> {
        let discriminator = self.discriminator.as_ref()?;
        let (_, name) = discriminator
            .mapping
            .iter()
            .find(|(known, _)| *known == value)?;
        shapes().by_name(name)
    }
}

/// Most steps taken up a chain of included shapes. The longest in Okta's documents has 3.
const INHERITANCE_DEPTH_MAX: usize = 8;

/// Which property tells the variants of a shape apart, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Discriminator {
    /// Name of the telling property.
    pub property: &'static str,
    /// Value to shape name.
    #[serde(default, deserialize_with = "read_pairs")]
    pub mapping: Vec<(&'static str, &'static str)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: &'static str,
    #[serde(default, rename = "is")]
    alias: Option<&'static str>,
    #[serde(default, deserialize_with = "read_pairs")]
    properties: Vec<(&'static str, &'static str)>,
    #[serde(default, rename = "required")]
    required_elsewhere: Vec<&'static str>,
    #[serde(default, rename = "allOf")]
    all_of: Vec<&'static str>,
    #[serde(default, rename = "oneOf")]
    one_of: Vec<&'static str>,
    #[serde(default, rename = "anyOf")]
    any_of: Vec<&'static str>,
    #[serde(default)]
    discriminator: Option<Discriminator>,
    #[serde(default)]
    additional: Option<&'static str>,
}

impl Line {
    fn settle(self) -> Shape {
        let read_all = |texts: Vec<&'static str>| texts.into_iter().map(Type::read).collect();
        Shape {
            name: self.name,
            alias: self.alias.map(Type::read),
            properties: self
                .properties
                .into_iter()
                .map(|(name, text)| Property::read(name, text))
                .collect(),
            required_elsewhere: self.required_elsewhere,
            all_of: read_all(self.all_of),
            one_of: read_all(self.one_of),
            any_of: read_all(self.any_of),
            discriminator: self.discriminator,
            additional: self.additional.map(Type::read),
        }
    }
}

/// Reads an object into pairs, in the order written.
fn read_pairs<'de: 'static, D: Deserializer<'de>>(
    input: D,
) -> Result<Vec<(&'static str, &'static str)>, D::Error> {
    struct Pairs;

    impl<'de: 'static> Visitor<'de> for Pairs {
        type Value = Vec<(&'static str, &'static str)>;

        fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            out.write_str("an object with string values")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    input.deserialize_map(Pairs)
}
