//! `restore(backup(x)) == x` for random small orgs: whatever an org is made of, what is kept of it brings it back.

use crate::world::World;
use emulator::Seed;
use proptest::prelude::*;
use recovery::snapshot::{self, Facts};
use repository::{Key, Memory, Repository};
use serde_json::json;
use std::sync::Arc;

/// One thing someone does to an org; numbers pick among what is there.
#[derive(Debug, Clone)]
enum Deed {
    Group,
    Person {
        state: u8,
        groups: Vec<usize>,
    },
    Rule {
        from: usize,
        to: usize,
        on: bool,
    },
    Policy {
        group: usize,
        rules: u8,
        on: bool,
    },
    App {
        on: bool,
        groups: Vec<usize>,
        people: Vec<usize>,
    },
    Zone {
        on: bool,
    },
    Origin,
    Server {
        scopes: u8,
        group: usize,
        on: bool,
    },
    Role {
        person: usize,
        group: usize,
    },
    Attribute,
    Hook {
        on: bool,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let some = || prop::collection::vec(0..4_usize, 0..3);
    prop_oneof![
        Just(Deed::Group),
        (0..4_u8, some()).prop_map(|(state, groups)| Deed::Person { state, groups }),
        (0..4_usize, 0..4_usize, any::<bool>()).prop_map(|(from, to, on)| Deed::Rule {
            from,
            to,
            on
        }),
        (0..4_usize, 0..3_u8, any::<bool>()).prop_map(|(group, rules, on)| Deed::Policy {
            group,
            rules,
            on
        }),
        (any::<bool>(), some(), some()).prop_map(|(on, groups, people)| Deed::App {
            on,
            groups,
            people
        }),
        any::<bool>().prop_map(|on| Deed::Zone { on }),
        Just(Deed::Origin),
        (0..3_u8, 0..4_usize, any::<bool>()).prop_map(|(scopes, group, on)| Deed::Server {
            scopes,
            group,
            on
        }),
        (0..4_usize, 0..4_usize).prop_map(|(person, group)| Deed::Role { person, group }),
        Just(Deed::Attribute),
        any::<bool>().prop_map(|on| Deed::Hook { on }),
    ]
}

/// An org in the making, with what has been made.
struct Making {
    world: World,
    groups: Vec<String>,
    people: Vec<String>,
    count: usize,
}

impl Making {
    async fn new() -> Self {
        Self {
            world: World::seeded(Seed::Born).await,
            groups: Vec::new(),
            people: Vec::new(),
            count: 0,
        }
    }

