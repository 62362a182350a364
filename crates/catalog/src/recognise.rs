//! From a request line to exactly one operation, or to a refusal that says which of three things went wrong.
//!
//! Never looks at scopes, objects or bodies; never lets a path through in any form but the canonical one.
//!
//! Cost: one pass over the path's bytes, one walk down the tree (see `routes`), one allocation per list that is not empty
//! (path parameters, query pairs); a path in canonical form is borrowed, not copied. `cargo xtask bench recognise` measures it.

use std::borrow::Cow;

use crate::canonical::{Ambiguity, canonicalise};
use crate::escape::decode;
use crate::query::{Pair, split_query};
use crate::routes::Segments;
use crate::{Method, Operation, operations};

/// A request target whose meaning is known.
#[derive(Clone, Debug)]
pub struct Recognised<'t> {
    /// The operation it names.
    pub operation: &'static Operation,
    /// The canonical path: what is judged, recorded and forwarded.
    pub path: Cow<'t, str>,
    /// Decoded path parameters, in template order.
    pub parameters: Vec<(&'static str, Cow<'t, str>)>,
    /// Decoded query pairs, in the order they were written.
    pub query: Vec<Pair<'t>>,
}

impl Recognised<'_> {
    /// The path parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_ref())
    }

    /// The first query value of this name.
    pub fn query_value(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_ref())
    }

    /// The same, independent of the request it was read from.
    pub fn into_owned(self) -> Recognised<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Recognised {
            operation: self.operation,
            path: own(self.path),
            parameters: self
                .parameters
                .into_iter()
                .map(|(name, value)| (name, own(value)))
                .collect(),
            query: self
                .query
                .into_iter()
                .map(|(name, value)| (own(name), own(value)))
                .collect(),
        }
    }
}

/// Why a request names no operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unrecognised {
    /// The target could mean different things to different servers.
    #[error("ambiguous request target: {0}")]
    Ambiguous(#[from] Ambiguity),
    /// No operation has this path.
    #[error("no operation of Okta's API has this path")]
    UnknownRoute,
    /// The path is known, but not with this method.
    #[error("{template} has no such method; it has {}", list(allowed))]
    UnknownMethod {
        /// Template of the path.
        template: &'static str,
        /// Methods the path does have.
        allowed: Vec<Method>,
    },
}

impl Unrecognised {
    /// What the caller can do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Ambiguous(_) => {
                "Send the plain path, percent-encoding only what has to be, once, and nothing that stands for a slash or a dot segment."
            }
            Self::UnknownRoute => {
                "Compare the path with Okta's API reference; routes that are neither documented nor listed as extensions are refused."
            }
            Self::UnknownMethod { .. } => {
                "Use one of the methods that Okta's API reference lists for this path."
            }
        }
    }
}

fn list(methods: &[Method]) -> String {
    methods
        .iter()
        .map(|method| method.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

/// Finds the one operation that `method` and `raw_target` (path and query as received) name.
///
/// # Errors
/// [`Unrecognised`], when the target is ambiguous, its path unknown, or its path known with other methods only.
pub fn recognise<'t>(method: &str, raw_target: &'t str) -> Result<Recognised<'t>, Unrecognised> {
    let (raw_path, raw_query) = raw_target.split_once('?').unwrap_or((raw_target, ""));
    let path = canonicalise(raw_path)?;
    let query = if raw_query.is_empty() {
        Vec::new()
    } else {
        split_query(raw_query)?
    };
    let (operation, parameters) = match &path {
        Cow::Borrowed(path) => find(method, path)?,
        Cow::Owned(path) => {
            let (operation, parameters) = find(method, path)?;
            let own = |(name, value): (&'static str, Cow<'_, str>)| {
                (name, Cow::Owned(value.into_owned()))
            };
            (operation, parameters.into_iter().map(own).collect())
        }
    };
    Ok(Recognised {
        operation,
        path,
        parameters,
        query,
    })
}

/// The operations whose path `raw_target` (path and query as received) names, whatever their methods; none when it is ambiguous or
/// unknown. One walk down the tree, and nothing is decoded.
pub fn operations_at(raw_target: &str) -> impl Iterator<Item = &'static Operation> {
    let raw_path = raw_target.split('?').next().unwrap_or_default();
    let path = canonicalise(raw_path).ok();
    let found = path.map_or(&[][..], |path| {
        operations().routes().find(&Segments::of(&path))
    });
    let found = found.iter();
    found.filter_map(|(_, position)| operations().at(*position))
}

/// Decoded path parameters, borrowed from the path where nothing needs decoding.
type Parameters<'p> = Vec<(&'static str, Cow<'p, str>)>;

fn find<'p>(
    method: &str,
    canonical: &'p str,
) -> Result<(&'static Operation, Parameters<'p>), Unrecognised> {
    let catalogue = operations();
    let segments = Segments::of(canonical);
    let candidates = catalogue.routes().find(&segments);
    let wanted = Method::parse(method);
    let Some((_, position)) = candidates.iter().find(|(known, _)| Some(*known) == wanted) else {
        return Err(refuse_method(candidates));
    };
    let operation = catalogue.at(*position).ok_or(Unrecognised::UnknownRoute)?;
    let names = catalogue.parameters_at(*position);
    let mut parameters = Vec::with_capacity(names.len());
    for (at, name) in names {
        let segment = segments.as_slice().get(*at).copied().unwrap_or_default();
        let value = decode(segment).ok_or(Ambiguity::BrokenEscape)?;
        parameters.push((*name, value.map_err(|_| Ambiguity::NotUtf8)?));
    }
    Ok((operation, parameters))
}

fn refuse_method(candidates: &[(Method, usize)]) -> Unrecognised {
    let template = candidates
        .first()
        .and_then(|(_, position)| operations().at(*position));
    template.map_or(Unrecognised::UnknownRoute, |operation| {
        Unrecognised::UnknownMethod {
            template: operation.template,
            allowed: candidates.iter().map(|(method, _)| *method).collect(),
        }
    })
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_of_a_path_are_those_that_its_methods_name() {
        for target in [
            "/api/v1/users/00u1?limit=%zz",
            "/api/v1//users/00u1/",
            "/oauth2/v1/authorize",
            "/api/v1/nothing",
            "/api/v1/users/..",
        ] {
            let path = target.split('?').next().unwrap();
            let by_method = Method::ALL
                .iter()
                .filter_map(|method| Some(recognise(method.as_str(), path).ok()?.operation.id));
            let mut by_method: Vec<_> = by_method.collect();
            let mut at: Vec<_> = operations_at(target).map(|found| found.id).collect();
            by_method.sort_unstable();
            at.sort_unstable();
            assert_eq!(at, by_method, "{target}");
        }
    }
}
