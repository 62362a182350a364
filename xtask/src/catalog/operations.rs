//! Paths of the documents → one line per operation, in the form `catalog` reads. Decides nothing itself: kinds, risks and
//! buckets come from their rules, everything else from the documents.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use serde_json::Value;

use super::buckets::Buckets;
use super::document::{Document, Documents, is_set, list, text};
use super::overrides::Overrides;
use super::security::Security;
use super::shapes::Shapes;

/// Members of a path item that are operations.
const METHODS: [&str; 8] = [
    "get", "post", "put", "patch", "delete", "options", "head", "trace",
];

/// One line of the index.
#[derive(Serialize)]
struct Line {
    method: String,
    path: String,
    id: String,
    spec: &'static str,
    tag: String,
    kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unscoped: Option<&'static str>,
    #[serde(skip_serializing_if = "is_false")]
    ssws: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Body>,
    replies: Vec<Value>,
    #[serde(skip_serializing_if = "String::is_empty")]
    lifecycle: String,
    #[serde(skip_serializing_if = "is_false")]
    deprecated: bool,
    bucket: String,
    risk: Vec<&'static str>,
}

#[derive(Serialize)]
struct Body {
    media: Vec<String>,
    shape: String,
    #[serde(skip_serializing_if = "is_false")]
    required: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature `skip_serializing_if` asks for"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What every operation is compiled with.
struct Compiler<'c, 'd> {
    document: &'d Document,
    repeated: &'c BTreeSet<String>,
    buckets: &'c Buckets,
    overrides: &'c Overrides,
    shapes: &'c mut Shapes<'d>,
}

/// Compiles all operations of all documents, sorted by path and method.
pub(crate) fn compile<'d>(
    documents: &'d Documents,
    buckets: &Buckets,
    overrides: &Overrides,
    shapes: &mut Shapes<'d>,
) -> Result<Vec<String>> {
    let repeated = repeated_ids(documents)?;
    let mut lines = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for document in documents.iter() {
        let mut compiler = Compiler {
            document,
            repeated: &repeated,
            buckets,
            overrides,
            shapes,
        };
        for (path, item) in document.paths()? {
            for method in METHODS {
                let Some(operation) = item.get(method) else {
                    continue;
                };
                let line = compiler.line(path, method, item, operation);
                let line = line.with_context(|| format!("{method} {path} of {}", document.spec))?;
                ensure!(
                    ids.insert(line.id.clone()),
                    "two operations are called `{}`",
                    line.id
                );
                let text = serde_json::to_string(&line)?;
                let before = lines.insert((path.clone(), line.method.clone()), text);
                ensure!(before.is_none(), "{method} {path} occurs twice");
            }
        }
    }
    match overrides.ids().find(|id| !ids.contains(*id)) {
        Some(id) => bail!("okta/risk.toml names `{id}`, which no document has"),
        None => Ok(lines.into_values().collect()),
    }
}

/// Ids that occur in more than one document; all but the management one get their document's name in front.
fn repeated_ids(documents: &Documents) -> Result<BTreeSet<String>> {
    let mut seen = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for document in documents.iter() {
        for item in document.paths()?.values() {
            let ids = METHODS
                .iter()
                .filter_map(|method| text(item.get(method)?, "operationId"));
            repeated.extend(
                ids.filter(|id| !seen.insert((*id).to_owned()))
                    .map(str::to_owned),
            );
        }
    }
    Ok(repeated)
}

impl Compiler<'_, '_> {
    fn line(&mut self, path: &str, method: &str, item: &Value, operation: &Value) -> Result<Line> {
        let spec = self.document.spec;
        let written = text(operation, "operationId").context("no operationId")?;
        let id = match spec {
            "management" => written.to_owned(),
            _ if self.repeated.contains(written) => format!("{spec}.{written}"),
            _ => written.to_owned(),
        };
        let tag = list(operation, "tags")
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let method = method.to_uppercase();
        let class = self.overrides.classify(spec, &id, &method, path);
        let Security {
            scopes,
            unscoped,
            ssws,
        } = Security::read(self.document, operation)?;
        let [params, query, headers] = self.parameters(&id, item, operation)?;
        Ok(Line {
            kind: class.kind.to_owned(),
            scopes,
            unscoped,
            ssws,
            params,
            query,
            headers,
            body: self.body(&id, operation)?,
            replies: self.replies(&id, operation)?,
            lifecycle: self.lifecycle(tag, item, operation),
            deprecated: is_set(operation, "deprecated"),
            bucket: self.buckets.of(&method, path).to_owned(),
            risk: class.risk,
            path: path.to_owned(),
            tag: tag.to_owned(),
            method,
            id,
            spec,
        })
    }

