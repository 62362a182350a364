//! What whoever registers an outside issuer relies on: the host that was named is asked, it alone, and no answer is too large, too
//! late or from elsewhere.
#![expect(
    clippy::unwrap_used,
    reason = "a failing test is a report, not an outage"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use egress::{ANSWER_BYTES_MAX, Destination, Egress, EgressError, Reach, keys};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A host on this machine that answers every request with one text.
struct Host {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Host {
    async fn answering(answer: impl FnOnce(SocketAddr) -> String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (answer(address), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let mut head = [0; 4096];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, asked }
    }

    fn at(&self, path: &str) -> Destination {
        Destination::parse(&format!("http://{}{path}", self.address), Reach::Private).unwrap()
    }
}

fn ok(headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

async fn fetched(host: &Host) -> Result<keys::Published, EgressError> {
    keys::fetch(&Egress::new().unwrap(), &host.at("/keys")).await
}

#[tokio::test]
async fn keys_come_as_they_were_published() {
    let host = Host::answering(|_| ok("Cache-Control: max-age=600\r\n", r#"{"keys":[]}"#)).await;
    let published = fetched(&host).await.unwrap();
    assert_eq!(
        (published.jwks.as_str(), published.current_s),
        (r#"{"keys":[]}"#, 600)
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Host::answering(|_| ok("", r#"{"keys":[]}"#)).await;
    let to = elsewhere.address;
    let host = Host::answering(|_| {
        format!("HTTP/1.1 302 Found\r\nLocation: http://{to}/keys\r\nContent-Length: 0\r\n\r\n")
    })
    .await;
    let refused = fetched(&host).await.unwrap_err();
    assert!(matches!(refused, EgressError::Refused { .. }), "{refused}");
    assert_eq!(elsewhere.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_left_alone() {
    let largest = Host::answering(|_| ok("", &" ".repeat(ANSWER_BYTES_MAX))).await;
    assert!(fetched(&largest).await.is_ok());
    let larger = Host::answering(|_| ok("", &" ".repeat(ANSWER_BYTES_MAX + 1))).await;
    let refused = fetched(&larger).await.unwrap_err();
    assert!(matches!(refused, EgressError::TooLarge { .. }), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_host_that_takes_its_time_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = Host {
        address: listener.local_addr().unwrap(),
        asked: Arc::default(),
    };
    let refused = fetched(&silent).await.unwrap_err();
    assert!(matches!(refused, EgressError::TooSlow { .. }), "{refused}");
    drop(listener);
}

#[tokio::test]
async fn nothing_but_a_success_with_text_is_a_key_set() {
    let missing =
        Host::answering(|_| "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned()).await;
    assert!(matches!(
        fetched(&missing).await,
        Err(EgressError::Refused { .. })
    ));
    let gone = Host::answering(|_| String::new()).await;
    assert!(matches!(
        fetched(&gone).await,
        Err(EgressError::Unanswered { .. })
    ));
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = Host {
        address: nobody.local_addr().unwrap(),
        asked: Arc::default(),
    };
    drop(nobody);
    assert!(matches!(
        fetched(&closed).await,
        Err(EgressError::Unanswered { .. })
    ));
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_network_is_not_followed_there() {
    let host = Host::answering(|_| ok("", r#"{"keys":[]}"#)).await;
    let url = format!("https://localhost:{}/keys", host.address.port());
    let named = Destination::parse(&url, Reach::Public).unwrap();
    let refused = keys::fetch(&Egress::new().unwrap(), &named)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, EgressError::OutOfReach { .. }),
        "{refused}"
    );
    assert_eq!(host.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_issuer_is_asked_where_its_keys_are_and_believed_only_about_itself() {
    let way = Egress::new().unwrap();
    let host = Host::answering(|address| {
        let document =
            format!(r#"{{"issuer":"http://{address}","jwks_uri":"http://{address}/k"}}"#);
        ok("", &document)
    })
    .await;
    let issuer = format!("http://{}", host.address);
    let keys_at = keys::discover(&way, &issuer, Reach::Private).await.unwrap();
    assert_eq!(keys_at.as_str(), format!("{issuer}/k"));
    let another = format!("{issuer}/tenant");
    let refused = keys::discover(&way, &another, Reach::Private)
        .await
        .unwrap_err();
    assert!(
        matches!(refused, EgressError::Unexpected { .. }),
        "{refused}"
    );
}
