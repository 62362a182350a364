//! Crashes: after every single operation on the medium, earlier snapshots are intact and the next backup succeeds.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use repository::blobs::{Extent, Pending};
use repository::{BlobError, Blobs, Depth, Memory, Repository};

use crate::world::{Org, back_up, contents, key, latest, read, small_org};

/// How the medium fails from a chosen operation on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// The operation has no effect.
    Refused,
    /// The operation takes effect, and its answer is lost.
    AnswerLost,
}

/// A medium that works until its n-th operation, and then no more: the process is gone.
#[derive(Debug)]
struct Failing {
    inner: Arc<Memory>,
    fault: Fault,
    fails_at: usize,
    operations: AtomicUsize,
}

impl Failing {
    fn new(inner: Arc<Memory>, fault: Fault, fails_at: usize) -> Arc<Self> {
        Arc::new(Self {
            inner,
            fault,
            fails_at,
            operations: AtomicUsize::new(0),
        })
    }

    async fn run<T: Send>(&self, operation: Pending<'_, T>) -> Result<T, BlobError> {
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        if number < self.fails_at {
            return operation.await;
        }
        if number == self.fails_at && self.fault == Fault::AnswerLost {
            operation.await?;
        }
        let source =
            std::io::Error::new(std::io::ErrorKind::StorageFull, "no space left on device");
        Err(BlobError::Failed {
            action: "write",
            place: "memory".to_owned(),
            source,
        })
    }
}

impl Blobs for Failing {
    fn list<'a>(&'a self, prefix: &'a str) -> Pending<'a, Vec<String>> {
        Box::pin(self.run(self.inner.list(prefix)))
    }
    fn read<'a>(&'a self, name: &'a str, extent: Extent) -> Pending<'a, Vec<u8>> {
        Box::pin(self.run(self.inner.read(name, extent)))
    }
    fn create<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Pending<'a, ()> {
        Box::pin(self.run(self.inner.create(name, bytes)))
    }
    fn remove<'a>(&'a self, name: &'a str) -> Pending<'a, ()> {
        Box::pin(self.run(self.inner.remove(name)))
    }
    fn place(&self) -> String {
        self.inner.place()
    }
}

/// The small org; the edition that crashes also has enough incompressible bytes for two packs.
fn org(edition: u32, logos: u32) -> Org {
    let mut random = fastrand::Rng::with_seed(u64::from(edition));
    let mut logo = || {
        let mut bytes = vec![0; 6 << 20];
        random.fill(&mut bytes);
        bytes
    };
    let mut org = small_org(edition);
    org.insert(
        "app logo".to_owned(),
        (0..logos).map(|n| (n.to_string(), logo())).collect(),
    );
    org
}

async fn back_up_through(blobs: Arc<dyn Blobs>, org: &Org) -> Result<(), repository::Error> {
    let repository = match Repository::open(Arc::clone(&blobs), &key()).await {
        Err(repository::Error::NotARepository { .. }) => Repository::create(blobs, &key()).await?,
        other => other?,
    };
    back_up(&repository, "production", org).await.map(|_| ())
}

async fn copied(memory: &Memory) -> Arc<Memory> {
    let copy = Arc::new(Memory::new());
    for name in memory.list("").await.unwrap() {
        copy.create(&name, read(memory, &name).await).await.unwrap();
    }
    copy
}

/// Crashes a backup at every operation, with `before` backups finished earlier; returns how many operations there were.
async fn crash_everywhere(fault: Fault, before: u32) -> usize {
    let earlier: Vec<Org> = (0..before).map(|edition| org(edition, 0)).collect();
    let crashing = org(before, 3);
    let prepared = Arc::new(Memory::new());
    for org in &earlier {
        back_up_through(Arc::clone(&prepared) as Arc<dyn Blobs>, org)
            .await
            .unwrap();
    }
    for fails_at in 0.. {
        let memory = copied(&prepared).await;
        let failing = Failing::new(Arc::clone(&memory), fault, fails_at);
        let outcome = back_up_through(Arc::clone(&failing) as Arc<dyn Blobs>, &crashing).await;
        if outcome.is_ok() {
            return fails_at;
        }
        assert!(failing.operations.load(Ordering::SeqCst) > fails_at);
        let told = format!("{fault:?} at operation {fails_at} after {before} backups");
        look_after(memory, &earlier, &crashing, &told).await;
    }
    unreachable!("the backup succeeds once no operation fails")
}

