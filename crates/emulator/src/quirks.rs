//! Behaviour that data cannot say, one file per noun. A quirk may answer operations itself, and may hook into the generic
//! behaviours of the kinds that name it (`quirk = "…"` in `okta/resources/`).
//!
//! To add one: write `quirks/<noun>.rs` with `pub const QUIRK: Quirk = Quirk { …, ..Quirk::NONE };`, name it in [`ALL`], and,
//! if it hooks into a kind, in that kind's resource file. The engine needs no change.

mod api_service;
pub(crate) mod api_token;
mod app;
mod app_schema;
mod authenticator;
mod authorization_server;
mod brand;
mod captcha;
mod custom_role;
mod device;
mod device_assurance;
mod domain;
mod email_domain;
mod factor;
mod feature;
mod governance;
pub(crate) mod group;
pub(crate) mod group_rule;
mod hook;
mod hook_key;
mod identity_provider;
mod linked_object;
mod log;
mod log_stream;
pub(crate) mod oauth;
mod org_settings;
mod policy;
mod principal;
mod profile_mapping;
mod push_provider;
mod realm;
mod resource_set;
mod role_assignment;
pub(crate) mod schema;
mod session;
mod sms_template;
mod subscription;
mod threat_insight;
pub(crate) mod user;
mod user_risk;
pub(crate) mod user_type;

use crate::routes::Behaviour;
use crate::{Call, Context, Error};
use org::{Key, Kind, Object};
use serde_json::Value;
use std::sync::Arc;

/// A change of one object on its way: creation when `old` is none.
#[derive(Debug)]
pub(crate) struct Change {
    /// The object's key.
    pub key: Key,
    /// The object before.
    pub old: Option<Arc<Object>>,
    /// The body the caller sent.
    pub given: Value,
    /// The body about to be kept, defaults filled in.
    pub new: Value,
}

