//! Routes that Okta does not document but that clients we know call: `okta/extensions.toml`, read into operations.
//!
//! Without them, denying what is unknown would break these clients. They never shadow a documented operation (tested), and
//! are refused like any other operation unless granted.

use serde::Deserialize;

use crate::operation::{
    Body, Kind, Lifecycle, Operation, Parameter, Place, Spec, Unscoped, parameter_name,
};
use crate::{Method, Risk, Type};

const EXTENSIONS: &str = include_str!("../../../okta/extensions.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "route")]
    routes: Vec<Route>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Route {
    id: String,
    method: Method,
    path: String,
    tag: String,
    kind: Kind,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    unscoped: Option<Unscoped>,
    ssws: bool,
    #[serde(default)]
    admin_host: bool,
    bucket: String,
    risk: Vec<String>,
    callers: String,
}

/// The extension routes as operations. Their names are kept for the life of the program (a few kilobytes, read once).
pub(crate) fn read_extensions() -> Vec<Operation> {
    toml::from_str::<Written>(EXTENSIONS).map_or_else(
        |_| Vec::new(),
        |written| written.routes.into_iter().map(settle).collect(),
    )
}

fn settle(route: Route) -> Operation {
    let template: &'static str = route.path.leak();
    let in_path = template.split('/').filter_map(parameter_name);
    let parameter = |name| Parameter {
        name,
        place: Place::Path,
        value: Type::Text(""),
        required: true,
    };
    let writes = !matches!(route.method, Method::Get | Method::Delete | Method::Options);
    Operation {
        id: route.id.leak(),
        method: route.method,
        template,
        spec: Spec::Extension,
        tag: route.tag.leak(),
        kind: route.kind,
        scopes: route
            .scopes
            .into_iter()
            .map(|scope| &*scope.leak())
            .collect(),
        unscoped: route.unscoped,
        ssws: route.ssws,
        parameters: in_path.map(parameter).collect(),
        body: writes.then(unknown_body),
        replies: Vec::new(),
        lifecycle: Lifecycle::Unstated,
        deprecated: false,
        bucket: route.bucket.leak(),
        risk: route
            .risk
            .iter()
            .filter_map(|name| Risk::named(name))
            .fold(Risk::ORDINARY, Risk::union),
        admin_host: route.admin_host,
        callers: route.callers.leak(),
    }
}

/// Nobody documents what these routes take.
fn unknown_body() -> Body {
    Body {
        media: vec!["application/json"],
        shape: Type::Any,
        required: false,
    }
}

#[cfg(test)]
mod tests {
    use super::{EXTENSIONS, Written};
    use crate::Risk;

    #[test]
    fn every_extension_reads_and_names_known_risks() {
        let written: Written = toml::from_str(EXTENSIONS).unwrap();
        assert!(written.routes.len() >= 12, "{}", written.routes.len());
        for route in written.routes {
            assert!(
                !route.callers.is_empty(),
                "{} must say who calls it",
                route.id
            );
            assert!(
                route.risk.iter().all(|name| Risk::named(name).is_some()),
                "{}",
                route.id
            );
            assert_ne!(
                route.scopes.is_empty(),
                route.unscoped.is_none(),
                "{}",
                route.id
            );
        }
    }
}
