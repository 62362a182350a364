//! Orgs of other editions than today's: what the Classic engine and older releases answer.

use super::world::{World, json as read};
use emulator::Edition;
use jiff::civil::Date;
use serde_json::{Value, json};

fn bookmark(world: &World) -> Value {
    let app = json!({"name": "bookmark", "label": "Wiki", "settings": {"app": {"url": "https://wiki.example.com"}}});
    world.make("/api/v1/apps", app)
}

fn pipeline(world: &World) -> Value {
    read(&world.get("/.well-known/okta-organization"))["pipeline"].clone()
}

#[test]
fn apps_of_a_classic_org_fall_under_no_policy() {
    let classic = World::of_edition(Edition::classic());
    let links = bookmark(&classic)["_links"].clone();
    assert!(links["users"].is_object());
    assert_eq!(links.get("accessPolicy"), None);
    assert_eq!(pipeline(&classic), "v1");

    let today = World::new();
    assert!(bookmark(&today)["_links"]["accessPolicy"].is_object());
    assert_eq!(pipeline(&today), "idx");
}

#[test]
fn lists_and_single_answers_of_an_org_of_old_agree() {
    let then = World::of_edition(Edition::released(Date::constant(2023, 3, 1)));
    let app = bookmark(&then);
    assert_eq!(app.get("universalLogout"), None);
    assert_eq!(app.get("orn"), None);
    assert!(app["settings"]["notes"].is_object());
    let listed = read(&then.get("/api/v1/apps"));
    let found = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["id"] == app["id"]);
    assert_eq!(found, Some(&app));
}
