//! The tree of path segments that leads from a canonical path to its operations. Static segments beat parameters at every
//! level; where a static branch turns out a dead end, the walk comes back and tries the parameter. Knows no methods' meaning.
//!
//! Cost: one binary search over a node's static children per segment (the widest node has about 100, so seven comparisons),
//! plus one more walk per parameter sibling on the way back. Templates have at most 12 segments; a walk allocates nothing.

use crate::operation::parameter_name;
use crate::{Method, Operation};

/// A node: what may follow, and what ends here.
#[derive(Debug, Default)]
pub(crate) struct Node {
    statics: Vec<(&'static str, usize)>,
    parameter: Option<usize>,
    operations: Vec<(Method, usize)>,
}

/// The whole tree; node 0 is the root.
#[derive(Debug)]
pub(crate) struct Routes {
    nodes: Vec<Node>,
}

impl Routes {
    /// Plants all templates. Positions are those in `operations`.
    pub(crate) fn plant(operations: &[Operation]) -> Self {
        let mut routes = Self {
            nodes: vec![Node::default()],
        };
        for (position, operation) in operations.iter().enumerate() {
            let mut here = 0;
            for segment in operation
                .template
                .split('/')
                .filter(|segment| !segment.is_empty())
            {
                here = routes.step_or_grow(here, segment);
            }
            if let Some(node) = routes.nodes.get_mut(here) {
                node.operations.push((operation.method, position));
            }
        }
        routes
    }

    fn step_or_grow(&mut self, from: usize, segment: &'static str) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(from) else {
            return from;
        };
        if parameter_name(segment).is_some() {
            if let Some(known) = node.parameter {
                return known;
            }
            node.parameter = Some(next);
        } else {
            match node
                .statics
                .binary_search_by(|(known, _)| (*known).cmp(segment))
            {
                Ok(at) => return node.statics.get(at).map_or(from, |(_, known)| *known),
                Err(at) => node.statics.insert(at, (segment, next)),
            }
        }
        self.nodes.push(Node::default());
        next
    }

    /// The operations that end at the best match of a canonical path: (method, position) pairs; empty when nothing matches.
    pub(crate) fn find(&self, canonical: &str) -> &[(Method, usize)] {
        let rest = canonical.strip_prefix('/').unwrap_or(canonical);
        self.walk(0, if rest.is_empty() { None } else { Some(rest) })
            .unwrap_or_default()
    }

    fn walk(&self, from: usize, rest: Option<&str>) -> Option<&[(Method, usize)]> {
        let node = self.nodes.get(from)?;
        let Some(rest) = rest else {
            return (!node.operations.is_empty()).then_some(node.operations.as_slice());
        };
        let (segment, after) = match rest.split_once('/') {
            Some((segment, after)) => (segment, Some(after)),
            None => (rest, None),
        };
        let known = node
            .statics
            .binary_search_by(|(known, _)| (*known).cmp(segment))
            .ok();
        let fixed = known
            .and_then(|at| node.statics.get(at))
            .and_then(|(_, next)| self.walk(*next, after));
        fixed.or_else(|| self.walk(node.parameter?, after))
    }
}
