//! Lookouts: one per guarded org, handing its newest snapshot to the gateway's mirror, at the start and whenever a backup has finished,
//! in this process or another: policies look at objects, and what a call takes away is counted on them. Writes nothing, calls nobody.
//!
//! Cost: one small file read every five seconds; per new snapshot a pass over all its objects off the runtime's threads, with the
//! whole image in memory meanwhile (about 4 kB per person).

use crate::failure::{Failure, chain};
use crate::settings::Settings;
use crate::wiring::{self, State};
use access::OrgName;
use gateway::{Mirror, Sighting};
use jiff::Timestamp;
use org::Kind;
use recovery::{Image, snapshot};
use repository::Repository;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

/// The lookouts of all orgs, and the repository they read once one of them has something to read.
pub(crate) struct Lookouts {
    posts: Vec<Post>,
    settings: Settings,
}

/// The lookout of one org.
struct Post {
    org: OrgName,
    mirror: Arc<Mirror>,
    witness: PathBuf,
    /// The witness as last seen; `None`: not looked yet.
    seen: Option<String>,
}

impl Lookouts {
    /// Nobody on the lookout yet.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            posts: Vec::new(),
            settings: settings.clone(),
        }
    }

    /// Sets a lookout for an org; the mirror is what it keeps up to date.
    pub(crate) fn post(&mut self, org: &OrgName, state: &State) -> Arc<Mirror> {
        let mirror = Arc::new(Mirror::new());
        self.posts.push(Post {
            org: org.clone(),
            mirror: Arc::clone(&mirror),
            witness: state.witness(org),
            seen: None,
        });
        mirror
    }

    /// Keeps looking. Resolves never; to be dropped.
    pub(crate) async fn keep(mut self) {
        let mut ticks = tokio::time::interval(LOOKS_EVERY);
        let mut repository = None;
        loop {
            ticks.tick().await;
            for post in &mut self.posts {
                if let Err(error) = post.look(&self.settings, &mut repository).await {
                    tracing::warn!(org = %post.org, error = %chain(&error), hint = error.hint, "the newest snapshot is not read");
                }
            }
        }
    }
}

impl Post {
    async fn look(
        &mut self,
        settings: &Settings,
        repository: &mut Option<Repository>,
    ) -> Result<(), Failure> {
        let witness = tokio::fs::read_to_string(&self.witness)
            .await
            .unwrap_or_default();
        if self.seen.as_ref() == Some(&witness) {
            return Ok(());
        }
        // One attempt per snapshot: asking for a key again and again would not make it right.
        self.seen = Some(witness);
        if !settings.repository.exists() {
            return Ok(());
        }
        let opened = match repository.take() {
            Some(opened) => opened,
            None => wiring::repository(settings).await?,
        };
        let opened = repository.insert(opened).clone();
        let (org, mirror, runtime) = (
            self.org.clone(),
            Arc::clone(&self.mirror),
            Handle::current(),
        );
        let read = move || runtime.block_on(hand_over(&opened, &org, &mirror));
        tokio::task::spawn_blocking(read)
            .await
            .map_err(Failure::broken)??;
        Ok(())
    }
}

/// Reads the newest snapshot of the org, if there is one, and hands it to the mirror. Says when it was begun.
pub(crate) async fn hand_over(
    repository: &Repository,
    org: &OrgName,
    mirror: &Mirror,
) -> Result<Option<Timestamp>, Failure> {
    let newest = match repository.snapshot(org.as_str(), "latest").await {
        Ok(newest) => newest,
        Err(repository::Error::NoSnapshot { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let image = snapshot::load(&newest).await?;
    let partial = partial(&image);
    let begun = newest.summary().started;
    mirror.replace(&Sighting {
        org: &image.org,
        begun,
        partial: &partial,
    });
    tracing::info!(%org, snapshot = newest.summary().sequence, objects = image.org.len(), "the objects of the org are known");
    Ok(Some(begun))
}

/// The kinds of which the image may lack objects.
fn partial(image: &Image) -> Vec<Kind> {
    let gaps = image.gaps().iter().filter_map(|gap| Kind::named(&gap.kind));
    let unread = Kind::all().filter(|kind| !image.walked().any(|walked| walked == *kind));
    gaps.chain(unread).collect()
}

/// How often witnesses are looked at: a backup takes minutes, and what passes the gateway is known at once.
const LOOKS_EVERY: Duration = Duration::from_secs(5);
