//! `cargo xtask inspect`: holds inspection to both its duties. No request that Okta publishes as an example, and none that a real org
//! accepted, may be refused; of requests bent into an attack on the structure, as many as possible must be.
//!
//! Reads Okta's OpenAPI documents and recorded conversations; leaves out, and says so, what is not there. Never writes.

mod examples;
mod mutation;
mod recorded;
mod report;

use std::path::PathBuf;

use anyhow::Result;
use inspection::{Inspector, Report, Subject};

/// What to measure with.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Directory of Okta's OpenAPI documents, whose request examples must pass.
    #[arg(long)]
    spec: Option<PathBuf>,
    /// Recorded conversations, JSON Lines, zstd-compressed or plain: requests that an org accepted must pass. May be repeated.
    #[arg(long)]
    corpus: Vec<PathBuf>,
    /// Prints findings that only warn, too.
    #[arg(long)]
    warnings: bool,
    /// Ends with one line of JSON.
    #[arg(long)]
    json: bool,
}

/// A request that must pass.
pub(crate) struct Sample {
    /// Where it is from.
    pub(crate) origin: String,
    /// What it calls.
    pub(crate) operation: &'static ::catalog::Operation,
    /// Path parameters.
    pub(crate) params: Vec<(String, String)>,
    /// Query pairs.
    pub(crate) query: Vec<(String, String)>,
    /// Media type, lower case.
    pub(crate) media: String,
    /// The body.
    pub(crate) body: Option<Vec<u8>>,
}

impl Sample {
    /// The same request without its body.
    pub(crate) fn bare(&self) -> Self {
        Self {
            origin: self.origin.clone(),
            params: self.params.clone(),
            query: self.query.clone(),
            media: self.media.clone(),
            body: None,
            ..*self
        }
    }

    /// What an inspector says of it.
    pub(crate) fn inspect(&self, inspector: &Inspector) -> Report {
        inspector.inspect(&Subject {
            operation: self.operation,
            params: &self.params,
            query: &self.query,
            media: &self.media,
            body: self.body.as_deref(),
        })
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let inspector = Inspector::default();
    let mut report = report::Printed::new(arguments.warnings);
    let mut all = Vec::new();
    match &arguments.spec {
        Some(directory) if directory.exists() => {
            let samples = examples::read(directory)?;
            report.samples("published examples", &inspector, &samples);
            all.extend(samples);
        }
        _ => report.skip("published examples"),
    }
    let present: Vec<_> = arguments
        .corpus
        .iter()
        .filter(|file| file.exists())
        .collect();
    for file in &present {
        let samples = recorded::read(file)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        report.samples(&name, &inspector, &samples);
        all.extend(samples);
    }
    if present.is_empty() {
        report.skip("recorded requests");
    }
    mutation::measure(&inspector, &all, &mut report)?;
    report.finish(arguments.json);
    Ok(())
}
