//! A webhook of a few lines, and what reaches it.

use super::*;
use crate::{Reach, SIGNATURE};
use clock::Manual;
use jiff::Timestamp;
use serde_json::{Map, Value};
use store::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// No pause between tries: what is tested is what happens, not how long it takes.
const AT_ONCE: [Duration; 3] = [Duration::ZERO; 3];

/// A webhook that answers with these status lines, one connection each, and then hangs up on everybody; what it was sent.
async fn webhook(answers: &'static [&'static str]) -> (Webhook, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut answers = answers.iter();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(answer) = answers.next() else {
                continue;
            };
            let mut request = Vec::new();
            let mut part = [0; 4096];
            while !request.ends_with(b"}") {
                let read = stream.read(&mut part).await.unwrap();
                assert_ne!(read, 0, "{}", String::from_utf8_lossy(&request));
                request.extend_from_slice(&part[..read]);
            }
            heard.send(String::from_utf8(request).unwrap()).unwrap();
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let destination = Destination::parse(&url, Reach::Private).unwrap();
    let key = NoticeKey::of(&Secret::new("shared".to_owned()));
    (Webhook { destination, key }, hears)
}

fn notices(webhook: Webhook) -> Notices {
    let clock = Arc::new(Manual::at(NOW));
    Notices::start(webhook, Egress::new().unwrap(), clock, &AT_ONCE)
}

fn asked(reason: &str) -> Notice {
    let facts = Map::from_iter([("reason".to_owned(), Value::from(reason))]);
    Notice::new("elevation.asked", "production", NOW, facts)
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_notice_arrives_signed_and_says_what_happened() {
    let (webhook, mut heard) = webhook(&["204 No Content"]).await;
    let key = webhook.key.clone();
    let notices = notices(webhook);
    notices.tell(asked("ticket 4711"));
    assert_eq!(notices.settle(LONG).await, Some(0));
    let request = heard.recv().await.unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    let signature = format!("{SIGNATURE}: {}", key.sign(body.as_bytes(), NOW));
    assert!(head.contains(&signature), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["event"], "elevation.asked");
    assert_eq!(body["org"], "production");
    assert_eq!(body["facts"]["reason"], "ticket 4711");
}

#[tokio::test]
async fn a_webhook_that_stumbles_is_tried_again_with_the_same_notice() {
    let (webhook, mut heard) = webhook(&["500 Oops", "429 Slow down", "200 OK"]).await;
    let notices = notices(webhook);
    notices.tell(asked("x"));
    assert_eq!(notices.settle(LONG).await, Some(0));
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let request = heard.recv().await.unwrap();
        bodies.push(request.split_once("\r\n\r\n").unwrap().1.to_owned());
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn what_is_refused_or_redirected_is_given_up_and_the_next_one_goes_on() {
    let (webhook, mut heard) =
        webhook(&["302 Found\r\nlocation: /hook2", "403 No", "200 OK"]).await;
    let notices = notices(webhook);
    for reason in ["first", "second", "third"] {
        notices.tell(asked(reason));
    }
    assert_eq!(notices.settle(LONG).await, Some(2));
    for reason in ["first", "second", "third"] {
        let request = heard.recv().await.unwrap();
        assert!(request.starts_with("POST /hook HTTP/1.1") && request.contains(reason));
    }
}

#[tokio::test]
async fn a_dead_webhook_costs_notices_and_no_time() {
    let (webhook, _heard) = webhook(&[]).await;
    let notices = notices(webhook);
    for _ in 0..NOTICES_WAITING_MAX + 50 {
        notices.tell(asked("x"));
    }
    let lost = notices.settle(LONG).await.unwrap();
    assert_eq!(lost, (NOTICES_WAITING_MAX + 50) as u64);
    assert_eq!(Notices::default().settle(LONG).await, Some(0));
}