async fn look_after(memory: Arc<Memory>, earlier: &[Org], crashing: &Org, told: &str) {
    if let Ok(repository) = Repository::open(Arc::clone(&memory) as Arc<dyn Blobs>, &key()).await {
        let history = repository.snapshots("production").await.unwrap();
        assert!(history.unreadable.is_empty(), "{told}");
        let visible = history.snapshots.len();
        assert!(
            visible == earlier.len() || visible == earlier.len() + 1,
            "{told}: {visible} snapshots"
        );
        for (org, summary) in earlier.iter().chain([crashing]).zip(&history.snapshots) {
            let snapshot = repository
                .snapshot("production", &summary.id.to_string())
                .await
                .unwrap();
            assert!(
                contents(&snapshot).await == *org,
                "{told}: snapshot {} differs",
                summary.sequence
            );
        }
        let report = repository.check(Depth::Lists, &[]).await.unwrap();
        assert!(report.is_sound(), "{told}: {:?}", report.findings);
    }
    let packs = memory.list("packs/").await.unwrap();
    back_up_through(Arc::clone(&memory) as Arc<dyn Blobs>, crashing)
        .await
        .unwrap_or_else(|e| panic!("{told}: {e}"));
    let repository = Repository::open(Arc::clone(&memory) as Arc<dyn Blobs>, &key())
        .await
        .unwrap();
    assert!(
        latest(&repository, "production").await == *crashing,
        "{told}: the repeated backup differs"
    );
    let report = repository.check(Depth::Data, &[]).await.unwrap();
    assert!(
        report.is_sound() && report.leftovers.is_empty(),
        "{told}: packs of the crash are used again: {report:?}"
    );
    assert_eq!(
        report.objects,
        distinct(earlier, crashing),
        "{told}: nothing is stored twice"
    );
    assert!(packs.len() <= report.packs as usize, "{told}");
}

fn distinct(earlier: &[Org], crashing: &Org) -> u64 {
    let objects = earlier
        .iter()
        .chain([crashing])
        .flat_map(|org| org.values())
        .flat_map(|objects| objects.values());
    objects.collect::<BTreeSet<_>>().len() as u64
}

#[tokio::test]
async fn a_crash_at_any_operation_of_the_first_backup_costs_nothing() {
    assert!(crash_everywhere(Fault::Refused, 0).await >= 7);
    crash_everywhere(Fault::AnswerLost, 0).await;
}

#[tokio::test]
async fn a_crash_at_any_operation_of_a_later_backup_leaves_the_earlier_ones_intact() {
    assert!(crash_everywhere(Fault::Refused, 2).await >= 10);
    crash_everywhere(Fault::AnswerLost, 2).await;
}

#[tokio::test]
async fn a_backup_that_failed_once_cannot_be_finished() {
    let memory = Arc::new(Memory::new());
    Repository::create(Arc::clone(&memory) as Arc<dyn Blobs>, &key())
        .await
        .unwrap();
    // Reading the config and two lists succeed; the first pack does not.
    let failing = Failing::new(Arc::clone(&memory), Fault::Refused, 3);
    let repository = Repository::open(failing, &key()).await.unwrap();
    let mut writer = repository
        .writer("production", crate::world::at(0))
        .await
        .unwrap();
    let mut refused = 0;
    for (key, bytes) in &org(0, 4)["app logo"] {
        refused += u32::from(writer.put("app logo", key, bytes).await.is_err());
    }
    assert!(refused > 0, "the first full pack could not be written");
    let refused = writer
        .finish(serde_json::json!(null), crate::world::at(1))
        .await
        .unwrap_err();
    assert!(matches!(refused, repository::Error::Abandoned), "{refused}");
}
