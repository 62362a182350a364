//! Lanes: each serves the connections it was given on one runtime, and ends when it is let go. A call goes on when its caller has
//! hung up, so a lane outlives its connections until nobody needs its runtime any more.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::connection::{Arrival, Service, serve};
use super::{ServeError, Threads};
use crate::{Gateway, Tls};

/// All lanes, and whose turn it is.
pub(super) struct Lanes {
    arrivals: Vec<mpsc::UnboundedSender<Arrival<std::net::TcpStream>>>,
    next: usize,
    /// Ends when every lane has run dry.
    dry: mpsc::Receiver<()>,
    /// Lets the lanes go when it is dropped.
    _kept: watch::Sender<()>,
}

impl Lanes {
    pub(super) fn open(
        gateway: &Arc<Gateway>,
        tls: Option<&Arc<Tls>>,
        threads: Threads,
        stopping: &watch::Receiver<()>,
    ) -> Result<Self, ServeError> {
        let (kept, letting_go) = watch::channel(());
        let (not_dry, dry) = mpsc::channel(1);
        let mut arrivals = Vec::new();
        let count = match threads {
            Threads::Shared => 1,
            Threads::PerProcessor => {
                std::thread::available_parallelism().map_or(1, |count| count.get())
            }
        };
        for number in 0..count {
            let (arrived, arriving) = mpsc::unbounded_channel();
            let lane = Lane {
                arriving,
                service: Service {
                    gateway: Arc::clone(gateway),
                    tls: tls.map(Arc::clone),
                    stopping: stopping.clone(),
                },
                not_dry: not_dry.clone(),
                letting_go: letting_go.clone(),
            };
            match threads {
                Threads::Shared => drop(tokio::spawn(lane.run())),
                Threads::PerProcessor => lane.start(number).map_err(ServeError::Unstarted)?,
            }
            arrivals.push(arrived);
        }
        Ok(Self {
            arrivals,
            next: 0,
            dry,
            _kept: kept,
        })
    }

    /// Gives a connection to the next lane.
    pub(super) fn take(&mut self, arrival: Arrival<TcpStream>) {
        let Arrival {
            stream,
            peer,
            connected,
        } = arrival;
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be handed on");
                return;
            }
        };
        self.next = self.next.wrapping_add(1) % self.arrivals.len().max(1);
        if let Some(lane) = self.arrivals.get(self.next) {
            // A lane ends after this sender only.
            let _ = lane.send(Arrival {
                stream,
                peer,
                connected,
            });
        }
    }

    /// Waits until all connections have ended; no more are taken.
    pub(super) async fn run_dry(&mut self) {
        self.arrivals.clear();
        while self.dry.recv().await.is_some() {}
    }
}

struct Lane {
    arriving: mpsc::UnboundedReceiver<Arrival<std::net::TcpStream>>,
    service: Service,
    not_dry: mpsc::Sender<()>,
    letting_go: watch::Receiver<()>,
}

impl Lane {
    /// Starts the lane on a thread of its own.
    fn start(self, number: usize) -> std::io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new().name(format!("lane-{number}"));
        thread.spawn(move || runtime.block_on(self.run()))?;
        Ok(())
    }

    async fn run(mut self) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                arrival = self.arriving.recv() => match arrival {
                    Some(arrival) => {
                        connections.spawn(serve(self.service.clone(), arrival));
                    }
                    None => break,
                },
                Some(_) = connections.join_next() => {}
            }
        }
        while connections.join_next().await.is_some() {}
        drop(self.not_dry);
        // Nothing is ever sent; it ends with the sender.
        let _ = self.letting_go.changed().await;
    }
}
