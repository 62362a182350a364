//! One OpenAPI document: reads it, follows references inside it, and gives its schemas names that are unique over all
//! documents. Knows nothing of what the catalog keeps.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// Beginnings of the file names Okta publishes, in the order in which the documents name their schemas.
const DOCUMENTS: [(&str, &str); 4] = [
    ("management", "management"),
    ("oauth", "oauth"),
    ("idp", "idp"),
    ("governance", "governance"),
];

/// Longest chain of references followed before giving up; the documents' longest has 3.
const REFERENCE_DEPTH_MAX: usize = 16;

/// One parsed OpenAPI document.
pub(crate) struct Document {
    /// Our short name for it.
    pub(crate) spec: &'static str,
    root: Value,
}

/// All four documents.
pub(crate) struct Documents {
    all: Vec<Document>,
    /// Schema name → documents that define it, in order.
    owners: BTreeMap<String, Vec<&'static str>>,
}

impl Documents {
    /// Reads the documents in `dir`; each must be there exactly once.
    pub(crate) fn read(dir: &Path) -> Result<Self> {
        let mut all = Vec::new();
        let mut owners: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
        for (spec, beginning) in DOCUMENTS {
            let document = Document {
                spec,
                root: read_yaml(dir, beginning)?,
            };
            for name in document.schemas()?.keys() {
                owners.entry(name.clone()).or_default().push(spec);
            }
            all.push(document);
        }
        Ok(Self { all, owners })
    }

    /// One document made up for a test.
    #[cfg(test)]
    pub(crate) fn of(spec: &'static str, root: Value) -> Result<Self> {
        let document = Document { spec, root };
        let owners = document
            .schemas()?
            .keys()
            .map(|name| (name.clone(), vec![spec]))
            .collect();
        Ok(Self {
            all: vec![document],
            owners,
        })
    }

    /// The documents, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.all.iter()
    }

    /// The catalog's name of a schema: its own, unless an earlier document has one of the same name.
    pub(crate) fn shape_name(&self, spec: &str, schema: &str) -> String {
        match self.owners.get(schema).and_then(|owners| owners.first()) {
            Some(first) if *first != spec => format!("{spec}.{schema}"),
            _ => schema.to_owned(),
        }
    }
}

fn read_yaml(dir: &Path, beginning: &str) -> Result<Value> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with(beginning) && (name.ends_with(".yaml") || name.ends_with(".yml")) {
            found.push(path);
        }
    }
    let [path] = found.as_slice() else {
        bail!(
            "{} must hold exactly one {beginning}*.yaml, it holds {}",
            dir.display(),
            found.len()
        );
    };
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_norway::from_str(&text).with_context(|| format!("{} is no YAML document", path.display()))
}

impl Document {
    /// Paths with their items, in the document's order.
    pub(crate) fn paths(&self) -> Result<&Map<String, Value>> {
        self.root
            .get("paths")
            .and_then(Value::as_object)
            .context("the document has no `paths`")
    }

    /// Schemas by name.
    pub(crate) fn schemas(&self) -> Result<&Map<String, Value>> {
        self.section("schemas")
            .context("the document has no `components.schemas`")
    }

    /// Kind of a security scheme: `oauth2`, `apiKey`, `http`.
    pub(crate) fn scheme_kind(&self, name: &str) -> Result<&str> {
        let scheme = self
            .section("securitySchemes")
            .and_then(|schemes| schemes.get(name));
        scheme
            .and_then(|scheme| text(scheme, "type"))
            .with_context(|| format!("security scheme `{name}` is not declared"))
    }

    /// The `x-okta-lifecycle` of the tag of this name.
    pub(crate) fn tag_lifecycle(&self, tag: &str) -> Option<&Value> {
        let tags = self.root.get("tags")?.as_array()?;
        tags.iter()
            .find(|known| text(known, "name") == Some(tag))?
            .get("x-okta-lifecycle")
    }

    /// What `value` refers to, or `value` itself when it is no reference.
    pub(crate) fn resolve<'d>(&'d self, value: &'d Value) -> Result<&'d Value> {
        let mut here = value;
        for _ in 0..REFERENCE_DEPTH_MAX {
            let Some(reference) = text(here, "$ref") else {
                return Ok(here);
            };
            let pointer = reference
                .strip_prefix('#')
                .with_context(|| format!("`{reference}` leaves the document"))?;
            here = self
                .root
                .pointer(pointer)
                .with_context(|| format!("`{reference}` leads nowhere"))?;
        }
        bail!("a chain of references is longer than {REFERENCE_DEPTH_MAX}")
    }

    fn section(&self, name: &str) -> Option<&Map<String, Value>> {
        self.root.get("components")?.get(name)?.as_object()
    }
}

/// Member `name` of an object, if it is a string.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// Member `name` of an object, if it is an array; else nothing.
pub(crate) fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Whether member `name` of an object is `true`.
pub(crate) fn is_set(value: &Value, name: &str) -> bool {
    value.get(name) == Some(&Value::Bool(true))
}

/// Name of the schema that a `$ref` names.
pub(crate) fn schema_reference(value: &Value) -> Option<&str> {
    text(value, "$ref")?.strip_prefix("#/components/schemas/")
}
