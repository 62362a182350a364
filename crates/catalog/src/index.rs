//! Reads the committed index line by line into operations, borrowing every name from the embedded text.
//!
//! The index is written by `cargo xtask catalog` and checked by this crate's tests, which demand that every line reads; at
//! run time a line that does not is skipped, so that its operation is unknown and therefore refused.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::operation::{Body, Kind, Lifecycle, Operation, Parameter, Place, Reply, Spec, Unscoped};
use crate::{Method, Property, Risk, Type};

/// One operation a line, sorted by path and method.
pub(crate) const OPERATIONS: &str = include_str!("../../../okta/operations.jsonl");

/// Named notations, in the order written.
type Named = BTreeMap<&'static str, &'static str>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    method: Method,
    path: &'static str,
    id: &'static str,
    spec: Spec,
    tag: &'static str,
    kind: Kind,
    #[serde(default)]
    scopes: Vec<&'static str>,
    #[serde(default)]
    unscoped: Option<Unscoped>,
    #[serde(default)]
    ssws: bool,
    #[serde(default)]
    params: Named,
    #[serde(default)]
    query: Named,
    #[serde(default)]
    headers: Named,
    #[serde(default)]
    body: Option<WrittenBody>,
    #[serde(default)]
    replies: Vec<WrittenReply>,
    #[serde(default)]
    lifecycle: Lifecycle,
    #[serde(default)]
    deprecated: bool,
    bucket: &'static str,
    risk: Vec<&'static str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBody {
    media: Vec<&'static str>,
    shape: &'static str,
    #[serde(default)]
    required: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenReply {
    Bare([u16; 1]),
    Content(u16, &'static str, &'static str),
}

/// Reads one line.
///
/// # Errors
/// What `serde_json` finds wrong with it.
pub(crate) fn read_operation(line: &'static str) -> serde_json::Result<Operation> {
    let line: Line = serde_json::from_str(line)?;
    let in_path = line
        .path
        .split('/')
        .filter_map(crate::operation::parameter_name);
    let in_path = in_path.map(|name| (name, line.params.get(name).copied().unwrap_or("string")));
    let mut parameters: Vec<_> = in_path
        .map(|(name, value)| read_parameter(Place::Path, name, value))
        .collect();
    let read = |place| {
        move |(name, value): (&&'static str, &&'static str)| read_parameter(place, name, value)
    };
    parameters.extend(line.query.iter().map(read(Place::Query)));
    parameters.extend(line.headers.iter().map(read(Place::Header)));
    Ok(Operation {
        id: line.id,
        method: line.method,
        template: line.path,
        spec: line.spec,
        tag: line.tag,
        kind: line.kind,
        scopes: line.scopes,
        unscoped: line.unscoped,
        ssws: line.ssws,
        parameters,
        body: line.body.map(read_body),
        replies: line.replies.into_iter().map(read_reply).collect(),
        lifecycle: line.lifecycle,
        deprecated: line.deprecated,
        bucket: line.bucket,
        risk: line
            .risk
            .iter()
            .filter_map(|name| Risk::named(name))
            .fold(Risk::ORDINARY, Risk::union),
        admin_host: false,
        callers: "",
    })
}

fn read_parameter(place: Place, name: &'static str, text: &'static str) -> Parameter {
    let Property {
        name,
        value,
        required,
        ..
    } = Property::read(name, text);
    Parameter {
        name,
        place,
        value,
        required: required || place == Place::Path,
    }
}

fn read_body(body: WrittenBody) -> Body {
    Body {
        media: body.media,
        shape: Type::read(body.shape),
        required: body.required,
    }
}

fn read_reply(reply: WrittenReply) -> Reply {
    match reply {
        WrittenReply::Bare([status]) => Reply {
            status,
            content: None,
        },
        WrittenReply::Content(status, media, shape) => Reply {
            status,
            content: Some((media, Type::read(shape))),
        },
    }
}
