//! What seeds plant: how much of each thing, the same org each time, in little time.

use super::world::World;
use emulator::{Seed, plant};
use org::{Kind, Org};

fn planted(seed: Seed) -> Org {
    let world = World::new();
    plant(&world.emulator, seed).unwrap();
    world.emulator.org()
}

/// How many objects of each kind `seed` adds to what every org is born with.
fn added(seed: Seed, kinds: &[&str]) -> Vec<usize> {
    let (born, grown) = (planted(Seed::Born), planted(seed));
    let count = |kind: &&str| {
        let kind = Kind::named(kind).unwrap();
        grown.count(kind) - born.count(kind)
    };
    kinds.iter().map(count).collect()
}

#[test]
fn the_company_has_exactly_these_things() {
    let people = ["user", "group", "group-rule", "user-type"];
    assert_eq!(added(Seed::Company, &people), [500, 60, 5, 1]);
    let apps = ["app", "app-group", "app-user"];
    assert_eq!(added(Seed::Company, &apps)[..2], [30, 60]);
    let policies = [
        "policy",
        "policy-rule",
        "zone",
        "trusted-origin",
        "behavior",
    ];
    assert_eq!(added(Seed::Company, &policies), [7, 15, 4, 2, 1]);
    let servers = [
        "authorization-server",
        "as-claim",
        "as-policy",
        "as-policy-rule",
        "idp",
        "idp-key",
        "event-hook",
        "inline-hook",
    ];
    assert_eq!(added(Seed::Company, &servers), [3, 63, 3, 3, 2, 1, 1, 1]);
    let admins = [
        "custom-role",
        "custom-role-permission",
        "resource-set",
        "resource-set-resource",
        "user-role",
        "group-role",
    ];
    assert_eq!(added(Seed::Company, &admins), [1, 3, 1, 3, 8, 1]);
}

#[test]
fn the_company_has_apps_of_every_sign_on_mode() {
    let org = planted(Seed::Company);
    let modes: std::collections::BTreeSet<_> = org
        .of(Kind::named("app").unwrap())
        .filter_map(|app| app.text_at("signOnMode").map(str::to_owned))
        .collect();
    let all = [
        "AUTO_LOGIN",
        "BASIC_AUTH",
        "BOOKMARK",
        "BROWSER_PLUGIN",
        "OPENID_CONNECT",
        "SAML_2_0",
        "SECURE_PASSWORD_STORE",
        "WS_FEDERATION",
    ];
    assert!(all.iter().all(|mode| modes.contains(*mode)), "{modes:?}");
}

#[test]
fn a_seed_grows_the_same_org_each_time() {
    let text = |org: &Org| {
        org.iter()
            .map(|object| format!("{} {}", object.key(), object.text()))
            .collect::<Vec<_>>()
    };
    assert_eq!(text(&planted(Seed::Small)), text(&planted(Seed::Small)));
}
