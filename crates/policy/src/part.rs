//! The statements of one effect in a plan: those that every question satisfies, and tests for the others, found by the
//! resource they name.

use std::collections::HashMap;
use std::sync::Arc;

use crate::condition::Condition;
use crate::question::Object;
use crate::statement::{Statement, Uid};
use crate::verdict::Needs;

/// The statements of one effect.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Names of those that every question satisfies.
    pub(crate) always: Vec<Arc<str>>,
    /// Those that some questions satisfy; once indexed, tests that name no resource stand first.
    pub(crate) sometimes: Vec<Test>,
    /// How many tests name no resource.
    unnamed: usize,
    /// Id of the resource named → places of the tests that name it.
    by_id: HashMap<Arc<str>, Vec<usize>>,
}

/// What one statement still asks of a question.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) statement: Arc<Statement>,
    pub(crate) resource: ResourceTest,
    pub(crate) condition: Condition,
}

/// What is asked of the resource's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResourceTest {
    Any,
    Eq(Arc<str>),
    In(Uid),
}

impl ResourceTest {
    const fn id(&self) -> Option<&Arc<str>> {
        match self {
            Self::Any => None,
            Self::Eq(id) => Some(id),
            Self::In(uid) => Some(&uid.id),
        }
    }
}

impl Part {
    /// Sorts and indexes the tests. Deciding then costs what the resource's own tests cost, however many resources are named.
    pub(crate) fn index(&mut self) {
        // Stable: among themselves, tests keep the order of their policies.
        self.sometimes
            .sort_by_key(|test| test.resource.id().is_some());
        self.unnamed = self
            .sometimes
            .iter()
            .filter(|test| test.resource.id().is_none())
            .count();
        self.by_id.clear();
        for (at, test) in self.sometimes.iter().enumerate() {
            if let Some(id) = test.resource.id() {
                self.by_id.entry(id.clone()).or_default().push(at);
            }
        }
    }

    /// The tests that questions over these objects may satisfy: all that name no resource, and those that name an object or
    /// something an object belongs to. A test may come twice.
    pub(crate) fn candidates<'a>(
        &'a self,
        objects: &'a [Object],
    ) -> impl Iterator<Item = &'a Test> {
        let (unnamed, named) = self
            .sometimes
            .split_at_checked(self.unnamed)
            .unwrap_or((&self.sometimes, &[]));
        let ids = objects
            .iter()
            .map(|object| 1 + object.parents.len())
            .sum::<usize>();
        let few = named.len() <= ids;
        let scanned = if few { named } else { &[] };
        let asked = if few { &[] } else { objects };
        let asked = asked.iter().flat_map(|object| {
            let parents = object.parents.iter().map(|(_, id)| id);
            std::iter::once(&object.id).chain(parents)
        });
        let found = asked.filter_map(|id| self.by_id.get(id)).flatten();
        unnamed
            .iter()
            .chain(scanned)
            .chain(found.filter_map(|at| self.sometimes.get(*at)))
    }

    pub(crate) fn names_of_sometimes(&self) -> Vec<Arc<str>> {
        let names = self
            .sometimes
            .iter()
            .map(|test| test.statement.name.clone());
        names.collect()
    }
}

impl Test {
    pub(crate) fn needs(&self) -> Needs {
        let of_resource = Needs {
            objects: self.resource != ResourceTest::Any,
            fields: false,
        };
        of_resource.union(self.condition.needs())
    }
}
