//! The address that forged headers point to. A server that follows them would connect.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};

/// A socket of the stranger's on the loopback address.
pub(super) struct Listener(TcpListener);

impl Listener {
    pub(super) fn open() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        Self(socket)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address())
    }

    /// How many have connected since it was last asked.
    pub(super) fn connections(&self) -> usize {
        let mut count = 0;
        loop {
            match self.0.accept() {
                Ok(_) => count += 1,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// What a careless reader does with a URL in a header.
pub(super) fn fetch(url: &str) {
    let address = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split('/').next());
    if let Some(address) = address.and_then(|address| address.parse::<SocketAddr>().ok()) {
        TcpStream::connect(address).unwrap();
    }
}
