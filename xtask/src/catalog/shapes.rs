//! Schemas → shapes: names, value kinds, flags and discriminators in the notation that `catalog::Type` reads; no prose, no
//! examples, no patterns. Keeps only what operations reach.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use super::document::{Document, Documents, is_set, list, schema_reference, text};

/// Collects shapes while operations are written.
pub(crate) struct Shapes<'d> {
    documents: &'d Documents,
    written: BTreeMap<String, Value>,
    wanted: BTreeSet<(&'static str, String)>,
}

impl<'d> Shapes<'d> {
    /// No shapes yet.
    pub(crate) const fn new(documents: &'d Documents) -> Self {
        Self {
            documents,
            written: BTreeMap::new(),
            wanted: BTreeSet::new(),
        }
    }

    /// Writes every shape that was asked for, and those they ask for, one a line in name order.
    pub(crate) fn finish(mut self) -> Result<Vec<String>> {
        let mut done = BTreeSet::new();
        while let Some((spec, schema)) = self.wanted.pop_first() {
            if !done.insert((spec, schema.clone())) {
                continue;
            }
            let document = self
                .documents
                .iter()
                .find(|document| document.spec == spec)
                .context("unknown document")?;
            let definition = document
                .schemas()?
                .get(&schema)
                .with_context(|| format!("no schema `{schema}` in {spec}"))?;
            let name = self.documents.shape_name(spec, &schema);
            self.write(document, &name, definition)
                .with_context(|| format!("schema `{schema}` of {spec}"))?;
        }
        self.written
            .values()
            .map(|shape| Ok(serde_json::to_string(shape)?))
            .collect()
    }

    /// The notation of a schema; nested objects become shapes called `name`.
    pub(crate) fn notation(
        &mut self,
        document: &Document,
        name: &str,
        schema: &Value,
    ) -> Result<String> {
        if let Some(reference) = schema_reference(schema) {
            let target = document.resolve(schema)?;
            if is_plain(target) {
                return self.notation(document, name, target);
            }
            self.wanted.insert((document.spec, reference.to_owned()));
            return Ok(format!(
                "#{}",
                self.documents.shape_name(document.spec, reference)
            ));
        }
        if schema.get("$ref").is_some() {
            return self.notation(document, name, document.resolve(schema)?);
        }
        if let [only] = list(schema, "allOf")
            && schema.get("properties").is_none()
            && schema.get("discriminator").is_none()
        {
            return self.notation(document, name, only);
        }
        let nested = ["allOf", "oneOf", "anyOf", "properties", "discriminator"];
        if nested.iter().any(|member| schema.get(member).is_some()) {
            self.write(document, name, schema)?;
            return Ok(format!("#{name}"));
        }
        self.plain_notation(document, name, schema)
    }

    fn plain_notation(
        &mut self,
        document: &Document,
        name: &str,
        schema: &Value,
    ) -> Result<String> {
        Ok(match text(schema, "type") {
            Some("array") => {
                let items = schema.get("items").unwrap_or(&Value::Null);
                format!("[{}]", self.notation(document, name, items)?)
            }
            Some("object") => match schema.get("additionalProperties") {
                Some(values) if values.as_object().is_some_and(|values| !values.is_empty()) => {
                    format!("{{{}}}", self.notation(document, name, values)?)
                }
                _ => "object".to_owned(),
            },
            Some("string") => string_notation(schema),
            Some(kind @ ("integer" | "number" | "boolean")) => kind.to_owned(),
            Some(other) => bail!("unknown type `{other}`"),
            None if !list(schema, "enum").is_empty() => string_notation(schema),
            None => "any".to_owned(),
        })
    }

