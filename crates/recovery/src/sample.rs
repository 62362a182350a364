//! A small org for tests: a few objects of the kinds that need each other most. Ids have Okta's form.

use org::{Key, Kind, Object, Org};
use serde_json::{Value, json};

/// The id of a sample object: prefix, name padded, cell.
pub(crate) fn id(prefix: &str, name: &str) -> String {
    format!("{prefix}{name:x<13}11d7")
}

/// The key of an object of that kind.
pub(crate) fn key(kind: &str, ids: &[&str]) -> Key {
    Key::new(Kind::named(kind).unwrap(), ids)
}

/// Puts an object into `org`; its own id is added to the body.
pub(crate) fn put(org: &mut Org, kind: &str, ids: &[&str], mut body: Value) {
    let own = *ids.last().unwrap();
    if !Kind::named(kind).unwrap().facts().singleton && body.get("id").is_none() {
        body["id"] = json!(own);
    }
    org.insert(Object::new(key(kind, ids), body));
}

/// Puts a group into `org` and hands back its id.
pub(crate) fn group(org: &mut Org, name: &str) -> String {
    let id = id("00g", name);
    put(
        org,
        "group",
        &[&id],
        json!({"type": "OKTA_GROUP", "profile": {"name": name, "description": null}}),
    );
    id
}

/// Puts a person into `org` and hands back their id.
pub(crate) fn user(org: &mut Org, name: &str, status: &str) -> String {
    let id = id("00u", name);
    let profile = json!({"login": format!("{name}@example.com"), "email": format!("{name}@example.com"), "firstName": name});
    put(
        org,
        "user",
        &[&id],
        json!({"status": status, "profile": profile, "type": {"id": id_of_default_type()}}),
    );
    id
}

fn id_of_default_type() -> String {
    id("oty", "default")
}

/// Puts a membership into `org`.
pub(crate) fn member(org: &mut Org, group: &str, user: &str) {
    put(org, "group-membership", &[group, user], json!({}));
}

/// An org with people, groups, a group rule, an app with assignments, a policy with a rule, and a hook.
pub(crate) fn company() -> Org {
    let mut org = Org::new();
    put(
        &mut org,
        "user-type",
        &[&id_of_default_type()],
        json!({"name": "user", "default": true}),
    );
    put(
        &mut org,
        "group",
        &[&id("00g", "Everyone")],
        json!({"type": "BUILT_IN", "profile": {"name": "Everyone"}}),
    );
    let sales = group(&mut org, "Sales");
    let legal = group(&mut org, "Legal");
    let field = group(&mut org, "Field");
    let ana = user(&mut org, "ana", "ACTIVE");
    let bob = user(&mut org, "bob", "SUSPENDED");
    let cleo = user(&mut org, "cleo", "DEPROVISIONED");
    for (group, user) in [
        (&sales, &ana),
        (&legal, &ana),
        (&sales, &bob),
        (&legal, &cleo),
        (&field, &ana),
    ] {
        member(&mut org, group, user);
    }
    let expression = format!("isMemberOfGroup(\"{sales}\")");
    put(
        &mut org,
        "group-rule",
        &[&id("0pr", "field")],
        json!({
            "name": "Field people", "type": "group_rule", "status": "ACTIVE",
            "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": expression}},
            "actions": {"assignUserToGroups": {"groupIds": [field]}},
        }),
    );
    let app = id("0oa", "crm");
    put(
        &mut org,
        "app",
        &[&app],
        json!({
            "name": "oidc_client", "label": "CRM", "signOnMode": "OPENID_CONNECT", "status": "ACTIVE",
            "credentials": {"oauthClient": {"client_id": app, "client_secret": "hush"}},
        }),
    );
    put(
        &mut org,
        "app-group",
        &[&app, &sales],
        json!({"priority": 0, "profile": {}}),
    );
    put(
        &mut org,
        "app-user",
        &[&app, &ana],
        json!({"scope": "GROUP", "credentials": {"userName": "ana"}}),
    );
    put(
        &mut org,
        "app-user",
        &[&app, &bob],
        json!({"scope": "USER", "credentials": {"userName": "bob"}}),
    );
    for (name, priority) in [("strict", 1), ("normal", 2)] {
        let policy = id("00p", name);
        put(
            &mut org,
            "policy",
            &[&policy],
            json!({
                "type": "OKTA_SIGN_ON", "name": name, "status": "ACTIVE", "priority": priority, "system": false,
                "conditions": {"people": {"groups": {"include": [legal]}}},
            }),
        );
        put(
            &mut org,
            "policy-rule",
            &[&policy, &id("0pr", name)],
            json!({
                "type": "SIGN_ON", "name": format!("{name} rule"), "status": "ACTIVE", "priority": 1, "system": false,
                "conditions": {"people": {"users": {"exclude": [ana]}}}, "actions": {"signon": {"access": "ALLOW"}},
            }),
        );
    }
    put(
        &mut org,
        "event-hook",
        &[&id("who", "hook")],
        json!({"name": "hook", "status": "ACTIVE", "channel": {"version": "1.0.0"}}),
    );
    org
}

/// Compares `text` with the golden file of that name in `tests/plans`.
macro_rules! golden {
    ($name:literal, $text:expr) => {{
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/plans"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!($name, $text));
    }};
}
pub(crate) use golden;
