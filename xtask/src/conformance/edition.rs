//! Members whose presence depends on what the recorded org was: its edition (Classic or Identity Engine), its features, and
//! Okta's release at the time. The emulated org is an Identity Engine org of today with every feature.
//!
//! A member of [`LATER`] may be too many if no answer of the conversation has it anywhere; a member of [`FORMER`] may be missing.
//! What is in neither table is judged. Evidence for each line: presence by recording date and org over all recordings.

use serde_json::Value;
use std::collections::BTreeSet;

/// Members of today's Identity Engine orgs.
const LATER: &[(&str, &str)] = &[
    ("universalLogout", "apps since spring 2025"),
    (
        "settings.emOptInStatus",
        "apps of orgs with entitlement management, since summer 2025",
    ),
    ("_links.accessPolicy", "apps of Identity Engine orgs"),
    ("_links.profileEnrollment", "apps of Identity Engine orgs"),
    ("_links.policies", "apps of Identity Engine orgs"),
    (
        "settings.oauthClient.participate_slo",
        "OIDC apps of Identity Engine orgs",
    ),
    ("orn", "not before 2021"),
    ("settings.manualProvisioning", "apps, not before 2021"),
    ("visibility.autoLaunch", "apps, not before 2021"),
    ("settings.implicitAssignment", "apps, not before 2021"),
    ("settings.notes", "apps, not before 2021"),
    ("_links.uploadLogo", "apps, not before 2021"),
    ("certificateSourceType", "custom domains, not before 2022"),
    (
        "settings.signOn.assertionEncryption",
        "SAML apps, since 2025",
    ),
    ("_embedded", "policies, since autumn 2024"),
    (
        "definitions.base.properties.firstName.required",
        "user schemas of orgs where a first name is required",
    ),
    ("_links.brand", "custom domains, not before 2022"),
    ("_links.clientCredentials", "OIDC apps, not before 2021"),
    (
        "credentials.oauthClient.pkce_required",
        "OIDC apps, not before 2021",
    ),
    (
        "settings.oauthClient.idp_initiated_login",
        "OIDC apps, not before 2021",
    ),
    (
        "settings.oauthClient.wildcard_redirect",
        "OIDC apps, not before 2021",
    ),
    (
        "settings.oauthClient.dpop_bound_access_tokens",
        "OIDC apps, not before 2023",
    ),
    ("settings.itpEnabled", "org metadata, not before 2025"),
    ("profile.realmType", "realms of orgs with partner realms"),
    (
        "settings.oauthClient.consent_method",
        "OIDC apps of orgs with consent",
    ),
    ("_links.resetFactors", "users, since summer 2025"),
    (
        "_links.forgotPassword",
        "users without a recovery question, not in 2020",
    ),
    ("realmId", "users of orgs with realms"),
    (
        "definitions.base.properties.lastName.required",
        "user schemas of orgs where a last name is required",
    ),
    (
        "_links.owners",
        "groups of orgs with group owners, since winter 2025",
    ),
    ("_links.mappings", "policies of Identity Engine orgs"),
    (
        "settings.password.breachedProtection",
        "policies of orgs with breached credentials protection",
    ),
    (
        "settings.desktopMFAEnabled",
        "org metadata, not before 2025",
    ),
    ("settings.pssoEnabled", "org metadata, not before 2025"),
    ("default", "authorization servers, not before 2023"),
    (
        "_links.resourceServerCredentialsKeys",
        "authorization servers, since spring 2026",
    ),
    (
        "apiResourceId",
        "scopes and claims of authorization servers, not before 2023",
    ),
    (
        "displayName",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "consent",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "optional",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "policy.transformedUsernameMatchingEnabled",
        "identity providers, not before 2024",
    ),
    ("policy.trustClaims", "identity providers, not before 2025"),
    ("protocol.settings", "identity providers, not before 2023"),
    (
        "protocol.algorithms.request.digest",
        "SAML providers, since spring 2026",
    ),
    ("isCloneable", "custom roles, since summer 2025"),
    ("events.filter", "event hooks, not before 2023"),
    ("description", "event hooks, not before 2023"),
    (
        "displayRemediationMode",
        "device assurance of orgs with grace periods",
    ),
    (
        "conditions.riskScore",
        "rules of access policies of orgs with risk scoring",
    ),
    (
        "settings.enrollmentSecurityLevel",
        "Okta Verify, since winter 2025",
    ),
    (
        "settings.userVerificationMethods",
        "Okta Verify, not before 2025",
    ),
    ("_links.aaguids", "WebAuthn, since spring 2026"),
];

/// Members that older releases or other editions had.
const FORMER: &[(&str, &str)] = &[
    ("settings.op4wEnabled", "org metadata, until spring 2025"),
    ("credentials.emails", "users of free developer orgs"),
];

/// Places where another edition or release answered another kind of value: place, recorded kind, emulated kind, why.
const OTHER_KIND: &[(&str, &str, &str, &str)] = &[
    (
        "tokenWindow",
        "null",
        "string",
        "some lists of API tokens leave it open, others of the same org do not",
    ),
    (
        "universalLogout",
        "null",
        "object",
        "apps of orgs without Universal Logout",
    ),
    (
        "settings.signOn.defaultRelayState",
        "string",
        "null",
        "a blank stayed a blank until spring 2026",
    ),
];

/// What the recorded org was, as far as its answers tell.
#[derive(Debug, Default)]
pub(super) struct Edition {
    seen: BTreeSet<&'static str>,
}

impl Edition {
    /// Reads it from the recorded answers.
    pub(super) fn of<'v>(answers: impl Iterator<Item = &'v Value>) -> Self {
        let mut edition = Self::default();
        for answer in answers {
            let items = answer
                .as_array()
                .map_or(std::slice::from_ref(answer), Vec::as_slice);
            for (place, _) in LATER {
                if items.iter().any(|item| has(item, place)) {
                    edition.seen.insert(*place);
                }
            }
        }
        edition
    }

    /// Whether a member the emulator has too many is one the recorded org could not have had.
    pub(super) fn lacks(&self, place: &str) -> bool {
        let place = place.trim_start_matches("[].");
        LATER.iter().any(|(known, _)| *known == place) && !self.seen.contains(place)
    }

    /// Whether the recorded org could answer the one kind where an org of today answers the other.
    pub(super) fn answered(place: &str, recorded: &str, emulated: &str) -> bool {
        let place = place.trim_start_matches("[].");
        OTHER_KIND
            .iter()
            .any(|(known, mine, theirs, _)| (*known, *mine, *theirs) == (place, recorded, emulated))
    }

    /// Whether a member the emulator misses is one that orgs of today do not have.
    pub(super) fn had(place: &str) -> bool {
        let place = place.trim_start_matches("[].");
        FORMER.iter().any(|(known, _)| *known == place)
    }
}

fn has(item: &Value, place: &str) -> bool {
    place
        .split('.')
        .try_fold(item, |at, step| at.get(step))
        .is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_the_recording_shows_once_is_expected_everywhere() {
        let shown = json!([{"id": "0oa1"}, {"id": "0oa2", "universalLogout": null}]);
        assert!(!Edition::of([&shown].into_iter()).lacks("universalLogout"));
        assert!(Edition::of([&json!([{"id": "0oa1"}])].into_iter()).lacks("[].universalLogout"));
    }

    #[test]
    fn members_outside_the_tables_are_never_excused() {
        assert!(!Edition::default().lacks("label"));
        assert!(!Edition::had("label"));
    }
}
