//! Answers that no org would give, byte for byte, from a socket: each is contained, and none costs more than its bound.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use access::Call;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upstream::{Address, Answer, Credential, LineError, Okta, Pace, Settings, UpstreamError};

use crate::org::{Job, TOKEN};

/// What the other end writes on each connection after the head of a request, and whether it then closes.
#[derive(Clone)]
struct Script {
    pieces: Vec<Vec<u8>>,
    closes: bool,
}

impl Script {
    fn once(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            pieces: vec![bytes.into()],
            closes: true,
        }
    }

    fn kept(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            closes: false,
            ..Self::once(bytes)
        }
    }
}

/// An end of the line that answers every request with the same bytes.
struct Hostile {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Hostile {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hostile = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let (connections, requests) = (
            Arc::clone(&hostile.connections),
            Arc::clone(&hostile.requests),
        );
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(speak(stream, script.clone(), Arc::clone(&requests)));
            }
        });
        hostile
    }

    fn okta(&self) -> Okta {
        Okta::connect(Settings {
            address: Address::parse(&format!("http://{}", self.address)).unwrap(),
            credential: Credential::ApiToken(store::Secret::new(TOKEN.to_owned())).into(),
            pace: Pace::GATEWAY,
            clock: Arc::new(clock::System),
        })
        .unwrap()
    }
}

async fn speak(mut stream: TcpStream, script: Script, requests: Arc<AtomicUsize>) {
    let mut seen = Vec::new();
    let mut room = [0; 4096];
    loop {
        match stream.read(&mut room).await {
            Ok(0) | Err(_) => return,
            Ok(read) => seen.extend_from_slice(room.get(..read).unwrap_or_default()),
        }
        if !seen.windows(4).any(|end| end == b"\r\n\r\n") {
            continue;
        }
        seen.clear();
        requests.fetch_add(1, Ordering::SeqCst);
        for piece in &script.pieces {
            if stream.write_all(piece).await.is_err() {
                return;
            }
        }
        if script.closes {
            return;
        }
    }
}