/// Finds the id behind an alias: the owners' ids and the text in the path.
pub(crate) type Resolve = fn(&Context<'_>, &[String], &str) -> Option<String>;

/// Looks at a change before it is made; may refuse.
pub(crate) type Check = fn(&Context<'_>, &Call, &Change) -> Result<(), Error>;

/// Adjusts a change about to be kept; may refuse.
pub(crate) type Shape = fn(&mut Context<'_>, &Call, &mut Change) -> Result<(), Error>;

/// Follows a change that is kept.
pub(crate) type Written = fn(&mut Context<'_>, &Change) -> Result<(), Error>;

/// Looks at an object before it is deleted; may refuse.
pub(crate) type Removing = fn(&Context<'_>, &Object) -> Result<(), Error>;

/// The hooks of one noun; all optional.
#[derive(Clone, Copy)]
pub(crate) struct Quirk {
    /// Operations it answers itself, before any generic behaviour.
    pub operations: &'static [(&'static str, Behaviour)],
    /// Aliases in paths.
    pub resolve: Option<Resolve>,
    /// Prefix of a new id, where it depends on the body.
    pub prefix: Option<fn(Kind, &Value) -> &'static str>,
    /// Looks at the caller's body before defaults are filled in (creation and replacement); may refuse.
    pub check: Option<Check>,
    /// Adjusts the body about to be kept, or hides parts of it; may refuse.
    pub shape: Option<Shape>,
    /// Follows a creation or replacement that is kept.
    pub written: Option<Written>,
    /// Looks at an object before it is deleted; may refuse.
    pub removing: Option<Removing>,
    /// Follows a deletion.
    pub removed: Option<fn(&mut Context<'_>, &Object)>,
    /// Follows a switch on or off.
    pub switched: Option<fn(&mut Context<'_>, &Key)>,
    /// Adds to an object as answered (`_links`, `_embedded`, secrets shown).
    pub view: Option<fn(&Context<'_>, &Object, &mut Value)>,
}

impl Quirk {
    /// No hooks at all.
    pub(crate) const NONE: Self = Self {
        operations: &[],
        resolve: None,
        prefix: None,
        check: None,
        shape: None,
        written: None,
        removing: None,
        removed: None,
        switched: None,
        view: None,
    };
}

/// Every quirk by name.
const ALL: &[(&str, &Quirk)] = &[
    ("email-domain", &email_domain::QUIRK),
    ("subscription", &subscription::QUIRK),
    ("user-risk", &user_risk::QUIRK),
    ("sms-template", &sms_template::QUIRK),
    ("api-service", &api_service::QUIRK),
    ("app-group-push", &app::PUSH),
    ("device", &device::QUIRK),
    ("domain", &domain::QUIRK),
    ("org-settings", &org_settings::QUIRK),
    ("captcha", &captcha::QUIRK),
    ("feature", &feature::QUIRK),
    ("hook-key", &hook_key::QUIRK),
    ("log-stream", &log_stream::QUIRK),
    ("org-captcha", &captcha::SETTINGS),
    ("principal-rate-limit", &principal::QUIRK),
    ("push-provider", &push_provider::QUIRK),
    ("realm", &realm::QUIRK),
    ("threat-insight", &threat_insight::QUIRK),
    ("api-token", &api_token::QUIRK),
    ("app", &app::QUIRK),
    ("app-group", &app::GROUPS),
    ("app-policy", &app::ASSIGNMENT),
    ("app-schema", &app_schema::QUIRK),
    ("app-user", &app::USERS),
    ("factor", &factor::QUIRK),
    ("group", &group::QUIRK),
    ("group-rule", &group_rule::QUIRK),
    ("hook", &hook::QUIRK),
    ("linked-object", &linked_object::QUIRK),
    ("log", &log::QUIRK),
    ("oauth", &oauth::QUIRK),
    ("authorization-server", &authorization_server::QUIRK),
    ("identity-provider", &identity_provider::QUIRK),
    ("identity-provider-key", &identity_provider::KEYS),
    ("brand", &brand::QUIRK),
    ("email-customization", &brand::CUSTOMIZATIONS),
    ("email-template", &brand::TEMPLATES),
    ("authenticator", &authenticator::QUIRK),
    ("campaign", &governance::CAMPAIGNS),
    ("device-assurance", &device_assurance::QUIRK),
    ("entitlement", &governance::ENTITLEMENTS),
    ("entitlement-bundle", &governance::BUNDLES),
    ("policy", &policy::QUIRK),
    ("request-condition", &governance::CONDITIONS),
    ("session", &session::QUIRK),
    ("role-assignment", &role_assignment::QUIRK),
    ("resource-set-resource", &resource_set::RESOURCES),
    ("resource-set", &resource_set::QUIRK),
    ("custom-role", &custom_role::QUIRK),
    ("profile-mapping", &profile_mapping::QUIRK),
    ("schema", &schema::QUIRK),
    ("user", &user::QUIRK),
    ("user-type", &user_type::QUIRK),
];

/// The quirk of a kind; one without hooks if it names none.
pub(crate) fn of(kind: Kind) -> &'static Quirk {
    let name = kind.facts().quirk.as_deref();
    let known = ALL.iter().find(|(known, _)| Some(*known) == name);
    known.map_or(&Quirk::NONE, |(_, quirk)| quirk)
}

/// The operations quirks answer themselves.
pub(crate) fn operations() -> impl Iterator<Item = &'static (&'static str, Behaviour)> {
    ALL.iter().flat_map(|(_, quirk)| quirk.operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_a_quirk_answers_is_in_the_catalog() {
        for (operation, _) in operations() {
            assert!(
                catalog::operations().by_id(operation).is_some(),
                "no operation {operation}"
            );
        }
    }

    #[test]
    fn no_operation_is_answered_by_two_quirks() {
        let mut answered = std::collections::BTreeSet::new();
        for (operation, _) in operations() {
            assert!(answered.insert(*operation), "{operation} is answered twice");
        }
    }

    #[test]
    fn every_quirk_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
