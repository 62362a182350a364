//! Frames as a caller sends them, whole or in pieces, well-formed or not, and which of them end the connection.

use super::*;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use crate::frames::scan::{DATA, END_STREAM, PING, SETTINGS};
use crate::limits::{BREAKS_ALLOWED, PINGS_ALLOWED};

const ANSWER_WAIT: Duration = Duration::from_secs(60);

fn frame(kind: u8, flags: u8, stream: u32, body: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes
}

/// A connection's both ends, the preface sent.
async fn connected() -> (DuplexStream, Watched<DuplexStream>, Verdict) {
    let (mut caller, stream) = duplex(1 << 20);
    let (watched, verdict) = Watched::new(stream, ANSWER_WAIT);
    caller.write_all(PREFACE).await.unwrap();
    caller.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    (caller, watched, verdict)
}

/// Reads until there is nothing to read for a second; says whether the connection stands.
async fn stands(watched: &mut Watched<DuplexStream>) -> bool {
    let mut bytes = vec![0; 4096];
    loop {
        let read = tokio::time::timeout(Duration::from_secs(1), watched.read(&mut bytes)).await;
        match read {
            Err(_) => return true,
            Ok(Ok(0)) | Ok(Err(_)) => return false,
            Ok(Ok(_)) => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_ends_the_connection_and_says_enhance_your_calm() {
    let (mut caller, mut watched, verdict) = connected().await;
    for _ in 0..PINGS_ALLOWED.burst {
        caller.write_all(&frame(PING, 0, 0, &[7; 8])).await.unwrap();
    }
    assert!(stands(&mut watched).await);
    for _ in 0..=PINGS_ALLOWED.burst {
        caller.write_all(&frame(PING, 0, 0, &[7; 8])).await.unwrap();
    }
    assert!(!stands(&mut watched).await);
    assert_eq!(verdict.abuse(), Some(Abuse::Flood("http2_ping_flood")));
    drop(watched);
    let mut heard = Vec::new();
    caller.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, farewell(ENHANCE_YOUR_CALM));
}

#[tokio::test(start_paused = true)]
async fn what_every_library_sends_goes_on_for_ever() {
    let (mut caller, mut watched, verdict) = connected().await;
    for second in 0..3_600 {
        caller.write_all(&frame(PING, 0, 0, &[0; 8])).await.unwrap();
        let stream = 2 * second + 1;
        caller
            .write_all(&frame(HEADERS, END_HEADERS | END_STREAM, stream, b"x"))
            .await
            .unwrap();
        assert!(stands(&mut watched).await);
        watched
            .write_all(&frame(HEADERS, END_HEADERS, stream, b"x"))
            .await
            .unwrap();
        watched
            .write_all(&frame(DATA, END_STREAM, stream, b"y"))
            .await
            .unwrap();
        let mut answer = vec![0; 20];
        caller.read_exact(&mut answer).await.unwrap();
    }
    assert_eq!(verdict.abuse(), None);
}

#[tokio::test(start_paused = true)]
async fn an_answer_must_be_taken_however_many_others_are() {
    let (_caller, mut watched, verdict) = connected().await;
    assert!(stands(&mut watched).await);
    watched
        .write_all(&frame(HEADERS, END_HEADERS, 1, b"x"))
        .await
        .unwrap();
    for second in 1..ANSWER_WAIT.as_secs() {
        let stream = u32::try_from(2 * second + 1).unwrap();
        watched
            .write_all(&frame(HEADERS, END_HEADERS, stream, b"x"))
            .await
            .unwrap();
        watched
            .write_all(&frame(DATA, END_STREAM, stream, b"y"))
            .await
            .unwrap();
        assert!(stands(&mut watched).await, "after {second} s");
    }
    assert!(!stands(&mut watched).await);
    assert_eq!(verdict.abuse(), Some(Abuse::Untaken));
}

#[tokio::test(start_paused = true)]
async fn settings_come_first() {
    let (mut caller, stream) = duplex(1 << 20);
    let (mut watched, verdict) = Watched::new(stream, ANSWER_WAIT);
    let begin = [PREFACE.to_vec(), frame(PING, 0, 0, &[7; 8])].concat();
    caller.write_all(&begin).await.unwrap();
    assert!(!stands(&mut watched).await);
    assert_eq!(verdict.abuse(), Some(Abuse::NoSettings));
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_begun_must_be_ended() {
    let (mut caller, mut watched, verdict) = connected().await;
    caller
        .write_all(&frame(HEADERS, END_STREAM, 1, b"x"))
        .await
        .unwrap();
    for _ in 1..HEAD_WAIT_MAX.as_secs() {
        assert!(stands(&mut watched).await);
    }
    caller
        .write_all(&frame(CONTINUATION, 0, 1, b"x"))
        .await
        .unwrap();
    assert!(
        !stands(&mut watched).await,
        "a further piece gives no more time"
    );
    assert_eq!(verdict.abuse(), Some(Abuse::SlowHead));
}

#[tokio::test(start_paused = true)]
async fn streams_that_had_to_be_broken_off_are_counted_and_ordinary_ends_are_not() {
    let (_caller, mut watched, verdict) = connected().await;
    assert!(stands(&mut watched).await);
    for _ in 0..1_000 {
        watched
            .write_all(&frame(RST_STREAM, 0, 1, &8_u32.to_be_bytes()))
            .await
            .unwrap();
    }
    assert_eq!(verdict.abuse(), None);
    let broken = frame(RST_STREAM, 0, 1, &1_u32.to_be_bytes());
    for _ in 0..BREAKS_ALLOWED.burst {
        watched.write_all(&broken).await.unwrap();
    }
    assert!(watched.write_all(&broken).await.is_err());
    assert_eq!(verdict.abuse(), Some(Abuse::Flood("http2_made_you_reset")));
}

#[tokio::test(start_paused = true)]
async fn the_older_protocol_passes_untouched() {
    let (mut caller, stream) = duplex(1 << 20);
    let (mut watched, verdict) = Watched::new(stream, ANSWER_WAIT);
    let request = [
        b"PRI * HTTP/1.1\r\n".to_vec(),
        frame(PING, 0, 0, &[0; 8]).repeat(1_000),
    ]
    .concat();
    caller.write_all(&request).await.unwrap();
    let mut heard = vec![0; request.len()];
    watched.read_exact(&mut heard).await.unwrap();
    assert_eq!((heard == request, verdict.abuse()), (true, None));
}
