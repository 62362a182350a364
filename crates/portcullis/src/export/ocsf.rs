//! OCSF 1.3.0, class API Activity (6003): <https://schema.ocsf.io/1.3.0/classes/api_activity>. The table of members is in
//! docs/audit.md. Nothing is left out of an entry: what has no place in the class stands in `unmapped`.

use super::Joined;
use catalog::{Kind, Operation};
use serde_json::{Map, Value, json};

/// One entry as an event.
pub(super) fn write(joined: &Joined) -> Value {
    let (entry, about) = (&joined.entry, joined.about());
    let operation = about
        .operation
        .as_deref()
        .and_then(|id| catalog::operations().by_id(id));
    let (activity, activity_name) = activity(joined, operation);
    let (status, status_name) = status(joined);
    let (severity, severity_name) = severity(joined);
    let mut event = json!({
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Application Activity",
        "class_uid": CLASS,
        "class_name": "API Activity",
        "type_uid": CLASS * 100 + activity,
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "time": entry.at.as_millisecond(),
        "message": entry.kind,
        "metadata": metadata(joined),
        "actor": actor(joined),
        "api": api(joined, operation),
        "src_endpoint": match about.source {
            Some(address) => json!({ "ip": address.to_string() }),
            None => json!({ "name": "portcullis" }),
        },
    });
    let optional = [
        (
            "status_code",
            entry.status.map(|status| status.to_string().into()),
        ),
        ("status_detail", entry.reason.clone().map(Value::from)),
        (
            "duration",
            entry.duration_us.map(|micros| (micros / 1_000).into()),
        ),
        ("http_request", http_request(joined, operation)),
        ("http_response", http_response(joined)),
        ("resources", resources(joined)),
        ("observables", observables(joined)),
        ("unmapped", unmapped(joined)),
    ];
    if let Some(members) = event.as_object_mut() {
        let present = optional
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        members.extend(present.map(|(name, value)| (name.to_owned(), value)));
    }
    event
}

fn activity(joined: &Joined, operation: Option<&Operation>) -> (u32, String) {
    let call =
        joined.entry.opens_call() || joined.entry.closes_call() || joined.entry.kind == REFUSED;
    let named = |id: u32, name: &str| (id, name.to_owned());
    match operation.filter(|_| call).map(|operation| operation.kind) {
        Some(Kind::Read) => named(2, "Read"),
        Some(Kind::Create) => named(1, "Create"),
        Some(Kind::Replace | Kind::Update | Kind::Lifecycle) => named(3, "Update"),
        Some(Kind::Delete) => named(4, "Delete"),
        Some(Kind::Membership) => match operation.map(|operation| operation.method) {
            Some(catalog::Method::Delete) => named(4, "Delete"),
            _ => named(3, "Update"),
        },
        Some(kind @ (Kind::Action | Kind::Protocol)) => (99, format!("{kind:?}")),
        None => (99, joined.entry.kind.clone()),
    }
}

fn status(joined: &Joined) -> (u32, &'static str) {
    let entry = &joined.entry;
    if entry.opens_call() {
        return (99, "Opened");
    }
    let failed = entry.kind == REFUSED
        || (entry.closes_call() && entry.status.is_none_or(|status| status >= 400));
    if failed {
        (2, "Failure")
    } else {
        (1, "Success")
    }
}

fn severity(joined: &Joined) -> (u32, &'static str) {
    let kind = joined.entry.kind.as_str();
    match kind {
        _ if kind.starts_with("break_glass") || kind == "torn_line_moved_aside" => (4, "High"),
        "budget_reached" | "call_held" | "frozen" => (3, "Medium"),
        REFUSED | "turned_away" => (2, "Low"),
        _ => (1, "Informational"),
    }
}

