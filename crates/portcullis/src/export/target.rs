//! Where entries go, and how one is told from the next there: a line each in a file and on standard output, a datagram each over UDP,
//! over TCP a line each, syslog with the number of bytes in front (RFC 6587, section 3.4.1).

use super::Form;
use crate::printer::Printer;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A place that takes entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Standard output.
    Out,
    /// A file, appended to.
    File(PathBuf),
    /// A collector that takes datagrams; what is lost on the way is lost.
    Udp(String),
    /// A collector that takes a stream.
    Tcp(String),
}

impl Target {
    /// Reads `file:PATH`, `udp://HOST:PORT` or `tcp://HOST:PORT`.
    pub(crate) fn parse(text: &str, base: &Path) -> Result<Self, String> {
        let with_port = |host: &str| {
            let port = host.rsplit_once(':').filter(|(name, _)| !name.is_empty());
            port.and_then(|(_, port)| port.parse::<u16>().ok())
                .map(|_| host.to_owned())
                .ok_or_else(|| format!("`{text}` names no host and port"))
        };
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(base.join(path))),
            Some(("udp", rest)) => with_port(rest.trim_start_matches('/')).map(Self::Udp),
            Some(("tcp", rest)) => with_port(rest.trim_start_matches('/')).map(Self::Tcp),
            _ => Err(format!(
                "`{text}` is not file:PATH, udp://HOST:PORT or tcp://HOST:PORT"
            )),
        }
    }

    /// Opens it.
    pub(crate) fn open(&self, printer: Printer) -> io::Result<Sink> {
        Ok(match self {
            Self::Out => Sink::Out(printer),
            Self::File(path) => {
                let mut options = OpenOptions::new();
                Sink::File(options.append(true).create(true).mode(0o600).open(path)?)
            }
            Self::Udp(host) => {
                let address = resolve(host)?;
                let any: SocketAddr = match address {
                    SocketAddr::V4(_) => ([0, 0, 0, 0], 0).into(),
                    SocketAddr::V6(_) => ([0_u16; 8], 0).into(),
                };
                let socket = UdpSocket::bind(any)?;
                socket.connect(address)?;
                Sink::Udp(socket)
            }
            Self::Tcp(host) => {
                let stream = TcpStream::connect_timeout(&resolve(host)?, WAIT_MAX)?;
                stream.set_write_timeout(Some(WAIT_MAX))?;
                Sink::Tcp(stream)
            }
        })
    }
}

fn resolve(host: &str) -> io::Result<SocketAddr> {
    let found = host.to_socket_addrs()?.next();
    found.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the name has no address"))
}

impl std::fmt::Display for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Out => out.write_str("standard output"),
            Self::File(path) => write!(out, "file:{}", path.display()),
            Self::Udp(host) => write!(out, "udp://{host}"),
            Self::Tcp(host) => write!(out, "tcp://{host}"),
        }
    }
}

/// An open target.
#[derive(Debug)]
pub(crate) enum Sink {
    /// Standard output.
    Out(Printer),
    /// A file.
    File(File),
    /// Datagrams.
    Udp(UdpSocket),
    /// A stream.
    Tcp(TcpStream),
}

impl Sink {
    /// Hands over entries, each written already.
    pub(crate) fn send(&mut self, form: Form, entries: &[String]) -> io::Result<()> {
        let lines = || {
            entries
                .iter()
                .flat_map(|entry| [entry.as_str(), "\n"])
                .collect::<String>()
        };
        match self {
            Self::Out(printer) => {
                for entry in entries {
                    printer
                        .line(entry)
                        .map_err(|failure| io::Error::other(failure.message))?;
                }
                Ok(())
            }
            Self::File(file) => {
                file.write_all(lines().as_bytes())?;
                file.sync_data()
            }
            Self::Udp(socket) => {
                for entry in entries {
                    socket.send(entry.as_bytes())?;
                }
                Ok(())
            }
            Self::Tcp(stream) if form == Form::Syslog => {
                let counted: String = entries
                    .iter()
                    .map(|entry| format!("{} {entry}", entry.len()))
                    .collect();
                stream.write_all(counted.as_bytes())
            }
            Self::Tcp(stream) => stream.write_all(lines().as_bytes()),
        }
    }

    /// Whether the other end is still there, as far as this end knows. What was sent before is taken for delivered only then: a
    /// collector that went away may not have read it.
    pub(crate) fn is_alive(&self) -> bool {
        let Self::Tcp(stream) = self else { return true };
        let looked = stream
            .set_nonblocking(true)
            .map(|()| match stream.peek(&mut [0]) {
                // The other end has closed.
                Ok(read) => read > 0,
                Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            });
        let restored = stream.set_nonblocking(false);
        looked.unwrap_or(false) && restored.is_ok()
    }
}

/// How long a collector may take to accept a connection or a batch.
const WAIT_MAX: Duration = Duration::from_secs(10);
