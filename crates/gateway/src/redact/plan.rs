//! Where secrets can stand in the bodies of an operation, compiled from the shapes of Okta's documents: a graph that is walked along
//! with the names of members. An operation whose answers can hold none has no plan, and its answers are not looked at.
//!
//! Variants of a shape are taken together, because which one an answer is may only be said behind the secret.
//! Cost: compiled once, at the first call, in some milliseconds; then one look-up among a handful of names per member on the way to a
//! secret, and none elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use catalog::{Kind, Operation, Shape, Spec, Type};

use super::secrets::{SecretId, secrets};

static ALL: LazyLock<Plans> = LazyLock::new(Plans::compile);

/// A place in the graph; the first leads nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Node(u32);

/// The plans of all operations.
#[derive(Debug)]
pub(super) struct Plans {
    nodes: Vec<Edges>,
    answers: HashMap<&'static str, Node>,
    requests: HashMap<&'static str, Node>,
}

/// All plans; the first call compiles them.
pub(super) fn plans() -> &'static Plans {
    &ALL
}

/// What a member is, and where its value stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) secret: Option<SecretId>,
    pub(super) node: Node,
}

#[derive(Debug, Default)]
struct Edges {
    named: Vec<(&'static str, Edge)>,
    any: Option<Edge>,
}

impl Plans {
    /// Where an answer to the operation begins; `None` when none can hold a secret.
    pub(super) fn answer(&self, operation: &Operation) -> Option<Node> {
        self.answers.get(operation.id).copied()
    }

    /// Where a request's body begins.
    pub(super) fn request(&self, operation: &Operation) -> Node {
        self.requests.get(operation.id).copied().unwrap_or_default()
    }

    /// Where the member of this name leads.
    pub(super) fn step(&self, from: Node, name: &str) -> Edge {
        let Some(edges) = usize::try_from(from.0)
            .ok()
            .and_then(|at| self.nodes.get(at))
        else {
            return Edge::default();
        };
        let named = edges.named.iter().find(|(known, _)| *known == name);
        named
            .map(|(_, edge)| *edge)
            .or(edges.any)
            .unwrap_or_default()
    }

    /// The same; a name that is a secret anywhere counts where the documents say nothing of it, but for what people wrote (`content`).
    pub(super) fn walk(&self, from: Node, name: &str, content: bool) -> Edge {
        let edge = self.step(from, name);
        if edge != Edge::default() || content {
            return edge;
        }
        Edge {
            secret: secrets().named(name),
            ..edge
        }
    }

    fn compile() -> Self {
        let mut draft = Draft::default();
        let (mut answers, mut requests) = (Vec::new(), Vec::new());
        for operation in catalog::operations().iter() {
            if operation.kind == Kind::Protocol {
                continue;
            }
            let mut shapes = Target::default();
            for (_, shape) in operation
                .replies
                .iter()
                .filter_map(|reply| reply.content.as_ref())
            {
                shapes.add(shape);
            }
            answers.push((operation, draft.node(shapes)));
            let mut shapes = Target::default();
            if let Some(body) = &operation.body {
                shapes.add(&body.shape);
            }
            requests.push((operation.id, draft.node(shapes)));
        }
        let kept = draft.reaching();
        let settled = |at: usize| kept.get(at).copied().unwrap_or_default();
        let nodes = draft.settle(&kept);
        let worth = |(operation, at): (&'static Operation, usize)| {
            let node = settled(at);
            let undocumented = operation.spec == Spec::Extension;
            (node != Node::default() || undocumented).then_some((operation.id, node))
        };
        Self {
            nodes,
            answers: answers.into_iter().filter_map(worth).collect(),
            requests: requests
                .into_iter()
                .map(|(id, at)| (id, settled(at)))
                .collect(),
        }
    }
}

/// The shapes that a value may have, and those of the values of its members, whatever their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    shapes: BTreeSet<&'static str>,
    values: BTreeSet<&'static str>,
}

impl Target {
    fn add(&mut self, value: &Type) {
        match value {
            Type::Shape(name) => self.add_shape(name),
            Type::List(inner) => self.add(inner),
            Type::Map(inner) => self.values.extend(inner.shape_name()),
            _ => {}
        }
    }

    /// The shape, those it includes and those it may be.
    fn add_shape(&mut self, name: &'static str) {
        let Some(shape) = catalog::shapes().by_name(name) else {
            return;
        };
        if !self.shapes.insert(name) {
            return;
        }
        let parts = [&shape.all_of, &shape.one_of, &shape.any_of]
            .into_iter()
            .flatten();
        parts.chain(&shape.alias).for_each(|part| self.add(part));
        for (_, variant) in shape.discriminator.iter().flat_map(|one| &one.mapping) {
            self.add_shape(variant);
        }
        if let Some(additional) = &shape.additional {
            self.values.extend(additional.shape_name());
        }
    }

    fn shapes(&self) -> impl Iterator<Item = &'static Shape> {
        self.shapes
            .iter()
            .filter_map(|name| catalog::shapes().by_name(name))
    }
}

#[derive(Default)]
struct Draft {
    known: BTreeMap<Target, usize>,
    nodes: Vec<BTreeMap<&'static str, (Option<SecretId>, usize)>>,
    any: Vec<Option<usize>>,
}

