//! Which behaviour answers an operation: a quirk's own, or a generic one that follows from the catalog's verbs.
//!
//! Besides the verbs a resource file names, every writing operation on the same object path is understood (a `POST` beside
//! the `PUT`). An operation without behaviour is answered with 501 and counted; none is answered with an invention.

use crate::{Call, Context, Error, Reply, generic, quirks};
use catalog::{Method, operations};
use org::Kind;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Answers one operation.
pub(crate) type Behaviour = fn(&mut Context<'_>, &Call) -> Result<Reply, Error>;

/// What answers an operation.
#[derive(Clone, Copy)]
pub(crate) enum Route {
    /// A quirk's own behaviour.
    Quirk(Behaviour),
    /// A page of a collection.
    List(Kind),
    /// One object.
    Get(Kind),
    /// A new object, or a new relation.
    Create(Kind),
    /// The whole object anew.
    Replace(Kind),
    /// Some members anew.
    Update(Kind),
    /// A relation made, or written anew if it is there (`PUT` with the id in the path).
    Assign(Kind),
    /// An object's end.
    Delete(Kind),
    /// An object switched on (`true`) or off.
    Switch(Kind, bool),
}

impl Route {
    /// Answers the call.
    pub(crate) fn answer(self, ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
        match self {
            Self::Quirk(behaviour) => behaviour(ctx, call),
            Self::List(kind) => generic::list(ctx, call, kind),
            Self::Get(kind) => generic::get(ctx, call, kind),
            Self::Create(kind) => generic::create(ctx, call, kind),
            Self::Replace(kind) => generic::replace(ctx, call, kind),
            Self::Update(kind) => generic::update(ctx, call, kind),
            Self::Assign(kind) => generic::assign(ctx, call, kind),
            Self::Delete(kind) => generic::delete(ctx, call, kind),
            Self::Switch(kind, on) => generic::switch(ctx, call, kind, on),
        }
    }
}

/// The behaviour of an operation, if it has one.
pub(crate) fn route(operation: &str) -> Option<Route> {
    static ALL: LazyLock<HashMap<&'static str, Route>> = LazyLock::new(plan);
    ALL.get(operation).copied()
}

fn plan() -> HashMap<&'static str, Route> {
    let mut routes = HashMap::new();
    for kind in Kind::all() {
        plan_kind(kind, &mut routes);
    }
    for (operation, behaviour) in quirks::operations() {
        routes.insert(*operation, Route::Quirk(*behaviour));
    }
    routes
}

fn plan_kind(kind: Kind, routes: &mut HashMap<&'static str, Route>) {
    let facts = kind.facts();
    let item = shape(&facts.item_path());
    for operation in operations().iter().filter(|o| shape(o.template) == item) {
        let route = match operation.method {
            Method::Get => Route::Get(kind),
            Method::Put => Route::Replace(kind),
            Method::Post | Method::Patch => Route::Update(kind),
            Method::Delete => Route::Delete(kind),
            Method::Options => continue,
        };
        routes.entry(operation.id).or_insert(route);
    }
    let verbs = &facts.verbs;
    let assigned = verbs.create.is_some() && verbs.create == verbs.replace;
    let replace = |id: &str| match operations().by_id(id).map(|o| o.method) {
        _ if assigned => Route::Assign(kind),
        Some(Method::Put) => Route::Replace(kind),
        _ => Route::Update(kind),
    };
    let named = [
        (&verbs.list, Route::List(kind)),
        (&verbs.get, Route::Get(kind)),
        (&verbs.create, Route::Create(kind)),
        (
            &verbs.replace,
            verbs
                .replace
                .as_deref()
                .map_or(Route::Replace(kind), replace),
        ),
        (&verbs.delete, Route::Delete(kind)),
        (&verbs.activate, Route::Switch(kind, true)),
        (&verbs.deactivate, Route::Switch(kind, false)),
    ];
    for (verb, route) in named {
        if let Some(operation) = verb.as_deref().and_then(|id| operations().by_id(id)) {
            routes.insert(operation.id, route);
        }
    }
}

/// A path template with its parameters' names left out.
fn shape(template: &str) -> String {
    let segments = template
        .split('/')
        .map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}
