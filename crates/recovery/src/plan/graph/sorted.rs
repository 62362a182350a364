//! The one order out of all that the graph permits: earlier phases, lower kinds, smaller natural keys first.

use super::{Bond, Graph, Node, Ordered};
use crate::plan::draft::{Draft, Phase};
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

/// What decides among steps that could all come next.
type Precedence = (Phase, i64, (i64, String), String, usize);

impl Graph {
    pub(super) fn sorted(&self, drafts: Vec<Draft>) -> Ordered {
        let mut open: HashMap<NodeIndex, usize> = self
            .edges
            .node_indices()
            .map(|node| {
                (
                    node,
                    self.edges.edges_directed(node, petgraph::Incoming).count(),
                )
            })
            .collect();
        let ready = self
            .edges
            .node_indices()
            .filter(|node| open.get(node) == Some(&0));
        let mut heap: BinaryHeap<_> = ready
            .map(|node| Reverse((self.precedence(node, &drafts), node)))
            .collect();
        let mut sequence = Vec::with_capacity(drafts.len());
        while let Some(Reverse((_, node))) = heap.pop() {
            if let Some(Node::Draft(at)) = self.edges.node_weight(node) {
                sequence.push(*at);
            }
            for edge in self.edges.edges(node) {
                let Some(left) = open.get_mut(&edge.target()) else {
                    continue;
                };
                *left -= 1;
                if *left == 0 {
                    heap.push(Reverse((
                        self.precedence(edge.target(), &drafts),
                        edge.target(),
                    )));
                }
            }
        }
        let places: HashMap<usize, usize> = sequence
            .iter()
            .enumerate()
            .map(|(place, at)| (*at, place))
            .collect();
        let needs = sequence.iter().map(|at| self.needs(*at, &places)).collect();
        let mut taken: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
        let drafts = sequence
            .iter()
            .filter_map(|at| taken.get_mut(*at)?.take())
            .collect();
        Ordered { drafts, needs }
    }

    fn precedence(&self, node: NodeIndex, drafts: &[Draft]) -> Precedence {
        let draft = match self.edges.node_weight(node) {
            Some(Node::Draft(at)) => drafts.get(*at),
            _ => None,
        };
        let Some(draft) = draft else {
            return (Phase::Make, -1, (0, String::new()), String::new(), 0);
        };
        let rank = i64::try_from(draft.object.kind().rank()).unwrap_or(i64::MAX);
        let rank = if draft.phase == Phase::Delete {
            -rank
        } else {
            rank
        };
        (
            draft.phase,
            rank,
            draft.place.clone(),
            draft.object.path().to_owned(),
            node.index(),
        )
    }

    fn needs(&self, at: usize, places: &HashMap<usize, usize>) -> BTreeSet<usize> {
        let node = NodeIndex::new(at);
        let hard = self
            .edges
            .edges_directed(node, petgraph::Incoming)
            .filter(|edge| *edge.weight() != Bond::Follows);
        let positions = hard.filter_map(|edge| match self.edges.node_weight(edge.source()) {
            Some(Node::Draft(from)) => places.get(from).copied(),
            _ => None,
        });
        positions.collect()
    }
}
