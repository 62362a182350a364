//! `cargo xtask catalog`: compiles Okta's published OpenAPI documents into `okta/operations.jsonl` and `okta/shapes.jsonl`.
//!
//! The same documents and tables always give the same bytes. Scopes are taken from the documents' security blocks, kinds and
//! risks follow from rules (`kind`, `risk`) with the exceptions in `okta/risk.toml`, rate buckets from `okta/buckets.toml`.

mod buckets;
pub(crate) mod document;
mod kind;
mod operations;
mod overrides;
mod risk;
mod security;
mod shapes;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Both files together may not exceed this many bytes: they are embedded in the binary and read in reviews.
const INDEX_BYTES_MAX: usize = 1_000_000;

/// What `cargo xtask catalog` takes.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Folder with Okta's four documents (`management*.yaml`, `oauth*.yaml`, `idp*.yaml`, `governance*.yaml`).
    #[arg(long)]
    spec: PathBuf,
    /// Write nothing; fail if the committed files differ from what the documents give.
    #[arg(long)]
    check: bool,
}

/// Compiles, then writes or compares.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let okta = okta();
    let documents = document::Documents::read(&arguments.spec)?;
    let buckets = buckets::Buckets::read(&okta.join("buckets.toml"))?;
    let overrides = overrides::Overrides::read(&okta.join("risk.toml"))?;
    let mut shapes = shapes::Shapes::new(&documents);
    let operations = operations::compile(&documents, &buckets, &overrides, &mut shapes)?;
    let shapes = shapes.finish()?;
    let files = [
        ("operations.jsonl", lines(&operations)),
        ("shapes.jsonl", lines(&shapes)),
    ];
    let size: usize = files.iter().map(|(_, text)| text.len()).sum();
    if size > INDEX_BYTES_MAX {
        bail!("the index has {size} bytes, more than {INDEX_BYTES_MAX}");
    }
    for (name, text) in &files {
        settle(&okta.join(name), text, arguments.check)?;
    }
    println!(
        "{} operations, {} shapes, {size} bytes",
        operations.len(),
        shapes.len()
    );
    Ok(())
}

/// The folder of committed data.
fn okta() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../okta")
}

fn lines(lines: &[String]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect()
}

fn settle(path: &Path, text: &str, check: bool) -> Result<()> {
    if !check {
        return fs::write(path, text).with_context(|| format!("cannot write {}", path.display()));
    }
    let committed =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let Some(number) = first_difference(&committed, text) else {
        return Ok(());
    };
    bail!(
        "{} differs from the documents at line {number}; run `cargo xtask catalog --spec DIR`",
        path.display()
    )
}

/// Number of the first line in which two texts differ.
fn first_difference(committed: &str, compiled: &str) -> Option<usize> {
    if committed == compiled {
        return None;
    }
    let same = committed
        .lines()
        .zip(compiled.lines())
        .take_while(|(one, other)| one == other)
        .count();
    Some(same + 1)
}

#[cfg(test)]
mod tests {
    use super::{buckets::Buckets, first_difference, okta, overrides::Overrides};

    #[test]
    fn drift_is_found_by_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\nb", "a\nb\n"), Some(3));
    }
    #[test]
    fn the_committed_index_follows_from_the_committed_rules() {
        let index = std::fs::read_to_string(okta().join("operations.jsonl")).unwrap();
        let buckets = Buckets::read(&okta().join("buckets.toml")).unwrap();
        let overrides = Overrides::read(&okta().join("risk.toml")).unwrap();
        for line in index.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |member: &str| line[member].as_str().unwrap();
            let class = overrides.classify(text("spec"), text("id"), text("method"), text("path"));
            assert_eq!(class.kind, text("kind"), "{}", text("id"));
            assert_eq!(
                serde_json::json!(class.risk),
                line["risk"],
                "{}",
                text("id")
            );
            assert_eq!(
                buckets.of(text("method"), text("path")),
                text("bucket"),
                "{}",
                text("id")
            );
        }
    }
}