    fn write(&mut self, document: &Document, name: &str, schema: &Value) -> Result<()> {
        let mut shape = Map::new();
        shape.insert("name".into(), json!(name));
        let nested = ["allOf", "oneOf", "anyOf", "properties", "discriminator"];
        if nested.iter().all(|member| schema.get(member).is_none()) {
            shape.insert(
                "is".into(),
                json!(self.plain_notation(document, &format!("{name}.item"), schema)?),
            );
            return self.keep(name, shape);
        }
        let mut own = Own::default();
        self.gather(document, name, schema, &mut own)?;
        let elsewhere: Vec<_> = own
            .required
            .iter()
            .filter(|required| !own.properties.contains_key(*required))
            .collect();
        let elsewhere = json!(elsewhere);
        put_unless_empty(&mut shape, "allOf", json!(own.parents));
        put_unless_empty(&mut shape, "properties", json!(own.flagged()));
        put_unless_empty(&mut shape, "required", elsewhere);
        for member in ["oneOf", "anyOf"] {
            let mut variants = Vec::new();
            for (position, variant) in list(schema, member).iter().enumerate() {
                variants.push(self.notation(
                    document,
                    &format!("{name}.{}", position + 1),
                    variant,
                )?);
            }
            put_unless_empty(&mut shape, member, json!(variants));
        }
        if let Some(discriminator) = schema.get("discriminator") {
            shape.insert(
                "discriminator".into(),
                self.discriminator(document, discriminator)?,
            );
        }
        if let Some(values) = schema.get("additionalProperties") {
            let values = match values {
                Value::Bool(false) => None,
                Value::Bool(true) => Some("any".to_owned()),
                values => Some(self.notation(document, &format!("{name}.*"), values)?),
            };
            if let Some(values) = values {
                shape.insert("additional".into(), json!(values));
            }
        }
        self.keep(name, shape)
    }

    /// Collects the properties a schema has itself, those of inline `allOf` parts included, and the shapes it builds on.
    fn gather(
        &mut self,
        document: &Document,
        name: &str,
        schema: &Value,
        own: &mut Own,
    ) -> Result<()> {
        for part in list(schema, "allOf") {
            if schema_reference(part).is_some()
                || !list(part, "oneOf").is_empty()
                || !list(part, "anyOf").is_empty()
            {
                let position = own.parents.len() + 1;
                own.parents.push(self.notation(
                    document,
                    &format!("{name}.all{position}"),
                    part,
                )?);
            } else {
                self.gather(document, name, part, own)?;
            }
        }
        own.required.extend(
            list(schema, "required")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        );
        for (property, definition) in schema
            .get("properties")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let notation = self.notation(document, &format!("{name}.{property}"), definition)?;
            own.properties
                .insert(property.clone(), (notation, flags(document, definition)?));
        }
        Ok(())
    }

    fn discriminator(&mut self, document: &Document, written: &Value) -> Result<Value> {
        let property =
            text(written, "propertyName").context("a discriminator has no `propertyName`")?;
        let mut mapping = BTreeMap::new();
        for (value, target) in written
            .get("mapping")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            let target = target
                .as_str()
                .and_then(|target| target.strip_prefix("#/components/schemas/"));
            let target =
                target.with_context(|| format!("discriminator value `{value}` names no schema"))?;
            self.wanted.insert((document.spec, target.to_owned()));
            mapping.insert(
                value.clone(),
                self.documents.shape_name(document.spec, target),
            );
        }
        Ok(if mapping.is_empty() {
            json!({"property": property})
        } else {
            json!({"property": property, "mapping": mapping})
        })
    }

    fn keep(&mut self, name: &str, shape: Map<String, Value>) -> Result<()> {
        let shape = Value::Object(shape);
        match self.written.insert(name.to_owned(), shape.clone()) {
            Some(before) if before != shape => {
                bail!("two different shapes would be called `{name}`")
            }
            _ => Ok(()),
        }
    }
}

/// What a schema has itself: properties as (notation, flags without `!`), names it requires, shapes it builds on.
#[derive(Default)]
struct Own {
    properties: BTreeMap<String, (String, String)>,
    required: BTreeSet<String>,
    parents: Vec<String>,
}

impl Own {
    /// Properties in notation with all flags.
    fn flagged(&self) -> BTreeMap<&str, String> {
        let properties = self.properties.iter();
        let flagged = properties.map(|(name, (notation, flags))| {
            let required = if self.required.contains(name) {
                "!"
            } else {
                ""
            };
            let bare = required.is_empty() && flags.is_empty();
            let text = if bare {
                notation.clone()
            } else {
                format!("{notation} {required}{flags}")
            };
            (name.as_str(), text)
        });
        flagged.collect()
    }
}

