//! One emulated org with a line to it, a repository and a way to break things. Everything a story needs in one value.

use access::{Caller, Grant, OrgName, Permit};
use audit::{Recorded, Trail};
use clock::{Clock, Manual};
use emulator::{Emulator, Limits, Request, Seed, Settings};
use jiff::Timestamp;
use org::{Kind, Org};
use recovery::apply::Record;
use recovery::plan::Options;
use recovery::verify::Background;
use recovery::{
    Approved, IdMap, Image, Plan, Report, Run, Selection, apply, capture, diff, plan, verify,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::Notify;
use upstream::{Answer, BoxFuture, Budget, Line, Silence, Upstream, UpstreamError};

const TOKEN: &str = "00emulatedTokenOfTheFirstAdministrator0000";

/// What goes wrong at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process dies before the call reaches Okta.
    DieBefore,
    /// The process dies after Okta acted and before anything is recorded.
    DieAfter,
    /// Okta acts, and its answer is lost.
    LoseAnswer,
}

/// An emulated org that can be broken at the n-th call that changes something.
#[derive(Debug)]
pub(crate) struct FaultyOrg {
    emulator: Emulator,
    writes: AtomicUsize,
    fault: Mutex<Option<(usize, Fault)>>,
    pub(crate) died: Notify,
}

impl FaultyOrg {
    fn answer(&self, call: &access::Call) -> Answer {
        let method = call.operation.method.as_str().parse().unwrap();
        let mut request = Request::new(method, call.target().unwrap()).with_token(TOKEN);
        if let Some(body) = &call.body {
            request.body = body.bytes.clone();
            request = request.with_header(http::header::CONTENT_TYPE, &body.content_type);
        }
        let answer = self.emulator.answer(request);
        Answer {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
        }
    }

    fn fault_now(&self, call: &access::Call) -> Option<Fault> {
        if call.operation.is_read() {
            return None;
        }
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let mut fault = self.fault.lock().unwrap();
        let due = fault.filter(|(at, _)| *at == number)?;
        *fault = None;
        Some(due.1)
    }
}

impl Upstream for FaultyOrg {
    fn call<'a>(
        &'a self,
        recorded: &'a Recorded<Permit>,
    ) -> BoxFuture<'a, Result<Answer, UpstreamError>> {
        Box::pin(async move {
            let call = recorded.permit().call();
            match self.fault_now(call) {
                None => Ok(self.answer(call)),
                Some(Fault::LoseAnswer) => {
                    self.answer(call);
                    let silence = Silence::Broken("the connection was cut".into());
                    Err(UpstreamError::Unanswered {
                        host: "org".to_owned(),
                        sent: true,
                        silence,
                    })
                }
                Some(fault) => {
                    if fault == Fault::DieAfter {
                        self.answer(call);
                    }
                    self.died.notify_one();
                    std::future::pending().await
                }
            }
        })
    }

    fn budget(&self) -> Budget {
        Budget::default()
    }
}

pub(crate) struct World {
    pub(crate) org: Arc<FaultyOrg>,
    pub(crate) clock: Arc<Manual>,
    directory: TempDir,
    line: Line,
}

impl World {
    /// An org grown from `seed`.
    pub(crate) fn seeded(seed: Seed) -> Self {
        let world = Self::around(Self::emulator());
        emulator::plant(&world.org.emulator, seed).unwrap();
        world
    }

    fn emulator() -> Emulator {
        Emulator::new(Settings {
            base_url: "https://acme.okta.example".to_owned(),
            seed: 7,
            clock: Arc::new(Manual::at(start())),
            limits: Limits::Off,
            token: TOKEN.to_owned(),
        })
    }

    fn around(emulator: Emulator) -> Self {
        let clock = Arc::new(Manual::at(start()));
        let directory = tempfile::tempdir().unwrap();
        let died = Notify::new();
        let org = Arc::new(FaultyOrg {
            emulator,
            writes: AtomicUsize::new(0),
            fault: Mutex::new(None),
            died,
        });
        let trail =
            Trail::open(&directory.path().join("audit"), "production", clock.clone()).unwrap();
        let caller = Caller::internal(
            "restore",
            OrgName::parse("production").unwrap(),
            Grant::restore(),
        );
        let line = Line::new(org.clone(), trail, caller, clock.clone());
        Self {
            org,
            clock,
            directory,
            line,
        }
    }

    /// The org as its API shows it.
    pub(crate) async fn image(&self) -> Image {
        capture(&self.line, &|_| {}).await.unwrap().image
    }

    pub(crate) async fn captured(&self) -> recovery::Capture {
        capture(&self.line, &|_| {}).await.unwrap()
    }

    /// The org as the emulator keeps it.
    pub(crate) fn kept(&self) -> Org {
        self.org.emulator.org()
    }

    /// Makes a raw call as the first administrator, as an attacker with a stolen token would.
    pub(crate) fn attack(&self, operation: &str, params: &[(&str, &str)]) -> u16 {
        let call = access::Call::new(operation, params).unwrap();
        self.org.answer(&call).status.as_u16()
    }

