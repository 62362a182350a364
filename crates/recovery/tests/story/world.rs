//! One emulated org with a line to it, a repository and a way to break things. Everything a story needs in one value.

use access::Permit;
use audit::Recorded;
use clock::Clock;
use emulator::{Emulator, Request, Seed};
use org::{Key, Org};
use recovery::apply::Record;
use recovery::plan::Options;
use recovery::verify::Background;
use recovery::{
    Approved, IdMap, Image, Plan, Report, Run, Selection, apply, capture, diff, plan, verify,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use testkit::TOKEN;
use tokio::sync::Notify;
use upstream::{Answer, BoxFuture, Budget, Line, Portion, Silence, Upstream, UpstreamError};

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
            merged: false,
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

    fn portion(&self, _client: &access::ClientId, _share: access::Share) -> Portion {
        Portion::default()
    }
}

/// A world whose org breaks when it is told to.
pub(crate) struct World {
    world: testkit::World,
    org: Arc<FaultyOrg>,
    line: Line,
}

impl World {
    /// An org grown from `seed`.
    pub(crate) async fn seeded(seed: Seed) -> Self {
        let world = testkit::World::new(seed).await.unwrap();
        let org = Arc::new(FaultyOrg {
            emulator: world.org.clone(),
            writes: AtomicUsize::new(0),
            fault: Mutex::new(None),
            died: Notify::new(),
        });
        let line = world.restore_through(org.clone());
        Self { world, org, line }
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
        let opened = apply::open_journal(&self.world.path(journal)).unwrap();
        let clock: &dyn Clock = &self.world.clock;
        tokio::select! {
            run = apply(&approved, wanted, &self.line, opened, clock, &|_| {}) => Some(run.unwrap()),
            () = self.org.died.notified() => None,
        }
    }

    /// Writes a journal of that name in which every step was attempted and came to nothing.
    pub(crate) fn write_failures(&self, plan: &Plan, journal: &str) {
        let path = self.world.path(journal);
        let mut journal = apply::open_journal(&path).unwrap().journal;
        for step in &plan.steps {
            let (step, reason) = (step.number, "the answer has no id".to_owned());
            let (call, at) = ("POST".to_owned(), self.world.clock.now());
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
        let kept = self.kept();
        let is_spared =
            |key: &Key, title: &str| born.get(key).is_some() || title.starts_with("avery.stone");
        let spared = kept.iter().filter(|one| is_spared(one.key(), &one.title()));
        let lifeline: Vec<String> = spared.map(|one| one.key().id()).collect();
        let wiped = testkit::wipe(&self.world.restore(), &kept, &lifeline).await;
        wiped.unwrap().total()
    }
}
