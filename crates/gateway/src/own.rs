//! The product's own routes below an org's public URL, answered here and never by Okta. They are looked for before anything else,
//! by their exact path, and for each of them the caller shows what that route asks for.

mod elevation;
mod oauth;
mod oauth_record;

pub use elevation::shown;

use std::sync::Arc;

use access::{Keyring, Throttle};
use http::request::Parts;
use jiff::Timestamp;

use crate::arrive::Origin;
use crate::gateway::Reply;
use crate::issuer_keys::IssuerKeys;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::settings::Front;

/// A request to one of the routes, but for its body.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'v> {
    pub(crate) keyring: &'v Arc<Keyring>,
    pub(crate) throttle: &'v Throttle,
    pub(crate) issuer_keys: &'v IssuerKeys,
    pub(crate) front: &'v Front,
    pub(crate) head: &'v Parts,
    pub(crate) origin: &'v Origin<'v>,
    pub(crate) now: Timestamp,
}

/// One of the routes.
pub(crate) enum Route {
    Oauth(oauth::Endpoint),
    Elevation(elevation::Endpoint),
}

/// The route of this path, compared byte by byte; `None` for all that is Okta's.
pub(crate) fn route(path: &str) -> Option<Route> {
    let elevation = || elevation::endpoint(path).map(Route::Elevation);
    oauth::endpoint(path).map(Route::Oauth).or_else(elevation)
}

/// Answers a request to one of the routes.
///
/// # Errors
/// [`Refusal`], for what the route itself has no words for.
pub(crate) async fn answer<B>(
    route: Route,
    visit: Visit<'_>,
    body: B,
    facts: &mut Facts,
) -> Result<Reply, Refusal>
where
    B: hyper::body::Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match route {
        Route::Oauth(endpoint) => oauth::answer(endpoint, visit, body, facts).await,
        Route::Elevation(endpoint) => elevation::answer(endpoint, visit, body, facts).await,
    }
}
