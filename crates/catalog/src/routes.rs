//! The tree of path segments that leads from a canonical path to its operations. Static segments beat parameters at every
//! level; where a static branch turns out a dead end, the walk comes back and tries the parameter. Knows no methods' meaning.
//!
//! Cost: one pass to cut the path into segments, then one binary search over a node's static children per segment, by length
//! before content (the widest node, `/api/v1`, has about 50, so six comparisons of numbers), plus one more walk per parameter sibling
//! on the way back. Paths have at most [`SEGMENTS_MAX`] segments; a walk allocates nothing.

use crate::limits::SEGMENTS_MAX;
use crate::operation::parameter_name;
use crate::{Method, Operation};

/// A canonical path cut at its slashes.
#[derive(Debug)]
pub(crate) struct Segments<'p> {
    all: [&'p str; SEGMENTS_MAX],
    count: usize,
}

impl<'p> Segments<'p> {
    /// Cuts a canonical path, which never has more than [`SEGMENTS_MAX`] segments.
    pub(crate) fn of(canonical: &'p str) -> Self {
        let mut segments = Self {
            all: [""; SEGMENTS_MAX],
            count: 0,
        };
        let mut rest = canonical.strip_prefix('/').unwrap_or(canonical);
        while !rest.is_empty() {
            let end = rest
                .bytes()
                .position(|byte| byte == b'/')
                .unwrap_or(rest.len());
            let (segment, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if let Some(slot) = segments.all.get_mut(segments.count) {
                *slot = segment;
                segments.count += 1;
            }
            rest = after.strip_prefix('/').unwrap_or(after);
        }
        segments
    }

    /// The segments, in order.
    pub(crate) fn as_slice(&self) -> &[&'p str] {
        self.all.get(..self.count).unwrap_or_default()
    }
}

/// A node: what may follow, and what ends here.
#[derive(Debug, Default)]
struct Node {
    /// Sorted by length, then content.
    statics: Vec<(&'static str, usize)>,
    parameter: Option<usize>,
    operations: Vec<(Method, usize)>,
}

impl Node {
    fn search(&self, segment: &str) -> Result<usize, usize> {
        let key = |text: &str| (text.len(), text.as_bytes().first().copied());
        let order = |(known, _): &(&str, usize)| {
            key(known)
                .cmp(&key(segment))
                .then_with(|| (*known).cmp(segment))
        };
        self.statics.binary_search_by(order)
    }
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
            match node.search(segment) {
                Ok(at) => return node.statics.get(at).map_or(from, |(_, known)| *known),
                Err(at) => node.statics.insert(at, (segment, next)),
            }
        }
        self.nodes.push(Node::default());
        next
    }

    /// The operations that end at the best match: (method, position) pairs; empty when nothing matches.
    pub(crate) fn find(&self, segments: &Segments<'_>) -> &[(Method, usize)] {
        self.walk(0, segments.as_slice()).unwrap_or_default()
    }

    fn walk(&self, from: usize, segments: &[&str]) -> Option<&[(Method, usize)]> {
        let node = self.nodes.get(from)?;
        let Some((segment, after)) = segments.split_first() else {
            return (!node.operations.is_empty()).then_some(node.operations.as_slice());
        };
        let known = node
            .search(segment)
            .ok()
            .and_then(|at| node.statics.get(at));
        let fixed = known.and_then(|(_, next)| self.walk(*next, after));
        fixed.or_else(|| self.walk(node.parameter?, after))
    }
}
