//! Okta resource names (`orn:okta:directory:{org}:groups:{id}`) and the addresses they stand for.

use crate::Context;

/// The resource name behind a name or an address of this org; nothing if it is neither.
pub(super) fn of(ctx: &Context<'_>, text: &str) -> Option<String> {
    if text.starts_with("orn:") {
        return (text.split(':').count() >= 5).then(|| text.to_owned());
    }
    let (_, path) = text.split_once("/api/v1/")?;
    let path = path.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let collection = segments.next()?;
    let (service, name) = SERVICES
        .iter()
        .find(|(_, _, of)| *of == collection)
        .map_or(("idp", collection), |(service, name, _)| (*service, *name));
    let mut orn = format!("orn:okta:{service}:{}:{name}", ctx.world.org_id);
    let Some(id) = segments.next() else {
        return Some(orn);
    };
    if collection == "apps" {
        let app = ctx.named("app", &[id])?;
        orn.push(':');
        orn.push_str(app.text_at("name").unwrap_or_default());
    }
    orn.push(':');
    orn.push_str(id);
    if segments.next() == Some("users") {
        orn.push_str(":contained_resources");
    }
    Some(orn)
}

/// Path of what a resource name stands for.
pub(super) fn path(orn: &str) -> Option<String> {
    let mut parts = orn.split(':').skip(4);
    let name = parts.next()?;
    let collection = SERVICES
        .iter()
        .find(|(_, of, _)| *of == name)
        .map_or(name, |(_, _, of)| of);
    let rest: Vec<&str> = parts.collect();
    Some(match (collection, rest.as_slice()) {
        ("apps", [_, id]) => format!("/api/v1/apps/{id}"),
        ("apps", [name]) => format!("/api/v1/apps?filter=name+eq+\"{name}\""),
        ("groups", [id, "contained_resources"]) => format!("/api/v1/groups/{id}/users"),
        (collection, [id, ..]) => format!("/api/v1/{collection}/{id}"),
        (collection, []) => format!("/api/v1/{collection}"),
    })
}

/// Service, name of the type in resource names, name of the collection in addresses.
const SERVICES: &[(&str, &str, &str)] = &[
    ("directory", "users", "users"),
    ("directory", "groups", "groups"),
    ("directory", "realms", "realms"),
    ("idp", "apps", "apps"),
    ("idp", "authorization_servers", "authorizationServers"),
    ("idp", "identity_providers", "idps"),
    ("idp", "inline_hooks", "inlineHooks"),
    ("idp", "policies", "policies"),
    ("idp", "customizations", "brands"),
];

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn names_lead_to_addresses() {
        assert_eq!(
            path("orn:okta:directory:00o1:users").as_deref(),
            Some("/api/v1/users")
        );
        assert_eq!(
            path("orn:okta:idp:00o1:apps:wiki:0oa1").as_deref(),
            Some("/api/v1/apps/0oa1")
        );
        assert_eq!(
            path("orn:okta:directory:00o1:groups:00g1:contained_resources").as_deref(),
            Some("/api/v1/groups/00g1/users")
        );
        assert_eq!(
            path("orn:okta:idp:00o1:authorization_servers:aus1").as_deref(),
            Some("/api/v1/authorizationServers/aus1")
        );
        assert_eq!(path("orn:okta"), None);
    }
}
