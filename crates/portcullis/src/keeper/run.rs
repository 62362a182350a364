//! One restore from plan to report, kept on disk so that it survives a crash: `runs/ORG/DIGEST/` holds the plan, what it belongs to,
//! and the journal; `ended` is written last. A run without `ended` is resumed by the next restore of the same snapshot.

use super::progress::Bar;
use super::{Keeper, Kept, before_restore};
use crate::arguments::Reach;
use crate::failure::{Exit, Failure};
use crate::wiring::{make_private, write_whole};
use recovery::apply::open_journal;
use recovery::verify::Background;
use recovery::{Approved, Capture, Changes, Options, Plan, Report, Run, apply, plan, verify};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

/// What a restore came to.
pub(crate) struct Outcome {
    /// What the run did.
    pub run: Run,
    /// What the org is now, held against the snapshot.
    pub report: Report,
    /// Calls of the reading afterwards.
    pub capture: Capture,
    /// Snapshot of the org as it was before.
    pub before: String,
}

/// What a run belongs to.
#[derive(Debug, Serialize, Deserialize)]
struct Belongs {
    /// The snapshot to go back to.
    snapshot: String,
    /// The snapshot of the org before the run.
    before: String,
    /// What narrowed or widened it, as it was typed.
    #[serde(default)]
    asked: String,
    /// The plan's digest.
    plan: String,
    /// Who agreed.
    approver: String,
}

/// A run that began and did not end.
pub(crate) struct Unfinished {
    directory: PathBuf,
    belongs: Belongs,
    plan: Plan,
}

impl Unfinished {
    /// The snapshot it goes back to.
    pub(crate) fn snapshot(&self) -> &str {
        &self.belongs.snapshot
    }

    /// What narrowed or widened it: `--kind group --prune`.
    pub(crate) fn asked(&self) -> &str {
        &self.belongs.asked
    }

    /// The plan it carries out.
    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }
}

impl Keeper {
    /// Plans the way from `live` back to `wanted`, as far as `changes` and `reach` go. Who restores is never touched.
    pub(crate) async fn plan(
        &self,
        changes: &Changes,
        wanted: &Kept,
        live: &Capture,
        reach: &Reach,
    ) -> Result<Plan, Failure> {
        let options = Options {
            prune: reach.prune,
            recreate: reach.recreate,
            lifeline: self.lifeline().await?,
        };
        plan(changes, &wanted.image, &live.image, &options).map_err(|cycle| {
            let hint =
                "Narrow the restore with --kind or --object so that it leaves one of them out.";
            Failure::new(Exit::Differs, cycle, hint)
        })
    }

    /// The run that began and did not end, if there is one.
    pub(crate) fn unfinished(&self) -> Result<Option<Unfinished>, Failure> {
        let Some(directory) = self.open_runs().pop() else {
            return Ok(None);
        };
        let belongs: Belongs = read(&directory.join(BELONGS))?;
        let plan: Plan = read(&directory.join(PLAN))?;
        Ok(Some(Unfinished {
            directory,
            belongs,
            plan,
        }))
    }

    /// Leaves every unfinished run behind for good, also one whose files cannot be read any more.
    pub(crate) fn abandon_unfinished(&self) -> Result<(), Failure> {
        self.open_runs()
            .iter()
            .try_for_each(|directory| write_whole(&directory.join(ENDED), "abandoned"))
    }

