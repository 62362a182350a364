//! Figures on demand: `cargo test --release -p repository --test repository -- --ignored --nocapture measure`.

use std::sync::Arc;
use std::time::Instant;

use repository::{Blobs, Depth, Directory, Repository, SnapshotWriter};
use serde_json::json;

use crate::world::{at, key};

const USERS: u32 = 200_000;

/// A user as Okta shows one: ~1.4 kB, a third of it links.
fn user(number: u32, edition: u32) -> (String, Vec<u8>) {
    let mut random = fastrand::Rng::with_seed(u64::from(number) | u64::from(edition) << 32);
    let id: String = "00u"
        .chars()
        .chain(std::iter::repeat_with(|| random.alphanumeric()).take(17))
        .collect();
    let login = format!(
        "{}.{}{number}@example.com",
        NAMES[random.usize(..NAMES.len())],
        NAMES[random.usize(..NAMES.len())]
    );
    let date = |r: &mut fastrand::Rng| {
        format!(
            "202{}-0{}-1{}T0{}:{:02}:{:02}.000Z",
            r.u8(0..6),
            r.u8(1..9),
            r.u8(0..9),
            r.u8(0..9),
            r.u8(0..60),
            r.u8(0..60)
        )
    };
    let key = format!("00u{number:017}");
    let link = |rest: &str| json!({"href": format!("https://example.okta.com/api/v1/users/{id}{rest}"), "method": "POST"});
    let value = json!({
        "id": id, "status": "ACTIVE", "created": date(&mut random), "activated": date(&mut random),
        "statusChanged": date(&mut random), "lastLogin": date(&mut random), "lastUpdated": date(&mut random),
        "passwordChanged": date(&mut random), "type": {"id": "oty1a2b3c4D5E6f7g8h9"},
        "profile": {
            "firstName": NAMES[random.usize(..NAMES.len())], "lastName": NAMES[random.usize(..NAMES.len())], "mobilePhone": null,
            "secondEmail": null, "login": login, "email": login, "employeeNumber": format!("{}", random.u32(10_000..999_999)),
            "department": NAMES[random.usize(..8)], "title": "Engineer", "city": NAMES[random.usize(..30)], "countryCode": "DE",
            "manager": format!("{}@example.com", NAMES[random.usize(..NAMES.len())]), "costCenter": random.u32(100..999).to_string(),
        },
        "credentials": {"password": {}, "emails": [{"value": login, "status": "VERIFIED", "type": "PRIMARY"}],
            "provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"suspend": link("/lifecycle/suspend"), "schema": {"href": "https://example.okta.com/api/v1/meta/schemas/user/osc1"},
            "resetPassword": link("/lifecycle/reset_password"), "changePassword": link("/credentials/change_password"),
            "deactivate": link("/lifecycle/deactivate"), "self": {"href": format!("https://example.okta.com/api/v1/users/{id}")}},
    });
    (key, value.to_string().into_bytes())
}

/// CPU seconds of this process, user and system, from the kernel (Linux counts in hundredths).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn resident_mb_peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap()
        .to_owned()
}

async fn put_all(writer: &mut SnapshotWriter, users: &[(String, Vec<u8>)]) {
    for (key, bytes) in users {
        writer.put("user", key, bytes).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "prints figures, needs a release build and ~1 GB of memory"]
async fn measure_two_hundred_thousand_users() {
    let root = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let directory: Arc<dyn Blobs> = Arc::new(Directory::at(root.path()));
    Repository::create(Arc::clone(&directory), &key())
        .await
        .unwrap();
    let mut users: Vec<_> = (0..USERS).map(|number| user(number, 0)).collect();
    let raw: usize = users.iter().map(|(_, bytes)| bytes.len()).sum();
    println!(
        "{USERS} users, mean {} B, {:.1} MB raw; {}",
        raw / USERS as usize,
        raw as f64 / 1e6,
        resident_mb_peak()
    );
    for edition in 0..10 {
        if edition > 0 {
            for number in (0..USERS).filter(|number| number % 100 == edition) {
                users[number as usize] = user(number, edition);
            }
        }
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        let repository = Repository::open(Arc::clone(&directory), &key())
            .await
            .unwrap();
        let mut writer = repository.writer("production", at(0)).await.unwrap();
        put_all(&mut writer, &users).await;
        let saved = writer.finish(json!(null), at(1)).await.unwrap();
        println!(
            "snapshot {}: {:.2} s CPU, {:.2} s wall, {:.3} MB written, {} new objects",
            saved.sequence,
            cpu_seconds() - cpu,
            wall.elapsed().as_secs_f64(),
            saved.written_bytes as f64 / 1e6,
            saved.new_objects
        );
    }
    let mut total = 0;
    for name in directory.list("").await.unwrap() {
        total += std::fs::metadata(root.path().join(name)).unwrap().len();
    }
    println!(
        "total after 10 snapshots: {:.1} MB; {}",
        total as f64 / 1e6,
        resident_mb_peak()
    );
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let repository = Repository::open(Arc::clone(&directory), &key())
        .await
        .unwrap();
    let snapshot = repository.snapshot("production", "latest").await.unwrap();
    println!(
        "open latest: {:.2} s CPU, {:.2} s wall",
        cpu_seconds() - cpu,
        wall.elapsed().as_secs_f64()
    );
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let mut read = 0_usize;
    snapshot
        .for_each("user", |_, bytes| {
            read += bytes.len();
            Ok::<_, repository::Error>(())
        })
        .await
        .unwrap();
    println!(
        "read all: {:.1} MB, {:.2} s CPU, {:.2} s wall",
        read as f64 / 1e6,
        cpu_seconds() - cpu,
        wall.elapsed().as_secs_f64()
    );
    let wall = Instant::now();
    for (key, bytes) in users.iter().step_by(2_000) {
        assert_eq!(&snapshot.read("user", key).await.unwrap(), bytes);
    }
    println!(
        "read one: {:.0} us wall each",
        wall.elapsed().as_micros() as f64 / 100.0
    );
    for depth in [Depth::Lists, Depth::Data] {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        assert!(repository.check(depth, &[]).await.unwrap().is_sound());
        println!(
            "check {depth:?}: {:.2} s CPU, {:.2} s wall",
            cpu_seconds() - cpu,
            wall.elapsed().as_secs_f64()
        );
    }
    assert_eq!(
        read,
        users.iter().map(|(_, bytes)| bytes.len()).sum::<usize>()
    );
}

const NAMES: [&str; 40] = [
    "ada",
    "alan",
    "barbara",
    "claude",
    "donald",
    "edsger",
    "frances",
    "grace",
    "hedy",
    "ivan",
    "jean",
    "john",
    "katherine",
    "ken",
    "leslie",
    "linus",
    "margaret",
    "marvin",
    "niklaus",
    "noam",
    "ole",
    "peter",
    "radia",
    "rasmus",
    "robin",
    "ron",
    "sophie",
    "stephen",
    "tim",
    "tony",
    "ursula",
    "vint",
    "whitfield",
    "yukihiro",
    "adele",
    "bjarne",
    "carol",
    "dana",
    "erna",
    "fei",
];
