//! Holds the house to its own rules: who may use whom, how files begin, which names are banned. Nothing here builds or runs code.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the tree is a report"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Level of each room; a crate may use only crates of a lower level. `fuzz`, `testkit` and `xtask` are for development.
const LEVELS: &[(&str, u8)] = &[
    ("catalog", 0),
    ("clock", 0),
    ("fuzz", 0),
    ("jose", 0),
    ("store", 0),
    ("audit", 1),
    ("egress", 1),
    ("inspection", 1),
    ("org", 1),
    ("policy", 1),
    ("repository", 1),
    ("access", 2),
    ("upstream", 3),
    ("emulator", 4),
    ("gateway", 4),
    ("recovery", 4),
    ("portcullis", 6),
    ("testkit", 7),
    ("xtask", 8),
];

const BANNED_MODULES: &[&str] = &[
    "util", "utils", "common", "helpers", "helper", "types", "misc", "shared", "prelude",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn crates() -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                path,
            )
        })
        .collect();
    found.push(("xtask".to_owned(), root().join("xtask")));
    found.sort();
    found
}

fn rust_files(under: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(under).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    crates()
        .into_iter()
        .flat_map(|(_, path)| rust_files(&path.join("src")))
        .map(|file| (file.clone(), fs::read_to_string(file).unwrap()))
        .collect()
}

#[test]
fn no_crate_uses_one_beside_or_above_it() {
    let levels: BTreeMap<&str, u8> = LEVELS.iter().copied().collect();
    for (name, path) in crates() {
        let level = levels
            .get(name.as_str())
            .unwrap_or_else(|| panic!("crate `{name}` has no level in tidy.rs"));
        let manifest: toml::Table = fs::read_to_string(path.join("Cargo.toml"))
            .unwrap()
            .parse()
            .unwrap();
        let Some(used) = manifest.get("dependencies").and_then(toml::Value::as_table) else {
            continue;
        };
        for dependency in used.keys() {
            let Some(below) = levels.get(dependency.as_str()) else {
                continue;
            };
            assert!(
                below < level,
                "`{name}` (level {level}) uses `{dependency}` (level {below}); see ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (file, text) in sources() {
        assert!(
            text.starts_with("//!"),
            "{} does not open with a `//!` paragraph",
            file.display()
        );
    }
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    for (file, _) in sources() {
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            !BANNED_MODULES.contains(&stem.as_str()),
            "{} names no thing",
            file.display()
        );
    }
}

#[test]
fn no_file_grows_into_a_god_file() {
    for (file, text) in sources() {
        let lines = text
            .lines()
            .take_while(|line| !line.starts_with("#[cfg(test)]"))
            .count();
        assert!(
            lines <= LINES_MAX,
            "{} has {lines} lines before its tests: split it by noun",
            file.display()
        );
    }
}

#[test]
fn no_promise_is_left_in_a_comment() {
    for (file, text) in sources() {
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("] {
            assert!(!text.contains(word), "{} contains `{word}`", file.display());
        }
    }
}

#[test]
fn only_the_binary_prints_reads_the_environment_or_exits() {
    for (file, text) in sources() {
        let path = file.to_string_lossy().replace('\\', "/");
        if ["/crates/portcullis/", "/crates/fuzz/", "/xtask/"]
            .iter()
            .any(|room| path.contains(room))
        {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for act in [
            "std::env::var",
            "env::args",
            "process::exit",
            "println!(",
            "eprintln!(",
        ] {
            let doc_or_build = code
                .lines()
                .any(|line| line.contains(act) && !line.trim_start().starts_with("//"));
            assert!(
                !doc_or_build,
                "{} uses `{act}`: only the binary may",
                file.display()
            );
        }
    }
}

const LINES_MAX: usize = 500;
