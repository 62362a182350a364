//! Answers with secrets and hidden members in them, what callers are shown of them, and what the way back makes of it.

use access::{Body, Call, Grant, Sight};
use access::{Caller, Circumstances, OrgName, decide};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use store::SealKey;
use url::Url;

use super::*;
use crate::redact::placeholder::PREFIX;
use crate::redact::{MaskKey, Redaction};

fn org() -> OrgName {
    OrgName::parse("production").unwrap()
}

fn redaction() -> Redaction {
    let key = MaskKey::new(&SealKey::from_bytes([7; 32]), &org()).unwrap();
    Redaction::new(key, Vec::new(), true)
}

fn origins() -> Origins {
    let url = |text: &str| Url::parse(text).unwrap();
    Origins::new(
        &[url("https://example.okta.com")],
        &url("https://gate.example"),
    )
}

/// What a caller without `reveal` is shown of this answer.
fn shown(redaction: &Redaction, call: Call, status: u16, body: &str) -> String {
    // The product's own jobs see secrets, so the view is made as for a client.
    let caller = Caller::internal("test", org(), Grant::restore());
    let permit = decide(
        &caller,
        call,
        &Circumstances::default(),
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    let mut view = redaction.view(&permit);
    view.plan = plans().answer(view.operation);
    let status = StatusCode::from_u16(status).unwrap();
    let shown = view.body(status, Bytes::copy_from_slice(body.as_bytes()), &origins());
    String::from_utf8(shown.unwrap().to_vec()).unwrap()
}

fn get_idp() -> Call {
    Call::new("getIdentityProvider", &[("idpId", "0oa1")]).unwrap()
}

fn idp(secret: &Value) -> Value {
    json!({"id": "0oa1", "name": "a\"b", "protocol": {"type": "OIDC", "credentials": {"client": {"client_id": "c", "client_secret": secret}}}})
}

#[test]
fn a_secret_is_a_placeholder_and_every_other_byte_stays() {
    let body = r#"{ "id":"0oa1","n":1.50e3, "protocol":{"credentials":{"client":{"client_secret" : "hush\/é"}}},"client_secret":null,
  "_links":{"self":{"href":"https://example.okta.com/api/v1/idps/0oa1"}} }"#;
    let masked = shown(&redaction(), get_idp(), 200, body);
    let (before, rest) = masked.split_once(PREFIX).unwrap();
    let (_, after) = rest.split_once('"').unwrap();
    let expected = body.replace("https://example.okta.com", "https://gate.example");
    let (front, back) = expected.split_once(r"hush\/é").unwrap();
    assert_eq!((before, format!("\"{after}")), (front, back.to_owned()));
}

#[test]
fn the_same_secret_of_another_object_is_another_placeholder() {
    let one = |id: &str| json!({"id": id, "protocol": {"credentials": {"client": {"client_secret": "hush"}}}});
    let list = Call::new("listIdentityProviders", &[]).unwrap();
    let body = json!([one("0oa1"), one("0oa2"), one("0oa1")]).to_string();
    let masked: Value = serde_json::from_str(&shown(&redaction(), list, 200, &body)).unwrap();
    let at = |at: usize| masked[at]["protocol"]["credentials"]["client"]["client_secret"].clone();
    assert_eq!(at(0), at(2));
    assert_ne!(at(0), at(1));
    let single = shown(&redaction(), get_idp(), 200, &one("0oa1").to_string());
    assert!(
        single.contains(at(0).as_str().unwrap()),
        "read alone, it is the same"
    );
}

#[test]
fn escaped_names_hide_nothing() {
    let body = r#"{"protocol":{"credentials":{"client":{"client\u005fsecret":"hush"}}}}"#;
    assert!(!shown(&redaction(), get_idp(), 200, body).contains("hush"));
}

