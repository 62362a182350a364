//! Everything that several shapes say about one object: their own members, those they include, those of their variants.

use std::collections::{BTreeMap, BTreeSet};

use catalog::{Discriminator, Property, Shape, Type, shapes};

use crate::data::Data;

/// A shape, and whether its variants count in.
pub(super) type Part = (&'static str, bool);

/// Everything some shapes say about one object.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) members: BTreeMap<&'static str, Vec<(&'static str, Property)>>,
    pub(super) open: Vec<Type>,
    pub(super) dispatch: Vec<(&'static str, &'static Discriminator)>,
    seen: BTreeSet<Part>,
}

impl Gathered {
    /// Takes what a shape says, and all that it includes.
    pub(super) fn take(&mut self, data: &Data, part: Part) {
        self.take_down(data, part, INHERITANCE_DEPTH_MAX);
    }

    fn take_down(&mut self, data: &Data, (name, with_variants): Part, depth: usize) {
        let (Some(shape), Some(below)) = (shapes().by_name(name), depth.checked_sub(1)) else {
            return;
        };
        if !self.seen.insert((name, with_variants)) {
            return;
        }
        self.take_own(data, shape);
        for parent in &shape.all_of {
            self.take_type(data, parent, false, below);
        }
        if let Some(discriminator) = &shape.discriminator {
            if !with_variants {
                return;
            }
            self.dispatch.push((shape.name, discriminator));
            for (_, variant) in &discriminator.mapping {
                self.take_quietly(data, (variant, true), below);
            }
        }
        for variant in shape.one_of.iter().chain(&shape.any_of) {
            self.take_type(data, variant, true, below);
        }
    }

    /// As [`Gathered::take_down`], but a variant of a variant is not told apart from here.
    fn take_quietly(&mut self, data: &Data, part: Part, depth: usize) {
        let known = self.dispatch.len();
        self.take_down(data, part, depth);
        self.dispatch.truncate(known);
    }

    fn take_type(&mut self, data: &Data, value: &Type, with_variants: bool, depth: usize) {
        match value {
            Type::Shape(name) => match shapes()
                .by_name(name)
                .and_then(|shape| shape.alias.as_ref())
            {
                Some(alias) => self.take_type(data, alias, with_variants, depth.saturating_sub(1)),
                None => self.take_quietly(data, (name, with_variants), depth),
            },
            Type::Map(value) => self.open.push((**value).clone()),
            Type::Object | Type::Any => self.open.push(Type::Any),
            _ => {}
        }
    }

    fn take_own(&mut self, data: &Data, shape: &'static Shape) {
        let corrections = data.corrections(shape.name);
        let corrected = |property: &&Property| {
            corrections
                .iter()
                .all(|correction| correction.name != property.name)
        };
        for property in shape.properties.iter().filter(corrected).chain(corrections) {
            let all = self.members.entry(property.name).or_default();
            if all.iter().all(|(_, known)| known != property) {
                all.push((shape.name, property.clone()));
            }
        }
        self.open.extend(shape.additional.clone());
        if data.is_open(shape.name) {
            self.open.push(Type::Any);
        }
    }
}

/// Most steps up a chain of included shapes, variants between them; the longest in Okta's documents has 3 and 2.
const INHERITANCE_DEPTH_MAX: usize = 8;
