//! Which step needs which: an object must stand before it is named, owners before what they own, siblings in their order of
//! priority. Cycles are broken by writing deferrable references in a second step; one that cannot be broken is an error.

mod defer;
mod lack;
mod sorted;

pub(super) use lack::drop_the_impossible;

use super::draft::{Draft, Phase, Side};
use super::step::Action;
use super::survey::Survey;
use crate::mention::Mention;
use defer::{defer, with_fills};
use org::{Key, Kind};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Drafts and what they need, free of cycles.
pub(super) struct Ordered {
    /// The drafts, in the order they are carried out.
    pub(super) drafts: Vec<Draft>,
    /// For each draft, the positions of those it makes no sense without.
    pub(super) needs: Vec<BTreeSet<usize>>,
}

/// A cycle of objects none of which can be written in two steps.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("these objects need each other, and none can be written in two steps: {}", names(.0))]
pub struct Cycle(pub Vec<Key>);

fn names(keys: &[Key]) -> String {
    keys.iter()
        .map(Key::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Why one draft comes after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bond {
    /// It makes no sense without it.
    Needs,
    /// It names what the other makes, at a place that can be written later.
    Names,
    /// It merely comes after it.
    Follows,
}

/// Orders the drafts so that whatever one needs comes before it.
pub(super) fn order(mut drafts: Vec<Draft>, survey: &Survey<'_>) -> Result<Ordered, Cycle> {
    let mut free = BTreeSet::new();
    loop {
        let graph = Graph::new(&drafts, survey, &free);
        let knots = graph.knots();
        if knots.is_empty() {
            return Ok(graph.sorted(drafts));
        }
        let mut fills = BTreeMap::new();
        for knot in &knots {
            defer(knot, &mut drafts, &mut fills, survey);
        }
        if !fills.is_empty() {
            drafts = with_fills(drafts, fills);
            continue;
        }
        let loosened: Vec<Tie> = knots
            .iter()
            .flat_map(|knot| graph.loose_ties(knot))
            .collect();
        if loosened.is_empty() {
            let knot = knots.into_iter().next().unwrap_or_default();
            let objects: BTreeSet<Key> = knot
                .iter()
                .filter_map(|at| drafts.get(*at))
                .map(|d| d.object.clone())
                .collect();
            return Err(Cycle(objects.into_iter().collect()));
        }
        free.extend(loosened);
    }
}

/// An order that is merely preferred and can be given up: all of one kind before another, or a line of siblings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Tie {
    Kind(&'static str),
    Line(String),
}

struct Graph {
    edges: DiGraph<Node, Bond>,
}

#[derive(Debug, Clone)]
enum Node {
    Draft(usize),
    /// Everything of this kind.
    All(Kind),
}

impl Graph {
    fn new(drafts: &[Draft], survey: &Survey<'_>, free: &BTreeSet<Tie>) -> Self {
        let mut edges = DiGraph::new();
        let nodes: Vec<NodeIndex> = (0..drafts.len())
            .map(|at| edges.add_node(Node::Draft(at)))
            .collect();
        let mut graph = Self { edges };
        graph.tie_names(drafts, &nodes, survey);
        graph.tie_same_object(drafts, &nodes);
        graph.tie_lines(drafts, &nodes, free);
        graph.tie_kinds(drafts, &nodes, free);
        graph
    }

    fn tie(&mut self, nodes: &[NodeIndex], from: usize, to: usize, bond: Bond) {
        if let (Some(from), Some(to)) = (nodes.get(from), nodes.get(to)) {
            self.edges.add_edge(*from, *to, bond);
        }
    }

    fn tie_names(&mut self, drafts: &[Draft], nodes: &[NodeIndex], survey: &Survey<'_>) {
        let makers = makers(drafts);
        for (at, draft) in drafts
            .iter()
            .enumerate()
            .filter(|(_, draft)| draft.side == Side::Wanted)
        {
            for id in called(draft) {
                if let Some(maker) = makers.get(id).filter(|maker| **maker != at) {
                    self.tie(nodes, *maker, at, Bond::Needs);
                }
            }
            for mention in mentions(draft, survey) {
                if let Some(maker) = makers.get(mention.object.id().as_str()) {
                    let bond = if mention.deferrable {
                        Bond::Names
                    } else {
                        Bond::Needs
                    };
                    self.tie(nodes, *maker, at, bond);
                }
            }
        }
    }

    fn tie_same_object(&mut self, drafts: &[Draft], nodes: &[NodeIndex]) {
        let mut last: HashMap<&Key, usize> = HashMap::new();
        for (at, draft) in drafts.iter().enumerate() {
            if let Some(before) = last.insert(&draft.object, at) {
                self.tie(nodes, before, at, Bond::Needs);
            }
        }
    }

    fn tie_lines(&mut self, drafts: &[Draft], nodes: &[NodeIndex], free: &BTreeSet<Tie>) {
        let mut lines: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, draft) in drafts.iter().enumerate() {
            if let Some(line) = &draft.line {
                lines.entry(line).or_default().push(at);
            }
        }
        for (line, mut members) in lines {
            if free.contains(&Tie::Line(line.to_owned())) {
                continue;
            }
            members.sort_by_key(|at| {
                drafts
                    .get(*at)
                    .map(|draft| (draft.place.clone(), draft.phase, *at))
            });
            for pair in members.windows(2) {
                if let [before, after] = pair {
                    self.tie(nodes, *before, *after, Bond::Follows);
                }
            }
        }
    }

    fn tie_kinds(&mut self, drafts: &[Draft], nodes: &[NodeIndex], free: &BTreeSet<Tie>) {
        let kinds: BTreeSet<Kind> = drafts.iter().map(|draft| draft.object.kind()).collect();
        let waited_for: BTreeSet<Kind> = kinds
            .iter()
            .flat_map(|kind| &kind.facts().after)
            .filter_map(|name| Kind::named(name))
            .collect();
        for kind in waited_for
            .into_iter()
            .filter(|kind| !free.contains(&Tie::Kind(kind.name())))
        {
            let all = self.edges.add_node(Node::All(kind));
            for (draft, node) in drafts.iter().zip(nodes) {
                let waits = draft
                    .object
                    .kind()
                    .facts()
                    .after
                    .iter()
                    .any(|name| name == kind.name());
                if draft.object.kind() == kind && draft.phase <= Phase::Switch {
                    self.edges.add_edge(*node, all, Bond::Follows);
                } else if waits && draft.phase != Phase::Delete {
                    self.edges.add_edge(all, *node, Bond::Follows);
                }
            }
        }
    }

    /// Drafts that wait for each other, as positions.
    fn knots(&self) -> Vec<Vec<usize>> {
        let looped = |node: NodeIndex| self.edges.find_edge(node, node).is_some();
        let knots = tarjan_scc(&self.edges).into_iter();
        let knots =
            knots.filter(|members| members.len() > 1 || members.iter().any(|node| looped(*node)));
        let mut knots: Vec<Vec<usize>> = knots.map(|members| self.positions(&members)).collect();
        knots.sort();
        knots
    }

    fn positions(&self, members: &[NodeIndex]) -> Vec<usize> {
        let drafts = members
            .iter()
            .filter_map(|node| match self.edges.node_weight(*node) {
                Some(Node::Draft(at)) => Some(*at),
                _ => None,
            });
        let mut positions: Vec<usize> = drafts.collect();
        positions.sort_unstable();
        positions
    }

    /// The preferred orders that hold a knot together.
    fn loose_ties(&self, knot: &[usize]) -> Vec<Tie> {
        let inside = |node: NodeIndex| match self.edges.node_weight(node) {
            Some(Node::Draft(at)) => knot.contains(at),
            _ => false,
        };
        let mut kinds = Vec::new();
        for node in self.edges.node_indices() {
            let Some(Node::All(kind)) = self.edges.node_weight(node) else {
                continue;
            };
            let from = self
                .edges
                .edges_directed(node, petgraph::Incoming)
                .any(|edge| inside(edge.source()));
            let to = self
                .edges
                .edges_directed(node, petgraph::Outgoing)
                .any(|edge| inside(edge.target()));
            if from && to {
                kinds.push(Tie::Kind(kind.name()));
            }
        }
        kinds
    }
}

/// Which draft makes known what an id of the snapshot is called.
fn makers(drafts: &[Draft]) -> HashMap<String, usize> {
    let told = |(at, draft): (usize, &Draft)| {
        draft
            .answers
            .iter()
            .map(move |told| (told.source.to_string(), at))
            .collect::<Vec<_>>()
    };
    drafts.iter().enumerate().flat_map(told).collect()
}

/// The ids a draft's path and query are made of.
fn called(draft: &Draft) -> impl Iterator<Item = &str> {
    let named = draft
        .facts()
        .map_or(0, |operation| operation.path_parameters().count());
    draft
        .ids
        .iter()
        .take(named)
        .chain(draft.query.iter().map(|(_, value)| value))
        .map(String::as_str)
}

/// What a draft's body names.
pub(super) fn mentions(draft: &Draft, survey: &Survey<'_>) -> Vec<Mention> {
    let Some(body) = draft.body.as_ref().filter(|_| draft.side == Side::Wanted) else {
        return Vec::new();
    };
    let mut mentions = survey.index.mentions(draft.object.kind(), body);
    for mention in &mut mentions {
        let top = mention.place.first().map_or("", String::as_str);
        mention.deferrable &= draft.action == Action::Create && !draft.firm.contains(&top);
    }
    mentions
}
