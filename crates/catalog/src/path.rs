//! The way back from an operation and its parameters to a canonical path: what requests to Okta are rebuilt from.
//! Never writes a path that `recognise` would read differently.

use crate::canonical::{Ambiguity, refuse_value};
use crate::escape::encode_segment;
use crate::limits::PATH_BYTES_MAX;
use crate::operation::parameter_name;
use crate::routes::Segments;
use crate::{Operation, encode_query, operations};

/// Why a path cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unbuildable {
    /// A parameter of the template has no value, or an empty one.
    #[error("{operation} needs a value for path parameter `{name}`")]
    Missing {
        /// Id of the operation.
        operation: &'static str,
        /// Name of the parameter.
        name: &'static str,
    },
    /// A value was given for a parameter the template does not have.
    #[error("{operation} has no path parameter `{name}`")]
    Unknown {
        /// Id of the operation.
        operation: &'static str,
        /// The name given.
        name: String,
    },
    /// The value cannot stand in a path without being ambiguous.
    #[error("path parameter `{name}` of {operation} cannot be written into a path: {reason}")]
    Ambiguous {
        /// Id of the operation.
        operation: &'static str,
        /// Name of the parameter; empty when the path as a whole is at fault.
        name: &'static str,
        /// What is wrong with the value.
        reason: Ambiguity,
    },
    /// With these values the path is that of another operation, whose static segment a value repeats (`rules` as a group id).
    #[error(
        "with these values the path of {operation} would be read as another operation's: {path}"
    )]
    Misread {
        /// Id of the operation.
        operation: &'static str,
        /// The path it would have been.
        path: String,
    },
}

impl Operation {
    /// Builds the canonical path with these values, percent-encoded where needed.
    ///
    /// # Errors
    /// [`Unbuildable`], when a value is missing, unknown, or cannot stand in a path unambiguously.
    pub fn path(&self, values: &[(&str, &str)]) -> Result<String, Unbuildable> {
        let strange = values
            .iter()
            .find(|(given, _)| self.path_parameters().all(|name| name != *given));
        if let Some((name, _)) = strange {
            return Err(Unbuildable::Unknown {
                operation: self.id,
                name: (*name).to_owned(),
            });
        }
        let mut path = String::with_capacity(self.template.len() + 20);
        for segment in self
            .template
            .split('/')
            .filter(|segment| !segment.is_empty())
        {
            path.push('/');
            match parameter_name(segment) {
                None => path.push_str(segment),
                Some(name) => encode_segment(self.value_of(name, values)?, &mut path),
            }
        }
        if path.is_empty() {
            path.push('/');
        }
        if path.len() > PATH_BYTES_MAX {
            return Err(Unbuildable::Ambiguous {
                operation: self.id,
                name: "",
                reason: Ambiguity::PathTooLong,
            });
        }
        let found = operations().routes().find(&Segments::of(&path));
        let same = |(_, position): &(_, usize)| {
            operations()
                .at(*position)
                .is_some_and(|found| found.template == self.template)
        };
        if !found.iter().any(same) {
            return Err(Unbuildable::Misread {
                operation: self.id,
                path,
            });
        }
        Ok(path)
    }

    fn value_of<'v>(
        &self,
        name: &'static str,
        values: &[(&str, &'v str)],
    ) -> Result<&'v str, Unbuildable> {
        let given = values
            .iter()
            .find(|(known, value)| *known == name && !value.is_empty());
        let (_, value) = given.ok_or(Unbuildable::Missing {
            operation: self.id,
            name,
        })?;
        refuse_value(value).map_err(|reason| Unbuildable::Ambiguous {
            operation: self.id,
            name,
            reason,
        })?;
        Ok(value)
    }

    /// Builds path and query, ready to be sent.
    ///
    /// # Errors
    /// As [`Operation::path`].
    pub fn target(
        &self,
        values: &[(&str, &str)],
        query: &[(&str, &str)],
    ) -> Result<String, Unbuildable> {
        let mut target = self.path(values)?;
        if !query.is_empty() {
            target.push('?');
            target.push_str(&encode_query(query.iter().copied()));
        }
        Ok(target)
    }
}
