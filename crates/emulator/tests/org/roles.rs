//! Administration: standard and custom roles, resource sets, bindings, what a role is narrowed to.

use super::world::{World, id, json, refusal};
use serde_json::{Value, json};

fn person(world: &World) -> Value {
    world.make(
        "/api/v1/users?activate=false",
        json!({"profile": {"login": "kim@example.com", "email": "kim@example.com", "firstName": "Kim", "lastName": "Lee"}}),
    )
}

fn custom(world: &World) -> (Value, Value) {
    let role = json!({"label": "Desk", "description": "d", "permissions": ["okta.users.read", "okta.groups.read"]});
    let set = json!({"label": "All people", "description": "d", "resources": ["https://org.invalid/api/v1/users"]});
    (
        world.make("/api/v1/iam/roles", role),
        world.make("/api/v1/iam/resource-sets", set),
    )
}

#[test]
fn a_custom_role_is_born_with_its_permissions_and_found_by_label() {
    let world = World::new();
    let (role, _) = custom(&world);
    let permissions = json(&world.get("/api/v1/iam/roles/Desk/permissions"));
    assert_eq!(permissions["permissions"].as_array().unwrap().len(), 2);
    assert_eq!(role.get("permissions"), None);
    assert_eq!(
        world
            .post(
                "/api/v1/iam/roles/Desk/permissions/okta.apps.read",
                json!({})
            )
            .status,
        204
    );
    let again = json!({"label": "Desk", "description": "d", "permissions": ["okta.users.read"]});
    assert_eq!(
        refusal(&world.post("/api/v1/iam/roles", again)),
        (400, "E0000001".into())
    );
    assert_eq!(
        refusal(&world.get("/api/v1/iam/roles/nobody")),
        (404, "E0000007".into())
    );
}

#[test]
fn resources_are_named_by_address_or_resource_name() {
    let world = World::new();
    let (_, set) = custom(&world);
    let path = format!("/api/v1/iam/resource-sets/{}/resources", id(&set));
    let group = world.make("/api/v1/groups", json!({"profile": {"name": "Staff"}}));
    let added = json!({"resourceOrnOrUrl": format!("https://org.invalid/api/v1/groups/{}", id(&group)), "conditions": {}});
    let resource = world.make(&path, added);
    assert!(
        resource["orn"]
            .as_str()
            .unwrap()
            .ends_with(&format!(":groups:{}", id(&group)))
    );
    assert!(
        resource["_links"]["self"]["href"]
            .as_str()
            .unwrap()
            .ends_with(id(&group))
    );
    assert_eq!(
        json(&world.get(&path))["resources"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        refusal(&world.post(&path, json!({"resourceOrnOrUrl": "nonsense"}))).0,
        400
    );
}

#[test]
fn ids_of_role_assignments_take_oktas_two_forms() {
    let world = World::new();
    let path = format!("/api/v1/users/{}/roles", id(&person(&world)));
    let narrowed = world.make(&path, json!({"type": "APP_ADMIN"}));
    assert_eq!(narrowed["id"], "IFIFAX2BIRGUSTQ");
    let whole = world.make(&path, json!({"type": "SUPER_ADMIN"}));
    assert!(id(&whole).starts_with("ra1") && id(&whole).len() == 20);
    assert_eq!(json(&world.get(&path)).as_array().unwrap().len(), 2);
    assert_eq!(refusal(&world.post(&path, json!({"type": "KING"}))).0, 400);
}

#[test]
fn people_have_the_roles_of_their_groups() {
    let world = World::new();
    let (person, group) = (
        person(&world),
        world.make("/api/v1/groups", json!({"profile": {"name": "Admins"}})),
    );
    world.make(
        &format!("/api/v1/groups/{}/roles", id(&group)),
        json!({"type": "HELP_DESK_ADMIN"}),
    );
    world.put(
        &format!("/api/v1/groups/{}/users/{}", id(&group), id(&person)),
        json!({}),
    );
    let roles = json(&world.get(&format!("/api/v1/users/{}/roles", id(&person))));
    assert_eq!(
        (&roles[0]["type"], &roles[0]["assignmentType"]),
        (&json!("HELP_DESK_ADMIN"), &json!("GROUP"))
    );
    let assignees = json(&world.get("/api/v1/iam/assignees/users"));
    assert!(
        assignees["value"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == person["id"])
    );
}

#[test]
fn the_last_target_of_a_role_cannot_go() {
    let world = World::new();
    let person = person(&world);
    let role = world.make(
        &format!("/api/v1/users/{}/roles", id(&person)),
        json!({"type": "USER_ADMIN"}),
    );
    let path = format!(
        "/api/v1/users/{}/roles/{}/targets/groups",
        id(&person),
        id(&role)
    );
    let groups: Vec<Value> = ["A", "B"]
        .map(|name| world.make("/api/v1/groups", json!({"profile": {"name": name}})))
        .to_vec();
    for group in &groups {
        assert_eq!(
            world
                .put(&format!("{path}/{}", id(group)), json!({}))
                .status,
            204
        );
    }
    assert_eq!(json(&world.get(&path)).as_array().unwrap().len(), 2);
    assert_eq!(
        world.delete(&format!("{path}/{}", id(&groups[0]))).status,
        204
    );
    assert_eq!(
        refusal(&world.delete(&format!("{path}/{}", id(&groups[1])))).0,
        400
    );
}

#[test]
fn a_binding_is_the_assignments_of_a_role_over_a_set() {
    let world = World::new();
    let (role, set) = custom(&world);
    let person = person(&world);
    let path = format!("/api/v1/iam/resource-sets/{}/bindings", id(&set));
    let member = format!("https://org.invalid/api/v1/users/{}", id(&person));
    world.make(&path, json!({"role": role["id"], "members": [member]}));
    let roles = json(&world.get(&format!("/api/v1/users/{}/roles", id(&person))));
    assert_eq!(
        (&roles[0]["type"], &roles[0]["resource-set"]),
        (&json!("CUSTOM"), &set["id"])
    );
    let members = json(&world.get(&format!("{path}/{}/members", id(&role))));
    assert_eq!(members["members"][0]["id"], roles[0]["id"]);
    assert_eq!(
        refusal(&world.delete(&format!("/api/v1/iam/roles/{}", id(&role)))).0,
        400,
        "somebody has it"
    );
    assert_eq!(world.delete(&format!("{path}/{}", id(&role))).status, 204);
    assert_eq!(
        json(&world.get(&format!("/api/v1/users/{}/roles", id(&person)))),
        json!([])
    );
}
