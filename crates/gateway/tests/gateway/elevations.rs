//! What scripts and people rely on: a call that needs approval waits for it and goes on, and nobody is let in one moment longer or on
//! fewer approvals than was agreed.

use std::sync::Arc;
use std::time::Duration;

use access::{Approver, Elevation, NewClient, Stage};
use bytes::Bytes;
use clock::Clock;
use http_body_util::Empty;
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::world::{Got, HOST, NOW, World, production};

const WAIT: &str = "Prefer: wait=120";
const REASON: &str = "X-Portcullis-Reason: ticket 4711";
const DEACTIVATE: &str = "POST /api/v1/users/00u1/lifecycle/deactivate";
const ASSIGN: &str = "POST /api/v1/users/00u1/roles";
const ROLE: &str = r#"{"type":"HELP_DESK_ADMIN"}"#;

/// Far beyond what anything here takes; reached only when a test fails.
const LONG: Duration = Duration::from_secs(30);

impl World {
    /// The key of a script that reads users, and may ask for managing them and their roles.
    fn script(&self, name: &str) -> String {
        let new = NewClient {
            scopes: vec!["okta.users.read".to_owned()],
            eligible: vec![
                "okta.users.manage".to_owned(),
                "okta.roles.manage".to_owned(),
            ],
            ..NewClient::new(production(), name)
        };
        let client = self.keyring.register(new, NOW).unwrap();
        let (key, _) = self.keyring.issue(&client.id, None, NOW).unwrap();
        key.expose().to_owned()
    }

    fn person(&self, name: &str) -> (String, Approver) {
        let made = self
            .keyring
            .add_approver(&production(), name, &[], None, NOW);
        let (key, approver) = made.unwrap();
        (key.expose().to_owned(), approver)
    }

    /// Waits until so many requests are open; the newest.
    async fn asked(&self, count: usize) -> Elevation {
        let asked = async {
            loop {
                let now = self.clock.now();
                let all = self.keyring.elevations(&production(), None).unwrap();
                let open = |one: &&Elevation| matches!(one.stage(now), Stage::Open { .. });
                if all.iter().filter(open).count() == count {
                    return all[0].clone();
                }
                tokio::task::yield_now().await;
            }
        };
        timeout(LONG, asked).await.unwrap()
    }

    /// Waits until so many entries of this kind are in the trail.
    async fn written(&self, kind: &str, count: usize) {
        let written = async {
            while std::fs::read_to_string(self.trail_file(1))
                .unwrap()
                .matches(kind)
                .count()
                != count
            {
                tokio::task::yield_now().await;
            }
        };
        timeout(LONG, written).await.unwrap();
    }

    /// A bearer's request about elevations.
    async fn visit(&self, line: &str, credential: &str, body: &str) -> Got {
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nAuthorization: Bearer {credential}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.raw(&request).await
    }
}

/// Sends a call that is expected to be held.
fn held(world: &Arc<World>, key: &str, line: &'static str, body: &'static str) -> JoinHandle<Got> {
    let (world, key) = (Arc::clone(world), key.to_owned());
    tokio::spawn(async move {
        let headers = [WAIT, REASON, "Content-Type: application/json"];
        timeout(LONG, world.send(line, &key, &headers, body))
            .await
            .unwrap()
    })
}

fn causes(got: &Got) -> String {
    let body = got.json();
    let causes = body["errorCauses"].as_array().unwrap().iter();
    let texts = causes.map(|cause| cause["errorSummary"].as_str().unwrap());
    texts.collect::<Vec<_>>().join("\n")
}

/// The entries of a world nobody else uses any more.
async fn entries(world: Arc<World>) -> Vec<Value> {
    Arc::into_inner(world).unwrap().entries().await
}

fn of_kind<'e>(entries: &'e [Value], kind: &str) -> Vec<&'e Value> {
    entries
        .iter()
        .filter(|entry| entry["kind"] == kind)
        .collect()
}

