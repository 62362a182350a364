//! Recognition: the one operation a request names, or why there is none. Told to identified callers only.

use std::time::Duration;

use access::{Body, Call, Forward};
use catalog::{Recognised, Unrecognised};
use http::request::Parts;
use http::{HeaderValue, header};

use crate::record::Facts;
use crate::refusal::Refusal;
use crate::table::Kind;

/// Finds the operation that method, path and query name, and notes it.
pub(crate) fn route<'h>(
    head: &'h Parts,
    facts: &mut Facts,
) -> Result<Recognised<'h>, Unrecognised> {
    let target = head
        .uri
        .path_and_query()
        .map_or("*", |target| target.as_str());
    let route = catalog::recognise(head.method.as_str(), target)?;
    facts.ask(&route);
    Ok(route)
}

/// The call that was recognised, with decoded values.
pub(crate) fn call_of(
    route: Recognised<'_>,
    body: Option<Body>,
    forward: Forward,
    wait: Option<Duration>,
) -> Call {
    let params = route.parameters.into_iter();
    let query = route.query.into_iter();
    Call {
        operation: route.operation,
        params: params
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect(),
        query: query
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect(),
        body,
        forward,
        wait,
    }
}

/// Tells an identified caller that there is no such operation, and notes what it asked for: which routes callers miss is worth
/// knowing.
pub(crate) fn refuse(head: &Parts, problem: &Unrecognised, facts: &mut Facts) -> Refusal {
    facts.wonder(head.method.as_str(), head.uri.path());
    let (kind, reason) = match problem {
        Unrecognised::Ambiguous(_) => (Kind::Ambiguous, "ambiguous_target"),
        Unrecognised::UnknownMethod { .. } => (Kind::UnknownMethod, "unknown_method"),
        _ => (Kind::UnknownRoute, "unknown_route"),
    };
    let refusal = Refusal::new(kind, reason)
        .because(problem.to_string())
        .because(problem.hint());
    let Unrecognised::UnknownMethod { allowed, .. } = problem else {
        return refusal;
    };
    let names: Vec<&str> = allowed.iter().map(|method| method.as_str()).collect();
    match HeaderValue::try_from(names.join(", ")) {
        Ok(names) => refusal.with_header(header::ALLOW, names),
        Err(_) => refusal,
    }
}
