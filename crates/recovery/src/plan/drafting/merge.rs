//! What is written to an object that differs: the whole of what the snapshot has; or, when only some members are meant, what
//! the org has with those members put back.

use crate::normalise::writable;
use crate::plan::draft::Case;
use crate::secret;
use serde_json::Value;

/// The body to write, or none when one side is missing.
pub(super) fn body(case: &Case<'_>) -> Option<Value> {
    let wanted = writable(case.kind(), case.wanted?.body());
    if !case.change.partial {
        return Some(wanted);
    }
    let mut body = writable(case.kind(), case.live?.body());
    for place in case.places() {
        // A list is put back as a whole: its positions mean nothing on their own.
        let way: Vec<&str> = place
            .split('.')
            .take_while(|part| !is_position(part))
            .collect();
        put_back(&mut body, &wanted, &way);
    }
    Some(body)
}

/// A secret of `body`, what the org has with some members put back, that is not the snapshot's: it cannot be written, because a
/// plan holds no secrets and the snapshot's is no longer meant.
pub(super) fn stale_secret(case: &Case<'_>, body: &Value) -> Option<String> {
    secret::changed(body, case.wanted?.body()).filter(|_| case.change.partial)
}

fn is_position(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Makes the member of `body` at the end of `way` what it is in `wanted`: absent, if it is absent there.
fn put_back(body: &mut Value, wanted: &Value, way: &[&str]) {
    let Some((name, rest)) = way.split_first() else {
        return;
    };
    let Value::Object(members) = body else { return };
    let there = wanted.get(name);
    match (members.get_mut(*name), there) {
        (Some(inner), Some(there))
            if !rest.is_empty() && inner.is_object() && there.is_object() =>
        {
            put_back(inner, there, rest);
        }
        (_, Some(there)) => drop(members.insert((*name).to_owned(), there.clone())),
        (_, None) => drop(members.shift_remove(*name)),
    }
}
