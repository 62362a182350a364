//! User types, schema attributes, groups, people, memberships and group rules of a seed.

use super::Size;
use super::planter::{Planter, SeedError};
use crate::member;
use serde_json::{Value, json};

/// Who lives in the org.
pub(super) struct People {
    /// Ids of the users, in the order of planting.
    pub(super) users: Vec<String>,
    /// Ids of the groups: departments first, then the others.
    pub(super) groups: Vec<String>,
}

pub(super) fn plant(planter: &mut Planter<'_>, size: Size) -> Result<People, SeedError> {
    let contractor = schema(planter)?;
    let groups = groups(planter, size)?;
    let users = users(planter, size, &groups, &contractor)?;
    rules(planter, &groups, &users)?;
    states(planter, &users)?;
    linked_objects(planter)?;
    Ok(People { users, groups })
}

/// Custom attributes on users and groups, and a second user type; gives that type's id.
fn schema(planter: &mut Planter<'_>) -> Result<String, SeedError> {
    let text =
        |title: &str| json!({"title": title, "type": "string", "maxLength": 40, "scope": "NONE"});
    let custom = |properties: Value| json!({"definitions": {"custom": {"id": "#custom", "type": "object", "properties": properties, "required": []}}});
    let user = custom(json!({"badge": text("Badge"), "site": text("Site")}));
    planter.act("POST", "/api/v1/meta/schemas/user/default", Some(&user))?;
    let group = custom(json!({"steward": text("Steward")}));
    planter.act("POST", "/api/v1/meta/schemas/group/default", Some(&group))?;
    let contractor = json!({"name": "contractor", "displayName": "Contractor", "description": "People of other companies"});
    planter.create("/api/v1/meta/types/user", &contractor)
}

fn groups(planter: &mut Planter<'_>, size: Size) -> Result<Vec<String>, SeedError> {
    let names = DEPARTMENTS.iter().map(|d| format!("Department {d}"));
    let names = names
        .chain((1..).map(|n| format!("Team {n:02}")))
        .take(size.groups);
    names
        .map(|name| {
            let profile = json!({"name": name, "description": format!("Everybody in {name}")});
            planter.create("/api/v1/groups", &json!({"profile": profile}))
        })
        .collect()
}

fn users(
    planter: &mut Planter<'_>,
    size: Size,
    groups: &[String],
    contractor: &str,
) -> Result<Vec<String>, SeedError> {
    let mut users: Vec<String> = Vec::with_capacity(size.people);
    for n in 0..size.people {
        let first = FIRST_NAMES
            .get(n % FIRST_NAMES.len())
            .copied()
            .unwrap_or_default();
        let last = LAST_NAMES
            .get((n / FIRST_NAMES.len()) % LAST_NAMES.len())
            .copied()
            .unwrap_or_default();
        let login = format!(
            "{}.{}.{n}@example.com",
            first.to_lowercase(),
            last.to_lowercase()
        );
        let department = DEPARTMENTS
            .get(n % DEPARTMENTS.len())
            .copied()
            .unwrap_or_default();
        let mut profile = json!({
            "login": login, "email": login, "firstName": first, "lastName": last,
            "department": department, "badge": format!("B-{n:04}"), "site": SITES.get(n % SITES.len()),
        });
        if let Some(manager) = users.get(n / MANAGER_SPAN).filter(|_| n >= MANAGER_SPAN) {
            member::set(&mut profile, "managerId", json!(manager));
        }
        // Every tenth person is a contractor; the last four stay STAGED or PROVISIONED, without a password.
        let waits = n + 4 >= size.people;
        let mut body = json!({"profile": profile});
        if n % 10 == 9 {
            member::set(&mut body, "type", json!({"id": contractor}));
        }
        if !waits {
            member::set(
                &mut body,
                "credentials",
                json!({"password": {"value": format!("Correct-horse-{n}")}}),
            );
        }
        member::set(&mut body, "groupIds", json!(teams(planter, groups)));
        let activate = if waits && n % 2 == 0 { "false" } else { "true" };
        users.push(planter.create(&format!("/api/v1/users?activate={activate}"), &body)?);
    }
    Ok(users)
}

