//! An emulated org behind a port of this machine: made, seeded or loaded, and answering until told to stop.

use crate::arguments::{Limits, Seed};
use crate::failure::{Exit, Failure, chain};
use emulator::{Emulator, Loaded, Server, Settings, plant, recording};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// An emulated org that is bound to a port and not yet answering.
pub(crate) struct Sandbox {
    /// The org.
    pub org: Emulator,
    /// Its URL.
    pub url: String,
    /// A super administrator's API token.
    pub token: String,
    server: Server,
}

/// What an emulated org is made from.
pub(crate) enum Start<'a> {
    /// A seed.
    Seed(Seed),
    /// A file of recorded conversations.
    Recording(&'a Path),
}

impl Sandbox {
    /// Binds `listen` and makes the org. With `None` the token is a fresh random one.
    pub(crate) async fn open(
        listen: SocketAddr,
        token: Option<String>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let server = Server::bind(listen).await.map_err(|error| {
            let hint = "Choose another address with --listen; port 0 takes a free one.";
            Failure::new(
                Exit::Settings,
                format!("cannot listen on {listen}: {error}"),
                hint,
            )
        })?;
        let token = match token {
            Some(token) => token,
            None => fresh_token()?,
        };
        let url = server.base_url();
        let settings = Settings {
            base_url: url.clone(),
            seed: ID_SEED,
            clock: Arc::new(clock::System),
            limits: limits.into(),
            token: token.clone(),
        };
        Ok(Self {
            org: Emulator::new(settings),
            url,
            token,
            server,
        })
    }

    /// Fills the org; tells what a recording could not give.
    pub(crate) fn fill(&self, start: &Start<'_>) -> Result<Option<Loaded>, Failure> {
        match start {
            Start::Seed(seed) => plant(&self.org, (*seed).into())
                .map(|()| None)
                .map_err(Failure::broken),
            Start::Recording(path) => {
                let hint =
                    "Name a file of recorded conversations: JSON Lines, plain or zstd-compressed.";
                let conversations = recording::read(path)
                    .map_err(|error| Failure::new(Exit::Usage, chain(&error), hint))?;
                let loaded = emulator::load(&self.org, &conversations);
                loaded
                    .map(Some)
                    .map_err(|error| Failure::new(Exit::Usage, chain(&error), hint))
            }
        }
    }

    /// Answers until `stop` resolves.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) {
        self.server.run(self.org, stop).await;
    }
}

/// A token of the form Okta's have: `00` and 40 letters, digits, `-` or `_`.
fn fresh_token() -> Result<String, Failure> {
    let key = store::SealKey::generate()?;
    let letters = key
        .expose()
        .iter()
        .map(|byte| char::from(*LETTERS.get(usize::from(byte % 62)).unwrap_or(&b'a')));
    Ok(format!("00{}", letters.collect::<String>()))
}

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Where ids start: the same org each time.
const ID_SEED: u64 = 1;

impl From<Limits> for emulator::Limits {
    fn from(limits: Limits) -> Self {
        match limits {
            Limits::Workforce => Self::Workforce,
            Limits::Integrator => Self::Integrator,
            Limits::Off => Self::Off,
        }
    }
}

impl From<Seed> for emulator::Seed {
    fn from(seed: Seed) -> Self {
        match seed {
            Seed::Born => Self::Born,
            Seed::Small => Self::Small,
            Seed::Company => Self::Company,
        }
    }
}
