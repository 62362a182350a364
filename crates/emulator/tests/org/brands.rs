//! Brands, their themes, pages and e-mail templates; sessions.

use super::world::{World, id, json, refusal};
use http::Method;
use serde_json::{Value, json};

fn brand(world: &World) -> Value {
    world.make("/api/v1/brands", json!({"name": "Shop"}))
}

#[test]
fn a_brand_is_born_with_one_theme_and_all_templates() {
    let world = World::new();
    let brand = brand(&world);
    let path = format!("/api/v1/brands/{}", id(&brand));
    let themes = json(&world.get(&format!("{path}/themes")));
    assert_eq!(themes.as_array().unwrap().len(), 1);
    let uploaded = world.call(
        Method::POST,
        &format!("{path}/themes/{}/logo", id(&themes[0])),
        None,
    );
    assert_eq!(uploaded.status, 201);
    assert_eq!(
        json(&world.get(&format!("{path}/templates/email?limit=200")))
            .as_array()
            .unwrap()
            .len(),
        32
    );
    assert_eq!(
        refusal(&world.post("/api/v1/brands", json!({"name": "Shop"}))).0,
        400
    );
    let default = json(&world.get("/api/v1/brands"))[0].clone();
    assert_eq!(
        refusal(&world.delete(&format!("/api/v1/brands/{}", id(&default)))).0,
        400
    );
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(
        refusal(&world.get(&format!("{path}/themes"))),
        (404, "E0000007".into())
    );
}

#[test]
fn a_template_has_exactly_one_default_customization() {
    let world = World::new();
    let path = format!(
        "/api/v1/brands/{}/templates/email/ForgotPassword/customizations",
        id(&brand(&world))
    );
    let text = |language: &str, default: bool| json!({"language": language, "subject": "s", "body": "b", "isDefault": default});
    let english = world.make(&path, text("en", false));
    assert_eq!(english["isDefault"], true, "the first one is");
    assert_eq!(
        refusal(&world.post(&path, text("en", false))),
        (409, "E0000183".into())
    );
    assert_eq!(
        refusal(&world.post(&path, text("de", true))),
        (409, "E0000182".into())
    );
    let german = world.make(&path, text("de", false));
    assert_eq!(
        refusal(&world.delete(&format!("{path}/{}", id(&english)))),
        (409, "E0000184".into())
    );
    world.put(&format!("{path}/{}", id(&german)), text("de", true));
    assert_eq!(
        json(&world.get(&format!("{path}/{}", id(&english))))["isDefault"],
        false
    );
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(json(&world.get(&path)), json!([]));
}

#[test]
fn a_customized_page_names_every_setting_and_can_be_taken_back() {
    let world = World::new();
    let path = format!("/api/v1/brands/{}/pages/sign-in", id(&brand(&world)));
    let own = format!("{path}/customized");
    assert_eq!(refusal(&world.get(&own)).0, 404);
    let written = json(&world.put(
        &own,
        json!({"widgetCustomizations": {"helpLabel": "Call us"}}),
    ));
    assert_eq!(written["widgetCustomizations"]["signInLabel"], Value::Null);
    assert_eq!(
        json(&world.get(&own))["widgetCustomizations"]["helpLabel"],
        "Call us"
    );
    assert_eq!(
        json(&world.get(&format!("{path}/default")))["widgetCustomizations"]["helpLabel"],
        "Help"
    );
    assert_eq!(world.delete(&own).status, 204);
    assert_eq!(refusal(&world.get(&own)).0, 404);
}

#[test]
fn a_password_opens_one_session_per_token() {
    let world = World::new();
    let profile = json!({"login": "kim@example.com", "email": "kim@example.com", "firstName": "Kim", "lastName": "Lee"});
    world.make(
        "/api/v1/users",
        json!({"profile": profile, "credentials": {"password": {"value": "Correct-horse-1"}}}),
    );
    let wrong = json!({"username": "kim@example.com", "password": "guess"});
    assert_eq!(
        refusal(&world.post("/api/v1/authn", wrong)),
        (401, "E0000004".into())
    );
    let right = world.make(
        "/api/v1/authn",
        json!({"username": "kim@example.com", "password": "Correct-horse-1"}),
    );
    let token = json!({"sessionToken": right["sessionToken"]});
    let session = world.make("/api/v1/sessions", token.clone());
    assert_eq!(
        refusal(&world.post("/api/v1/sessions", token)),
        (401, "E0000004".into())
    );
    let path = format!("/api/v1/sessions/{}", id(&session));
    assert_eq!(world.get(&path).status, 200);
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(refusal(&world.get(&path)), (404, "E0000007".into()));
}