/// One to three groups besides the departments, which group rules fill.
fn teams(planter: &mut Planter<'_>, groups: &[String]) -> Vec<String> {
    let teams = groups.get(DEPARTMENTS.len()..).unwrap_or_default();
    let mut chosen: Vec<String> = (0..planter.random.usize(1..=3))
        .filter_map(|_| planter.one_of(teams).cloned())
        .collect();
    chosen.sort();
    chosen.dedup();
    chosen
}

/// One active rule per department, one inactive rule, one that feeds on another group.
fn rules(planter: &mut Planter<'_>, groups: &[String], users: &[String]) -> Result<(), SeedError> {
    let rule = |name: String, expression: String, group: &String, excluded: &[String]| {
        json!({
            "type": "group_rule", "name": name,
            "conditions": {
                "people": {"users": {"exclude": excluded}, "groups": {"exclude": []}},
                "expression": {"type": "urn:okta:expression:1.0", "value": expression},
            },
            "actions": {"assignUserToGroups": {"groupIds": [group]}},
        })
    };
    for (department, group) in DEPARTMENTS.iter().zip(groups) {
        let excluded = users.get(..1).unwrap_or_default();
        let body = rule(
            format!("Fill {department}"),
            format!("user.department==\"{department}\""),
            group,
            excluded,
        );
        let id = planter.create("/api/v1/groups/rules", &body)?;
        planter.act(
            "POST",
            &format!("/api/v1/groups/rules/{id}/lifecycle/activate"),
            None,
        )?;
    }
    if let [first, .., last] = groups {
        let body = rule(
            "Not in use".to_owned(),
            format!("isMemberOfAnyGroup(\"{first}\")"),
            last,
            &[],
        );
        planter.create("/api/v1/groups/rules", &body)?;
    }
    Ok(())
}

/// Some people are suspended, some have left.
fn states(planter: &mut Planter<'_>, users: &[String]) -> Result<(), SeedError> {
    for (n, user) in users.iter().enumerate().take(users.len().saturating_sub(4)) {
        let act = match n % 50 {
            11 => "suspend",
            23 => "deactivate",
            _ => continue,
        };
        planter.act(
            "POST",
            &format!("/api/v1/users/{user}/lifecycle/{act}"),
            None,
        )?;
    }
    Ok(())
}

fn linked_objects(planter: &mut Planter<'_>) -> Result<(), SeedError> {
    let side = |name: &str, title: &str| json!({"name": name, "title": title, "description": title, "type": "USER"});
    let body = json!({"primary": side("mentor", "Mentor"), "associated": side("mentee", "Mentee")});
    planter.act(
        "POST",
        "/api/v1/meta/schemas/user/linkedObjects",
        Some(&body),
    )
}

/// People one manager looks after.
const MANAGER_SPAN: usize = 8;
const DEPARTMENTS: &[&str] = &["Engineering", "Sales", "Finance", "Support"];
const SITES: &[&str] = &["Berlin", "Lyon", "Porto"];
const FIRST_NAMES: &[&str] = &[
    "Ada",
    "Alan",
    "Barbara",
    "Claude",
    "Donald",
    "Edsger",
    "Frances",
    "Grace",
    "Hedy",
    "Ivan",
    "Jean",
    "Katherine",
    "Leslie",
    "Margaret",
    "Niklaus",
    "Ole",
    "Peter",
    "Radia",
    "Sophie",
    "Tim",
];
const LAST_NAMES: &[&str] = &[
    "Ahlberg", "Baker", "Costa", "Dietrich", "Eriksen", "Fontaine", "Garcia", "Hoffmann", "Ito",
    "Jansen", "Keller", "Lopez", "Moreau", "Novak", "Olsen", "Pereira", "Quist", "Rossi", "Silva",
    "Tanaka", "Ullmann", "Vogel", "Weber", "Xu", "Young",
];
