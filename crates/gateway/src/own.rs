//! The product's own routes below an org's public URL, answered here and never by Okta. They are looked for before anything else,
//! by their exact path, and for each of them the caller shows what that route asks for.

mod budget;
mod elevation;
mod oauth;
mod oauth_record;

pub use elevation::shown;

use std::sync::Arc;

use access::{Keyring, Throttle};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use serde_json::Value;

use crate::arrive::Origin;
use crate::gateway::Reply;
use crate::issuer_keys::IssuerKeys;
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::reply;
use crate::settings::Front;
use crate::table::Kind;

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
    Budget,
}

/// The route of this path, compared byte by byte; `None` for all that is Okta's.
pub(crate) fn route(path: &str) -> Option<Route> {
    let elevation = || elevation::endpoint(path).map(Route::Elevation);
    let budget = || budget::is_at(path).then_some(Route::Budget);
    oauth::endpoint(path)
        .map(Route::Oauth)
        .or_else(elevation)
        .or_else(budget)
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
        Route::Budget => budget::answer(visit, facts).await,
    }
}

/// A reply in JSON that nobody keeps.
fn told(status: StatusCode, value: &Value) -> Reply {
    let headers = HeaderMap::from_iter([
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store"),
        ),
    ]);
    reply::of(status, headers, value.to_string().into())
}

/// A method the route does not have.
fn wrong_method(allowed: &'static str) -> Refusal {
    Refusal::new(Kind::UnknownMethod, "unknown_method")
        .with_header(header::ALLOW, HeaderValue::from_static(allowed))
}
