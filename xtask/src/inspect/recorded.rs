//! Recorded requests that an org accepted (2xx) and that nobody made up, whatever the rest of their conversation is like.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use emulator::recording::{self, Body};

use super::Sample;

/// Reads them, equal ones once.
pub(super) fn read(file: &Path) -> Result<Vec<Sample>> {
    let conversations = recording::read(file)
        .with_context(|| format!("read recorded requests from {}", file.display()))?;
    let mut samples = Vec::new();
    let mut seen = BTreeSet::new();
    for conversation in &conversations {
        for one in &conversation.interactions {
            if !one.synthetic.is_empty() || !(200..300).contains(&one.status) {
                continue;
            }
            let target = if one.query.is_empty() {
                one.path.clone()
            } else {
                format!("{}?{}", one.path, one.query)
            };
            let Ok(recognised) = ::catalog::recognise(&one.method, &target) else {
                continue;
            };
            let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let sample = Sample {
                origin: format!("{} #{}", conversation.cassette, one.seq),
                operation: recognised.operation,
                params: recognised
                    .parameters
                    .iter()
                    .map(|(name, value)| owned(name, value))
                    .collect(),
                query: recognised
                    .query
                    .iter()
                    .map(|(name, value)| owned(name, value))
                    .collect(),
                media: media(
                    one.headers
                        .get("content-type")
                        .map_or("application/json", String::as_str),
                ),
                body: match &one.request {
                    Body::Absent => None,
                    Body::Json(value) => Some(serde_json::to_vec(value)?),
                    Body::Text(text) => Some(text.clone().into_bytes()),
                    Body::Bytes(bytes) => Some(bytes.clone()),
                },
            };
            if seen.insert((
                sample.operation.id,
                sample.params.clone(),
                sample.query.clone(),
                sample.body.clone(),
            )) {
                samples.push(sample);
            }
        }
    }
    Ok(samples)
}

/// The media type as the gateway hands it on: of its parameters only a boundary.
fn media(header: &str) -> String {
    let mut parts = header.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    match parts.find(|part| part.starts_with("boundary=")) {
        Some(boundary) => format!(
            "{media}; boundary=\"{}\"",
            boundary.trim_start_matches("boundary=").trim_matches('"')
        ),
        None => media,
    }
}