#[tokio::test]
async fn a_held_call_goes_on_once_two_people_agreed_and_is_denied_again_when_the_time_is_over() {
    let world = Arc::new(World::new().await);
    let script = world.script("script");
    let call = held(&world, &script, ASSIGN, ROLE);
    let asked = world.asked(1).await;
    assert_eq!(asked.asked.reason, "ticket 4711");
    assert_eq!(asked.asked.operations, ["assignRoleToUser"]);
    let (ana, _) = world.person("Ana");
    let (_, ben) = world.person("Ben");
    let approve = format!("POST /portcullis/v1/elevations/{}/approve", asked.id);
    let once = world.visit(&approve, &ana, "").await;
    assert_eq!((once.status, &once.json()["stage"]), (200, &json!("open")));
    let twice = world.visit(&approve, &ana, "").await;
    assert_eq!(twice.json()["approvals"], json!({"needed": 2, "given": 1}));
    assert!(world.org.calls().is_empty() && !call.is_finished());
    world
        .keyring
        .approve(&asked.id, &ben, world.clock.now())
        .unwrap();
    let got = call.await.unwrap();
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(got.header("preference-applied"), Some("wait=120"));
    assert_eq!(world.org.calls().len(), 1);
    assert_eq!(world.org.calls()[0].body.as_ref().unwrap().1, ROLE);

    let json = ["Content-Type: application/json"];
    assert_eq!(world.send(ASSIGN, &script, &json, ROLE).await.status, 200);
    world.clock.advance(SignedDuration::from_mins(60));
    assert_eq!(world.send(ASSIGN, &script, &json, ROLE).await.status, 403);
    world.written("elevation_ended", 1).await;

    let entries = entries(world).await;
    let asked_entry = of_kind(&entries, "elevation_asked")[0];
    assert_eq!(asked_entry["reason"], "ticket 4711");
    assert_eq!(
        of_kind(&entries, "elevation_approved")[0]["details"]["by"],
        "Ana"
    );
    let calls = of_kind(&entries, "call_opened");
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["details"]["elevation"], asked.id.as_str());
    assert_eq!(of_kind(&entries, "elevation_ended").len(), 1);
}

#[tokio::test]
async fn a_held_call_is_refused_when_the_request_is_denied_or_lapses_or_the_wait_is_over() {
    let world = Arc::new(World::new().await);
    let script = world.script("script");
    let (ana, _) = world.person("Ana");
    let call = held(&world, &script, DEACTIVATE, "");
    let asked = world.asked(1).await;
    let deny = format!("POST /portcullis/v1/elevations/{}/deny", asked.id);
    assert_eq!(world.visit(&deny, &ana, "").await.status, 200);
    let got = call.await.unwrap();
    assert_eq!((got.status, got.code().as_str()), (403, "E0000006"));
    assert_eq!(got.header("preference-applied"), Some("wait=120"));
    let said = causes(&got);
    assert!(
        said.contains(asked.id.as_str()) && said.contains("denied"),
        "{said}"
    );

    let call = held(&world, &script, DEACTIVATE, "");
    let second = world.asked(1).await;
    world.clock.advance(SignedDuration::from_secs(119));
    let other = held(&world, &script, DEACTIVATE, "");
    world.written("call_held", 3).await;
    world.clock.advance(SignedDuration::from_secs(1));
    let got = call.await.unwrap();
    assert!(
        got.status == 403 && causes(&got).contains("stays open"),
        "{}",
        causes(&got)
    );
    world.clock.advance(SignedDuration::from_mins(60));
    let got = other.await.unwrap();
    let said = causes(&got);
    assert!(
        said.contains(second.id.as_str()),
        "the second waits for the open request: {said}"
    );
    assert!(world.org.calls().is_empty());
}

#[tokio::test]
async fn a_call_that_waits_is_decided_anew_by_who_calls_then() {
    let world = Arc::new(World::new().await);
    let script = world.script("script");
    let (_, ana) = world.person("Ana");
    let call = held(&world, &script, DEACTIVATE, "");
    let asked = world.asked(1).await;
    let forbid = "forbid (principal, action == Action::\"deactivateUser\", resource);";
    world
        .keyring
        .put_policy(&production(), "freeze", forbid, NOW)
        .unwrap();
    world.keyring.approve(&asked.id, &ana, NOW).unwrap();
    assert_eq!(call.await.unwrap().status, 403);
    world
        .keyring
        .remove_policy(&production(), "freeze", NOW)
        .unwrap();

    let other = world.script("other");
    let call = held(&world, &other, DEACTIVATE, "");
    let asked = world.asked(1).await;
    world.keyring.disable(&asked.client, NOW).unwrap();
    world.keyring.approve(&asked.id, &ana, NOW).unwrap();
    assert_eq!(call.await.unwrap().status, 401);
    assert!(world.org.calls().is_empty());
}