#[test]
fn what_was_sent_as_a_secret_is_not_in_the_error() {
    let call = Call::new("createUser", &[]).unwrap().with_json(
        &json!({"profile": {"login": "ana"}, "credentials": {"password": {"value": "hu\"sh9"}}}),
    );
    let error = json!({"errorCode": "E0000001", "errorCauses": [{"errorSummary": "password hu\"sh9 of ana is too short"}]});
    let told = shown(&redaction(), call, 400, &error.to_string());
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told["errorCauses"][0]["errorSummary"],
        "password (withheld) of ana is too short"
    );
}

#[test]
fn more_secrets_than_anybody_has_are_refused_rather_than_shown() {
    let one = json!({"protocol": {"credentials": {"client": {"client_secret": "hush"}}}});
    let many = Value::from(vec![one; usize::try_from(MASKS_MAX).unwrap() + 1]).to_string();
    let redaction = redaction();
    let caller = Caller::internal("test", org(), Grant::restore());
    let list = Call::new("listIdentityProviders", &[]).unwrap();
    let permit = decide(
        &caller,
        list,
        &Circumstances::default(),
        Timestamp::UNIX_EPOCH,
    )
    .unwrap();
    let mut view = redaction.view(&permit);
    view.plan = plans().answer(view.operation);
    assert!(
        view.body(StatusCode::OK, Bytes::from(many), &origins())
            .is_err()
    );
    assert!(
        view.body(StatusCode::OK, Bytes::from_static(b"{\"a\":"), &origins())
            .is_err()
    );
}

/// Restores a body that was read and is sent back to the same object.
fn sent_back(redaction: &Redaction, object: &str, body: String) -> Result<String, String> {
    let mut call = Call::new("replaceIdentityProvider", &[("idpId", object)]).unwrap();
    call.body = Some(Body {
        content_type: "application/json".to_owned(),
        bytes: Bytes::from(body),
    });
    match redaction.restore(&Sight::default(), &mut call) {
        Ok(()) => Ok(String::from_utf8(call.body.unwrap().bytes.to_vec()).unwrap()),
        Err(refusal) => Err(refusal.causes.join(" ")),
    }
}

#[test]
fn a_placeholder_somewhere_else_is_refused_and_its_place_told() {
    let redaction = redaction();
    let read = shown(&redaction, get_idp(), 200, &idp(&json!("hush")).to_string());
    assert!(sent_back(&redaction, "0oa1", read.clone()).is_ok());
    let told = sent_back(&redaction, "0oa2", read.clone()).unwrap_err();
    assert!(
        told.starts_with("body.protocol.credentials.client.client_secret: "),
        "{told}"
    );
    let moved = read
        .replace("client_id", "x")
        .replace("client_secret", "client_id");
    assert!(sent_back(&redaction, "0oa1", moved).is_err());
    let changed = read.replacen(PREFIX, "pcl_masked_A", 1);
    assert!(sent_back(&redaction, "0oa1", changed).is_err());
    let name = read.replace("a\\\"b", PREFIX);
    assert!(
        sent_back(&redaction, "0oa1", name)
            .unwrap_err()
            .starts_with("body.name: ")
    );
}

proptest! {
    #[test]
    fn what_was_read_and_is_sent_back_reaches_the_org_as_it_wrote_it(secret in "\\PC{1,40}", note in "\\PC{0,20}") {
        prop_assume!(!note.starts_with(PREFIX) && !secret.starts_with(PREFIX));
        let redaction = redaction();
        let mut body = idp(&json!(secret));
        body["note"] = json!(note);
        let body = body.to_string();
        let read = shown(&redaction, get_idp(), 200, &body);
        prop_assert!(read != body);
        prop_assert_eq!(sent_back(&redaction, "0oa1", read).unwrap(), body);
    }

    #[test]
    fn nothing_changes_where_there_is_no_secret(text in "\\PC{0,30}", number in any::<f64>()) {
        let body = json!({"name": text, "n": number, "list": [text, {"client": text}]}).to_string();
        prop_assert_eq!(shown(&redaction(), get_idp(), 200, &body), body);
    }
}