    /// Directories of the runs that began and did not end, the newest last.
    fn open_runs(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.runs).into_iter().flatten().flatten();
        let mut open: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        open.retain(|directory| {
            directory.join(BELONGS).exists() && !directory.join(ENDED).exists()
        });
        open.sort();
        open
    }

    /// Carries out a plan a person agreed to: keeps the org as it was, writes the run down, applies, verifies.
    pub(crate) async fn carry_out(
        &self,
        plan: Plan,
        wanted: &Kept,
        live: &Capture,
        asked: String,
        approver: &str,
    ) -> Result<Outcome, Failure> {
        let started = self.clock.now();
        let before = self
            .save(live, &before_restore(&self.org), started)
            .await?
            .id
            .to_string();
        let digest = plan.digest().to_string();
        let directory = self.runs.join(format!(
            "{started}-{}",
            digest.get(..DIGEST_SHOWN).unwrap_or(&digest)
        ));
        make_private(&directory).map_err(|error| crate::wiring::cannot_make(&directory, &error))?;
        write_whole(
            &directory.join(PLAN),
            &serde_json::to_string(&plan).map_err(Failure::broken)?,
        )?;
        let belongs = Belongs {
            snapshot: wanted.id.clone(),
            before,
            asked,
            plan: digest,
            approver: approver.to_owned(),
        };
        write_whole(
            &directory.join(BELONGS),
            &serde_json::to_string(&belongs).map_err(Failure::broken)?,
        )?;
        self.go_on(
            Unfinished {
                directory,
                belongs,
                plan,
            },
            wanted,
        )
        .await
    }

    /// Goes on with a run where its journal ends.
    pub(crate) async fn go_on(
        &self,
        unfinished: Unfinished,
        wanted: &Kept,
    ) -> Result<Outcome, Failure> {
        let Unfinished {
            directory,
            belongs,
            plan,
        } = unfinished;
        let approved = Approved::new(plan, &belongs.plan, &belongs.approver).map_err(|error| {
            let hint =
                "The run's files were changed; begin anew with `portcullis restore --afresh`.";
            Failure::new(Exit::Partial, error, hint)
        })?;
        let journal = open_journal(&directory.join(JOURNAL))?;
        let bar = Bar::of_steps(self.printer);
        let run = apply(
            &approved,
            &wanted.image,
            &self.line,
            journal,
            self.clock.as_ref(),
            &|progress| bar.step(progress),
        )
        .await;
        bar.end();
        let run = run?;
        let before = self.load(&belongs.before).await?;
        let capture = self.capture().await?;
        let background = Background {
            ids: Some(&run.ids),
            plan: Some(approved.plan()),
            before: Some(&before.image),
        };
        let report = verify(&wanted.image, &capture.image, &background);
        write_whole(
            &directory.join(REPORT),
            &serde_json::to_string(&report).map_err(Failure::broken)?,
        )?;
        write_whole(
            &directory.join(ENDED),
            if run.is_complete() {
                "complete"
            } else {
                "partial"
            },
        )?;
        Ok(Outcome {
            run,
            report,
            capture,
            before: belongs.before,
        })
    }

    /// Holds an image that needs no step against the snapshot.
    pub(crate) fn judge(&self, wanted: &Kept, live: &Capture) -> Report {
        verify(&wanted.image, &live.image, &Background::default())
    }

    /// Holds the org as it is now against a snapshot, with what the last finished run of that snapshot knows.
    pub(crate) async fn verify(&self, wanted: &Kept) -> Result<(Report, Capture), Failure> {
        let capture = self.capture().await?;
        let last = self.last_run_of(&wanted.id)?;
        let plan: Option<Plan> = last
            .as_deref()
            .map(|directory| read(&directory.join(PLAN)))
            .transpose()?;
        let before = match &last {
            Some(directory) => Some(
                self.load(&read::<Belongs>(&directory.join(BELONGS))?.before)
                    .await?,
            ),
            None => None,
        };
        let background = Background {
            ids: None,
            plan: plan.as_ref(),
            before: before.as_ref().map(|kept| &kept.image),
        };
        Ok((verify(&wanted.image, &capture.image, &background), capture))
    }

    fn last_run_of(&self, snapshot: &str) -> Result<Option<PathBuf>, Failure> {
        let Ok(entries) = fs::read_dir(&self.runs) else {
            return Ok(None);
        };
        let mut ended: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .collect();
        ended.retain(|directory| directory.join(REPORT).exists());
        ended.sort();
        while let Some(directory) = ended.pop() {
            if read::<Belongs>(&directory.join(BELONGS))?.snapshot == snapshot {
                return Ok(Some(directory));
            }
        }
        Ok(None)
    }
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    serde_json::from_str(&text).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Failure {
    let hint = "Begin anew with `portcullis restore --afresh`; it compares with the live org and loses nothing.";
    Failure::new(
        Exit::Partial,
        format!("cannot read the restore run {}: {error}", path.display()),
        hint,
    )
}

const PLAN: &str = "plan.json";
const BELONGS: &str = "run.json";
const JOURNAL: &str = "journal";
const REPORT: &str = "report.json";
const ENDED: &str = "ended";
/// Digits of a plan's digest in the directory's name.
const DIGEST_SHOWN: usize = 12;
