//! Requests bent into attacks on the structure: a validator that passes everything would pass these, too.
//!
//! Every way of bending is tried at every place of one real body per operation. Where nothing at all is found, the place takes such a
//! value by the catalog (a member it knows there, or one that tenants name themselves); those are counted apart.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use inspection::Inspector;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Sample;
use super::report::Printed;

/// Largest body that is bent: some thousand places times some dozen ways are enough.
const BODY_BYTES_MAX: usize = 4_096;

#[derive(Deserialize)]
struct Sensitive {
    class: Vec<Class>,
}

#[derive(Deserialize)]
struct Class {
    name: String,
    members: Vec<String>,
}

/// Makes another value of one, with a word.
type Bend = fn(&Value, &str) -> Option<Value>;

/// How a place is bent.
struct Way {
    title: String,
    bend: Bend,
    word: String,
}

/// Bends the longest body of every operation and counts how many are refused.
pub(super) fn measure(
    inspector: &Inspector,
    samples: &[Sample],
    report: &mut Printed,
) -> Result<()> {
    let mut bodies: BTreeMap<&str, (&Sample, Value)> = BTreeMap::new();
    for sample in samples
        .iter()
        .filter(|sample| sample.media.ends_with("json"))
    {
        let body = sample.body.as_deref().unwrap_or_default();
        let known = bodies
            .get(sample.operation.id)
            .and_then(|(known, _)| known.body.as_ref())
            .map_or(0, Vec::len);
        if body.len() <= known || body.len() > BODY_BYTES_MAX || sample.inspect(inspector).refuses()
        {
            continue;
        }
        if let Ok(value) = serde_json::from_slice(body) {
            bodies.insert(sample.operation.id, (sample, value));
        }
    }
    println!("bodies bent: {}", bodies.len());
    for way in ways()? {
        let (mut tried, mut refused, mut taken) = (0, 0, 0);
        let mut passed: BTreeMap<String, usize> = BTreeMap::new();
        for (sample, body) in bodies.values() {
            let before = sample.inspect(inspector).findings.len();
            for place in places(body) {
                let Some(bent) = bent(body, &place, &way) else {
                    continue;
                };
                let bent = Sample {
                    body: Some(serde_json::to_vec(&bent)?),
                    ..sample.bare()
                };
                let found = bent.inspect(inspector);
                if found.findings.len() <= before && !found.refuses() {
                    taken += 1;
                } else {
                    tried += 1;
                    refused += usize::from(found.refuses());
                    if !found.refuses() {
                        *passed
                            .entry(format!("{} {place}", sample.operation.id))
                            .or_default() += 1;
                    }
                }
            }
        }
        report.bent(&way.title, tried, refused, taken);
        passed
            .keys()
            .take(report.shown())
            .for_each(|place| println!("        passed with a warning: {place}"));
    }
    Ok(())
}

fn ways() -> Result<Vec<Way>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../okta/sensitive.toml");
    let sensitive: Sensitive =
        toml::from_str(&std::fs::read_to_string(file)?).context("okta/sensitive.toml")?;
    let mut ways = Vec::new();
    for class in sensitive.class {
        for member in class.members {
            ways.push(Way {
                title: format!("a member of class {} added: {member}", class.name),
                bend: |value, member| added(value, member, json!(["SUPER_ADMIN"])),
                word: member,
            });
        }
    }
    let more: [(&str, Bend, &str); 9] = [
        (
            "an unknown member with markup in it",
            |value, word| added(value, "zzUnknown", json!(word)),
            "<img src=x onerror=alert(1)>",
        ),
        (
            "an unknown member with SQL in it",
            |value, word| added(value, "zzUnknown", json!(word)),
            "1' OR '1'='1",
        ),
        (
            "an unknown member with a path in it",
            |value, word| added(value, "zzUnknown", json!(word)),
            "../../etc/passwd",
        ),
        (
            "an unknown object with a command in it",
            |value, word| added(value, "zzUnknown", json!({"a": [word]})),
            "$(id)",
        ),
        (
            "a member with markup for a name",
            |value, word| added(value, word, json!(1)),
            "<b>",
        ),
        (
            "a member with an operator for a name",
            |value, word| added(value, word, json!({"$ne": ""})),
            "profile[$ne]",
        ),
        (
            "a scalar made an object",
            |value, _| is_scalar(value).then(|| json!({"$gt": ""})),
            "",
        ),
        (
            "a scalar made a list",
            |value, _| is_scalar(value).then(|| json!(["a"])),
            "",
        ),
        (
            "an object or list made a string",
            |value, _| (value.is_object() || value.is_array()).then(|| json!("a")),
            "",
        ),
    ];
    ways.extend(more.map(|(title, bend, word)| Way {
        title: title.to_owned(),
        bend,
        word: word.to_owned(),
    }));
    Ok(ways)
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number() || value.is_boolean()
}

fn added(value: &Value, name: &str, member: Value) -> Option<Value> {
    let mut members = value.as_object()?.clone();
    if members.contains_key(name) {
        return None;
    }
    members.insert(name.to_owned(), member);
    Some(Value::Object(members))
}

fn bent(body: &Value, place: &str, way: &Way) -> Option<Value> {
    let new = (way.bend)(body.pointer(place)?, &way.word)?;
    let mut bent = body.clone();
    *bent.pointer_mut(place)? = new;
    Some(bent)
}

/// Pointers to all values, the whole first.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(position, value)| (position.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner.drain(..) {
        found.extend(
            places(value)
                .into_iter()
                .map(|below| format!("/{name}{below}")),
        );
    }
    found
}
