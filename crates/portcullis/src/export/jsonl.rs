//! JSON Lines: the line of the trail as it stands there, with the chain's name in front. Whoever takes that member out again has the
//! bytes that were hashed.

use super::Joined;
use serde_json::Value;

/// One entry.
pub(super) fn write(joined: &Joined) -> String {
    let members = joined.line.strip_prefix('{').unwrap_or(&joined.line);
    format!("{{\"chain\":{},{members}", Value::from(joined.chain()))
}
