//! What counts as a difference, and what does not.

use super::*;
use serde_json::json;

fn heard(status: u16, rels: &[&str], body: Value) -> Heard {
    Heard {
        status,
        rels: rels.iter().map(|rel| (*rel).to_owned()).collect(),
        links: Vec::new(),
        body: Some(body),
    }
}

fn differences(recorded: &Heard, emulated: &Heard) -> Vec<String> {
    let mut mapping = Mapping::new("https://emulated.example.com", "recorded.example.com");
    mapping.learn(&json!({"id": "known"}), &json!({"id": "theirs"}));
    compare(&mapping, recorded, emulated).differences
}

#[test]
fn a_member_of_another_edition_is_a_difference_like_any_other() {
    let classic = heard(200, &[], json!({"label": "Payroll"}));
    let today = heard(
        200,
        &[],
        json!({"label": "Payroll", "universalLogout": null}),
    );
    assert_eq!(
        differences(&classic, &today),
        ["universalLogout too many (null)"]
    );
    assert_eq!(
        differences(&today, &classic),
        ["universalLogout missing (null)"]
    );
}

#[test]
fn status_and_error_code_are_compared() {
    assert_eq!(
        differences(&heard(200, &[], json!({})), &heard(404, &[], json!({}))),
        ["status 200 → 404"]
    );
    let refused = |code: &str| heard(400, &[], json!({"errorCode": code}));
    assert_eq!(
        differences(&refused("E0000001"), &refused("E0000003")),
        ["error code E0000001 → E0000003"]
    );
}

#[test]
fn null_is_a_kind_of_its_own() {
    let answer = |note: Value| heard(200, &[], json!({"settings": {"note": note}}));
    assert_eq!(
        differences(&answer(Value::Null), &answer(json!("x"))),
        ["settings.note null → string"]
    );
    assert_eq!(
        differences(&answer(json!("y")), &answer(json!("x"))),
        [""; 0]
    );
}

#[test]
fn members_missing_and_too_many_are_told_apart() {
    let found = differences(
        &heard(200, &[], json!({"a": 1, "b": []})),
        &heard(200, &[], json!({"a": 1, "c": {}})),
    );
    assert_eq!(found, ["b missing (array)", "c too many (object)"]);
}

#[test]
fn strangers_are_not_compared_but_known_items_are() {
    let recorded = heard(
        200,
        &["self"],
        json!([{"id": "stranger", "x": 1}, {"id": "known", "x": 1}]),
    );
    assert_eq!(
        differences(
            &recorded,
            &heard(200, &["self"], json!([{"id": "theirs", "x": 1}]))
        ),
        [""; 0]
    );
    assert_eq!(
        differences(&recorded, &heard(200, &["self"], json!([]))),
        ["[] item missing"]
    );
    assert_eq!(
        differences(
            &heard(200, &[], json!([])),
            &heard(200, &[], json!([{"id": "theirs"}]))
        ),
        ["[] item too many"]
    );
}

#[test]
fn arrays_without_ids_compare_by_the_union_of_their_items() {
    let answer = |items: Value| heard(200, &[], json!({"causes": items}));
    assert_eq!(
        differences(
            &answer(json!([{"a": 1}, {"b": 1}])),
            &answer(json!([{"a": 1, "b": 1}]))
        ),
        [""; 0]
    );
    assert_eq!(
        differences(&answer(json!([{"a": 1}])), &answer(json!([]))),
        ["causes[] object → nothing"]
    );
}

#[test]
fn next_is_judged_when_the_pages_are_alike() {
    let page = |rels: &[&str], ids: &[&str]| {
        heard(200, rels, ids.iter().map(|id| json!({"id": id})).collect())
    };
    let missing = differences(
        &page(&["self", "next"], &["known"]),
        &page(&["self"], &["theirs"]),
    );
    assert_eq!(missing, ["Link next missing"]);
    let strangers = differences(
        &page(&["self", "next"], &["known", "other"]),
        &page(&["self"], &["theirs"]),
    );
    assert_eq!(strangers, [""; 0]);
    assert_eq!(
        differences(&page(&[], &[]), &page(&["next"], &[])),
        ["Link next too many"]
    );
}
