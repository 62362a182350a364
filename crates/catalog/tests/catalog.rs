//! The catalog as a whole: complete, consistent, small, and read the same way in both directions.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failing test is a report, not an outage"
)]

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use catalog::{
    Kind, Method, Operation, Risk, Spec, Type, Unbuildable, Unrecognised, Unscoped, buckets,
    operations, recognise, shapes,
};
use proptest::prelude::*;

/// An id as Okta gives them out.
const ID: &str = "00u1gjtxk4XLkTQTt1d7";

fn index(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../okta")
        .join(name);
    fs::read_to_string(path).unwrap()
}

fn path_of(operation: &Operation) -> String {
    let values: Vec<_> = operation.path_parameters().map(|name| (name, ID)).collect();
    operation.path(&values).unwrap()
}

fn recognised_id(method: &str, target: &str) -> &'static str {
    recognise(method, target)
        .unwrap_or_else(|error| panic!("{method} {target}: {error}"))
        .operation
        .id
}

#[test]
fn every_documented_operation_is_there() {
    let count = |spec| {
        operations()
            .iter()
            .filter(|operation| operation.spec == spec)
            .count()
    };
    let counts = [Spec::Management, Spec::Oauth, Spec::Idp, Spec::Governance].map(count);
    assert_eq!(counts, [732, 44, 40, 162]);
    assert_eq!(index("operations.jsonl").lines().count(), 978);
    assert_eq!(operations().len(), 978 + count(Spec::Extension));
    let ids: HashSet<_> = operations().iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations().len(), "ids must be unique");
}

#[test]
fn the_index_is_small_and_without_prose() {
    let (operations, shapes) = (index("operations.jsonl"), index("shapes.jsonl"));
    assert!(
        operations.len() + shapes.len() <= 1_000_000,
        "{}",
        operations.len() + shapes.len()
    );
    for word in ["description", "example", "summary"] {
        assert!(!operations.contains(&format!("\"{word}\":\"")), "{word}");
    }
}

#[test]
fn every_operation_is_recognised_with_its_parameters() {
    for operation in operations().iter() {
        let path = path_of(operation);
        let found = recognise(operation.method.as_str(), &path)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(
            (found.operation.id, found.path.as_ref()),
            (operation.id, path.as_str())
        );
        let names: Vec<_> = found.parameters.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, operation.path_parameters().collect::<Vec<_>>());
        assert!(found.parameters.iter().all(|(_, value)| value == ID));
    }
}

#[test]
fn extensions_never_take_a_documented_operations_place() {
    let documented: HashSet<_> = operations()
        .iter()
        .filter(|operation| operation.spec != Spec::Extension)
        .map(|operation| (operation.method, path_of(operation)))
        .collect();
    for operation in operations()
        .iter()
        .filter(|operation| operation.spec == Spec::Extension)
    {
        assert!(
            !documented.contains(&(operation.method, path_of(operation))),
            "{}",
            operation.id
        );
        assert!(
            !operation.callers.is_empty(),
            "{} has no caller",
            operation.id
        );
    }
}

#[test]
fn static_segments_beat_parameters_and_dead_ends_are_left() {
    for (method, target, id) in [
        ("GET", "/api/v1/groups/rules", "listGroupRules"),
        ("GET", "/api/v1/groups/00g1", "getGroup"),
        ("GET", "/api/v1/groups/rules/0pr1", "getGroupRule"),
        ("GET", "/api/v1/groups/00g1/users", "listGroupUsers"),
        (
            "PUT",
            "/api/v1/groups/rules/users/00u1",
            "assignUserToGroup",
        ),
        ("GET", "/api/v1/users/me", "getUser"),
        ("GET", "/api/v1/users/me/clients", "listUserClients"),
        (
            "POST",
            "/api/v1/policies/simulate",
            "createPolicySimulation",
        ),
        (
            "GET",
            "/api/v1/meta/schemas/user/linkedObjects",
            "listLinkedObjectDefinitions",
        ),
        ("GET", "/api/v1/meta/schemas/user/default", "getUserSchema"),
        (
            "DELETE",
            "/api/v1/api-tokens/current",
            "revokeCurrentApiToken",
        ),
        (
            "GET",
            "/api/v1/users/00u1/factors/catalog",
            "listSupportedFactors",
        ),
        ("POST", "/oauth2/v1/token", "token"),
        ("POST", "/oauth2/default/v1/token", "tokenCustomAS"),
        (
            "GET",
            "/api/v1/internal/apps/0oa1/settings/oauth/idToken",
            "getApplicationIdTokenSettings",
        ),
    ] {
        assert_eq!(recognised_id(method, target), id, "{method} {target}");
    }
}

