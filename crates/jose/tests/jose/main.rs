//! The crate as its users meet it: the standards' own examples, forgeries, keys, arbitrary text.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on is a report"
)]

mod forgeries;
mod keys;
mod vectors;

use serde_json::{Map, Value};

/// The members of an object written in the test.
fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("not an object: {other}"),
    }
}

/// Base64url without padding, for texts put together by hand.
fn part(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
