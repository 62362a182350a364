//! All operations, found by id or by walking; read from the embedded index on first use. Never changes afterwards.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::Operation;
use crate::extension::read_extensions;
use crate::index::{OPERATIONS, read_operation};
use crate::operation::parameter_name;
use crate::routes::Routes;

static ALL: LazyLock<Operations> = LazyLock::new(Operations::read);

/// Every operation of the catalog: documented ones, then extension routes.
#[derive(Debug)]
pub struct Operations {
    all: Vec<Operation>,
    /// Positions and names of each operation's path parameters among its segments.
    parameters: Vec<Vec<(usize, &'static str)>>,
    by_id: HashMap<&'static str, usize>,
    routes: Routes,
}

/// The catalog's operations. The first call reads the index (a few milliseconds), later ones cost nothing.
pub fn operations() -> &'static Operations {
    &ALL
}

impl Operations {
    fn read() -> Self {
        let mut all: Vec<Operation> = OPERATIONS
            .lines()
            .filter_map(|line| read_operation(line).ok())
            .collect();
        all.extend(read_extensions());
        let by_id = all
            .iter()
            .enumerate()
            .map(|(position, operation)| (operation.id, position))
            .collect();
        let routes = Routes::plant(&all);
        let parameters = all
            .iter()
            .map(|operation| place_parameters(operation.template))
            .collect();
        Self {
            all,
            parameters,
            by_id,
            routes,
        }
    }

    /// The operation of this id.
    pub fn by_id(&self, id: &str) -> Option<&Operation> {
        self.at(*self.by_id.get(id)?)
    }

    /// All operations, documented ones sorted by path and method, then extension routes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Operation> {
        self.all.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn at(&self, position: usize) -> Option<&Operation> {
        self.all.get(position)
    }

    pub(crate) fn parameters_at(&self, position: usize) -> &[(usize, &'static str)] {
        self.parameters.get(position).map_or(&[], Vec::as_slice)
    }

    pub(crate) const fn routes(&self) -> &Routes {
        &self.routes
    }
}

fn place_parameters(template: &'static str) -> Vec<(usize, &'static str)> {
    let segments = template.split('/').skip(1).enumerate();
    segments
        .filter_map(|(at, segment)| Some((at, parameter_name(segment)?)))
        .collect()
}