    /// Path, query and header parameters in notation; those of the operation win over those of its path.
    fn parameters(
        &mut self,
        id: &str,
        item: &Value,
        operation: &Value,
    ) -> Result<[BTreeMap<String, String>; 3]> {
        let mut places: [BTreeMap<String, String>; 3] = Default::default();
        for written in list(item, "parameters")
            .iter()
            .chain(list(operation, "parameters"))
        {
            let parameter = self.document.resolve(written)?;
            let name = text(parameter, "name").context("a parameter without a name")?;
            let [params, query, headers] = &mut places;
            let place = match text(parameter, "in") {
                Some("path") => params,
                Some("query") => query,
                Some("header") => headers,
                other => bail!("parameter `{name}` is in {other:?}"),
            };
            let schema = parameter
                .get("schema")
                .or_else(|| first_content(parameter))
                .unwrap_or(&Value::Null);
            let mut notation =
                self.shapes
                    .notation(self.document, &format!("{id}.{name}"), schema)?;
            if text(parameter, "in") != Some("path") && is_set(parameter, "required") {
                notation.push_str(" !");
            }
            place.insert(name.to_owned(), notation);
        }
        Ok(places)
    }

    fn body(&mut self, id: &str, operation: &Value) -> Result<Option<Body>> {
        let Some(written) = operation.get("requestBody") else {
            return Ok(None);
        };
        let body = self.document.resolve(written)?;
        let content = body
            .get("content")
            .and_then(Value::as_object)
            .context("a request body without content")?;
        let mut shape = "any".to_owned();
        if let Some(schema) = content.values().find_map(|media| media.get("schema")) {
            shape = self
                .shapes
                .notation(self.document, &format!("{id}.body"), schema)?;
        }
        Ok(Some(Body {
            media: content.keys().cloned().collect(),
            shape,
            required: is_set(body, "required"),
        }))
    }

    fn replies(&mut self, id: &str, operation: &Value) -> Result<Vec<Value>> {
        let responses = operation
            .get("responses")
            .and_then(Value::as_object)
            .context("no responses")?;
        let successes = responses
            .iter()
            .filter(|(status, _)| status.starts_with('2'));
        let mut replies = BTreeMap::new();
        for (status, written) in successes {
            let status: u16 = status
                .parse()
                .with_context(|| format!("status `{status}`"))?;
            let response = self.document.resolve(written)?;
            let content = response.get("content").and_then(Value::as_object);
            let content = content.into_iter().flatten().collect::<Vec<_>>();
            if content.is_empty() {
                replies.insert((status, String::new()), serde_json::json!([status]));
            }
            for (media, written) in content {
                let schema = written.get("schema").unwrap_or(&Value::Null);
                let shape =
                    self.shapes
                        .notation(self.document, &format!("{id}.{status}"), schema)?;
                replies.insert(
                    (status, media.clone()),
                    serde_json::json!([status, media, shape]),
                );
            }
        }
        Ok(replies.into_values().collect())
    }

    /// The operation's own lifecycle, else that of its path, else that of its tag.
    fn lifecycle(&self, tag: &str, item: &Value, operation: &Value) -> String {
        let stated = [
            operation.get("x-okta-lifecycle"),
            item.get("x-okta-lifecycle"),
            self.document.tag_lifecycle(tag),
        ];
        let first = stated
            .into_iter()
            .flatten()
            .find_map(|stated| text(stated, "lifecycle"));
        first.unwrap_or_default().to_owned()
    }
}

fn first_content(parameter: &Value) -> Option<&Value> {
    parameter
        .get("content")?
        .as_object()?
        .values()
        .next()?
        .get("schema")
}