    fn make(&self, operation: &str, params: &[(&str, &str)], body: &serde_json::Value) -> String {
        self.world.write(operation, params, body)["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn pick<'a>(from: &'a [String], picks: &'a [usize]) -> std::collections::BTreeSet<&'a String> {
        picks.iter().filter_map(|pick| from.get(*pick)).collect()
    }

    fn do_it(&mut self, deed: &Deed) {
        self.count += 1;
        let number = self.count;
        match deed {
            Deed::Group => {
                let body = json!({"profile": {"name": format!("group {number}")}});
                self.groups.push(self.make("addGroup", &[], &body));
            }
            Deed::Person { state, groups } => self.person(*state, groups),
            Deed::Rule { from, to, on } => self.rule(*from, *to, *on),
            Deed::Policy { group, rules, on } => self.policy(*group, *rules, *on),
            Deed::App { on, groups, people } => self.app(*on, groups, people),
            Deed::Zone { on } => {
                let body = json!({"type": "IP", "name": format!("zone {number}"),
                    "gateways": [{"type": "CIDR", "value": format!("192.0.2.{number}/32")}]});
                let zone = self.make("createNetworkZone", &[], &body);
                if !on {
                    self.world
                        .attack("deactivateNetworkZone", &[("zoneId", &zone)]);
                }
            }
            Deed::Server { scopes, group, on } => self.server(*scopes, *group, *on),
            Deed::Role { person, group } => self.role(*person, *group),
            Deed::Attribute => self.attribute(),
            Deed::Hook { on } => self.hook(*on),
            Deed::Origin => {
                let body = json!({"name": format!("origin {number}"), "origin": format!("https://o{number}.example.com"),
                    "scopes": [{"type": "CORS"}]});
                self.make("createTrustedOrigin", &[], &body);
            }
        }
    }

    fn server(&self, scopes: u8, group: usize, on: bool) {
        let name = format!("api {}", self.count);
        let body = json!({"name": name, "description": name, "audiences": [format!("api://{}", self.count)]});
        let server = self.make("createAuthorizationServer", &[], &body);
        let at = [("authServerId", server.as_str())];
        for scope in 0..scopes {
            self.make(
                "createOAuth2Scope",
                &at,
                &json!({"name": format!("scope{scope}")}),
            );
        }
        if let Some(group) = self.groups.get(group) {
            let claim = json!({"name": "staff", "claimType": "RESOURCE", "valueType": "EXPRESSION",
                "value": format!("isMemberOfGroup(\"{group}\")"), "conditions": {"scopes": []}});
            self.make("createOAuth2Claim", &at, &claim);
        }
        let policy = json!({"type": "OAUTH_AUTHORIZATION_POLICY", "name": "all", "description": "all", "priority": 1,
            "conditions": {"clients": {"include": ["ALL_CLIENTS"]}}});
        let policy = self.make("createAuthorizationServerPolicy", &at, &policy);
        let include: Vec<&str> = self
            .groups
            .get(group)
            .map_or("EVERYONE", String::as_str)
            .split(' ')
            .collect();
        let rule = json!({"type": "RESOURCE_ACCESS", "name": "staff", "priority": 1,
            "conditions": {"people": {"groups": {"include": include}}, "grantTypes": {"include": ["authorization_code"]},
                "scopes": {"include": ["*"]}},
            "actions": {"token": {"accessTokenLifetimeMinutes": 60}}});
        self.make(
            "createAuthorizationServerPolicyRule",
            &[at[0], ("policyId", &policy)],
            &rule,
        );
        if !on {
            self.world.attack("deactivateAuthorizationServer", &at);
        }
    }

    fn role(&self, person: usize, group: usize) {
        let (Some(person), Some(group)) = (self.people.get(person), self.groups.get(group)) else {
            return;
        };
        let label = format!("role {}", self.count);
        let role = json!({"label": label, "description": label, "permissions": ["okta.users.read", "okta.groups.read"]});
        let role = self.make("createRole", &[], &role);
        let set = json!({"label": format!("set {}", self.count), "description": "d",
            "resources": [format!("{}/api/v1/groups/{group}", testkit::BASE_URL)]});
        let set = self.make("createResourceSet", &[], &set);
        let body = json!({"type": "CUSTOM", "role": role, "resource-set": set});
        let call = access::Call::new("assignRoleToUser", &[("userId", person)])
            .unwrap()
            .with_json(&body);
        self.world.try_write(&call);
    }

    fn attribute(&mut self) {
        let name = format!("attribute{}", self.count);
        let property = json!({"title": name, "type": "string", "permissions": [{"principal": "SELF", "action": "READ_ONLY"}]});
        let body = json!({"definitions": {"custom": {"id": "#custom", "type": "object", "properties": {&name: property}}}});
        self.world
            .write("updateUserProfile", &[("schemaId", "default")], &body);
        for person in &self.people {
            let body = json!({"profile": {&name: format!("of {person}")}});
            let call = access::Call::new("updateUser", &[("id", person)])
                .unwrap()
                .with_json(&body);
            self.world.try_write(&call);
        }
    }

    fn hook(&self, on: bool) {
        let body = json!({"name": format!("hook {}", self.count), "events": {"type": "EVENT_TYPE", "items": ["group.user_membership.add"]},
            "channel": {"type": "HTTP", "version": "1.0.0", "config": {"uri": "https://siem.example.com/okta", "headers": []}}});
        let hook = self.make("createEventHook", &[], &body);
        if !on {
            self.world
                .attack("deactivateEventHook", &[("eventHookId", &hook)]);
        }
    }

    fn person(&mut self, state: u8, groups: &[usize]) {
        let login = format!("person{}@example.com", self.count);
        let profile = json!({"firstName": "P", "lastName": "Q", "login": login, "email": login});
        let mut body = json!({"profile": profile, "groupIds": Self::pick(&self.groups, groups)});
        if state == 1 {
            body["credentials"] = json!({"password": {"value": "Correct.Horse.9"}});
        }
        let person = self.world.write("createUser", &[], &body)["id"]
            .as_str()
            .unwrap()
            .to_owned();
        match state {
            2 => drop(self.world.attack("suspendUser", &[("id", &person)])),
            3 => drop(self.world.attack("deactivateUser", &[("id", &person)])),
            _ => {}
        }
        // Okta takes people who are deprovisioned out of their apps and lets nobody put them back.
        if state != 3 {
            self.people.push(person);
        }
    }

    fn rule(&self, from: usize, to: usize, on: bool) {
        let (Some(from), Some(to)) = (self.groups.get(from), self.groups.get(to)) else {
            return;
        };
        if from == to {
            return;
        }
        let expression = json!({"type": "urn:okta:expression:1.0", "value": format!("isMemberOfGroup(\"{from}\")")});
        let body = json!({"name": format!("rule {}", self.count), "type": "group_rule",
            "conditions": {"expression": expression}, "actions": {"assignUserToGroups": {"groupIds": [to]}}});
        let rule = self.make("createGroupRule", &[], &body);
        if on {
            self.world
                .attack("activateGroupRule", &[("groupRuleId", &rule)]);
        }
    }

    fn policy(&self, group: usize, rules: u8, on: bool) {
        let include: Vec<&String> = self.groups.get(group).into_iter().collect();
        let body = json!({"type": "OKTA_SIGN_ON", "name": format!("policy {}", self.count),
            "conditions": {"people": {"groups": {"include": include}}}});
        let policy = self.make("createPolicy", &[], &body);
        for rule in 0..rules {
            let body = json!({"type": "SIGN_ON", "name": format!("rule {rule}"), "actions": {"signon": {"access": "DENY"}}});
            self.make("createPolicyRule", &[("policyId", &policy)], &body);
        }
        if !on {
            self.world
                .attack("deactivatePolicy", &[("policyId", &policy)]);
        }
    }

    fn app(&self, on: bool, groups: &[usize], people: &[usize]) {
        let body = json!({"name": "bookmark", "label": format!("app {}", self.count), "signOnMode": "BOOKMARK",
            "settings": {"app": {"url": "https://example.com/", "requestIntegration": false}}});
        let app = self.make("createApplication", &[], &body);
        for group in Self::pick(&self.groups, groups) {
            self.world.write(
                "assignGroupToApplication",
                &[("appId", &app), ("groupId", group)],
                &json!({}),
            );
        }
        for person in Self::pick(&self.people, people) {
            let body = json!({"id": person, "scope": "USER"});
            let call = access::Call::new("assignUserToApplication", &[("appId", &app)])
                .unwrap()
                .with_json(&body);
            self.world.try_write(&call);
        }
        if !on {
            self.world
                .attack("deactivateApplication", &[("appId", &app)]);
        }
    }
}

async fn comes_back(deeds: &[Deed]) -> Result<(), TestCaseError> {
    let mut making = Making::new().await;
    deeds.iter().for_each(|deed| making.do_it(deed));
    let world = making.world;
    let taken = world.image().await;
    let key = Key::Passphrase(store::Secret::new("correct horse battery".to_owned()));
    let repository = Repository::create(Arc::new(Memory::new()), &key)
        .await
        .unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    let facts = Facts {
        gaps: taken.gaps().to_vec(),
        ..Facts::default()
    };
    snapshot::save(&taken, &facts, &repository, "production", now, now)
        .await
        .unwrap();
    let kept = repository.snapshot("production", "latest").await.unwrap();
    let wanted = snapshot::load(&kept).await.unwrap();
    world.wipe().await;
    let (plan, before) = world.plan(&wanted).await;
    let run = world.apply(&plan, &wanted, "run").await.unwrap();
    prop_assert!(
        run.is_complete(),
        "{:?} {:?}\n{plan}",
        run.failed,
        run.skipped
    );
    let report = world.verify(&wanted, &plan, &before, &run.ids).await;
    prop_assert!(report.is_clean(), "{report}\n{plan}");
    let (rest, _) = world.plan_knowing(&wanted, &run.ids).await;
    prop_assert!(rest.is_empty(), "a second plan still wants: {rest}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_backed_up_comes_back(deeds in prop::collection::vec(deed(), 0..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(comes_back(&deeds))?;
    }
}
