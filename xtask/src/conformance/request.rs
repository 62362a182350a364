//! From a recorded request to one the emulated org understands: words exchanged, credential put in, lost body rebuilt.

use super::mapping::{Mapping, is_id};
use super::rules::Rule;
use emulator::recording::{Body, Interaction};
use emulator::{Emulator, Request};
use http::{HeaderName, Method, header};
use serde_json::Value;

/// A request ready to be sent, and the leniencies it needed.
#[derive(Debug)]
pub(super) struct Prepared {
    /// What to send.
    pub(super) request: Request,
    /// Leniencies used.
    pub(super) rules: Vec<Rule>,
}

/// Why a recorded request is not sent, if it is not.
pub(super) fn refusal(one: &Interaction) -> Option<Rule> {
    match (one.status, error_code(one)) {
        (429, _) => Some(Rule::Rate),
        (423 | 500.., _) => Some(Rule::Passing),
        _ if one.method == "POST" && one.path.ends_with("/v1/token") && names_a_stranger(one) => {
            Some(Rule::OwnToken)
        }
        _ => None,
    }
}

/// Makes the request; `None` when its method is no HTTP method.
pub(super) fn prepare(mapping: &mut Mapping, one: &Interaction, token: &str) -> Option<Prepared> {
    let mut rules = Vec::new();
    let path = mapping.translate(&one.path);
    let target = if one.query.is_empty() {
        path
    } else {
        format!("{path}?{}", mapping.translate(&one.query))
    };
    let mut request = Request::new(Method::from_bytes(one.method.as_bytes()).ok()?, target);
    if error_code(one) == Some("E0000011") {
        rules.push(Rule::RefusedToken);
        request = request.with_token("a token nobody issued");
    } else if one.scheme.is_some() {
        request = request.with_token(token);
    }
    for name in FORWARDED {
        if let Some(value) = one.headers.get(name.as_str()) {
            request = request.with_header(name.clone(), value);
        }
    }
    match &one.request {
        Body::Json(body) => request.body = send(mapping, body),
        Body::Text(text) => request.body = mapping.translate(text).into(),
        Body::Bytes(bytes) => request.body = bytes.clone().into(),
        Body::Absent => {
            if let Some(body) = lost_body(mapping, one) {
                rules.push(Rule::LostBody);
                request.body = send(mapping, &body);
                request = request.with_header(header::CONTENT_TYPE, "application/json");
            }
        }
    }
    Some(Prepared { request, rules })
}

fn send(mapping: &mut Mapping, body: &Value) -> bytes::Bytes {
    mapping.note_sent(body);
    mapping.translate_json(body).to_string().into()
}

/// The body a recorder lost, rebuilt from the answer: only where the operation takes one and succeeded. It names no object
/// that the conversation did not make, and a person who has a password is given one.
fn lost_body(mapping: &Mapping, one: &Interaction) -> Option<Value> {
    if !matches!(one.method.as_str(), "POST" | "PUT" | "PATCH") || one.status >= 300 {
        return None;
    }
    let recognised = catalog::recognise(&one.method, &one.path).ok()?;
    recognised.operation.body.as_ref()?;
    let mut body = one.answer.json()?.clone();
    // the id of a relation is that of the object it leads to, which the caller names
    let known = body
        .get("id")
        .and_then(Value::as_str)
        .is_some_and(|id| mapping.word(id).is_some());
    for assigned in ASSIGNED.iter().filter(|name| **name != "id" || !known) {
        body.as_object_mut()?.remove(*assigned);
    }
    let owns = |kind: &&catalog::resource::ResourceType| {
        let id = Some(recognised.operation.id);
        kind.verbs.create.as_deref() == id || kind.verbs.replace.as_deref() == id
    };
    if let Some(kind) = catalog::resource::resources().iter().find(owns) {
        for place in kind
            .readonly
            .iter()
            .filter(|place| place.as_str() != "id" || !known)
        {
            place.remove(&mut body);
        }
    }
    body.as_object_mut()?
        .retain(|_, member| !names_unknown(mapping, member));
    let credentials = one.answer.json()?.get("credentials");
    if credentials.is_some_and(|shown| shown.get("password").is_some())
        && body.get("profile").is_some()
    {
        let password = serde_json::json!({"password": {"value": "a lost password"}});
        body.as_object_mut()?
            .insert("credentials".to_owned(), password);
    }
    Some(body)
}

/// Whether a member is a reference, `{"id": …}`, to an object unknown to the conversation.
fn names_unknown(mapping: &Mapping, member: &Value) -> bool {
    let members = member.as_object().filter(|members| members.len() == 1);
    let id = members.and_then(|members| members.get("id")?.as_str());
    id.is_some_and(|id| is_id(id) && mapping.word(id).is_none())
}

/// The operation the recorded org had not licensed, if the answer says so.
pub(super) fn unlicensed(one: &Interaction) -> Option<String> {
    if error_code(one) != Some("E0000015") {
        return None;
    }
    catalog::recognise(&one.method, &one.path)
        .ok()
        .map(|recognised| recognised.operation.id.to_owned())
}

fn error_code(one: &Interaction) -> Option<&str> {
    one.answer.json()?.get("errorCode")?.as_str()
}

/// Whether a token request is that of a client whose key only the recording's owner has.
fn names_a_stranger(one: &Interaction) -> bool {
    let form = match &one.request {
        Body::Text(form) => form.as_str(),
        _ => "",
    };
    [form, &one.query]
        .iter()
        .any(|text| text.contains("client_assertion"))
        || one.headers.contains_key("dpop")
}

/// The emulated org's answer, reduced to what is compared.
pub(super) fn ask(org: &Emulator, request: Request) -> super::compare::Heard {
    let answer = org.answer(request);
    let links = answer
        .headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok());
    heard(
        answer.status.as_u16(),
        &links.collect::<Vec<_>>().join(", "),
        read(&answer.body),
    )
}

/// The recorded answer, reduced to what is compared.
pub(super) fn recorded(one: &Interaction) -> super::compare::Heard {
    let body = match &one.answer {
        Body::Absent => None,
        Body::Json(value) => Some(value.clone()),
        Body::Text(text) => Some(Value::String(text.clone())),
        Body::Bytes(_) => Some(Value::String(String::new())),
    };
    heard(
        one.status,
        one.answer_headers.get("link").map_or("", String::as_str),
        body,
    )
}

fn heard(status: u16, link: &str, body: Option<Value>) -> super::compare::Heard {
    let links: Vec<(String, String)> = link
        .split(", <")
        .filter_map(|one| {
            let (address, parameters) = one.trim_start_matches('<').split_once('>')?;
            let rel = parameters.split_once("rel=\"")?.1.split('"').next()?;
            Some((rel.to_owned(), address.to_owned()))
        })
        .collect();
    super::compare::Heard {
        status,
        rels: links.iter().map(|(rel, _)| rel.clone()).collect(),
        links,
        body,
    }
}

fn read(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    Some(
        serde_json::from_slice(bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned())),
    )
}

/// Request headers that change an answer.
const FORWARDED: [HeaderName; 3] = [header::ACCEPT, header::CONTENT_TYPE, header::IF_MATCH];
/// Members Okta assigns to every object.
const ASSIGNED: [&str; 9] = [
    "id",
    "created",
    "createdBy",
    "lastUpdated",
    "lastUpdatedBy",
    "lastMembershipUpdated",
    "_links",
    "_embedded",
    "system",
];
