//! Network zones, trusted origins and behaviors of a seed.

use super::planter::{Planter, SeedError};
use serde_json::json;

/// Ids of the zones, in the order of planting: office, tunnel, sanctioned.
pub(super) fn plant(planter: &mut Planter<'_>) -> Result<Vec<String>, SeedError> {
    let mut zones = Vec::new();
    for (name, range) in [
        ("Head office", "192.0.2.0/24"),
        ("VPN", "198.51.100.0/25"),
        ("Warehouse", "203.0.113.0/26"),
    ] {
        let body = json!({
            "type": "IP", "name": name, "status": "ACTIVE", "usage": "POLICY",
            "gateways": [{"type": "CIDR", "value": range}], "proxies": null,
        });
        zones.push(planter.create("/api/v1/zones", &body)?);
    }
    let dynamic = json!({
        "type": "DYNAMIC", "name": "Countries we work in", "status": "ACTIVE", "usage": "POLICY",
        "locations": [{"country": "DE", "region": null}, {"country": "FR", "region": null}],
        "proxyType": null, "asns": [],
    });
    zones.push(planter.create("/api/v1/zones", &dynamic)?);
    for (name, origin) in [
        ("Intranet", "https://intranet.example.com"),
        ("Shop", "https://shop.example.com"),
    ] {
        let scopes = json!([{"type": "CORS"}, {"type": "REDIRECT"}]);
        planter.create(
            "/api/v1/trustedOrigins",
            &json!({"name": name, "origin": origin, "scopes": scopes}),
        )?;
    }
    let speed =
        json!({"name": "Impossible travel", "type": "VELOCITY", "settings": {"velocityKph": 900}});
    planter.create("/api/v1/behaviors", &speed)?;
    Ok(zones)
}
