//! Small recordings of our own making, and the orgs they become.

use super::*;
use crate::recording::read_lines;
use crate::{Limits, Request, Settings};
use clock::Manual;
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;

const TOKEN: &str = "00T-for-tests-only";
const SALES: &str = "00g0000000000Sales00";
const EVERYONE: &str = "00g000000Everyone000";
const ANA: &str = "00u00000000000Ana000";
const TYPE: &str = "oty00000000Default00";
const POLICY: &str = "00p000000Mobile00000";
const RULE: &str = "0pr000000Mobile00000";
const APP: &str = "0oa00000000Wiki00000";

fn recorded(calls: &[(&str, &str, Value)]) -> Vec<Conversation> {
    let line = |(seq, (method, path, answer)): (usize, &(&str, &str, Value))| {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let status = if answer.is_null() { 204 } else { 200 };
        let call = json!({"src": "own", "cassette": "story", "seq": seq, "method": method, "host": "recorded.example.com",
            "path": path, "query": query, "status": status, "resp_body": answer});
        format!("{call}\n")
    };
    let lines: String = calls.iter().enumerate().map(line).collect();
    read_lines(lines.as_bytes()).unwrap()
}

fn fill(calls: &[(&str, &str, Value)]) -> (Emulator, Loaded) {
    let org = Emulator::new(Settings {
        base_url: "https://acme.example.com".to_owned(),
        seed: 7,
        clock: Arc::new(Manual::at("2025-01-01T00:00:00Z".parse().unwrap())),
        limits: Limits::Off,
        token: TOKEN.to_owned(),
    });
    let loaded = load(&org, &recorded(calls)).unwrap();
    (org, loaded)
}

fn get(org: &Emulator, target: &str) -> Value {
    let answer = org.answer(Request::new(Method::GET, target).with_token(TOKEN));
    assert!(answer.status.is_success(), "{target}: {}", answer.status);
    serde_json::from_slice(&answer.body).unwrap()
}

fn group(id: &str, kind: &str, name: &str) -> Value {
    json!({"id": id, "type": kind, "profile": {"name": name, "description": null},
        "_links": {"users": {"href": format!("https://recorded.example.com/api/v1/groups/{id}/users")}}})
}

fn user(id: &str, login: &str) -> Value {
    json!({"id": id, "status": "ACTIVE", "type": {"id": TYPE}, "profile": {"login": login, "email": login, "firstName": "A", "lastName": "B"},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}}})
}

fn policy(id: &str, name: &str, groups: &[&str]) -> Value {
    json!({"id": id, "type": "OKTA_SIGN_ON", "name": name, "status": "ACTIVE", "priority": 1, "system": false,
        "conditions": {"people": {"groups": {"include": groups}}}})
}

fn reasons(loaded: &Loaded) -> Vec<(Reason, &str, usize)> {
    loaded
        .left_out
        .iter()
        .map(|o| (o.reason, o.kind.name(), o.count))
        .collect()
}

fn count(loaded: &Loaded, kind: &str) -> usize {
    loaded
        .objects
        .get(&Kind::named(kind).unwrap())
        .copied()
        .unwrap_or_default()
}

#[test]
fn what_was_shown_is_answered_whatever_was_deleted_later() {
    let (org, loaded) = fill(&[
        (
            "POST",
            "/api/v1/groups",
            group(SALES, "OKTA_GROUP", "Sales"),
        ),
        (
            "GET",
            "/api/v1/users/ana@example.com",
            user(ANA, "ana@example.com"),
        ),
        (
            "PUT",
            &format!("/api/v1/groups/{SALES}/users/{ANA}"),
            Value::Null,
        ),
        (
            "PUT",
            &format!("/api/v1/groups/{SALES}"),
            group(SALES, "OKTA_GROUP", "Sales EMEA"),
        ),
        ("DELETE", &format!("/api/v1/groups/{SALES}"), Value::Null),
    ]);
    assert_eq!(
        get(&org, &format!("/api/v1/groups/{SALES}"))["profile"]["name"],
        "Sales EMEA"
    );
    let members = get(&org, &format!("/api/v1/groups/{SALES}/users"));
    assert_eq!(members[0]["id"], ANA);
    assert_eq!(
        (
            count(&loaded, "user"),
            count(&loaded, "group"),
            count(&loaded, "group-membership")
        ),
        (1, 1, 1)
    );
    assert_eq!(reasons(&loaded), []);
}

