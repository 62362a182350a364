//! 10,000 random tamperings of one trail, each of which must be found, and none of which may bring the check down.
//!
//! The seed is printed and can be given as `PORTCULLIS_TAMPER_SEED`; `PORTCULLIS_TAMPERINGS` sets their number.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use audit::{AuditError, Evidence, Witnessed, verify_against};
use fastrand::Rng;

use crate::world::{Files, ORG, World, chain_of_five, files, make_call, opening, signer};

const TAMPERINGS: u32 = 10_000;

/// A closed trail of several files and runs, and what an attacker may have kept of earlier times or have from elsewhere.
struct Scene {
    world: World,
    whole: Files,
    /// Copies of the whole directory: closed, and taken beside the running writer.
    earlier: Vec<Files>,
    /// Chains of another writer, of another org, and of somebody else's key.
    foreign: Vec<Files>,
}

async fn run(world: &World, calls: u32, kept: &mut Vec<Files>) {
    let trail = world.open();
    for call in 0..calls {
        make_call(
            &trail,
            if call % 2 == 0 {
                "getUser"
            } else {
                "deleteUser"
            },
        )
        .await;
        if call == calls / 2 {
            trail.flush().await.unwrap();
            kept.push(world.files());
        }
    }
    trail
        .open_entry((), opening("listUsers", true))
        .await
        .unwrap();
    drop(trail);
    kept.push(world.files());
}

async fn scene() -> Scene {
    let mut world = World::of_files(3_000).witnessed();
    world.settings.checkpoint_entries = 9;
    let mut earlier = Vec::new();
    for calls in [9, 3, 12, 7] {
        run(&world, calls, &mut earlier).await;
    }
    let whole = world.files();
    earlier.retain(|files| *files != whole);
    let settings = |org: &str, writer: &str| {
        let dir = world.root().join("elsewhere").join(writer);
        let clock = std::sync::Arc::new(world.clock.clone());
        let mut settings = world.settings.clone();
        settings.witnesses.clear();
        let trail = audit::Trail::open_with(&dir, org, clock, settings).unwrap();
        (trail, dir.join(org))
    };
    let mut foreign = Vec::new();
    for (org, writer) in [(ORG, "jobs"), ("preview", "gateway")] {
        let (trail, path) = settings(org, writer);
        for _ in 0..12 {
            make_call(&trail, "getUser").await;
        }
        drop(trail);
        foreign.push(files(&path));
    }
    let mut forger = World::of_files(3_000);
    forger.settings.signer = Some(signer());
    chain_of_five(&forger).await;
    foreign.push(forger.files());
    Scene {
        world,
        whole,
        earlier,
        foreign,
    }
}

/// What was done, and whether only a witness can tell: everything that is left was so at an earlier time.
struct Tampering {
    files: Files,
    what: &'static str,
    needs_witness: bool,
}

impl Scene {
    fn tamper(&self, random: &mut Rng) -> Tampering {
        let mut files = self.whole.clone();
        let names: Vec<String> = files.keys().cloned().collect();
        let name = random.choice(&names).unwrap().clone();
        let bytes = files.get_mut(&name).unwrap();
        let place = random.usize(0..bytes.len().max(1));
        let mut needs_witness = false;
        let what = match random.u32(0..19) {
            0 | 1 => {
                bytes[place] ^= 1 << random.u32(0..8);
                "a bit is flipped"
            }
            2 => {
                bytes.insert(random.usize(0..=bytes.len()), random.u8(..));
                "a byte is added"
            }
            3 => {
                bytes.remove(place);
                "a byte is removed"
            }
            4 => {
                bytes[place] = random.u8(..);
                "a byte is replaced"
            }
            5 => {
                bytes.truncate(place);
                "a file is cut"
            }
            6 => {
                let end = (place + random.usize(1..600)).min(bytes.len());
                bytes[place..end].fill(0);
                "bytes are zeroed"
            }
            7..=11 => edit_lines(bytes, random),
            12 => {
                files.remove(&name);
                "a file is removed"
            }
            13 => {
                let other = random.choice(&names).unwrap().clone();
                let (one, two) = (files[&name].clone(), files[&other].clone());
                files.insert(name, two);
                files.insert(other, one);
                "two files are swapped"
            }
            14 => {
                let earlier = random.choice(&self.earlier).unwrap();
                match earlier.get(&name) {
                    Some(bytes) => files.insert(name, bytes.clone()),
                    None => files.remove(&name),
                };
                "a file is from an earlier copy"
            }
            15 => {
                needs_witness = true;
                let earlier = random.choice(&self.earlier).unwrap();
                let every = random.bool();
                for name in &names {
                    if every || random.bool() {
                        match earlier.get(name) {
                            Some(bytes) => files.insert(name.clone(), bytes.clone()),
                            None => files.remove(name),
                        };
                    }
                }
                "all or several files are from an earlier copy"
            }
            16 => {
                let foreign = random.choice(&self.foreign).unwrap();
                if random.bool() {
                    files.clone_from(foreign);
                } else if let Some(bytes) = foreign.get(&name) {
                    files.insert(name, bytes.clone());
                }
                "files are those of another chain or of another key"
            }
            17 => {
                rehash(&mut files, random);
                "an entry is edited and everything after it hashed anew"
            }
            _ => {
                let lines = random.usize(1..4);
                let last = files
                    .keys()
                    .rfind(|name| name.ends_with(".jsonl"))
                    .unwrap()
                    .clone();
                append(files.get_mut(&last).unwrap(), lines);
                "entries are added at the end, hashed as they must be"
            }
        };
        Tampering {
            files,
            what,
            needs_witness,
        }
    }
}