#[tokio::test]
async fn callers_that_hang_up_free_their_places() {
    let world = Arc::new(World::new().await);
    let script = world.script("script");
    let request = format!(
        "{DEACTIVATE} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: SSWS {script}\r\n{WAIT}\r\n{REASON}\r\n\r\n"
    );
    let mut waiting = Vec::new();
    let full = loop {
        let mut stream = TcpStream::connect(world.address).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes())
            .await
            .unwrap();
        let mut byte = [0];
        match timeout(Duration::from_millis(300), stream.peek(&mut byte)).await {
            Err(_) => waiting.push(stream),
            Ok(answered) => break answered.unwrap(),
        }
        assert!(waiting.len() < 100, "there is a bound");
    };
    assert_eq!((full, waiting.len()), (1, 4));
    world.asked(1).await;
    let refused = world.send(DEACTIVATE, &script, &[WAIT, REASON], "").await;
    assert!(
        causes(&refused).contains("held already"),
        "{}",
        causes(&refused)
    );
    let other = held(&world, &world.script("other"), DEACTIVATE, "");
    world.asked(2).await;
    assert!(!other.is_finished(), "another client has places of its own");

    waiting.pop();
    let freed = async {
        let headers = [WAIT, REASON];
        while timeout(
            Duration::from_millis(300),
            world.send(DEACTIVATE, &script, &headers, ""),
        )
        .await
        .is_ok()
        {}
    };
    timeout(LONG, freed).await.unwrap();
}

#[tokio::test]
async fn streams_that_are_reset_free_their_places() {
    let world = World::new().await;
    let script = world.script("script");
    let stream = TokioIo::new(TcpStream::connect(world.address).await.unwrap());
    let client = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream);
    let (sender, connection) = client.await.unwrap();
    tokio::spawn(connection);
    let call = || {
        let request = http::Request::post(format!(
            "https://{HOST}/api/v1/users/00u1/lifecycle/deactivate"
        ))
        .header("authorization", format!("SSWS {script}"))
        .header("prefer", "wait=120")
        .header("x-portcullis-reason", "ticket 4711")
        .body(Empty::<Bytes>::new());
        sender.clone().send_request(request.unwrap())
    };
    let waiting: Vec<_> = (0..4).map(|_| tokio::spawn(call())).collect();
    world.written("call_held", 4).await;
    assert_eq!(call().await.unwrap().status(), 403, "all places are taken");
    waiting[0].abort();
    let freed = async { while timeout(Duration::from_millis(300), call()).await.is_ok() {} };
    timeout(LONG, freed).await.unwrap();
}

#[tokio::test]
async fn a_gateway_that_stops_holds_nobody() {
    let world = Arc::new(World::new().await);
    let call = held(&world, &world.script("script"), DEACTIVATE, "");
    world.asked(1).await;
    let mut alone = world;
    let stopped = async {
        // The held call's task has a clone until it is answered; the stop signal goes through the world itself.
        loop {
            match Arc::get_mut(&mut alone) {
                Some(world) => return world.stop().await,
                None => {
                    alone.signal();
                    tokio::task::yield_now().await;
                }
            }
        }
    };
    timeout(LONG, stopped).await.unwrap();
    let got = call.await.unwrap();
    assert!(
        got.status == 403 && causes(&got).contains("being stopped"),
        "{}",
        causes(&got)
    );
}