#[test]
fn a_person_gets_the_default_type_and_joins_everyone() {
    let (org, _) = fill(&[(
        "GET",
        "/api/v1/users?limit=1",
        json!([user(ANA, "ana@example.com")]),
    )]);
    let types = get(&org, "/api/v1/meta/types/user");
    assert_eq!(
        get(&org, &format!("/api/v1/users/{ANA}"))["type"]["id"],
        types[0]["id"]
    );
    let groups = get(&org, &format!("/api/v1/users/{ANA}/groups"));
    assert_eq!(groups[0]["profile"]["name"], "Everyone");
}

#[test]
fn oktas_own_objects_are_matched_not_doubled() {
    let (org, loaded) = fill(&[
        (
            "GET",
            "/api/v1/groups",
            json!([group(EVERYONE, "BUILT_IN", "Everyone")]),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy(POLICY, "Mobile", &[EVERYONE]),
        ),
    ]);
    let groups = get(&org, "/api/v1/groups");
    let everyone: Vec<&Value> = groups
        .as_array()
        .unwrap()
        .iter()
        .filter(|g| g["profile"]["name"] == "Everyone")
        .collect();
    assert_eq!(everyone.len(), 1);
    let named = get(&org, &format!("/api/v1/policies/{POLICY}"));
    assert_eq!(
        named["conditions"]["people"]["groups"]["include"][0],
        everyone[0]["id"]
    );
    assert_eq!(reasons(&loaded), []);
}

#[test]
fn what_leads_nowhere_is_left_out_and_counted() {
    let unknown = "00g00000000Unknown00";
    let (org, loaded) = fill(&[
        (
            "POST",
            "/api/v1/groups",
            group(SALES, "OKTA_GROUP", "Sales"),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy(POLICY, "Mobile", &[SALES, unknown]),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy("00p00000000Desk00000", "Desk", &[unknown]),
        ),
        (
            "POST",
            "/api/v1/policies/00p00000000Desk00000/rules",
            json!({"id": RULE, "type": "SIGN_ON", "name": "All", "status": "ACTIVE"}),
        ),
        (
            "PUT",
            &format!("/api/v1/groups/{SALES}/users/{ANA}"),
            Value::Null,
        ),
    ]);
    let kept = get(&org, &format!("/api/v1/policies/{POLICY}"));
    assert_eq!(
        kept["conditions"]["people"]["groups"]["include"],
        json!([SALES])
    );
    let mut told = reasons(&loaded);
    told.sort();
    let expected = [
        (Reason::Owner, "policy-rule", 1),
        (Reason::Reference, "group-membership", 1),
        (Reason::Reference, "policy", 1),
        (Reason::Element, "policy", 1),
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_later_of_two_of_one_name_is_left_out_and_reads_as_the_first() {
    let other = "00g000000OtherSales0";
    let (org, loaded) = fill(&[
        (
            "POST",
            "/api/v1/groups",
            group(SALES, "OKTA_GROUP", "Sales"),
        ),
        (
            "POST",
            "/api/v1/groups",
            group(other, "OKTA_GROUP", "Sales"),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy(POLICY, "Mobile", &[other]),
        ),
    ]);
    assert_eq!(reasons(&loaded), [(Reason::Twin, "group", 1)]);
    let named = get(&org, &format!("/api/v1/policies/{POLICY}"));
    assert_eq!(
        named["conditions"]["people"]["groups"]["include"],
        json!([SALES])
    );
}

#[test]
fn priorities_are_counted_anew_and_the_default_stays_last() {
    let second = "00p000000Office00000";
    let (org, _) = fill(&[
        (
            "POST",
            "/api/v1/groups",
            group(SALES, "OKTA_GROUP", "Sales"),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy(POLICY, "Mobile", &[SALES]),
        ),
        (
            "POST",
            "/api/v1/policies",
            policy(second, "Office", &[SALES]),
        ),
    ]);
    let listed = get(&org, "/api/v1/policies?type=OKTA_SIGN_ON");
    let order: Vec<(i64, &str)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["priority"].as_i64().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    assert_eq!(order, [(1, "Mobile"), (2, "Office"), (3, "Default Policy")]);
}

#[test]
fn an_app_has_one_policy_of_a_type_and_its_address_is_the_orgs() {
    let access = "rst000000Access00000";
    let rule = |id: &str, name: &str, system: bool| json!({"id": id, "type": "ACCESS_POLICY", "name": name, "status": "ACTIVE", "priority": 5, "system": system});
    let app = json!({"id": APP, "name": "bookmark", "label": "Wiki", "status": "ACTIVE", "signOnMode": "BOOKMARK",
        "settings": {"app": {"url": "https://recorded.example.com/app/wiki"}}});
    let access_policy = json!({"id": access, "type": "ACCESS_POLICY", "name": "Strict", "status": "ACTIVE", "priority": 1, "system": false});
    let (org, loaded) = fill(&[
        ("POST", "/api/v1/apps", app),
        ("POST", "/api/v1/policies", access_policy),
        (
            "GET",
            &format!("/api/v1/policies/{access}/rules"),
            json!([
                rule("rul00000CatchAll0000", "Catch-all Rule", true),
                rule("rul000000Inside00000", "Inside", false)
            ]),
        ),
        (
            "PUT",
            &format!("/api/v1/apps/{APP}/policies/{access}"),
            Value::Null,
        ),
    ]);
    let shown = get(&org, &format!("/api/v1/apps/{APP}"));
    assert_eq!(
        shown["settings"]["app"]["url"],
        "https://acme.example.com/app/wiki"
    );
    assert!(
        shown["_links"]["accessPolicy"]["href"]
            .as_str()
            .unwrap()
            .ends_with(access)
    );
    let rules = get(&org, &format!("/api/v1/policies/{access}/rules"));
    let order: Vec<(i64, &str)> = rules
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["priority"].as_i64().unwrap(), r["name"].as_str().unwrap()))
        .collect();
    assert_eq!(order.len(), 2, "{order:?}");
    assert!(order.contains(&(0, "Inside")) && order.contains(&(99, "Catch-all Rule")));
    assert_eq!(reasons(&loaded), []);
}

