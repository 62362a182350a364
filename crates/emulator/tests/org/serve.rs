//! The org over HTTP: a port, an answer, an end.

use super::world::TOKEN;
use clock::Manual;
use emulator::{Emulator, Limits, Server, Settings};
use jiff::Timestamp;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_port_answers_until_it_is_told_to_stop() {
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = server.address();
    let emulator = Emulator::new(Settings {
        base_url: server.base_url(),
        seed: 7,
        clock: Arc::new(Manual::at(Timestamp::UNIX_EPOCH)),
        limits: Limits::Off,
        token: TOKEN.to_owned(),
    });
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(emulator, async move { drop(stopped.await) }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /api/v1/users/me HTTP/1.1\r\nhost: {address}\r\nauthorization: SSWS {TOKEN}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(
        text.contains(&format!("http://{address}/api/v1/users/")),
        "links name the address dialled"
    );
    stop.send(()).unwrap();
    running.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