    /// Makes a raw call with a body.
    pub(crate) fn write(
        &self,
        operation: &str,
        params: &[(&str, &str)],
        body: &serde_json::Value,
    ) -> serde_json::Value {
        let call = access::Call::new(operation, params)
            .unwrap()
            .with_json(body);
        let answer = self.org.answer(&call);
        assert!(
            answer.is_success(),
            "{operation}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        serde_json::from_slice(&answer.body).unwrap_or_default()
    }

    /// Breaks the n-th write from now.
    pub(crate) fn break_at(&self, write: usize, fault: Fault) {
        self.org.writes.store(0, Ordering::SeqCst);
        *self.org.fault.lock().unwrap() = Some((write, fault));
    }

    /// Writes made since the last call of [`World::break_at`].
    pub(crate) fn writes(&self) -> usize {
        self.org.writes.load(Ordering::SeqCst)
    }

    /// Makes a call that may be refused.
    pub(crate) fn try_write(&self, call: &access::Call) -> u16 {
        self.org.answer(call).status.as_u16()
    }

    /// Plans how to make the org what `wanted` is.
    pub(crate) async fn plan(&self, wanted: &Image) -> (Plan, Image) {
        self.plan_knowing(wanted, &IdMap::default()).await
    }

    /// The same, knowing what objects are called since an earlier restore.
    pub(crate) async fn plan_knowing(&self, wanted: &Image, ids: &IdMap) -> (Plan, Image) {
        let live = self.image().await;
        let changes = diff(wanted, &live, &Selection::All, ids);
        (
            plan(&changes, wanted, &live, &Options::default()).unwrap(),
            live,
        )
    }

    /// The same, with more allowed.
    pub(crate) async fn plan_with(&self, wanted: &Image, options: &Options) -> (Plan, Image) {
        let live = self.image().await;
        let changes = diff(wanted, &live, &Selection::All, &IdMap::default());
        (plan(&changes, wanted, &live, options).unwrap(), live)
    }

    /// Carries out a plan with the journal of that name; none: it died on the way.
    pub(crate) async fn apply(&self, plan: &Plan, wanted: &Image, journal: &str) -> Option<Run> {
        let approved = Approved::new(plan.clone(), plan.digest().as_str(), "ana").unwrap();
        let opened = apply::open_journal(&self.directory.path().join(journal)).unwrap();
        let clock: &dyn Clock = self.clock.as_ref();
        tokio::select! {
            run = apply(&approved, wanted, &self.line, opened, clock, &|_| {}) => Some(run.unwrap()),
            () = self.org.died.notified() => None,
        }
    }

    /// Writes a journal of that name in which every step was attempted and came to nothing.
    pub(crate) fn write_failures(&self, plan: &Plan, journal: &str) {
        let path = self.directory.path().join(journal);
        let mut journal = apply::open_journal(&path).unwrap().journal;
        for step in &plan.steps {
            let (step, reason) = (step.number, "the answer has no id".to_owned());
            let (call, at) = ("POST".to_owned(), self.clock.now());
            journal.append(&Record::Intend { step, call, at }).unwrap();
            journal.append(&Record::Fail { step, reason }).unwrap();
        }
    }

    /// Holds the org against `wanted`.
    pub(crate) async fn verify(
        &self,
        wanted: &Image,
        plan: &Plan,
        before: &Image,
        ids: &IdMap,
    ) -> Report {
        let background = Background {
            ids: Some(ids),
            plan: Some(plan),
            before: Some(before),
        };
        verify(wanted, &self.image().await, &background)
    }

    /// Deletes everything that can be deleted, but the first administrator and the roles that person has.
    pub(crate) async fn wipe(&self) -> usize {
        self.wipe_all_but(&Org::new()).await
    }

    /// The same, sparing the objects of `born`.
    pub(crate) async fn wipe_all_but(&self, born: &Org) -> usize {
        let image = self.kept();
        let mut destroyed = 0;
        let mut kinds: Vec<Kind> = Kind::all().collect();
        kinds.reverse();
        for kind in kinds {
            for object in image.of(kind) {
                let facts = kind.facts();
                let spared = born.get(object.key()).is_some()
                    || facts.is_system(object.body())
                    || object.title().starts_with("avery.stone");
                let Some(delete) = facts.verbs.delete.as_deref().filter(|_| !spared) else {
                    continue;
                };
                let ids = object.key().ids();
                let path = |operation: &str| {
                    let names: Vec<&str> = catalog::operations()
                        .by_id(operation)
                        .unwrap()
                        .path_parameters()
                        .collect();
                    names
                        .into_iter()
                        .zip(ids.iter().map(String::as_str))
                        .collect::<Vec<_>>()
                };
                if let Some(deactivate) = &facts.verbs.deactivate {
                    self.attack(deactivate, &path(deactivate));
                }
                if kind.name() == "user" {
                    self.attack(delete, &path(delete));
                }
                destroyed += usize::from(self.attack(delete, &path(delete)) < 300);
            }
        }
        destroyed
    }
}

fn start() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().unwrap()
}
