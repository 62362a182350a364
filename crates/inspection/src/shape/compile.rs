//! From the catalog's shapes and their corrections to nodes. Runs once.

use std::collections::{BTreeSet, HashMap};

use catalog::{Discriminator, Property, Type, operations, shapes};

use super::gather::{Gathered, Part};
use super::{Bodies, Dispatch, Member, Node, NodeId, Object};
use crate::Slot;
use crate::data::{Data, data};

/// Compiles the bodies of all operations.
pub(super) fn compile() -> Bodies {
    let mut compiler = Compiler {
        data: data(),
        bodies: Bodies::default(),
        objects: HashMap::new(),
        coloured: HashMap::new(),
        plain: HashMap::new(),
    };
    for operation in operations().iter() {
        let Some(body) = &operation.body else {
            continue;
        };
        let node = match data().body(operation.id) {
            Some(several) => compiler.choice(several),
            None => compiler.value(&body.shape),
        };
        compiler.bodies.of.insert(operation.id, node);
    }
    compiler.bodies
}

struct Compiler {
    data: &'static Data,
    bodies: Bodies,
    /// Objects by the shapes they are made of.
    objects: HashMap<Vec<Part>, NodeId>,
    /// What a member is for, and whether it gives power, by shape and name: shapes are part of many objects.
    coloured: HashMap<(&'static str, &'static str), (Slot, bool)>,
    /// Nodes without parts.
    plain: HashMap<&'static str, NodeId>,
}

/// What a type comes down to.
enum Bare {
    Object(Part),
    Other(Type),
}

impl Compiler {
    fn value(&mut self, value: &Type) -> NodeId {
        self.choice(std::slice::from_ref(value))
    }

    fn other(&mut self, value: &Type) -> NodeId {
        match value {
            Type::Text(_) => self.plain("text", || Node::Text),
            Type::Integer => self.plain("integer", || Node::Integer),
            Type::Number => self.plain("number", || Node::Number),
            Type::Boolean => self.plain("boolean", || Node::Boolean),
            Type::Enum(words) => {
                let mut words = words.clone();
                words.sort_unstable();
                self.add(Node::Words(words))
            }
            Type::List(item) => {
                let item = self.value(item);
                self.add(Node::List(item))
            }
            Type::Map(item) => {
                let item = self.value(item);
                self.add(Node::Map(item))
            }
            Type::Object => {
                let any = self.plain("any", || Node::Any);
                self.plain("object", || Node::Map(any))
            }
            Type::Any | Type::Shape(_) => self.plain("any", || Node::Any),
        }
    }

    fn plain(&mut self, name: &'static str, make: impl FnOnce() -> Node) -> NodeId {
        if let Some(known) = self.plain.get(name) {
            return *known;
        }
        let node = self.add(make());
        self.plain.insert(name, node);
        node
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = u32::try_from(self.bodies.nodes.len()).unwrap_or(NodeId::MAX);
        self.bodies.nodes.push(node);
        id
    }

    /// The object made of these shapes together.
    fn object(&mut self, parts: Vec<Part>) -> NodeId {
        if let Some(known) = self.objects.get(&parts) {
            return *known;
        }
        // Known before its members are: shapes hold each other.
        let id = self.add(Node::Any);
        self.objects.insert(parts.clone(), id);
        let mut gathered = Gathered::default();
        for part in &parts {
            gathered.take(self.data, *part);
        }
        let shape = parts.first().map_or("", |(name, _)| *name);
        let members = std::mem::take(&mut gathered.members);
        let members = members
            .into_iter()
            .map(|(name, all)| self.member(name, all))
            .collect();
        let open = match gathered.open.as_slice() {
            [] => None,
            [only] => Some(self.value(only)),
            _ => Some(self.plain("any", || Node::Any)),
        };
        let dispatch = match gathered.dispatch.as_slice() {
            [(base, discriminator)] => Some(self.dispatch(base, discriminator, &parts)),
            _ => None,
        };
        let object = Node::Object(Object {
            shape,
            members,
            open,
            dispatch,
        });
        if let Some(node) = self.bodies.nodes.get_mut(id as usize) {
            *node = object;
        }
        id
    }

