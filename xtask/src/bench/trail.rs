//! What the audit trail costs: CPU per call (two entries, chained, signed, written, flushed) beside appending the same bytes as they
//! are, and how long a write waits for its entry to be on disk, alone and among many.

use std::fs::{File, read};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use audit::{CheckpointKey, Opening, Outcome, PublicKeys, Signer, Trail, TrailSettings};
use rustix::time::{ClockId, clock_gettime};

/// Calls per round, and after how many there is a pause of a millisecond: some 20,000 calls per second.
const CALLS: u32 = 40_000;
const CALLS_PER_PAUSE: u32 = 40;
const ROUNDS: u32 = 5;
/// Bytes written and flushed at once in the plain file, as the trail does under this load.
const WRITE_BYTES: usize = 150_000;
const FLUSH_BYTES: usize = 1 << 20;
/// Writes measured, and how many at once.
const WRITES: u32 = 512;
const AT_ONCE: [u32; 3] = [1, 8, 64];

/// Measures and prints.
pub(super) fn run() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    println!(
        "µs CPU per call: all threads, the caller's alone, and the same bytes appended plainly"
    );
    for round in 0..ROUNDS {
        let place = directory.path().join(format!("round-{round}/gateway"));
        let (all, caller) = runtime.block_on(calls(&place))?;
        let bytes = read(place.join("production/00000001.jsonl"))?;
        let plain = plainly(&directory.path().join("plain"), &bytes)?;
        println!("{all:>8.2} {caller:>8.2} {plain:>8.2}");
    }
    println!("µs until the entry of a write is on disk, median, by how many write at once");
    for at_once in AT_ONCE {
        let place = directory.path().join(format!("writes-{at_once}/gateway"));
        let median = runtime.block_on(writes(&place, at_once))?;
        println!("{at_once:>8} {median:>8.0}");
    }
    Ok(())
}

fn open(place: &Path) -> Result<Trail> {
    let key = CheckpointKey::generate()?;
    let known = PublicKeys::of(key.public().clone());
    let settings = TrailSettings {
        signer: Some(Arc::new(Signer::new(key, known)?)),
        file_bytes_max: u64::MAX,
        ..TrailSettings::default()
    };
    Ok(Trail::open_with(
        place,
        "production",
        Arc::new(clock::System),
        settings,
    )?)
}

fn opening(resources: &[(String, String)], durable: bool) -> Opening<'_> {
    Opening {
        client: "cli1gjtxk4XLkTQTt1d7",
        credential: "key1gjtxk4XLkTQTt1d7",
        operation: "getUser",
        resources,
        source: Some(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3))),
        user_agent: Some("okta-sdk-python/3.4.6 python/3.11"),
        durable,
        ..Opening::default()
    }
}

fn resources() -> [(String, String); 1] {
    [("userId".to_owned(), "00u1gjtxk4XLkTQTt1d7".to_owned())]
}

async fn calls(place: &Path) -> Result<(f64, f64)> {
    let trail = open(place)?;
    let resources = resources();
    let before = (
        used_us(ClockId::ProcessCPUTime),
        used_us(ClockId::ThreadCPUTime),
    );
    let mut paused = 0.0;
    for number in 0..CALLS {
        let recorded = trail.open_entry((), opening(&resources, false)).await?;
        let outcome = Outcome {
            status: Some(200),
            okta_request_id: Some("ZQx8Ih2pW1k0AAAB9nqVqwAAAf4".to_owned()),
            bytes: 1_100,
            duration_us: 41_234,
            ..Outcome::default()
        };
        trail.close_entry(recorded, outcome).await?;
        if number % CALLS_PER_PAUSE == 0 {
            let begun = used_us(ClockId::ThreadCPUTime);
            tokio::time::sleep(Duration::from_millis(1)).await;
            paused += used_us(ClockId::ThreadCPUTime) - begun;
        }
    }
    let caller = used_us(ClockId::ThreadCPUTime) - before.1 - paused;
    drop(trail);
    let all = used_us(ClockId::ProcessCPUTime) - before.0 - paused;
    Ok((all / f64::from(CALLS), caller / f64::from(CALLS)))
}

fn plainly(path: &Path, bytes: &[u8]) -> Result<f64> {
    let before = used_us(ClockId::ThreadCPUTime);
    let mut file = File::create(path)?;
    let mut unflushed = 0;
    for part in bytes.chunks(WRITE_BYTES) {
        file.write_all(part)?;
        unflushed += part.len();
        if unflushed >= FLUSH_BYTES {
            file.sync_data()?;
            unflushed = 0;
        }
    }
    file.sync_data()?;
    Ok((used_us(ClockId::ThreadCPUTime) - before) / f64::from(CALLS))
}

async fn writes(place: &Path, at_once: u32) -> Result<f64> {
    let trail = open(place)?;
    let mut waits = Vec::new();
    for _ in 0..WRITES / at_once {
        let writing = (0..at_once).map(|_| {
            let trail = trail.clone();
            tokio::spawn(async move {
                let begun = Instant::now();
                trail.open_entry((), opening(&resources(), true)).await?;
                Ok::<_, audit::AuditError>(begun.elapsed().as_secs_f64() * 1e6)
            })
        });
        for write in writing.collect::<Vec<_>>() {
            waits.push(write.await??);
        }
    }
    waits.sort_by(f64::total_cmp);
    Ok(waits.get(waits.len() / 2).copied().unwrap_or_default())
}

fn used_us(clock: ClockId) -> f64 {
    let used = clock_gettime(clock);
    used.tv_sec as f64 * 1e6 + used.tv_nsec as f64 / 1e3
}
