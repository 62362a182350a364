//! One operation: a method on a path template, with what Okta's documents say about it and what we make of it.
//!
//! Plain values; reading the committed index is `index`, finding them is `operations`.

use serde::Deserialize;

use crate::{Method, Risk, Type};

/// One method on one path template.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Okta's `operationId`; ids that occur in two documents carry the document's name in front (`idp.listAuthenticators`).
    pub id: &'static str,
    /// Request method.
    pub method: Method,
    /// Path with `{name}` for parameters, always starting with `/`.
    pub template: &'static str,
    /// Which document describes it.
    pub spec: Spec,
    /// Okta's tag, the heading in its reference; for extensions, the tag of their nearest neighbour.
    pub tag: &'static str,
    /// What it does, by meaning rather than by method.
    pub kind: Kind,
    /// OAuth scopes, *all* of which Okta requires. Empty only with a reason in `unscoped`.
    pub scopes: Vec<&'static str>,
    /// Why there are no scopes.
    pub unscoped: Option<Unscoped>,
    /// Whether Okta accepts an API token (`SSWS`).
    pub ssws: bool,
    /// Documented parameters: path (in template order), then query, then header.
    pub parameters: Vec<Parameter>,
    /// Request body, if one is documented.
    pub body: Option<Body>,
    /// Documented replies of success, by status.
    pub replies: Vec<Reply>,
    /// How settled the operation is.
    pub lifecycle: Lifecycle,
    /// Okta advises against it.
    pub deprecated: bool,
    /// Name of the rate bucket it is counted in; see [`crate::buckets`].
    pub bucket: &'static str,
    /// What it can do besides its obvious effect.
    pub risk: Risk,
    /// Okta serves it on the org's `-admin` host only.
    pub admin_host: bool,
    /// Which clients call it, for extension routes; empty for documented ones.
    pub callers: &'static str,
}

impl Operation {
    /// Names of the path parameters, in template order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.template.split('/').filter_map(parameter_name)
    }

    /// Documented query parameters.
    pub fn query_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters
            .iter()
            .filter(|parameter| parameter.place == Place::Query)
    }

    /// Whether the operation changes nothing at Okta.
    pub const fn is_read(&self) -> bool {
        matches!(self.kind, Kind::Read)
    }
}

/// The name inside a `{name}` segment; `None` for a static segment.
pub(crate) fn parameter_name(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A path template with `{}` for every parameter: two that match the same paths are the same then, whatever their parameters are
/// called.
pub fn unnamed(template: &str) -> String {
    let segments = template
        .split('/')
        .map(|segment| parameter_name(segment).map_or(segment, |_| "{}"));
    segments.collect::<Vec<_>>().join("/")
}

/// Which document an operation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spec {
    /// Okta's Admin Management API.
    Management,
    /// OAuth 2.0 and OpenID Connect.
    Oauth,
    /// MyAccount: what a signed-in person may do to themselves.
    Idp,
    /// Identity Governance.
    Governance,
    /// Undocumented, but called by clients we know: `okta/extensions.toml`.
    Extension,
}

/// What an operation does, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Reads.
    Read,
    /// Makes a new object.
    Create,
    /// Writes the whole object.
    Replace,
    /// Writes part of the object.
    Update,
    /// Removes an object.
    Delete,
    /// Moves an object to another state.
    Lifecycle,
    /// Ties two objects together, or parts them.
    Membership,
    /// Does something else: tests, sends, verifies, generates.
    Action,
    /// Part of a sign-in or token protocol.
    Protocol,
}

/// How settled an operation is, in Okta's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
pub enum Lifecycle {
    /// Generally available.
    #[serde(rename = "GA")]
    Ga,
    /// Generally available to some orgs, mostly those on Identity Engine.
    #[serde(rename = "LIMITED_GA")]
    LimitedGa,
    /// Early access.
    #[serde(rename = "EA")]
    Ea,
    /// Beta.
    #[serde(rename = "BETA")]
    Beta,
    /// The document does not say.
    #[default]
    #[serde(rename = "")]
    Unstated,
}

/// Why an operation has no OAuth scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unscoped {
    /// Declared open to everyone (an empty `security` list).
    Public,
    /// Only an API token is accepted.
    Token,
    /// The OAuth client authenticates itself in the request.
    Client,
    /// The document declares no security at all (sign-in protocol and discovery routes).
    Undeclared,
}

/// One documented parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parameter {
    /// Name as written in the path template, query or header.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// What its value is.
    pub value: Type,
    /// Whether Okta's document calls it required.
    pub required: bool,
}

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// A documented request body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body {
    /// Media types accepted, in the document's order.
    pub media: Vec<&'static str>,
    /// What the body is.
    pub shape: Type,
    /// Whether Okta's document calls it required.
    pub required: bool,
}

/// A documented reply of success.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reply {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// Media type and shape; `None` when the reply is documented without a body.
    pub content: Option<(&'static str, Type)>,
}
