//! What collectors get, as text, and what they get when they go away and come back.

use super::*;
use audit::{CheckpointKey, Event, Opening, Outcome, PublicKeys, Signer, Trail, TrailSettings};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const ORG: &str = "production";

fn open(state: &Path) -> Trail {
    let key = CheckpointKey::generate().unwrap();
    let known = PublicKeys::of(key.public().clone());
    let settings = TrailSettings {
        signer: Some(Arc::new(Signer::new(key, known).unwrap())),
        ..TrailSettings::default()
    };
    let clock = clock::Manual::at("2026-11-24T15:00:00.5Z".parse().unwrap());
    let directory = state.join("audit/gateway");
    Trail::open_with(&directory, ORG, Arc::new(clock), settings).unwrap()
}

async fn call(trail: &Trail, status: u16) {
    let resources = [("id".to_owned(), "00u1gjtxk4XLkTQTt1d7".to_owned())];
    let opening = Opening {
        client: "cli1",
        credential: "key1",
        operation: "deleteUser",
        resources: &resources,
        source: Some("192.0.2.7".parse().unwrap()),
        user_agent: Some("curl/8 \"x\"]"),
        durable: true,
        ..Opening::default()
    };
    let recorded = trail.open_entry((), opening).await.unwrap();
    let outcome = Outcome {
        status: Some(status),
        okta_request_id: Some("ZQx8Ih2pW1k0".to_owned()),
        bytes: 0,
        duration_us: 41_900,
        ..Outcome::default()
    };
    trail.close_entry(recorded, outcome).await.unwrap();
}

/// A call and its end, a refusal, and something an operator did.
async fn some_of_each(state: &Path) {
    let trail = open(state);
    call(&trail, 204).await;
    let refused = Event {
        kind: "refused",
        client: Some("cli1".to_owned()),
        credential: Some("key1".to_owned()),
        operation: Some("listUsers".to_owned()),
        source: Some("2001:db8::7".parse().unwrap()),
        status: Some(403),
        reason: Some("scope".to_owned()),
        details: vec![("error_id", "oae1".to_owned())],
        ..Event::default()
    };
    trail.note(refused).await.unwrap();
    let added = Event {
        kind: "approver_added",
        details: vec![("by", "ana".to_owned()), ("approver", "bo\n".to_owned())],
        ..Event::default()
    };
    trail.note(added).await.unwrap();
}

fn shipment(state: &Path, form: Form, target: Target) -> Shipment {
    Shipment {
        state: state.to_owned(),
        org: ORG.to_owned(),
        form,
        target,
        since: None,
        position: Some(state.join("position.json")),
        printer: crate::printer::Printer::new(false, true),
        under_way: None,
    }
}

fn shipped(state: &Path, form: Form) -> Vec<String> {
    let out: PathBuf = state.join("out");
    let mut shipment = shipment(state, form, Target::File(out.clone()));
    shipment.position = None;
    while shipment.step().unwrap() > 0 {}
    shipment.end().unwrap();
    let text = std::fs::read_to_string(out).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Members that OCSF 1.3.0 requires of the class, and of the objects in it, by path.
const REQUIRED: [&str; 15] = [
    "/activity_id",
    "/actor",
    "/api/operation",
    "/category_uid",
    "/class_uid",
    "/metadata/product/vendor_name",
    "/metadata/version",
    "/severity_id",
    "/src_endpoint",
    "/time",
    "/type_uid",
    "/status_id",
    "/metadata/uid",
    "/metadata/product/name",
    "/unmapped/hash",
];

#[tokio::test]
async fn an_ocsf_event_has_what_its_class_requires() {
    let state = tempfile::tempdir().unwrap();
    some_of_each(state.path()).await;
    let events: Vec<Value> = shipped(state.path(), Form::Ocsf)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), 4);
    for event in &events {
        for path in REQUIRED {
            assert!(event.pointer(path).is_some(), "{path} in {event}");
        }
        let id = |path: &str| event.pointer(path).and_then(Value::as_u64).unwrap();
        assert_eq!(id("/type_uid"), id("/class_uid") * 100 + id("/activity_id"));
        assert_eq!(id("/class_uid") / 1_000, id("/category_uid"));
        let actor = event.pointer("/actor").and_then(Value::as_object).unwrap();
        assert!(actor.contains_key("user") || actor.contains_key("app_name"));
        assert!(!event.to_string().contains('?'), "no query");
        if let Some(observables) = event.pointer("/observables").and_then(Value::as_array) {
            assert!(
                observables
                    .iter()
                    .all(|one| one["name"].is_string() && one["type_id"].is_u64())
            );
        }
    }
    let closed = &events[1];
    assert_eq!(closed["activity_name"], "Delete");
    assert_eq!(
        closed["actor"]["user"]["uid"], "cli1",
        "joined with its opening"
    );
    assert_eq!(
        closed["metadata"]["correlation_uid"],
        events[0]["metadata"]["correlation_uid"]
    );
    assert_eq!(
        closed["http_request"]["url"]["path"],
        "/api/v1/users/00u1gjtxk4XLkTQTt1d7"
    );
    assert_eq!(closed["api"]["request"]["uid"], "ZQx8Ih2pW1k0");
    let golden = serde_json::to_string_pretty(closed).unwrap();
    insta::assert_snapshot!(golden);
}