    fn member(&mut self, name: &'static str, all: Vec<(&'static str, Property)>) -> Member {
        let shape = all.first().map_or("", |(shape, _)| *shape);
        let mut bare = Vec::new();
        let mut slot = None;
        let mut sensitive = false;
        for (owner, property) in &all {
            if !bare.contains(&property.value) {
                bare.push(property.value.clone());
            }
            let data = self.data;
            let (own, gives_power) = *self.coloured.entry((*owner, name)).or_insert_with(|| {
                let slot = data.slot(owner, name, format_of(&property.value));
                (slot, data.is_sensitive(owner, name))
            });
            slot = slot.or(Some(own));
            sensitive |= gives_power;
        }
        let node = match bare.as_slice() {
            [only] => self.value(only),
            several => self.choice(several),
        };
        Member {
            name,
            field: format!("{shape}.{name}").leak(),
            node,
            slot: slot.unwrap_or(Slot::FreeText),
            read_only: all.iter().all(|(_, property)| property.read_only),
            sensitive,
        }
    }

    /// One node for several types: lists and objects become one of each.
    fn choice(&mut self, several: &[Type]) -> NodeId {
        let mut bare = Vec::new();
        for value in several {
            expand(value, EXPANSION_DEPTH_MAX, &mut bare);
        }
        let mut parts = BTreeSet::new();
        let mut items: Vec<Type> = Vec::new();
        let mut words: Option<Vec<&'static str>> = None;
        let mut others: Vec<Type> = Vec::new();
        for one in bare {
            match one {
                Bare::Object(part) => {
                    parts.insert(part);
                }
                Bare::Other(Type::List(item)) => items.push(*item),
                Bare::Other(Type::Enum(more)) => words.get_or_insert_default().extend(more),
                Bare::Other(other) if !others.contains(&other) => others.push(other),
                Bare::Other(_) => {}
            }
        }
        if let Some(mut words) = words
            && !others.iter().any(|other| matches!(other, Type::Text(_)))
        {
            words.sort_unstable();
            words.dedup();
            others.push(Type::Enum(words));
        }
        let mut nodes: Vec<NodeId> = others.iter().map(|other| self.other(other)).collect();
        if !items.is_empty() {
            let item = match items.as_slice() {
                [only] => self.value(only),
                several => self.choice(several),
            };
            nodes.push(self.add(Node::List(item)));
        }
        if !parts.is_empty() {
            nodes.push(self.object(parts.into_iter().collect()));
        }
        match nodes.as_slice() {
            [only] => *only,
            [] => self.plain("any", || Node::Any),
            _ => self.add(Node::Choice(nodes)),
        }
    }

    fn dispatch(
        &mut self,
        base: &'static str,
        discriminator: &'static Discriminator,
        parts: &[Part],
    ) -> Dispatch {
        let mut variants = Vec::with_capacity(discriminator.mapping.len());
        for (value, variant) in &discriminator.mapping {
            let mut together: BTreeSet<Part> = parts
                .iter()
                .filter(|(name, _)| *name != base)
                .copied()
                .collect();
            together.extend([(base, false), (*variant, true)]);
            variants.push((*value, self.object(together.into_iter().collect())));
        }
        Dispatch {
            property: discriminator.property,
            variants,
        }
    }
}

/// Follows aliases, and variants that nothing tells apart, down to objects and others.
fn expand(value: &Type, depth: usize, out: &mut Vec<Bare>) {
    let Type::Shape(name) = value else {
        out.push(Bare::Other(value.clone()));
        return;
    };
    let (Some(shape), Some(below)) = (shapes().by_name(name), depth.checked_sub(1)) else {
        out.push(Bare::Other(Type::Any));
        return;
    };
    let is_bare =
        shape.discriminator.is_none() && shape.properties.is_empty() && shape.additional.is_none();
    let variants = || shape.one_of.iter().chain(&shape.any_of);
    if let Some(alias) = &shape.alias {
        expand(alias, below, out);
    } else if is_bare && shape.all_of.is_empty() {
        variants().for_each(|variant| expand(variant, below, out));
    } else if is_bare
        && variants().next().is_none()
        && shape.all_of.iter().all(|parent| !is_object(parent, below))
    {
        shape
            .all_of
            .iter()
            .for_each(|parent| expand(parent, below, out));
    } else {
        out.push(Bare::Object((shape.name, true)));
    }
}

/// Whether a type comes down to an object with known members.
fn is_object(value: &Type, depth: usize) -> bool {
    let mut bare = Vec::new();
    expand(value, depth, &mut bare);
    bare.iter().any(|one| matches!(one, Bare::Object(_)))
}

/// The format of a string, or of a list's.
fn format_of(value: &Type) -> &'static str {
    match value {
        Type::Text(format) => format,
        Type::List(item) | Type::Map(item) => format_of(item),
        _ => "",
    }
}

/// Most aliases and variants between a type and an object.
const EXPANSION_DEPTH_MAX: usize = 8;