/// What a caller is told of an answer.
async fn told(script: Script, call: Call) -> Result<Answer, UpstreamError> {
    let hostile = Hostile::start(script).await;
    match Job::on(hostile.okta()).line.call(call).await {
        Ok(answer) => Ok(answer),
        Err(LineError::Upstream(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

fn list() -> Call {
    Call::new("listUsers", &[]).unwrap()
}

fn create() -> Call {
    Call::new("createUser", &[])
        .unwrap()
        .with_json(&serde_json::json!({}))
}

const OK: &str = "HTTP/1.1 200 OK\r\nX-Okta-Request-Id: r\r\nContent-Type: application/json\r\n";

/// An answer of success with these further headers and this body.
fn ok(headers: &str, body: &str) -> Vec<u8> {
    format!("{OK}{headers}\r\n{body}").into_bytes()
}

fn status(line: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\nX-Okta-Request-Id: r\r\n{headers}\r\n{body}").into_bytes()
}

fn cases() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let many = (0..97)
        .map(|at| format!("X-{at}: 1\r\n"))
        .collect::<String>();
    let large = format!("X-Large: {}\r\nContent-Length: 2\r\n", "x".repeat(40 << 10));
    let huge = format!("X-Huge: {}\r\nContent-Length: 2\r\n", "x".repeat(1 << 20));
    let interim = |count: usize| "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(count);
    let behind = |count: usize| {
        [
            interim(count).into_bytes(),
            ok("Content-Length: 2\r\n", "[]"),
        ]
        .concat()
    };
    let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
    let length = |body: &str| format!("Content-Length: {}\r\n", body.len());
    vec![
        ("a plain answer", ok("Content-Length: 2\r\n", "[]"), "200"),
        (
            "a chunked answer",
            ok("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n"),
            "200",
        ),
        (
            "trailers are dropped",
            ok(
                "Transfer-Encoding: chunked\r\nTrailer: x-evil\r\n",
                "2\r\n[]\r\n0\r\nX-Evil: 1\r\n\r\n",
            ),
            "200",
        ),
        (
            "HTTP/1.0 with a length",
            format!(
                "HTTP/1.0 200 OK\r\n{}",
                &String::from_utf8(ok("Content-Length: 2\r\n", "[]")).unwrap()[17..]
            )
            .into_bytes(),
            "200",
        ),
        ("a few interim answers", behind(3), "200"),
        (
            "a flood of interim answers",
            behind(5_000),
            "answer-interim",
        ),
        (
            "interim answers without end",
            interim(50_000).into_bytes(),
            "answer-interim",
        ),
        (
            "another protocol",
            status(
                "101 Switching Protocols",
                "Upgrade: h2c\r\nConnection: upgrade\r\n",
                "",
            ),
            "answer-status",
        ),
        (
            "a status out of range",
            status("999 Odd", "Content-Length: 0\r\n", ""),
            "answer-status",
        ),
        (
            "length and chunks",
            ok(
                "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
                "2\r\n[]\r\n0\r\n\r\n",
            ),
            "answer-framing",
        ),
        (
            "two equal lengths",
            ok("Content-Length: 2\r\nContent-Length: 2\r\n", "[]"),
            "answer-framing",
        ),
        (
            "two lengths",
            ok("Content-Length: 2\r\nContent-Length: 3\r\n", "[]x"),
            "unanswered",
        ),
        (
            "a signed length",
            ok("Content-Length: +2\r\n", "[]"),
            "unanswered",
        ),
        (
            "chunks under gzip",
            ok(
                "Transfer-Encoding: gzip, chunked\r\n",
                "2\r\n[]\r\n0\r\n\r\n",
            ),
            "answer-framing",
        ),
        (
            "chunks twice",
            ok(
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                "2\r\n[]\r\n0\r\n\r\n",
            ),
            "answer-framing",
        ),
        (
            "chunks before HTTP/1.1",
            format!(
                "HTTP/1.0 200 OK\r\n{}",
                &String::from_utf8(ok("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n0\r\n\r\n"))
                    .unwrap()[17..]
            )
            .into_bytes(),
            "unanswered",
        ),
        ("a body without a length", ok("", "[]"), "answer-unframed"),
        (
            "a 204 with a body",
            status("204 No Content", "Content-Length: 2\r\n", "[]"),
            "answer-bodiless",
        ),
        (
            "a 204 in chunks",
            status(
                "204 No Content",
                "Transfer-Encoding: chunked\r\n",
                "2\r\n[]\r\n0\r\n\r\n",
            ),
            "answer-bodiless",
        ),
        (
            "a compressed body",
            ok(
                "Content-Encoding: gzip\r\nContent-Length: 2\r\n",
                "\x1f\u{7f}",
            ),
            "answer-encoded",
        ),
        (
            "many headers",
            ok(&format!("{many}Content-Length: 2\r\n"), "[]"),
            "answer-headers",
        ),
        ("large headers", ok(&large, "[]"), "answer-headers"),
        ("huge headers", ok(&huge, "[]"), "unanswered"),
        (
            "cut before its length",
            ok("Content-Length: 20\r\n", "[]"),
            "unanswered",
        ),
        (
            "cut within a chunk",
            ok("Transfer-Encoding: chunked\r\n", "20\r\n[]"),
            "unanswered",
        ),
        (
            "cut before the last chunk",
            ok("Transfer-Encoding: chunked\r\n", "2\r\n[]\r\n"),
            "unanswered",
        ),
        (
            "a chunk that is none",
            ok("Transfer-Encoding: chunked\r\n", "zz\r\n[]\r\n0\r\n\r\n"),
            "unanswered",
        ),
        (
            "a chunk of 2^64",
            ok("Transfer-Encoding: chunked\r\n", "10000000000000000\r\n[]"),
            "unanswered",
        ),
        (
            "an announced 17 MiB",
            ok("Content-Length: 17825792\r\n", "[]"),
            "too-large",
        ),
        ("JSON cut short", ok(&length("[{"), "[{"), "answer-json"),
        (
            "JSON that is HTML",
            ok(&length("<html>"), "<html>"),
            "answer-json",
        ),
        (
            "JSON a thousand deep",
            ok(&length(&deep), &deep),
            "answer-json",
        ),
        (
            "another type",
            status(
                "200 OK",
                "Content-Type: text/html\r\nContent-Length: 6\r\n",
                "<html>",
            ),
            "answer-type",
        ),
        (
            "no type",
            status("200 OK", "Content-Length: 2\r\n", "[]"),
            "answer-type",
        ),
        (
            "a redirect to another host",
            status(
                "302 Found",
                "Location: http://evil.example/\r\nContent-Length: 0\r\n",
                "",
            ),
            "answer-redirect",
        ),
        (
            "a lasting redirect",
            status(
                "308 Gone",
                "Location: http://evil.example/\r\nContent-Length: 0\r\n",
                "",
            ),
            "answer-redirect",
        ),
        (
            "no HTTP at all",
            b"SSH-2.0-OpenSSH_9.2\r\n".to_vec(),
            "unanswered",
        ),
        ("nothing", Vec::new(), "unanswered"),
        (
            "a split header",
            ok("X-A: 1\n\tfolded\r\nContent-Length: 2\r\n", "[]"),
            "unanswered",
        ),
    ]
}

#[tokio::test]
async fn no_odd_answer_is_handed_out() {
    for (what, bytes, expected) in cases() {
        let begun = Instant::now();
        let told = told(Script::once(bytes), list()).await;
        let found = match &told {
            Ok(answer) => answer.status.as_u16().to_string(),
            Err(error) => error.kind().to_owned(),
        };
        assert_eq!(found, expected, "{what}: {told:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{what}");
    }
}

#[tokio::test]
async fn invalid_utf8_is_no_json() {
    let mut bytes = ok("Content-Length: 4\r\n", "");
    bytes.extend_from_slice(b"[\"\xff]");
    assert_eq!(
        told(Script::once(bytes), list()).await.unwrap_err().kind(),
        "answer-json"
    );
}

#[tokio::test]
async fn a_write_behind_an_odd_answer_may_have_happened_and_is_not_repeated() {
    for bytes in [
        ok("Content-Length: 2\r\n", "[{"),
        ok("Content-Length: 20\r\n", "[]"),
        status(
            "302 Found",
            "Location: http://evil.example/\r\nContent-Length: 0\r\n",
            "",
        ),
        ok("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "xx"),
    ] {
        let hostile = Hostile::start(Script::once(bytes)).await;
        let error = match Job::on(hostile.okta()).line.call(create()).await {
            Err(LineError::Upstream(error)) => error,
            other => panic!("{other:?}"),
        };
        assert!(error.sent(), "{error}");
        assert_eq!(hostile.requests.load(Ordering::SeqCst), 1, "{error}");
    }
}

#[tokio::test]
async fn a_connection_with_more_on_it_than_was_asked_for_is_not_used_again() {
    let honest = ok("Content-Length: 2\r\n", "[]");
    let second = ok("Content-Length: 8\r\n", "[\"evil\"]");
    let unfit = ok("Content-Length: 2\r\nContent-Encoding: gzip\r\n", "[]");
    let bodiless = status("204 No Content", "Content-Length: 8\r\n", "[\"evil\"]");
    for (bytes, connections) in [
        (honest.clone(), 1),
        ([honest, second].concat(), 3),
        (bodiless, 3),
        (unfit, 3),
    ] {
        let hostile = Hostile::start(Script::kept(bytes.clone())).await;
        let okta = hostile.okta();
        for _ in 0..3 {
            let answer = Job::on(okta.clone()).line.call(list()).await;
            if let Ok(answer) = answer {
                assert_eq!(answer.body, "[]", "one call's answer is not another's");
            }
        }
        let opened = hostile.connections.load(Ordering::SeqCst);
        assert_eq!(opened, connections, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test]
async fn a_body_in_a_hundred_thousand_pieces_is_one_body() {
    let chunks = "1\r\n \r\n".repeat(100_000);
    let bytes = ok(
        "Transfer-Encoding: chunked\r\n",
        &format!("{chunks}2\r\n[]\r\n0\r\n\r\n"),
    );
    let answer = told(Script::once(bytes), list()).await.unwrap();
    assert_eq!(answer.body.len(), 100_002);
}