#[test]
fn everything_loaded_is_answered() {
    let (org, _) = fill(&[
        (
            "POST",
            "/api/v1/groups",
            group(SALES, "OKTA_GROUP", "Sales"),
        ),
        (
            "POST",
            "/api/v1/zones",
            json!({"id": "nzo000000Office00000", "type": "IP", "name": "Office", "status": "ACTIVE", "system": false}),
        ),
        (
            "POST",
            "/api/v1/trustedOrigins",
            json!({"id": "tos00000Portal000000", "name": "Portal", "origin": "https://portal.example.com"}),
        ),
        (
            "POST",
            "/api/v1/meta/types/user",
            json!({"id": "oty0000Contractor000", "name": "contractor", "displayName": "Contractor", "default": false}),
        ),
    ]);
    for target in [
        format!("/api/v1/groups/{SALES}"),
        "/api/v1/zones/nzo000000Office00000".to_owned(),
        "/api/v1/trustedOrigins/tos00000Portal000000".to_owned(),
        "/api/v1/meta/types/user/oty0000Contractor000".to_owned(),
    ] {
        let (collection, id) = target.rsplit_once('/').unwrap();
        assert_eq!(get(&org, &target)["id"], id);
        let listed = get(&org, collection);
        assert!(
            listed
                .as_array()
                .unwrap()
                .iter()
                .any(|item| item["id"] == id),
            "{collection}"
        );
    }
}

#[test]
fn recordings_that_show_nothing_make_no_org() {
    let (org, _) = fill(&[(
        "POST",
        "/api/v1/groups",
        group(SALES, "OKTA_GROUP", "Sales"),
    )]);
    let failed = load(&org, &recorded(&[("GET", "/api/v1/nowhere", json!({}))])).unwrap_err();
    assert_eq!(
        failed.to_string(),
        "none of 1 recorded conversations shows an object of an org"
    );
}
