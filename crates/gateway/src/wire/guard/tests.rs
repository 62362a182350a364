//! The guard between a sender and the library that speaks HTTP/1.1, without a socket and with a clock that is wound by hand.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

use super::*;
use crate::limits::HEAD_WAIT_MAX;

const FIRST: &str = "POST /first HTTP/1.1\r\nHost: gate.example\r\nContent-Length: 2\r\n\r\n{}";
const SECOND: &str = "PUT /second HTTP/1.1\r\nHost: gate.example\r\nTransfer-Encoding: chunked\r\n\r\n\
                      2\r\n{}\r\n0\r\n\r\n";

/// Serves one connection as the gateway does: what the sentence is over is refused, all else is told its path and body.
async fn serve(stream: DuplexStream) {
    let (guarded, sentence) = Guarded::new(stream);
    let sentence = Arc::new(sentence);
    let service = service_fn(move |request: Request<Incoming>| {
        let refused = sentence.next().fault();
        async move { Ok::<_, Infallible>(answer(refused, request).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT_MAX)
        .serve_connection(TokioIo::new(guarded), service);
    let _ = served.await;
}

async fn answer(refused: Option<Fault>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    let (status, text) = match refused {
        Some(fault) => (StatusCode::BAD_REQUEST, fault.code().to_owned()),
        None => match request.into_body().collect().await {
            Ok(body) => {
                let body = body.to_bytes();
                (StatusCode::OK, format!("{path} {}", body.escape_ascii()))
            }
            Err(error) => {
                let fault = Fault::behind(&error).map_or("cut short", Fault::code);
                (StatusCode::BAD_REQUEST, fault.to_owned())
            }
        },
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
}

/// Everything that is answered to `sent` until the connection is closed: status and body of each answer.
async fn answers(sent: &str) -> Vec<(u16, String)> {
    let (mut near, far) = duplex(64 * 1024);
    let serving = tokio::spawn(serve(far));
    near.write_all(sent.as_bytes()).await.unwrap();
    near.shutdown().await.unwrap();
    let mut came = String::new();
    near.read_to_string(&mut came).await.unwrap();
    serving.await.unwrap();
    let mut rest = came.as_str();
    let mut found = Vec::new();
    while let Some((head, after)) = rest.split_once("\r\n\r\n") {
        let length = head.split_once("content-length: ").unwrap().1;
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        let (body, next) = after.split_at(length);
        found.push((head[9..12].parse().unwrap(), body.to_owned()));
        rest = next;
    }
    found
}

#[tokio::test]
async fn a_refusal_comes_after_the_answers_before_it_and_ends_the_connection() {
    let sound = [
        (200, "/first {}".to_owned()),
        (200, "/second {}".to_owned()),
    ];
    for (bad, code) in [
        ("GET / HTTP/1.1\r\n\r\n", "no_host"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
            "length_and_coding",
        ),
        ("X\0", "control_character"),
        ("GET / HTTP/1.1\r\nHost: ", "head_cut_short"),
        ("P", "head_cut_short"),
        (&SECOND.replace("2\r\n{}", "2;x\r\n{}"), "chunk_extension"),
    ] {
        for before in 0..=2 {
            let stream = format!("{}{bad}{FIRST}", [FIRST, SECOND][..before].concat());
            // What is cut short is followed by nothing.
            let stream = if code == "head_cut_short" {
                stream.strip_suffix(FIRST).unwrap()
            } else {
                &stream
            };
            let mut expected = sound[..before].to_vec();
            expected.push((400, code.to_owned()));
            assert_eq!(answers(stream).await, expected, "{stream:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_not_waited_for() {
    let (mut near, far) = duplex(1024);
    let begun = Instant::now();
    let mut serving = pin!(serve(far));
    for byte in b"GET / HTTP/1.1\r\nHost: gate.example\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
        near.write_all(&[*byte]).await.unwrap();
        let waited = tokio::time::timeout(Duration::from_secs(1), serving.as_mut());
        if waited.await.is_ok() {
            assert!(begun.elapsed() <= HEAD_WAIT_MAX + Duration::from_secs(1));
            return;
        }
    }
    panic!("still waiting after {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_never_closes_is_left_after_a_while() {
    let (mut near, far) = duplex(1024);
    let begun = Instant::now();
    near.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    serve(far).await;
    assert!(begun.elapsed() >= LINGER_WAIT_MAX);
    assert!(begun.elapsed() < 2 * LINGER_WAIT_MAX);
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_refused_sender_may_go_on_for_a_while_and_still_reads_why() {
    let (near, far) = duplex(1024);
    let serving = tokio::spawn(serve(far));
    let (mut reading, mut writing) = tokio::io::split(near);
    let flood = tokio::spawn(async move {
        writing.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        // Until it is thrown away no longer.
        while writing.write_all(&[b'x'; 512]).await.is_ok() {}
    });
    let mut answer = String::new();
    reading.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("no_host"), "{answer}");
    serving.await.unwrap();
    flood.await.unwrap();
}

#[tokio::test]
async fn a_body_breaks_off_where_it_goes_wrong_and_its_request_is_known() {
    let (mut near, far) = duplex(1024);
    let (mut guarded, sentence) = Guarded::new(far);
    let wrong = SECOND.replace("2\r\n{}", "2;x\r\n{}");
    near.write_all([FIRST, &wrong].concat().as_bytes())
        .await
        .unwrap();
    let mut came = String::new();
    let error = guarded.read_to_string(&mut came).await.unwrap_err();
    assert_eq!(Fault::behind(&error), Some(Fault::ChunkExtension));
    let faults = [sentence.next(), sentence.next()].map(|hearing| hearing.fault());
    assert_eq!(faults, [None, Some(Fault::ChunkExtension)]);
}

/// A sender that never stops, and whose bytes are always there already.
struct Endless;

impl AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buf.put_slice(b"\0");
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_sender_that_never_stops_is_left_at_once() {
    let (mut guarded, sentence) = Guarded::new(Endless);
    let mut buffer = [0; STAND_IN.len()];
    guarded.read_exact(&mut buffer).await.unwrap();
    assert_eq!(
        (&buffer[..], sentence.fault()),
        (STAND_IN, Some(Fault::ControlCharacter))
    );
    guarded.shutdown().await.unwrap();
}

#[tokio::test]
async fn http2_by_prior_knowledge_is_somebody_elses_business() {
    let frames = [PREFACE, b"\0\0\0\x04\0\0\0\0\0not judged\0\n"].concat();
    for cut in 1..frames.len() {
        let (mut near, far) = duplex(1024);
        let (mut guarded, sentence) = Guarded::new(far);
        let reading = tokio::spawn(async move {
            let mut came = Vec::new();
            guarded.read_to_end(&mut came).await.map(|_| came)
        });
        near.write_all(&frames[..cut]).await.unwrap();
        tokio::task::yield_now().await;
        near.write_all(&frames[cut..]).await.unwrap();
        near.shutdown().await.unwrap();
        let came = reading.await.unwrap().unwrap();
        assert_eq!((came, sentence.fault()), (frames.clone(), None));
    }
}

proptest! {
    #[test]
    fn what_is_sound_is_handed_on_unchanged_whatever_the_pieces(
        pieces in prop::collection::vec(1..200_usize, 1..20),
        room in 1..100_usize,
    ) {
        let stream = [FIRST, SECOND, FIRST].concat().into_bytes();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let came = runtime.block_on(async {
            let (mut near, far) = duplex(64);
            let (mut guarded, _) = Guarded::new(far);
            let reading = tokio::spawn(async move {
                let (mut came, mut buffer) = (Vec::new(), vec![0; room]);
                loop {
                    match guarded.read(&mut buffer).await.unwrap() {
                        0 => return came,
                        count => came.extend_from_slice(&buffer[..count]),
                    }
                }
            });
            let mut rest = stream.as_slice();
            for piece in pieces {
                let (now, later) = rest.split_at(piece.min(rest.len()));
                near.write_all(now).await.unwrap();
                tokio::task::yield_now().await;
                rest = later;
            }
            near.write_all(rest).await.unwrap();
            near.shutdown().await.unwrap();
            reading.await.unwrap()
        });
        prop_assert_eq!(came, stream);
    }
}