#[test]
fn what_the_path_hides_is_seen_through() {
    let found = recognise(
        "GET",
        "//api/v1/%75sers/ada%40example.com/?fields=id%2Cstatus&after=",
    )
    .unwrap();
    assert_eq!(found.operation.id, "getUser");
    assert_eq!(found.path, "/api/v1/users/ada@example.com");
    assert_eq!(found.parameter("id"), Some("ada@example.com"));
    assert_eq!(found.query_value("fields"), Some("id,status"));
    let owned = found.clone().into_owned();
    assert_eq!((owned.path, owned.query), (found.path, found.query));
}

#[test]
fn the_three_refusals_differ_and_say_what_to_do() {
    let unknown = recognise("GET", "/api/v1/nothing/here").unwrap_err();
    assert_eq!(unknown, Unrecognised::UnknownRoute);
    let method = recognise("PATCH", "/api/v1/users/00u1").unwrap_err();
    let Unrecognised::UnknownMethod { template, allowed } = &method else {
        panic!("{method}")
    };
    assert_eq!(*template, "/api/v1/users/{id}");
    let allowed: BTreeSet<_> = allowed.iter().copied().collect();
    assert_eq!(
        allowed,
        BTreeSet::from([Method::Get, Method::Post, Method::Put, Method::Delete])
    );
    assert!(matches!(
        recognise("BREW", "/api/v1/users"),
        Err(Unrecognised::UnknownMethod { .. })
    ));
    assert!(matches!(
        recognise("DELETE", "/api/v1/groups/rules"),
        Err(Unrecognised::UnknownMethod { .. })
    ));
    let ambiguous = recognise("GET", "/api/v1/groups/..%2fusers").unwrap_err();
    assert!(matches!(ambiguous, Unrecognised::Ambiguous(_)));
    for refusal in [unknown, method, ambiguous] {
        assert!(
            refusal
                .to_string()
                .starts_with(|first: char| first.is_lowercase() || first == '/'),
            "{refusal}"
        );
        assert!(refusal.hint().ends_with('.'));
    }
}

#[test]
fn every_operation_is_classified() {
    for operation in operations().iter() {
        let id = operation.id;
        assert_ne!(
            operation.scopes.is_empty(),
            operation.unscoped.is_none(),
            "{id}: scopes or a reason for none"
        );
        assert!(
            buckets().by_name(operation.bucket).is_some(),
            "{id}: bucket {}",
            operation.bucket
        );
        if operation.method == Method::Get {
            assert!(
                matches!(operation.kind, Kind::Read | Kind::Protocol),
                "{id}"
            );
            assert!(
                !operation
                    .risk
                    .intersects(Risk::DESTRUCTIVE.union(Risk::PRIVILEGE)),
                "{id}"
            );
        }
        if operation.method == Method::Delete {
            assert!(operation.risk.contains(Risk::DESTRUCTIVE), "{id}");
        }
    }
}

#[test]
fn every_bucket_has_operations() {
    for bucket in buckets().iter().filter(|bucket| bucket.name != "unknown") {
        assert!(
            operations()
                .iter()
                .any(|operation| operation.bucket == bucket.name),
            "{}",
            bucket.name
        );
    }
}

#[test]
fn scopes_come_from_the_documents_even_where_the_method_suggests_otherwise() {
    let scopes = |id: &str| operations().by_id(id).unwrap().scopes.clone();
    assert_eq!(scopes("getAerialConsent"), ["okta.orgs.manage"]);
    assert_eq!(scopes("createPolicySimulation"), ["okta.policies.read"]);
    assert_eq!(
        scopes("createGroupPushMapping"),
        ["okta.apps.manage", "okta.groups.manage"]
    );
    assert_eq!(scopes("createClient"), ["okta.clients.register"]);
    let unscoped = |id: &str| operations().by_id(id).unwrap().unscoped;
    assert_eq!(unscoped("revokeCurrentApiToken"), Some(Unscoped::Token));
    assert_eq!(unscoped("token"), Some(Unscoped::Client));
    assert_eq!(
        unscoped("publishSecurityEventTokens"),
        Some(Unscoped::Public)
    );
    assert_eq!(
        operations()
            .iter()
            .filter(|operation| operation.spec == Spec::Management && !operation.ssws)
            .count(),
        22
    );
}

