//! Identity providers and the keys partners sign with.

use super::world::{World, id, json, refusal, text};
use http::Method;
use serde_json::{Value, json};

fn key(world: &World) -> Value {
    world.make(
        "/api/v1/idps/credentials/keys",
        json!({"x5c": [include_str!("../../src/seed/partner.b64")]}),
    )
}

fn saml(world: &World, kid: &Value) -> Value {
    world.make(
        "/api/v1/idps",
        json!({"type": "SAML2", "name": "Partner", "issuerMode": "ORG_URL",
            "protocol": {"type": "SAML2", "endpoints": {"sso": {"url": "https://idp.example.com", "binding": "HTTP-POST"}},
                "credentials": {"trust": {"issuer": "urn:partner", "kid": kid}}},
            "policy": {"subject": {"userNameTemplate": {"template": "idpuser.email"}, "matchType": "USERNAME"}}}),
    )
}

#[test]
fn a_certificate_becomes_a_key_that_stays_while_it_is_trusted() {
    let world = World::new();
    let key = key(&world);
    assert_eq!((&key["kty"], &key["e"]), (&json!("RSA"), &json!("AQAB")));
    let path = format!(
        "/api/v1/idps/credentials/keys/{}",
        key["kid"].as_str().unwrap()
    );
    let provider = saml(&world, &key["kid"]);
    assert_eq!(refusal(&world.delete(&path)).0, 400);
    let own = format!("/api/v1/idps/{}", id(&provider));
    world.call(Method::POST, &format!("{own}/lifecycle/deactivate"), None);
    assert_eq!(world.delete(&own).status, 204);
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(
        refusal(&world.post(
            "/api/v1/idps/credentials/keys",
            json!({"x5c": ["nonsense"]})
        ))
        .0,
        400
    );
}

#[test]
fn a_saml_provider_keeps_its_audience_and_signing_key() {
    let world = World::new();
    let provider = saml(&world, &key(&world)["kid"]);
    let credentials = provider["protocol"]["credentials"].clone();
    let path = format!("/api/v1/idps/{}", id(&provider));
    let mut again = provider.clone();
    again["protocol"]["credentials"]["trust"]
        .as_object_mut()
        .unwrap()
        .remove("audience");
    again["protocol"]["credentials"]
        .as_object_mut()
        .unwrap()
        .remove("signing");
    let replaced = json(&world.put(&path, again));
    assert_eq!(replaced["protocol"]["credentials"], credentials);
    assert_eq!(replaced["created"], Value::Null, "as recorded");
    assert_eq!(json(&world.get(&path))["created"], provider["created"]);
    assert!(text(&world.get(&format!("{path}/metadata.xml"))).contains("/sso/saml2/"));
    assert_eq!(provider.get("issuerMode"), None);
}

#[test]
fn a_social_provider_is_given_its_makers_addresses() {
    let world = World::new();
    let body = json!({"type": "GOOGLE", "name": "Google", "protocol": {"type": "OIDC", "scopes": ["openid"],
        "credentials": {"client": {"client_id": "c", "client_secret": "s", "pkce_required": null}}},
        "policy": {"subject": {"userNameTemplate": {"template": "idpuser.email"}, "matchType": "USERNAME"}}});
    let provider = world.make("/api/v1/idps", body);
    assert!(
        provider["protocol"]["endpoints"]["token"]["url"]
            .as_str()
            .unwrap()
            .contains("google")
    );
    assert_eq!(
        provider["protocol"]["credentials"]["client"].get("pkce_required"),
        None
    );
    assert!(
        provider["_links"]["authorize"]["href"]
            .as_str()
            .unwrap()
            .ends_with("&nonce={nonce}")
    );
    assert_eq!(
        json(&world.get("/api/v1/idps?q=oogl"))[0]["id"],
        provider["id"]
    );
    assert_eq!(json(&world.get("/api/v1/idps?type=SAML2")), json!([]));
}

#[test]
fn people_are_linked_to_a_provider_and_unlinked() {
    let world = World::new();
    let provider = saml(&world, &key(&world)["kid"]);
    let profile = json!({"login": "kim@example.com", "email": "kim@example.com", "firstName": "Kim", "lastName": "Lee"});
    let person = world.make("/api/v1/users?activate=false", json!({"profile": profile}));
    let path = format!("/api/v1/idps/{}/users/{}", id(&provider), id(&person));
    world.make(&path, json!({"externalId": "k-1"}));
    assert_eq!(json(&world.get(&path))["externalId"], "k-1");
    assert_eq!(
        json(&world.get(&format!("/api/v1/users/{}/idps", id(&person))))[0]["id"],
        provider["id"]
    );
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(refusal(&world.get(&path)), (404, "E0000007".into()));
}
