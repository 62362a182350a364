//! Calls as people and attackers make them, and what is found in them.

use serde_json::{Value, json};

use crate::{Check, FINDINGS_MAX, Inspector, Mode, Report, Settings, Subject};

fn inspect_with(settings: &str, operation: &str, body: &str) -> Report {
    let settings: Settings = toml::from_str(settings).unwrap();
    Inspector::new(settings).inspect(&Subject {
        operation: catalog::operations().by_id(operation).unwrap(),
        params: &[],
        query: &[],
        media: "application/json",
        body: Some(body.as_bytes()),
    })
}

fn inspect(operation: &str, body: &Value) -> Report {
    inspect_with("", operation, &body.to_string())
}

/// Check and place of everything for which a call is refused.
fn refused(report: &Report) -> Vec<(Check, &str)> {
    report
        .refused()
        .map(|finding| (finding.check, &*finding.place))
        .collect()
}

fn ada() -> Value {
    json!({"profile": {
        "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "login": "ada@example.com",
        "favouriteEngine": "analytical", "badges": [1, 2], "title": null
    }})
}

#[test]
fn a_person_with_attributes_of_the_tenants_own_passes_unnoticed() {
    assert_eq!(inspect("createUser", &ada()).findings, []);
}

#[test]
fn members_that_give_power_are_refused_where_none_belong() {
    for (name, value) in [
        ("roles", json!(["SUPER_ADMIN"])),
        ("scopes", json!(["okta.users.manage"])),
        ("isAdmin", json!(true)),
        ("grant_types", json!(["password"])),
        ("redirectUris", json!(["https://evil.example"])),
    ] {
        let mut body = ada();
        body[name] = value;
        let place = format!("body.{name}");
        assert_eq!(
            refused(&inspect("createUser", &body)),
            [(Check::Sensitive, &*place)]
        );
    }
    let mut body = ada();
    body["profile"]["roles"] = json!("lead");
    assert_eq!(
        inspect("createUser", &body).findings,
        [],
        "tenants name attributes as they like"
    );
}

#[test]
fn an_unknown_member_is_noted_and_its_value_must_be_plain() {
    let mut body = ada();
    body["releaseTrain"] = json!("2026.11");
    let report = inspect("createUser", &body);
    assert_eq!(refused(&report), []);
    assert_eq!(
        report.warned().next().unwrap().note(),
        "unknown-field CreateUserRequest.releaseTrain unknown_member"
    );
    body["releaseTrain"] = json!({"a": ["<script>alert(1)</script>"]});
    let report = inspect("createUser", &body);
    assert!(refused(&report).contains(&(Check::UnknownValue, "body.releaseTrain.a[0]")));
    body["releaseTrain"] = json!({"a[$ne]": 1});
    assert_eq!(
        refused(&inspect("createUser", &body)),
        [(Check::FieldName, "body.releaseTrain")]
    );
}

#[test]
fn the_discriminator_decides_wherever_it_stands() {
    let client = r#""settings": {"oauthClient": {"grant_types": ["client_credentials"], "redirect_uris": "x"}}"#;
    for body in [
        format!(
            r#"{{"signOnMode": "OPENID_CONNECT", "name": "oidc_client", "label": "CI", {client}}}"#
        ),
        format!(
            r#"{{{client}, "label": "CI", "name": "oidc_client", "signOnMode": "OPENID_CONNECT"}}"#
        ),
    ] {
        let report = inspect_with("", "createApplication", &body);
        assert_eq!(
            refused(&report),
            [(Check::Sensitive, "body.settings.oauthClient.redirect_uris")]
        );
    }
}

#[test]
fn a_value_that_gives_power_is_exactly_what_the_catalog_says() {
    let place = "body.settings.oauthClient.grant_types[0]";
    let app = |grant: Value| {
        json!({"signOnMode": "OPENID_CONNECT", "name": "oidc_client", "label": "CI",
            "settings": {"oauthClient": {"grant_types": [grant]}}})
    };
    assert_eq!(
        inspect("createApplication", &app(json!("client_credentials"))).findings,
        []
    );
    for grant in [json!("whatever"), json!(1), json!({"$gt": ""})] {
        assert_eq!(
            refused(&inspect("createApplication", &app(grant))),
            [(Check::Sensitive, place)]
        );
    }
}

#[test]
fn null_empty_and_what_okta_sets_itself_pass() {
    let rule = json!({
        "id": "0pr1gjtxk4XLkTQTt1d7", "created": "yesterday", "_links": {"self": {"href": "https://acme.okta.com/{id}"}},
        "type": "ACCESS_POLICY", "name": "All", "priority": null, "conditions": null,
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": {"type": "ASSURANCE", "factorMode": "2FA", "constraints": []}}}
    });
    assert_eq!(inspect("createPolicyRule", &rule).findings, []);
}

#[test]
fn other_kinds_are_refused_and_what_okta_converts_is_noted() {
    let group = |name: Value| json!({"profile": {"name": name, "description": "d"}});
    assert_eq!(
        refused(&inspect("addGroup", &group(json!({"$ne": 1})))),
        [(Check::Type, "body.profile.name")]
    );
    let report = inspect("addGroup", &group(json!(2026)));
    assert_eq!(
        (refused(&report), report.findings[0].check),
        (vec![], Check::Scalar)
    );
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for (body, check) in [
        (
            r#"{"profile": {"name": "a", "n\u0061me": "b"}}"#,
            Check::DuplicateKey,
        ),
        (r#"{"profile": {"name": "a",}}"#, Check::Syntax),
        (r#"{'profile': {}}"#, Check::Syntax),
    ] {
        assert_eq!(
            refused(&inspect_with("", "addGroup", body)),
            [(check, "body")]
        );
    }
}

#[test]
fn an_org_relaxes_a_check_or_a_single_field() {
    let mut body = ada();
    body["roles"] = json!(["HELP_DESK"]);
    let modes = |settings: &str| {
        let report = inspect_with(settings, "createUser", &body.to_string());
        report
            .findings
            .iter()
            .map(|finding| finding.severity)
            .collect::<Vec<_>>()
    };
    assert_eq!(modes("[checks]\nsensitive = \"warn\""), [Mode::Warn]);
    assert_eq!(
        modes("[fields.\"CreateUserRequest.roles\"]\nsensitive = \"off\""),
        []
    );
    assert_eq!(
        modes("[fields.\"CreateUserRequest.credentials\"]\nsensitive = \"off\""),
        [Mode::Refuse]
    );
    assert!(toml::from_str::<Settings>("[checks]\nsensitiv = \"off\"").is_err());
}

#[test]
fn many_harmless_findings_do_not_hide_one_that_is_not() {
    let mut body = ada();
    for number in 0..2 * FINDINGS_MAX {
        body[format!("unknown{number}")] = json!(number);
    }
    body["zRoles"] = json!(1);
    body["superAdmin"] = json!(true);
    let report = inspect("createUser", &body);
    assert_eq!(report.findings.len(), FINDINGS_MAX);
    assert_eq!(refused(&report), [(Check::Sensitive, "body.superAdmin")]);
}

#[test]
fn what_is_told_never_repeats_a_value() {
    let mut body = ada();
    body["hushHush"] = json!("hush <b>");
    body["profile"]["login"] = json!({"hush": "hush"});
    let report = inspect("createUser", &body);
    assert!(report.refuses());
    for finding in &report.findings {
        assert!(
            !finding.sentence().contains("hush "),
            "{}",
            finding.sentence()
        );
    }
}
