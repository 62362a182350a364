//! Types that data alone describes: zones, trusted origins, behaviors, hooks.

use super::world::{World, id, json, refusal, rels};
use http::Method;
use serde_json::json;

#[test]
fn a_zone_lives_from_creation_to_deletion() {
    let world = World::new();
    let zone = world.make(
        "/api/v1/zones",
        json!({"type": "IP", "name": "Lab", "status": "INACTIVE", "id": "mine", "gateways": []}),
    );
    assert_eq!(
        (&zone["status"], &zone["system"], &zone["usage"]),
        (&json!("ACTIVE"), &json!(false), &json!("POLICY"))
    );
    assert!(id(&zone).starts_with("nzo") && id(&zone).len() == 20);
    assert_eq!(
        zone["_links"]["self"]["hints"]["allow"],
        json!(["GET", "PUT", "DELETE"])
    );
    let path = format!("/api/v1/zones/{}", id(&zone));
    let changed = world.put(&path, json!({"type": "DYNAMIC", "name": "Office"}));
    assert_eq!(json(&changed)["name"], "Office");
    assert_eq!(json(&changed)["type"], "IP", "the type is frozen");
    let off = world.call(Method::POST, &format!("{path}/lifecycle/deactivate"), None);
    assert!(json(&off)["_links"].get("activate").is_some());
    assert_eq!(world.delete(&path).status, 204);
    assert_eq!(refusal(&world.get(&path)), (404, "E0000007".into()));
}

#[test]
fn an_active_zone_cannot_be_deleted() {
    let world = World::new();
    let zone = world.make("/api/v1/zones", json!({"type": "IP", "name": "Lab"}));
    assert_eq!(
        refusal(&world.delete(&format!("/api/v1/zones/{}", id(&zone)))).0,
        400
    );
}

#[test]
fn lists_are_paged_without_losing_or_doubling_one() {
    let world = World::new();
    let before = json(&world.get("/api/v1/zones?limit=200"))
        .as_array()
        .unwrap()
        .len();
    for n in 0..5 {
        world.make(
            "/api/v1/zones",
            json!({"type": "IP", "name": format!("Zone {n}")}),
        );
    }
    let (mut target, mut names) = (Some("/api/v1/zones?limit=2".to_owned()), Vec::new());
    while let Some(at) = target {
        let page = world.get(&at);
        assert_eq!(rels(&page)[0], "self");
        names.extend(
            json(&page)
                .as_array()
                .unwrap()
                .iter()
                .map(|z| z["name"].clone()),
        );
        target = super::world::next(&page);
    }
    assert_eq!(names.len(), before + 5);
    assert_eq!(
        names
            .iter()
            .filter(|n| n.as_str().unwrap().starts_with("Zone "))
            .count(),
        5
    );
    assert_eq!(
        refusal(&world.get("/api/v1/zones?after=nonsense")),
        (400, "E0000029".into())
    );
}

#[test]
fn a_list_without_pages_is_never_cut_unnoticed() {
    let world = World::new();
    for number in 0..3 {
        let name = format!("Hook {number}");
        let channel = json!({"type": "HTTP", "version": "1.0.0", "config": {"uri": "https://example.com/hook"}});
        world.make(
            "/api/v1/eventHooks",
            json!({"name": name, "events": {"type": "EVENT_TYPE", "items": ["user.lifecycle.create"]}, "channel": channel}),
        );
    }
    let listed = world.get("/api/v1/eventHooks?limit=2");
    assert!(rels(&listed).is_empty());
    assert_eq!(json(&listed).as_array().map(Vec::len), Some(3));
}

#[test]
fn deleted_settings_are_as_they_were_at_first() {
    let world = World::new();
    let captcha =
        json!({"type": "HCAPTCHA", "name": "Robots", "siteKey": "site", "secretKey": "hush"});
    let captcha = world.make("/api/v1/captchas", captcha);
    let settings = json!({"captchaId": id(&captcha), "enabledPages": ["SIGN_IN"]});
    assert_eq!(world.put("/api/v1/org/captcha", settings).status, 200);
    assert_eq!(world.delete("/api/v1/org/captcha").status, 204);
    let after = json(&world.get("/api/v1/org/captcha"));
    assert_eq!(
        (&after["captchaId"], &after["enabledPages"]),
        (&json!(null), &json!([]))
    );
    assert_eq!(world.delete("/api/v1/org/captcha").status, 204);
}
