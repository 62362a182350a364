//! Shipping: reads the chains of an org on, writes entries in their form, hands them to the target, remembers how far it is. The trail
//! itself is the queue: nothing waits in memory but one batch, and a collector that is away costs nothing but delay.

use super::{Calls, Form, Position, Sink, Target};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::wiring::Writer;
use audit::Following;
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// What is shipped where.
pub(crate) struct Shipment {
    /// State directory, or the directory of a copy that has `audit` in it.
    pub state: PathBuf,
    /// Whose chains.
    pub org: String,
    /// How entries are written.
    pub form: Form,
    /// Where they go.
    pub target: Target,
    /// Entries before that are passed over.
    pub since: Option<Timestamp>,
    /// File of the position; without one, shipping begins at the beginning.
    pub position: Option<PathBuf>,
    /// How standard output is written to.
    pub printer: Printer,
    /// What is open, once it has begun.
    pub under_way: Option<UnderWay>,
}

/// Open chains and target.
pub(crate) struct UnderWay {
    sink: Sink,
    chains: Vec<(Writer, Following, Calls)>,
    /// What has been handed over.
    sent: Position,
    /// Whether the file of the position lags behind that.
    unsaved: bool,
}

impl Shipment {
    /// Ships a batch of each chain; says how many entries that were. After a failure the next step begins where the position says.
    pub(crate) fn step(&mut self) -> Result<usize, Failure> {
        let mut under_way = match self.under_way.take() {
            Some(under_way) => under_way,
            None => self.begin()?,
        };
        if !under_way.sink.is_alive() {
            return Err(self.failed("the other end closed the connection"));
        }
        self.save(&mut under_way)?;
        let mut count = 0;
        for (writer, following, calls) in &mut under_way.chains {
            let mut batch = Vec::new();
            let mut last = None;
            while batch.len() < BATCH_MAX
                && let Some(followed) = following.read()?
            {
                let known = followed.known;
                let joined = calls.join(followed);
                if known {
                    continue;
                }
                last = Some((joined.entry.number, joined.hash.clone()));
                if self.since.is_none_or(|since| joined.entry.at >= since) {
                    batch.push(self.form.write(&joined));
                }
            }
            let Some((number, hash)) = last else { continue };
            let sent = under_way.sink.send(self.form, &batch);
            sent.map_err(|error| self.failed(&error.to_string()))?;
            under_way.sent.set(*writer, number, hash);
            under_way.unsaved = true;
            // Entries that were passed over are progress, too.
            count += batch.len().max(1);
        }
        self.under_way = Some(under_way);
        Ok(count)
    }

    /// Ends in good order: what went out is remembered.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        match self.under_way.take() {
            Some(mut under_way) => self.save(&mut under_way),
            None => Ok(()),
        }
    }

    fn begin(&self) -> Result<UnderWay, Failure> {
        let sent = match &self.position {
            Some(path) => Position::read(path)?,
            None => Position::default(),
        };
        let chains = Writer::ALL.into_iter().map(|writer| {
            let directory = writer.directory(&self.state);
            let following = Following::open(&directory, &self.org, sent.of(writer))?;
            Ok((writer, following, Calls::of(writer.name(), &self.org)))
        });
        let chains = chains.collect::<Result<_, Failure>>()?;
        let sink = self.target.open(self.printer);
        Ok(UnderWay {
            sink: sink.map_err(|error| self.failed(&error.to_string()))?,
            chains,
            sent,
            unsaved: false,
        })
    }

    fn save(&self, under_way: &mut UnderWay) -> Result<(), Failure> {
        if let Some(path) = &self.position
            && under_way.unsaved
        {
            under_way.sent.write(path)?;
            under_way.unsaved = false;
        }
        Ok(())
    }

    fn failed(&self, why: &str) -> Failure {
        Failure::new(
            Exit::Settings,
            format!(
                "cannot ship the trail of {} to {}: {why}",
                self.org, self.target
            ),
            "Check the collector and the way to it; shipping goes on from where it was.",
        )
    }
}

/// Ships for as long as it is let. Resolves never; to be dropped.
pub(crate) async fn ship_forever(mut shipment: Shipment) {
    let mut pause = PAUSE_MIN;
    let mut failing = false;
    loop {
        let step = tokio::task::spawn_blocking(move || {
            let done = shipment.step();
            (shipment, done)
        });
        let Ok((back, done)) = step.await else { return };
        shipment = back;
        match done {
            Ok(count) => {
                if failing {
                    tracing::info!(org = shipment.org, target = %shipment.target, "the trail is shipped again");
                }
                (failing, pause) = (false, PAUSE_MIN);
                if count == 0 {
                    tokio::time::sleep(LOOKS_EVERY).await;
                }
            }
            Err(failure) => {
                if !failing {
                    tracing::warn!(
                        error = failure.message,
                        hint = failure.hint,
                        "the trail is not shipped"
                    );
                }
                failing = true;
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// Most entries of a chain written at once: 200 kB as lines, 1 MB as OCSF events.
const BATCH_MAX: usize = 500;
/// How often a chain that had nothing new is looked at: one small file read for each.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
/// Pauses between tries to reach a collector.
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