#[tokio::test]
async fn a_denial_says_which_elevation_would_help_and_how_to_wait_for_it() {
    let world = World::new().await;
    let script = world.script("script");
    let plain = world.send(DEACTIVATE, &script, &[], "").await;
    let said = causes(&plain);
    assert_eq!(plain.status, 403);
    assert!(
        said.contains("/portcullis/v1/elevations") && said.contains("deactivateUser"),
        "{said}"
    );
    let unreasoned = world.send(DEACTIVATE, &script, &[WAIT], "").await;
    assert!(causes(&unreasoned).contains("X-Portcullis-Reason"));
    assert_eq!(unreasoned.header("preference-applied"), None);
    let json = ["Content-Type: application/json", WAIT, REASON];
    let malformed = world.send(ASSIGN, &script, &json, "{").await;
    assert_eq!(
        malformed.status, 400,
        "nobody is asked about a call that cannot be made"
    );
    let hopeless = world
        .send("POST /api/v1/groups", &script, &[WAIT, REASON], "")
        .await;
    assert_eq!(hopeless.status, 403);
    assert!(!causes(&hopeless).contains("/portcullis/v1/elevations"));
    assert!(
        world
            .keyring
            .elevations(&production(), None)
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn clients_ask_and_see_their_own_and_only_approvers_decide() {
    let world = World::new().await;
    let (script, other) = (world.script("script"), world.script("other"));
    let (ana, _) = world.person("Ana");
    let all = "/portcullis/v1/elevations";
    let wanted = r#"{"scopes":["okta.users.manage"],"reason":"clean up","minutes":15}"#;
    let made = world.visit(&format!("POST {all}"), &script, wanted).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let place = format!("https://{HOST}{all}/{id}");
    assert_eq!(made.header("location"), Some(place.as_str()));
    assert_eq!(
        made.json()["approvals"]["needed"],
        2,
        "managing users includes what changes privileges"
    );
    for (line, credential, status) in [
        (format!("GET {all}/{id}"), script.as_str(), 200),
        (format!("GET {all}/{id}"), ana.as_str(), 200),
        (format!("GET {all}/{id}"), other.as_str(), 404),
        (format!("GET {all}/ele0"), script.as_str(), 404),
        (format!("POST {all}/{id}/approve"), script.as_str(), 403),
        (format!("POST {all}/{id}/end"), other.as_str(), 404),
        (format!("PUT {all}"), script.as_str(), 405),
        (format!("POST {all}"), ana.as_str(), 403),
        (format!("GET {all}"), "pca_0000", 401),
        (format!("GET {all}"), "", 401),
    ] {
        let got = world.visit(&line, credential, "").await;
        assert_eq!(got.status, status, "{line} {}", got.body);
    }
    assert_eq!(
        world.get("/api/v1/users", &ana).await.status,
        401,
        "an approver key opens nothing else"
    );
    assert_eq!(
        world.visit(&format!("GET {all}"), &other, "").await.json(),
        json!([])
    );
    for body in [
        "",
        "[]",
        r#"{"scopes":["okta.users.manage"]}"#,
        r#"{"scopes":["okta.users.manage"],"reason":"x","minutes":0}"#,
        r#"{"scopes":["okta.users.manage"],"reason":"x","minutes":481}"#,
        r#"{"scopes":[],"reason":"x"}"#,
        r#"{"reason":"x","extra":1}"#,
    ] {
        let got = world.visit(&format!("POST {all}"), &script, body).await;
        assert_eq!(got.status, 400, "{body} {}", got.body);
    }
    let beyond = r#"{"scopes":["okta.apps.manage"],"reason":"x"}"#;
    let got = world.visit(&format!("POST {all}"), &script, beyond).await;
    assert_eq!(got.status, 403);
    let ended = world
        .visit(&format!("POST {all}/{id}/end"), &script, "")
        .await;
    assert_eq!(ended.json()["stage"], "over");
    let late = world
        .visit(&format!("POST {all}/{id}/approve"), &ana, "")
        .await;
    assert_eq!((late.status, late.code().as_str()), (400, "E0000001"));
    let entries = world.entries().await;
    assert_eq!(of_kind(&entries, "elevation_ended").len(), 1);
}

#[tokio::test]
async fn every_call_from_behind_the_glass_is_on_disk_as_such_before_it_is_made() {
    let world = World::new().await;
    let forbid = "forbid (principal, action, resource);";
    world
        .keyring
        .put_policy(&production(), "lockout", forbid, NOW)
        .unwrap();
    let (passphrase, _) = world.keyring.seal_glass(&production(), NOW).unwrap();
    let opened = world
        .keyring
        .open_glass(&production(), &passphrase, "locked out", 15, NOW);
    let (key, opening) = opened.unwrap();
    let got = world
        .send("DELETE /api/v1/users/00u1", key.expose(), &[], "")
        .await;
    assert_eq!(got.status, 200, "{}", got.body);
    let session = "DELETE /api/v1/sessions/102taken0over";
    let got = world.send(session, key.expose(), &[], "").await;
    assert_eq!(got.status, 200, "{}", got.body);
    world.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(world.get("/api/v1/users", key.expose()).await.status, 401);
    let entries = world.entries().await;
    let told = of_kind(&entries, "break_glass_used");
    assert_eq!(told[1]["resources"]["sessionId"], "withheld");
    let loud = entries
        .iter()
        .position(|entry| entry["kind"] == "break_glass_used")
        .unwrap();
    let call = entries
        .iter()
        .position(|entry| entry["kind"] == "call_opened")
        .unwrap();
    assert!(loud < call);
    assert_eq!(entries[loud]["details"]["opening"], &*opening.id);
    assert_eq!(entries[loud]["operation"], "deleteUser");
    assert_eq!(entries[loud]["resources"]["id"], "00u1");
}