fn metadata(joined: &Joined) -> Value {
    let entry = &joined.entry;
    let chain = joined.chain();
    let call = entry.call.unwrap_or(entry.number);
    let mut metadata = json!({
        "version": VERSION,
        "product": {
            "name": "Portcullis",
            "vendor_name": "Portcullis",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "log_name": chain,
        "log_provider": "portcullis",
        "uid": format!("{chain}/{}", entry.number),
        "sequence": entry.number,
        "original_time": entry.at.to_string(),
        "event_code": entry.kind,
        "tenant_uid": joined.org,
    });
    if (entry.opens_call() || entry.closes_call())
        && let Some(members) = metadata.as_object_mut()
    {
        members.insert(
            "correlation_uid".to_owned(),
            format!("{chain}/{call}").into(),
        );
    }
    metadata
}

fn actor(joined: &Joined) -> Value {
    let about = joined.about();
    let Some(client) = &about.client else {
        let by = about
            .details
            .get("by")
            .or_else(|| about.details.get("approver"));
        return match by {
            Some(person) => json!({ "user": { "name": person, "type_id": 1, "type": "User" } }),
            None => json!({ "app_name": format!("portcullis {}", joined.writer) }),
        };
    };
    let mut user = json!({ "uid": client, "type_id": 99, "type": "Service" });
    if let (Some(members), Some(credential)) = (user.as_object_mut(), &about.credential) {
        members.insert("credential_uid".to_owned(), credential.as_str().into());
    }
    json!({ "user": user })
}

fn api(joined: &Joined, operation: Option<&Operation>) -> Value {
    let (entry, about) = (&joined.entry, joined.about());
    let name = about.operation.as_deref().unwrap_or(&entry.kind);
    let service = if about.operation.is_some() {
        "okta"
    } else {
        "portcullis"
    };
    let mut api = json!({ "operation": name, "service": { "name": service } });
    let Some(members) = api.as_object_mut() else {
        return api;
    };
    if let Some(operation) = operation {
        members.insert("group".to_owned(), json!({ "name": operation.tag }));
    }
    if let Some(id) = &entry.okta_request_id {
        members.insert("request".to_owned(), json!({ "uid": id }));
    }
    if entry.status.is_some() || entry.reason.is_some() {
        let mut response = Map::new();
        response.extend(
            entry
                .status
                .map(|status| ("code".to_owned(), status.into())),
        );
        response.extend(
            entry
                .reason
                .clone()
                .map(|why| ("error".to_owned(), why.into())),
        );
        members.insert("response".to_owned(), response.into());
    }
    api
}

fn http_request(joined: &Joined, operation: Option<&Operation>) -> Option<Value> {
    let about = joined.about();
    let mut request = Map::new();
    if let Some(operation) = operation {
        request.insert("http_method".to_owned(), operation.method.as_str().into());
        // Without a query: the trail has none.
        let mut path = operation.template.to_owned();
        for (name, value) in &about.resources {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        request.insert("url".to_owned(), json!({ "path": path }));
    }
    if let Some(agent) = &about.user_agent {
        request.insert("user_agent".to_owned(), agent.as_str().into());
    }
    (!request.is_empty()).then_some(request.into())
}

fn http_response(joined: &Joined) -> Option<Value> {
    let entry = &joined.entry;
    let mut response = json!({ "code": entry.status? });
    if let (Some(members), Some(bytes)) = (response.as_object_mut(), entry.bytes) {
        members.insert("length".to_owned(), bytes.into());
    }
    Some(response)
}

fn resources(joined: &Joined) -> Option<Value> {
    let resources = &joined.about().resources;
    let list = resources
        .iter()
        .map(|(name, id)| json!({ "name": id, "uid": id, "type": name }));
    (!resources.is_empty()).then(|| list.collect())
}

fn observables(joined: &Joined) -> Option<Value> {
    let about = joined.about();
    let address = about.source.map(|address| {
        let value = address.to_string();
        json!({ "name": "src_endpoint.ip", "type_id": 2, "type": "IP Address", "value": value })
    });
    let resources = about.resources.values().map(
        |id| json!({ "name": "resources.uid", "type_id": 10, "type": "Resource UID", "value": id }),
    );
    let all: Vec<Value> = address.into_iter().chain(resources).collect();
    (!all.is_empty()).then_some(all.into())
}

fn unmapped(joined: &Joined) -> Option<Value> {
    let mut members = Map::new();
    members.insert("hash".to_owned(), joined.hash.as_str().into());
    let details = joined.about().details.iter().chain(
        joined
            .opening
            .as_ref()
            .map(|_| &joined.entry.details)
            .into_iter()
            .flatten(),
    );
    let details: Map<String, Value> = details
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    if !details.is_empty() {
        members.insert("details".to_owned(), details.into());
    }
    Some(members.into())
}

const VERSION: &str = "1.3.0";
const CATEGORY: u32 = 6;
const CLASS: u32 = 6_003;
const REFUSED: &str = "refused";
