//! The catalog's shapes of request bodies, corrected and compiled: what the walk needs, and nothing it would have to look up.
//!
//! Compiled once for all orgs. Variants that a discriminator tells apart are one step each; those nothing tells apart are one
//! object with the members of all.

mod compile;
mod form;
mod gather;
mod leaf;
mod walk;

use std::collections::HashMap;
use std::sync::LazyLock;

use catalog::Operation;

use crate::Slot;

pub(crate) use walk::Walk;

static BODIES: LazyLock<Bodies> = LazyLock::new(compile::compile);

/// Where a node is.
type NodeId = u32;

/// The bodies of all operations.
#[derive(Debug, Default)]
pub(crate) struct Bodies {
    nodes: Vec<Node>,
    /// Node of the body, by the operation's id.
    of: HashMap<&'static str, NodeId>,
}

/// What a value may be.
#[derive(Debug)]
enum Node {
    /// Nothing is known of it.
    Any,
    /// A string.
    Text,
    /// A string out of a list, sorted.
    Words(Vec<&'static str>),
    Integer,
    Number,
    Boolean,
    Object(Object),
    List(NodeId),
    /// An object whose members others name.
    Map(NodeId),
    /// One of several that differ in kind.
    Choice(Vec<NodeId>),
}

/// An object with known members.
#[derive(Debug)]
struct Object {
    /// The shape it is called after.
    shape: &'static str,
    /// By name.
    members: Vec<Member>,
    /// What members beyond these are, if others may name some.
    open: Option<NodeId>,
    dispatch: Option<Dispatch>,
}

/// How to tell which object it really is.
#[derive(Debug)]
struct Dispatch {
    /// Name of the telling member.
    property: &'static str,
    /// By its value.
    variants: Vec<(&'static str, NodeId)>,
}

/// A known member.
#[derive(Debug, Clone)]
struct Member {
    name: &'static str,
    /// `Shape.member`.
    field: &'static str,
    node: NodeId,
    slot: Slot,
    /// Okta sets it; what is sent is ignored.
    read_only: bool,
    sensitive: bool,
}

/// The compiled bodies.
pub(crate) fn bodies() -> &'static Bodies {
    &BODIES
}

impl Bodies {
    fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id as usize).unwrap_or(&Node::Any)
    }

    fn body(&self, operation: &Operation) -> Option<NodeId> {
        self.of.get(operation.id).copied()
    }
}

impl Object {
    fn member(&self, name: &str) -> Option<&Member> {
        let at = self
            .members
            .binary_search_by(|member| member.name.cmp(name))
            .ok()?;
        self.members.get(at)
    }
}