#[tokio::test]
async fn syslog_messages_are_of_the_form_and_hold_what_callers_wrote_as_text() {
    let state = tempfile::tempdir().unwrap();
    some_of_each(state.path()).await;
    let lines = shipped(state.path(), Form::Syslog).join("\n");
    let process = format!(" {} ", std::process::id());
    let lines = lines.replace(&process, " 4711 ");
    insta::assert_snapshot!(lines);
}

#[tokio::test]
async fn json_lines_hold_the_bytes_that_were_hashed() {
    let state = tempfile::tempdir().unwrap();
    some_of_each(state.path()).await;
    let file = state.path().join("audit/gateway/production/00000001.jsonl");
    let trail = std::fs::read_to_string(file).unwrap();
    let stripped: String = shipped(state.path(), Form::Jsonl)
        .iter()
        .map(|line| line.replacen("\"chain\":\"gateway/production\",", "", 1) + "\n")
        .collect();
    assert_eq!(stripped, trail);
}

/// Numbers of the entries a collector reads from one connection, until `enough` or the end.
fn collect(stream: &TcpStream, enough: usize) -> Vec<u64> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let numbers = lines.map(|line| {
        let value: Value = serde_json::from_str(&line).unwrap();
        value["seq"].as_u64().unwrap()
    });
    numbers.take(enough).collect()
}

#[tokio::test]
async fn a_collector_that_goes_away_gets_every_entry_in_order_when_it_is_back() {
    let state = tempfile::tempdir().unwrap();
    let trail = open(state.path());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let target = || Target::Tcp(address.to_string());
    let mut shipment = shipment(state.path(), Form::Jsonl, target());
    for _ in 0..5 {
        call(&trail, 204).await;
    }
    trail.flush().await.unwrap();
    assert_eq!(shipment.step().unwrap(), 10);
    let (first, _) = listener.accept().unwrap();
    assert_eq!(collect(&first, 10), (1..=10).collect::<Vec<_>>());
    assert_eq!(shipment.step().unwrap(), 0, "and the position is kept");
    // It goes away; what is handed to the dead connection meanwhile is handed out again.
    drop(first);
    call(&trail, 204).await;
    trail.flush().await.unwrap();
    let mut failures = 0;
    let second = loop {
        match shipment.step() {
            Err(_) => failures += 1,
            Ok(_) if failures > 0 => break listener.accept().unwrap().0,
            Ok(_) => {}
        }
    };
    assert_eq!(collect(&second, 2), [11, 12]);
    shipment.step().unwrap();
    drop(shipment);
    // Another process goes on from the position.
    call(&trail, 204).await;
    trail.flush().await.unwrap();
    let mut again = self::shipment(state.path(), Form::Jsonl, target());
    assert_eq!(again.step().unwrap(), 2);
    let (third, _) = listener.accept().unwrap();
    assert_eq!(collect(&third, 2), [13, 14]);
}
