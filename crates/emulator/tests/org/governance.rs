//! Governance: entitlements of an app, bundles of them, campaigns.

use super::world::{World, id, json, refusal};
use serde_json::{Value, json};

fn app(world: &World) -> Value {
    let settings =
        json!({"app": {"requestIntegration": false, "url": "https://handbook.example.com/"}});
    world.make("/api/v1/apps", json!({"name": "bookmark", "label": "Handbook", "signOnMode": "BOOKMARK", "settings": settings}))
}

#[test]
fn a_bundle_tells_the_names_behind_its_ids_when_it_is_read() {
    let world = World::new();
    let app = app(&world);
    let target = json!({"externalId": app["id"], "type": "APPLICATION"});
    let entitlement = world.make(
        "/governance/api/v1/entitlements",
        json!({"name": "Licence", "externalValue": "licence", "dataType": "string", "multiValue": false, "parent": target,
            "values": [{"name": "Gold", "externalValue": "gold"}]}),
    );
    assert!(
        id(&entitlement).starts_with("esp") && id(&entitlement["values"][0]).starts_with("ent")
    );
    let part = json!({"id": entitlement["id"], "values": [{"id": entitlement["values"][0]["id"]}]});
    let bundle = world.make(
        "/governance/api/v1/entitlement-bundles",
        json!({"name": "Gold members", "target": target, "entitlements": [part]}),
    );
    assert_eq!(bundle["entitlements"][0].get("name"), None);
    let read = json(&world.get(&format!(
        "/governance/api/v1/entitlement-bundles/{}",
        id(&bundle)
    )));
    assert_eq!(
        (
            &read["entitlements"][0]["name"],
            &read["entitlements"][0]["values"][0]["name"]
        ),
        (&json!("Licence"), &json!("Gold"))
    );
    assert_eq!(
        refusal(&world.get("/governance/api/v1/principal-entitlements")).0,
        400
    );
}

#[test]
fn a_campaign_ends_when_its_days_are_over_whatever_their_number() {
    let world = World::new();
    let campaign = |days: i64| {
        let schedule = json!({"type": "ONE_OFF", "startDate": "2025-10-01T08:00:00Z", "durationInDays": days, "recurrence": {"interval": ""}});
        let body = json!({"name": "Review", "scheduleSettings": schedule, "resourceSettings": {"type": "GROUP"}});
        world.make("/governance/api/v1/campaigns", body)["scheduleSettings"].clone()
    };
    let month = campaign(30);
    assert_eq!(
        (&month["endDate"], month.get("recurrence")),
        (&json!("2025-10-31T08:00:00Z"), None)
    );
    assert_eq!(campaign(i64::MAX).get("endDate"), None);
}