#[test]
fn every_shape_that_is_named_exists() {
    let check = |named: &Type, by: &str| {
        if let Some(name) = named.shape_name() {
            assert!(shapes().by_name(name).is_some(), "{by} names {name}");
        }
    };
    for operation in operations().iter() {
        operation
            .body
            .iter()
            .for_each(|body| check(&body.shape, operation.id));
        operation
            .replies
            .iter()
            .filter_map(|reply| reply.content.as_ref())
            .for_each(|(_, shape)| check(shape, operation.id));
        operation
            .parameters
            .iter()
            .for_each(|parameter| check(&parameter.value, operation.id));
    }
    for shape in shapes().iter() {
        shape
            .properties
            .iter()
            .for_each(|property| check(&property.value, shape.name));
        let others = shape
            .all_of
            .iter()
            .chain(&shape.one_of)
            .chain(&shape.any_of)
            .chain(&shape.alias)
            .chain(&shape.additional);
        others.for_each(|other| check(other, shape.name));
        for (value, name) in shape
            .discriminator
            .iter()
            .flat_map(|discriminator| &discriminator.mapping)
        {
            assert_eq!(
                shape.variant(value).map(|variant| variant.name),
                Some(*name),
                "{} {value}",
                shape.name
            );
        }
    }
    assert_eq!(index("shapes.jsonl").lines().count(), shapes().iter().len());
}

#[test]
fn shapes_know_their_variants_and_inherited_properties() {
    let policy = shapes().by_name("Policy").unwrap();
    assert!(policy.own_property("id").unwrap().read_only);
    let access = policy.variant("ACCESS_POLICY").unwrap();
    assert_eq!(access.name, "AccessPolicy");
    assert!(access.own_property("priority").is_none());
    assert!(access.property("priority").is_some());
    let create = operations().by_id("createUser").unwrap();
    assert_eq!(
        create.body.as_ref().unwrap().shape,
        Type::Shape("CreateUserRequest")
    );
    assert!(
        create
            .query_parameters()
            .any(|parameter| parameter.name == "activate" && parameter.value == Type::Boolean)
    );
}

#[test]
fn paths_are_refused_rather_than_misread() {
    let group = operations().by_id("getGroup").unwrap();
    assert_eq!(
        group.path(&[("groupId", "a b")]).as_deref(),
        Ok("/api/v1/groups/a%20b")
    );
    assert!(matches!(group.path(&[]), Err(Unbuildable::Missing { .. })));
    assert!(matches!(
        group.path(&[("groupId", "")]),
        Err(Unbuildable::Missing { .. })
    ));
    assert!(matches!(
        group.path(&[("groupId", "1"), ("id", "2")]),
        Err(Unbuildable::Unknown { .. })
    ));
    assert!(matches!(
        group.path(&[("groupId", "rules")]),
        Err(Unbuildable::Misread { .. })
    ));
    for value in ["..", "a/b", "a\\b", "a%2fb", "a\u{0}", "me;x"] {
        assert!(
            matches!(
                group.path(&[("groupId", value)]),
                Err(Unbuildable::Ambiguous { .. })
            ),
            "{value}"
        );
    }
    let target = group.target(&[("groupId", "1")], &[("expand", "a&b"), ("q", "é")]);
    assert_eq!(
        target.as_deref(),
        Ok("/api/v1/groups/1?expand=a%26b&q=%C3%A9")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_built_path_is_recognised_as_what_it_was_built_from(
        position in 0..operations().len(),
        values in prop::collection::vec("\\PC{1,24}", 8),
    ) {
        let operation = operations().iter().nth(position).unwrap();
        let given: Vec<(&str, &str)> = operation.path_parameters().zip(values.iter().map(String::as_str)).collect();
        let Ok(path) = operation.path(&given) else { return Ok(()) };
        let found = recognise(operation.method.as_str(), &path).unwrap();
        prop_assert_eq!(found.operation.id, operation.id);
        prop_assert_eq!(found.path.as_ref(), path.as_str());
        let read: Vec<(&str, &str)> = found.parameters.iter().map(|(name, value)| (*name, value.as_ref())).collect();
        prop_assert_eq!(read, given);
    }

    #[test]
    fn recognition_never_panics_and_its_canonical_path_is_stable(method in "(GET|POST|[A-Z]{0,6})", target in "/(api/v1/)?\\PC{0,64}") {
        if let Ok(found) = recognise(&method, &target) {
            let path = found.path.clone().into_owned();
            let again = recognise(&method, &path).unwrap();
            prop_assert_eq!((again.operation.id, again.path.into_owned()), (found.operation.id, path));
        }
    }
}