impl Draft {
    /// The node of a target, drawn with all that follows from it.
    fn node(&mut self, target: Target) -> usize {
        if let Some(known) = self.known.get(&target) {
            return *known;
        }
        let at = self.nodes.len();
        self.nodes.push(BTreeMap::new());
        self.any.push(None);
        self.known.insert(target.clone(), at);
        let mut members: BTreeMap<&'static str, (Option<SecretId>, Target)> = BTreeMap::new();
        for shape in target.shapes() {
            for property in &shape.properties {
                let (secret, below) = members.entry(property.name).or_default();
                // A shape can make a secret of what it has from another: `LinksQrcode.qrcode.href`.
                let secrets = secrets();
                let mut owners = target.shapes.iter();
                let listed = owners.find_map(|owner| secrets.at(owner, property.name));
                *secret = secret
                    .or(listed)
                    .or_else(|| secrets.at(shape.name, property.name));
                below.add(&property.value);
            }
        }
        let drawn: Vec<_> = members
            .into_iter()
            .map(|(name, (secret, below))| (name, (secret, self.node(below))))
            .collect();
        if let Some(node) = self.nodes.get_mut(at) {
            node.extend(drawn);
        }
        if !target.values.is_empty() {
            let mut below = Target::default();
            target.values.iter().for_each(|name| below.add_shape(name));
            let any = self.node(below);
            if let Some(slot) = self.any.get_mut(at) {
                *slot = Some(any);
            }
        }
        at
    }

    /// Which nodes lead to a secret, and their numbers without the others.
    fn reaching(&self) -> Vec<Node> {
        let mut reaching = vec![false; self.nodes.len()];
        loop {
            let reaches = |reaching: &[bool], at: &usize| reaching.get(*at) == Some(&true);
            let mut found = Vec::new();
            for (at, (members, any)) in self.nodes.iter().zip(&self.any).enumerate() {
                let member = members
                    .values()
                    .any(|(secret, to)| secret.is_some() || reaches(&reaching, to));
                if !reaches(&reaching, &at)
                    && (member || any.is_some_and(|to| reaches(&reaching, &to)))
                {
                    found.push(at);
                }
            }
            if found.is_empty() {
                break;
            }
            for at in found {
                if let Some(slot) = reaching.get_mut(at) {
                    *slot = true;
                }
            }
        }
        let mut number = 0;
        let numbered = |reaches: bool| {
            if !reaches {
                return Node::default();
            }
            number += 1;
            Node(number)
        };
        reaching.into_iter().map(numbered).collect()
    }

    fn settle(&self, kept: &[Node]) -> Vec<Edges> {
        let node = |at: usize| kept.get(at).copied().unwrap_or_default();
        let mut settled = vec![Edges::default()];
        let drawn = self.nodes.iter().zip(&self.any).zip(kept);
        for ((members, any), _) in drawn.filter(|(_, kept)| **kept != Node::default()) {
            let edges = members.iter().map(|(name, (secret, to))| {
                let edge = Edge {
                    secret: *secret,
                    node: node(*to),
                };
                (*name, edge)
            });
            settled.push(Edges {
                named: edges.filter(|(_, edge)| *edge != Edge::default()).collect(),
                any: any.map(|to| Edge {
                    secret: None,
                    node: node(to),
                }),
            });
        }
        settled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(operation: &str, path: &str) -> Option<&'static str> {
        let operation = catalog::operations().by_id(operation).unwrap();
        let mut edge = Edge {
            secret: None,
            node: plans().answer(operation)?,
        };
        for name in path.split('.') {
            edge = plans().step(edge.node, name);
        }
        edge.secret
            .and_then(|id| secrets().get(id))
            .map(|secret| secret.name.as_str())
    }

    #[test]
    fn secrets_are_found_where_the_documents_have_them() {
        let app = Some("client secret of an app");
        assert_eq!(
            found("getApplication", "credentials.oauthClient.client_secret"),
            app
        );
        assert_eq!(
            found("listApplications", "credentials.oauthClient.client_secret"),
            app
        );
        assert_eq!(found("listOAuth2ClientSecrets", "client_secret"), app);
        let idp = Some("client secret at an identity provider");
        assert_eq!(
            found(
                "getIdentityProvider",
                "protocol.credentials.client.client_secret"
            ),
            idp
        );
        let hook = Some("authentication of an event hook");
        assert_eq!(
            found("getEventHook", "channel.config.authScheme.value"),
            hook
        );
        assert_eq!(found("getEventHook", "channel.config.authScheme.key"), None);
        let stream = Some("token of a log stream");
        assert_eq!(found("getLogStream", "settings.token"), stream);
        let seed = Some("seed of a factor");
        assert_eq!(found("enrollFactor", "_links.qrcode.href"), seed);
    }

    #[test]
    fn a_name_counts_anywhere_but_in_what_people_wrote() {
        let named = |content| {
            plans()
                .walk(Node::default(), "client_secret", content)
                .secret
        };
        assert!(named(false).is_some() && named(true).is_none());
        let app = catalog::operations().by_id("getApplication").unwrap();
        let documented = plans().walk(plans().answer(app).unwrap(), "credentials", false);
        assert!(documented.secret.is_none() && documented.node != Node::default());
    }

    #[test]
    fn what_can_hold_no_secret_has_no_plan() {
        let without = [
            "listGroups",
            "getPolicy",
            "listLogEvents",
            "listNetworkZones",
            "getBrand",
        ];
        for id in without {
            let operation = catalog::operations().by_id(id).unwrap();
            assert_eq!(plans().answer(operation), None, "{id}");
        }
        let with = plans().answers.len();
        let all = catalog::operations().len();
        assert!(with > 50 && with < all / 3, "{with} of {all}");
    }
}
