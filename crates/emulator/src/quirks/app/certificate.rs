//! Key material as it looks, not as it works: texts of the right form and length that no private key stands behind.

use crate::Context;
use crate::ids::Ids;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A new public signing key, valid for `years`.
pub(super) fn signing_key(ctx: &mut Context<'_>, kid: &str, years: i64) -> Value {
    let now = ctx.stamp();
    let until = ctx
        .now
        .checked_add(SignedDuration::from_hours(24 * 365 * years))
        .unwrap_or(Timestamp::MAX);
    let ids = &mut ctx.world.ids;
    json!({
        "kty": "RSA", "created": now, "lastUpdated": now, "expiresAt": crate::world::stamp(until), "kid": kid, "use": "sig",
        "x5c": [encoded(ids, CERTIFICATE_BYTES)], "x5t#S256": URL_SAFE_NO_PAD.encode(ids.bytes(32)), "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode(ids.bytes(256)),
    })
}

/// A new request for a certificate, as text.
pub(super) fn request(ctx: &mut Context<'_>) -> String {
    encoded(&mut ctx.world.ids, REQUEST_BYTES)
}

/// DER that begins as a SEQUENCE of that length and goes on at random.
fn encoded(ids: &mut Ids, length: usize) -> String {
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    let mut der = vec![0x30, 0x82, high, low];
    der.extend(ids.bytes(length));
    STANDARD.encode(der)
}

/// Observed size of a certificate of 2,048 bits.
const CERTIFICATE_BYTES: usize = 960;
/// Observed size of a request for one.
const REQUEST_BYTES: usize = 717;
