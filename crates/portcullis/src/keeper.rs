//! Keeps one org: takes its snapshots, compares, plans, brings it back. The verbs and the demo do their work through it; it shows
//! progress and decides nothing.

mod progress;
mod run;

pub(crate) use run::{Outcome, Unfinished};

use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::{self, Job, State};
use access::Call;
use clock::Clock;
use progress::Bar;
use recovery::snapshot::{FACTS_FORMAT, Facts};
use recovery::{Capture, Changes, IdMap, Image, Selection, capture, diff, snapshot};
use repository::{Head, Repository, Saved, Snapshot};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use upstream::Line;

/// One org and what it takes to keep it.
pub(crate) struct Keeper {
    org: String,
    line: Line,
    repository: Repository,
    /// Directory of the restore runs of this org.
    runs: PathBuf,
    /// File that remembers the newest snapshot, outside the repository.
    witness: PathBuf,
    clock: Arc<dyn Clock>,
    /// Ids the settings never let a restore touch.
    lifeline: BTreeSet<String>,
    /// Id of the service app that calls, where it is one.
    own_app: Option<String>,
    printer: Printer,
}

/// An image and the snapshot it came from.
pub(crate) struct Kept {
    /// The snapshot's id.
    pub id: String,
    /// What it holds.
    pub image: Image,
}

impl Keeper {
    /// Opens what the settings name for the org, to do `job`.
    pub(crate) async fn open(
        settings: &Settings,
        org: Option<&str>,
        job: Job,
        printer: Printer,
    ) -> Result<Self, Failure> {
        let (name, org_settings) = settings.org(org)?;
        let state = State::open(settings)?;
        let line = state.line(name, org_settings, job)?;
        let repository = wiring::repository(settings).await?;
        let clock = Arc::clone(&state.clock);
        Ok(Self {
            org: name.to_string(),
            line,
            repository,
            runs: state.runs(name),
            witness: state.witness(name),
            clock,
            printer,
            lifeline: org_settings.lifeline.clone(),
            own_app: state.own_app(name, org_settings)?,
        })
    }

    /// Reads the org and keeps what was read as its newest snapshot.
    pub(crate) async fn back_up(&self) -> Result<(Capture, Saved), Failure> {
        let started = self.clock.now();
        let captured = self.capture().await?;
        let saved = self.save(&captured, &self.org, started).await?;
        self.remember(&saved.head())?;
        Ok((captured, saved))
    }

    /// Reads the org as it is now.
    pub(crate) async fn capture(&self) -> Result<Capture, Failure> {
        let bar = Bar::of_kinds(self.printer);
        let captured = capture(&self.line, &|progress| bar.capture(progress)).await;
        bar.end();
        Ok(captured?)
    }

    /// The image of a snapshot, by id, prefix or `latest`; also of one that was taken before a restore.
    pub(crate) async fn load(&self, wanted: &str) -> Result<Kept, Failure> {
        let snapshot = self.find(wanted).await?;
        let image = snapshot::load(&snapshot).await?;
        Ok(Kept {
            id: snapshot.summary().id.to_string(),
            image,
        })
    }

    /// Compares two images, narrowed by what was asked for.
    pub(crate) fn compare(&self, before: &Image, after: &Image, selection: &Selection) -> Changes {
        diff(before, after, selection, &IdMap::default())
    }

    /// What a restore never touches: what the settings name, and who restores: the service app, or the token's owner.
    async fn lifeline(&self) -> Result<BTreeSet<String>, Failure> {
        let mut lifeline = self.lifeline.clone();
        if let Some(app) = &self.own_app {
            lifeline.insert(app.clone());
            return Ok(lifeline);
        }
        let call = Call::new("getUser", &[("id", "me")]).map_err(Failure::broken)?;
        let answer = self.line.call(call).await?;
        let me: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match me.get("id").and_then(serde_json::Value::as_str) {
            Some(id) if answer.is_success() => {
                lifeline.insert(id.to_owned());
                Ok(lifeline)
            }
            _ => {
                let hint = "Check that the token's owner may read users; a restore must know whom never to touch.";
                let message = format!(
                    "Okta does not say whose token this is: status {}",
                    answer.status.as_u16()
                );
                Err(Failure::new(Exit::Upstream, message, hint))
            }
        }
    }

    async fn find(&self, wanted: &str) -> Result<Snapshot, Failure> {
        match self.repository.snapshot(&self.org, wanted).await {
            Ok(snapshot) => Ok(snapshot),
            Err(error) if wanted == "latest" => Err(error.into()),
            Err(error) => self
                .repository
                .snapshot(&before_restore(&self.org), wanted)
                .await
                .map_err(|_| error.into()),
        }
    }

    async fn save(
        &self,
        captured: &Capture,
        chain: &str,
        started: jiff::Timestamp,
    ) -> Result<Saved, Failure> {
        let facts = Facts {
            format: FACTS_FORMAT,
            gaps: captured.image.gaps().to_vec(),
            calls_used: captured.calls_used,
            calls_minimum: captured.calls_minimum,
        };
        let now = self.clock.now();
        Ok(snapshot::save(
            &captured.image,
            &facts,
            &self.repository,
            chain,
            started,
            now,
        )
        .await?)
    }

    fn remember(&self, head: &Head) -> Result<(), Failure> {
        let text = serde_json::to_string(head).map_err(Failure::broken)?;
        wiring::write_whole(&self.witness, &text)
    }
}

/// Chain of the snapshots that are taken of an org before a restore changes it.
pub(crate) fn before_restore(org: &str) -> String {
    format!("{org} before restore")
}

/// The recorded witness of the newest snapshot, if there is one.
pub(crate) fn witness(path: &std::path::Path) -> Result<Option<Head>, Failure> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| {
            let hint = "Move the file aside; the next backup writes a new one.";
            Failure::new(
                Exit::Repository,
                format!("the witness {} is damaged: {error}", path.display()),
                hint,
            )
        }),
        Err(_) => Ok(None),
    }
}