/// Flags of a property: its own, and those of the schema it refers to.
fn flags(document: &Document, definition: &Value) -> Result<String> {
    let target = document.resolve(definition)?;
    let known = [
        ("readOnly", 'r'),
        ("writeOnly", 'w'),
        ("nullable", 'n'),
        ("deprecated", 'd'),
    ];
    let set = known
        .iter()
        .filter(|(member, _)| is_set(definition, member) || is_set(target, member));
    Ok(set.map(|(_, flag)| *flag).collect())
}

fn put_unless_empty(shape: &mut Map<String, Value>, member: &str, value: Value) {
    let empty =
        value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
    if !empty {
        shape.insert(member.to_owned(), value);
    }
}

/// Whether a schema is a bare scalar, which is written where it is used instead of becoming a shape.
fn is_plain(schema: &Value) -> bool {
    let scalar = matches!(
        text(schema, "type"),
        Some("string" | "integer" | "number" | "boolean")
    );
    scalar && list(schema, "enum").is_empty() && list(schema, "allOf").is_empty()
}

fn string_notation(schema: &Value) -> String {
    let values: Vec<_> = list(schema, "enum")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if !values.is_empty() && values.iter().all(|value| !value.contains(['|', '"', '\\'])) {
        return format!("enum({})", values.join("|"));
    }
    match text(schema, "format") {
        Some(format) if !format.contains(' ') => format!("string:{format}"),
        _ => "string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Shapes;
    use crate::catalog::document::Documents;

    fn compile(schemas: Value, wanted: &str) -> Vec<String> {
        let root = json!({"paths": {}, "components": {"schemas": schemas}});
        let documents = Documents::of("management", root).unwrap();
        let mut shapes = Shapes::new(&documents);
        let document = documents.iter().next().unwrap();
        let reference = json!({"$ref": format!("#/components/schemas/{wanted}")});
        shapes.notation(document, "test", &reference).unwrap();
        shapes.finish().unwrap()
    }

    #[test]
    fn nested_objects_get_names_and_flags_are_kept() {
        let schemas = json!({
            "User": {"type": "object", "description": "Prose.", "required": ["login"], "properties": {
                "login": {"type": "string", "example": "ada@example.com"},
                "id": {"type": "string", "readOnly": true},
                "created": {"$ref": "#/components/schemas/Moment"},
                "status": {"type": "string", "enum": ["ACTIVE", "STAGED"], "nullable": true},
                "credentials": {"type": "object", "properties": {"password": {"type": "string", "writeOnly": true}}},
                "groups": {"type": "array", "items": {"type": "integer"}},
            }},
            "Moment": {"type": "string", "format": "date-time"},
            "Unreached": {"type": "object", "properties": {}},
        });
        let expected = [
            concat!(
                r##"{"name":"User","properties":{"created":"string:date-time","credentials":"#User.credentials","##,
                r##""groups":"[integer]","id":"string r","login":"string !","status":"enum(ACTIVE|STAGED) n"}}"##
            ),
            r##"{"name":"User.credentials","properties":{"password":"string w"}}"##,
        ];
        assert_eq!(compile(schemas, "User"), expected);
    }

    #[test]
    fn variants_build_on_their_base_and_are_told_apart() {
        let schemas = json!({
            "Policy": {
                "type": "object",
                "properties": {"type": {"type": "string"}},
                "discriminator": {"propertyName": "type", "mapping": {"PASSWORD": "#/components/schemas/PasswordPolicy"}},
            },
            "PasswordPolicy": {"allOf": [
                {"$ref": "#/components/schemas/Policy"},
                {"type": "object", "required": ["type"], "properties": {"settings": {"type": "object"}}},
            ]},
        });
        let expected = [
            r##"{"name":"PasswordPolicy","allOf":["#Policy"],"properties":{"settings":"object"},"required":["type"]}"##,
            concat!(
                r##"{"name":"Policy","properties":{"type":"string"},"##,
                r##""discriminator":{"property":"type","mapping":{"PASSWORD":"PasswordPolicy"}}}"##
            ),
        ];
        assert_eq!(compile(schemas, "Policy"), expected);
    }
}