fn edit_lines(bytes: &mut Vec<u8>, random: &mut Rng) -> &'static str {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|b| *b == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return "nothing";
    }
    let (one, two) = (random.usize(0..lines.len()), random.usize(0..lines.len()));
    let what = match random.u32(0..4) {
        0 => {
            lines.remove(one);
            "a line is removed"
        }
        1 => {
            let line = lines[one].clone();
            lines.insert(two, line);
            "a line is repeated"
        }
        2 => {
            lines.swap(one, two);
            "two lines are swapped"
        }
        _ => {
            let (from, to) = (one.min(two), one.max(two));
            lines.drain(from..=to);
            "lines are removed"
        }
    };
    *bytes = lines.concat();
    what
}

/// What somebody does who knows the form of the trail and has not the key.
fn rehash(files: &mut Files, random: &mut Rng) {
    let names: Vec<String> = files
        .keys()
        .filter(|n| n.ends_with(".jsonl"))
        .cloned()
        .collect();
    let total: usize = names
        .iter()
        .map(|name| files[name].iter().filter(|b| **b == b'\n').count())
        .sum();
    let edited = random.usize(0..total);
    let mut position = 0;
    let mut before: Option<String> = None;
    for name in names {
        let text = String::from_utf8(files[&name].clone()).unwrap();
        let mut out = String::new();
        for line in text.lines() {
            let (body, _) = line.rsplit_once(",\"hash\":").unwrap();
            let (fields, prev) = body.rsplit_once(",\"prev\":\"").unwrap();
            let mut fields = fields.to_owned();
            if position == edited {
                fields = fields
                    .replace("cliTerraform", "cliSomebody")
                    .replace("200", "403");
            }
            let prev = match &before {
                Some(hash) if position > edited => hash.clone(),
                _ => prev.trim_end_matches('"').to_owned(),
            };
            let body = format!("{fields},\"prev\":\"{prev}\"");
            let hash = sha256(body.as_bytes());
            out.push_str(&format!("{body},\"hash\":\"{hash}\"}}\n"));
            before = Some(hash);
            position += 1;
        }
        files.insert(name, out.into_bytes());
    }
}

fn append(bytes: &mut Vec<u8>, lines: usize) {
    for _ in 0..lines {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let last: serde_json::Value =
            serde_json::from_str(text.lines().next_back().unwrap()).unwrap();
        let body = format!(
            "{{\"seq\":{},\"at\":\"1970-01-01T00:00:00.000000Z\",\"kind\":\"started\",\"prev\":{}",
            last["seq"].as_u64().unwrap() + 1,
            last["hash"]
        );
        bytes.extend_from_slice(
            format!("{body},\"hash\":\"{}\"}}\n", sha256(body.as_bytes())).as_bytes(),
        );
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Whether the check ends in [`AuditError::Broken`]; a panic or another error is neither.
fn is_found(world: &World, witnessed: Option<&Witnessed>) -> Result<bool, String> {
    let evidence = Evidence {
        keys: Some(world.keys()),
        witnessed: witnessed.map(std::slice::from_ref).unwrap_or_default(),
    };
    match catch_unwind(AssertUnwindSafe(|| {
        verify_against(&world.dir(), ORG, evidence)
    })) {
        Ok(Ok(_)) => Ok(false),
        Ok(Err(AuditError::Broken(_))) => Ok(true),
        Ok(Err(other)) => Err(other.to_string()),
        Err(_) => Err("it panicked".to_owned()),
    }
}

#[tokio::test]
async fn ten_thousand_random_tamperings_are_all_found() {
    let seed = number_of("PORTCULLIS_TAMPER_SEED").unwrap_or_else(|| Rng::new().u64(..));
    let wanted = number_of("PORTCULLIS_TAMPERINGS").unwrap_or(u64::from(TAMPERINGS));
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let scene = scene().await;
    let witness = scene.world.witness();
    let intact = scene.world.verify_with(Some(&witness)).unwrap();
    assert!(intact.files > 3 && intact.checkpoints > 5, "{intact:?}");
    let mut counts: BTreeMap<&'static str, (u64, u64)> = BTreeMap::new();
    let mut done = 0;
    while done < wanted {
        let tampering = scene.tamper(&mut random);
        if tampering.files == scene.whole {
            continue;
        }
        done += 1;
        scene.world.put(&tampering.files);
        let alone = is_found(&scene.world, None);
        let found = match alone {
            Ok(false) if tampering.needs_witness => is_found(&scene.world, Some(&witness)),
            ref other => other.clone(),
        };
        if found != Ok(true) {
            let kept = std::env::temp_dir().join(format!("tampering-{seed}-{done}"));
            std::fs::create_dir_all(&kept).unwrap();
            for (name, bytes) in &tampering.files {
                std::fs::write(kept.join(name), bytes).unwrap();
            }
            panic!(
                "seed {seed}, tampering {done}, {}: {found:?}; see {}",
                tampering.what,
                kept.display()
            );
        }
        let count = counts.entry(tampering.what).or_default();
        count.0 += 1;
        count.1 += u64::from(alone == Ok(true));
    }
    scene.world.put(&scene.whole);
    assert_eq!(scene.world.verify_with(Some(&witness)).unwrap(), intact);
    println!("{done} tamperings, all found:");
    for (what, (all, alone)) in counts {
        println!("{all:>6}, {alone:>6} of them without the witness: {what}");
    }
}

#[tokio::test]
async fn copies_of_a_chain_at_any_earlier_time_are_sound_in_themselves() {
    let scene = scene().await;
    assert!(scene.earlier.len() >= 7);
    for files in scene.earlier.iter().chain([&scene.whole]) {
        scene.world.put(files);
        scene.world.verify().unwrap();
        drop(scene.world.open());
        assert!(scene.world.verify().unwrap().stopped);
    }
}
