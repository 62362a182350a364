//! The whole story on one machine, every part real: an emulated org and a gateway on sockets of their own, a scoped key, a snapshot in a
//! directory, a thief with the org's own token, and the way back. The chapters are told by `verb::demo`; this is the stage.

pub(crate) mod attack;
pub(crate) mod visitor;

use crate::arguments::{Limits, Seed};
use crate::failure::{Exit, Failure};
use crate::keeper::Keeper;
use crate::lookout::Lookouts;
use crate::printer::Printer;
use crate::sandbox::{Sandbox, Start};
use crate::settings::Settings;
use crate::verb;
use crate::wiring::{Job, MachineKey, State};
use access::NewClient;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Plain;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Everything the story needs, running.
pub(crate) struct Stage {
    /// Settings of the product, as `init` would write them.
    pub settings: Settings,
    /// Where they are.
    pub config: PathBuf,
    /// URL of the gateway.
    pub gateway_url: String,
    /// URL of the org behind it.
    pub okta_url: String,
    /// The org's own token: what the gateway holds, and the thief has stolen.
    pub okta_token: String,
    state: State,
    stop: watch::Sender<bool>,
    running: Vec<JoinHandle<()>>,
}

impl Stage {
    /// Builds the stage below `directory`, which must be new.
    pub(crate) async fn build(directory: &Path, seed: Seed) -> Result<Self, Failure> {
        let any: SocketAddr = ([127, 0, 0, 1], 0).into();
        let sandbox = Sandbox::open(any, None, Limits::Off).await?;
        sandbox.fill(&Start::Seed(seed))?;
        let (okta_url, okta_token) = (sandbox.url.clone(), sandbox.token.clone());
        let listener = TcpListener::bind(any).await.map_err(Failure::broken)?;
        let listen = listener.local_addr().map_err(Failure::broken)?;
        let config = write_settings(directory, &okta_url, &okta_token, listen)?;
        let settings = Settings::read(&config)?;
        for key in MachineKey::ALL {
            key.file(&settings).create(&Plain)?;
        }
        let state = State::open(&settings)?;
        let mut lookouts = Lookouts::new(&settings);
        let gateway = Arc::new(verb::serve::gateway(&settings, &state, &mut lookouts)?);
        let (stop, stopped) = watch::channel(false);
        let org = tokio::spawn(sandbox.run(told_to_stop(stopped.clone())));
        let gate = tokio::spawn(async move {
            let looking = tokio::spawn(lookouts.keep());
            let threads = gateway::Threads::Shared;
            let stop = told_to_stop(stopped);
            if let Err(error) = gateway::serve(gateway, listener, None, threads, stop).await {
                tracing::warn!(%error, "the demo's gateway did not stop cleanly");
            }
            looking.abort();
        });
        let gateway_url = format!("http://{listen}");
        Ok(Self {
            settings,
            config,
            gateway_url,
            okta_url,
            okta_token,
            state,
            stop,
            running: vec![org, gate],
        })
    }

    /// Registers a client that may use `scopes` and issues a key for it.
    pub(crate) fn key(&self, name: &str, scopes: &[&str]) -> Result<String, Failure> {
        let (org, _) = self.settings.org(None)?;
        let new = NewClient {
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            ..NewClient::new(org.clone(), name)
        };
        let now = self.state.clock.now();
        let client = self.state.keyring.register(new, now)?;
        let (key, _) = self.state.keyring.issue(&client.id, Some(1), now)?;
        Ok(key.expose().to_owned())
    }

    /// The keeper of the org, to do `job`.
    pub(crate) async fn keeper(&self, job: Job, printer: Printer) -> Result<Keeper, Failure> {
        Keeper::open(&self.settings, None, job, printer).await
    }

    /// Stops the gateway and the org and waits for both.
    pub(crate) async fn strike(self) {
        // Nobody listening any more means both have ended by themselves.
        let _ = self.stop.send(true);
        for task in self.running {
            if let Err(error) = task.await {
                tracing::warn!(%error, "a part of the demo's stage broke");
            }
        }
    }
}

async fn told_to_stop(mut stopped: watch::Receiver<bool>) {
    // An error means the stage itself is gone: time to stop, too.
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn write_settings(
    directory: &Path,
    okta: &str,
    token: &str,
    listen: SocketAddr,
) -> Result<PathBuf, Failure> {
    let config = directory.join("portcullis.toml");
    let mut text = String::new();
    let _ = write!(
        text,
        "listen = \"{listen}\"\n\n[org.demo]\nokta = \"{okta}\"\ncredential = {{ token-file = \"okta.token\" }}\n"
    );
    let write = |path: &Path, text: &str| std::fs::write(path, text);
    std::fs::create_dir_all(directory.join("portcullis-state"))
        .and_then(|()| write(&directory.join("okta.token"), token))
        .and_then(|()| write(&config, &text))
        .map_err(|error| {
            let hint = "Set TMPDIR to a directory with free space.";
            Failure::new(
                Exit::Settings,
                format!(
                    "cannot write the demo's files in {}: {error}",
                    directory.display()
                ),
                hint,
            )
        })?;
    Ok(config)
}
