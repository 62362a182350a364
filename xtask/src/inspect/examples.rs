//! Request examples out of Okta's OpenAPI documents. Those without a value of their own, or of another media type than JSON, are
//! left out.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Sample;
use crate::catalog::document::{Document, Documents};

/// Reads all of them.
pub(super) fn read(directory: &Path) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for document in Documents::read(directory)?.iter() {
        for (path, item) in document.paths()? {
            for (method, operation) in item.as_object().into_iter().flatten() {
                let target = path.replace(['{', '}'], "");
                let Ok(recognised) = ::catalog::recognise(&method.to_ascii_uppercase(), &target)
                else {
                    continue;
                };
                let body =
                    document.resolve(operation.get("requestBody").unwrap_or(&Value::Null))?;
                for (media, content) in body
                    .get("content")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                {
                    if !media.contains("json") {
                        continue;
                    }
                    for (name, value) in values(document, content)? {
                        samples.push(Sample {
                            origin: format!("example `{name}`"),
                            operation: recognised.operation,
                            params: Vec::new(),
                            query: Vec::new(),
                            media: media
                                .split([';', ','])
                                .next()
                                .unwrap_or_default()
                                .to_owned(),
                            body: Some(serde_json::to_vec(value).context("an example is no JSON")?),
                        });
                    }
                }
            }
        }
    }
    Ok(samples)
}

fn values<'d>(document: &'d Document, content: &'d Value) -> Result<Vec<(String, &'d Value)>> {
    let mut found = Vec::new();
    for (name, example) in content
        .get("examples")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if let Some(value) = document.resolve(example)?.get("value") {
            found.push((name.clone(), value));
        }
    }
    found.extend(
        content
            .get("example")
            .map(|value| ("example".to_owned(), value)),
    );
    Ok(found)
}
