//! Custom roles, resource sets and role assignments of a seed.

use super::Size;
use super::apps::Apps;
use super::people::People;
use super::planter::{Planter, SeedError};
use serde_json::json;

pub(super) fn plant(
    planter: &mut Planter<'_>,
    size: Size,
    people: &People,
    apps: &Apps,
) -> Result<(), SeedError> {
    let role = json!({
        "label": "Help desk", "description": "Resets and unlocks",
        "permissions": ["okta.users.read", "okta.users.credentials.resetPassword", "okta.users.lifecycle.unlock"],
    });
    let role = planter.create("/api/v1/iam/roles", &role)?;
    let mut resources = vec![format!("{BASE}/api/v1/users")];
    resources.extend(
        people
            .groups
            .first()
            .map(|group| format!("{BASE}/api/v1/groups/{group}")),
    );
    resources.extend(
        apps.ids
            .first()
            .map(|app| format!("{BASE}/api/v1/apps/{app}")),
    );
    let set = json!({"label": "Staff of engineering", "description": "Whom the help desk looks after", "resources": resources});
    let set = planter.create("/api/v1/iam/resource-sets", &set)?;
    let standard = [
        "SUPER_ADMIN",
        "READ_ONLY_ADMIN",
        "ORG_ADMIN",
        "REPORT_ADMIN",
    ];
    for (n, user) in people.users.iter().take(size.admins).enumerate() {
        let body = match standard.get(n) {
            Some(kind) => json!({"type": kind}),
            None => json!({"type": "CUSTOM", "role": role, "resource-set": set}),
        };
        planter.create(&format!("/api/v1/users/{user}/roles"), &body)?;
    }
    if let Some(group) = people.groups.last() {
        planter.create(
            &format!("/api/v1/groups/{group}/roles"),
            &json!({"type": "HELP_DESK_ADMIN"}),
        )?;
    }
    Ok(())
}

/// Stands for the org's own URL; the org reads only the path.
const BASE: &str = "https://org.invalid";
