//! Which words are exchanged, and which never.

use super::*;
use serde_json::json;

fn mapping() -> Mapping {
    Mapping::new("https://emulated.example.com", "recorded.example.com")
}

#[test]
fn an_id_is_exchanged_wherever_it_stands() {
    let mut mapping = mapping();
    mapping.learn(
        &json!({"id": "00g0000000000000rec1"}),
        &json!({"id": "00g0000000000000emu1"}),
    );
    let rule = json!({"expression": {"value": "isMemberOfGroup(\"00g0000000000000rec1\")"}, "00g0000000000000rec1": 1});
    assert_eq!(
        mapping.translate_json(&rule),
        json!({"expression": {"value": "isMemberOfGroup(\"00g0000000000000emu1\")"}, "00g0000000000000emu1": 1})
    );
    assert_eq!(
        mapping.translate("urn:00g0000000000000rec1-x"),
        "urn:00g0000000000000emu1-x"
    );
}

#[test]
fn addresses_teach_ids_and_hosts() {
    let mut mapping = mapping();
    mapping.learn(
        &json!({"_links": {"schema": {"href": "https://recorded-admin.example.com/api/v1/meta/schemas/user/osc0000000000000rec1"}}}),
        &json!({"_links": {"schema": {"href": "https://emulated.example.com/api/v1/meta/schemas/user/osc0000000000000emu1"}}}),
    );
    assert_eq!(
        mapping.translate("https://recorded-admin.example.com/x/osc0000000000000rec1"),
        "https://emulated.example.com/x/osc0000000000000emu1"
    );
}

#[test]
fn names_okta_makes_are_exchanged_within_words() {
    let mut mapping = mapping();
    mapping.note_sent(&json!({"name": "Payroll"}));
    mapping.learn(
        &json!({"name": "recorded_payroll_1"}),
        &json!({"name": "emulated_payroll_7"}),
    );
    mapping.learn(&json!({"name": "Payroll"}), &json!({"name": "Payroll 2"}));
    assert_eq!(
        mapping.made("recorded_payroll_1_link"),
        "emulated_payroll_7_link"
    );
    assert_eq!(mapping.made("Payroll"), "Payroll");
}

#[test]
fn ordinary_words_are_never_mapped() {
    let mut mapping = mapping();
    mapping.note_sent(&json!({"name": "Ops"}));
    mapping.learn(
        &json!({"status": "ACTIVE", "name": "Ops"}),
        &json!({"status": "INACTIVE", "name": "Dev"}),
    );
    assert_eq!(mapping.translate("ACTIVE Ops"), "ACTIVE Ops");
}

#[test]
fn the_first_partner_of_a_word_stays() {
    let mut mapping = mapping();
    for emulated in ["00u0000000000000emu1", "00u0000000000000emu2"] {
        mapping.learn(
            &json!({"id": "00u0000000000000rec1"}),
            &json!({"id": emulated}),
        );
    }
    assert_eq!(
        mapping.word("00u0000000000000rec1"),
        Some("00u0000000000000emu1")
    );
}
