//! Members whose presence depends on what the recorded org was: its edition (Classic or Identity Engine), its features, and
//! Okta's release at the time. The emulated org is an Identity Engine org of today with every feature.
//!
//! A member of [`LATER`] may be too many if no answer of the conversation has it anywhere; a member of [`FORMER`] may be missing.
//! What is in neither table is judged. Evidence for each line: presence by recording date and org over all recordings.

use serde_json::Value;
use std::collections::BTreeSet;

/// Members of today's Identity Engine orgs: a word of the paths concerned, the place, why.
const LATER: &[(&str, &str, &str)] = &[
    ("apps", "universalLogout", "apps since spring 2025"),
    (
        "apps",
        "settings.emOptInStatus",
        "apps of orgs with entitlement management, since summer 2025",
    ),
    (
        "apps",
        "_links.accessPolicy",
        "apps of Identity Engine orgs",
    ),
    (
        "apps",
        "_links.profileEnrollment",
        "apps of Identity Engine orgs",
    ),
    ("apps", "_links.policies", "apps of Identity Engine orgs"),
    (
        "apps",
        "settings.oauthClient.participate_slo",
        "OIDC apps of Identity Engine orgs",
    ),
    ("apps", "orn", "not before 2021"),
    (
        "apps",
        "settings.manualProvisioning",
        "apps, not before 2021",
    ),
    ("apps", "visibility.autoLaunch", "apps, not before 2021"),
    (
        "apps",
        "settings.implicitAssignment",
        "apps, not before 2021",
    ),
    ("apps", "settings.notes", "apps, not before 2021"),
    ("apps", "_links.uploadLogo", "apps, not before 2021"),
    (
        "domains",
        "certificateSourceType",
        "custom domains, not before 2022",
    ),
    (
        "apps",
        "settings.signOn.assertionEncryption",
        "SAML apps, since 2025",
    ),
    ("policies", "_embedded", "policies, since autumn 2024"),
    (
        "schemas",
        "definitions.base.properties.firstName.required",
        "user schemas of orgs where a first name is required",
    ),
    ("domains", "_links.brand", "custom domains, not before 2022"),
    ("domains", "brandId", "custom domains, not before 2022"),
    (
        "apps",
        "_links.clientCredentials",
        "OIDC apps, not before 2021",
    ),
    (
        "apps",
        "credentials.oauthClient.pkce_required",
        "OIDC apps, not before 2021",
    ),
    (
        "apps",
        "settings.oauthClient.idp_initiated_login",
        "OIDC apps, not before 2021",
    ),
    (
        "apps",
        "settings.oauthClient.wildcard_redirect",
        "OIDC apps, not before 2021",
    ),
    (
        "apps",
        "settings.oauthClient.dpop_bound_access_tokens",
        "OIDC apps, not before 2023",
    ),
    (
        "okta-organization",
        "settings.itpEnabled",
        "org metadata, not before 2025",
    ),
    (
        "realms",
        "profile.realmType",
        "realms of orgs with partner realms",
    ),
    (
        "apps",
        "settings.oauthClient.consent_method",
        "OIDC apps of orgs with consent",
    ),
    ("users", "_links.resetFactors", "users, since summer 2025"),
    (
        "users",
        "_links.forgotPassword",
        "users without a recovery question, not in 2020",
    ),
    ("users", "realmId", "users of orgs with realms"),
    (
        "schemas",
        "definitions.base.properties.lastName.required",
        "user schemas of orgs where a last name is required",
    ),
    (
        "groups",
        "_links.owners",
        "groups of orgs with group owners, since winter 2025",
    ),
    (
        "policies",
        "_links.mappings",
        "policies of Identity Engine orgs",
    ),
    (
        "policies",
        "settings.password.breachedProtection",
        "policies of orgs with breached credentials protection",
    ),
    (
        "okta-organization",
        "settings.desktopMFAEnabled",
        "org metadata, not before 2025",
    ),
    (
        "okta-organization",
        "settings.pssoEnabled",
        "org metadata, not before 2025",
    ),
    (
        "authorizationServers",
        "default",
        "authorization servers, not before 2023",
    ),
    (
        "authorizationServers",
        "_links.resourceServerCredentialsKeys",
        "authorization servers, since spring 2026",
    ),
    (
        "authorizationServers",
        "apiResourceId",
        "scopes and claims of authorization servers, not before 2023",
    ),
    (
        "authorizationServers",
        "displayName",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "authorizationServers",
        "consent",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "authorizationServers",
        "optional",
        "scopes of authorization servers, not before 2023",
    ),
    (
        "idps",
        "policy.transformedUsernameMatchingEnabled",
        "identity providers, not before 2024",
    ),
    (
        "idps",
        "policy.trustClaims",
        "identity providers, not before 2025",
    ),
    (
        "idps",
        "protocol.settings",
        "identity providers, not before 2023",
    ),
    (
        "idps",
        "protocol.algorithms.request.digest",
        "SAML providers, since spring 2026",
    ),
    ("roles", "isCloneable", "custom roles, since summer 2025"),
    (
        "eventHooks",
        "events.filter",
        "event hooks, not before 2023",
    ),
    ("eventHooks", "description", "event hooks, not before 2023"),
    (
        "device-assurances",
        "displayRemediationMode",
        "device assurance of orgs with grace periods",
    ),
    (
        "policies",
        "conditions.riskScore",
        "rules of access policies of orgs with risk scoring",
    ),
    (
        "authenticators",
        "settings.enrollmentSecurityLevel",
        "Okta Verify, since winter 2025",
    ),
    (
        "authenticators",
        "settings.userVerificationMethods",
        "Okta Verify, not before 2025",
    ),
    (
        "authenticators",
        "_links.aaguids",
        "WebAuthn, since spring 2026",
    ),
];

/// Members that older releases or other editions had.
const FORMER: &[(&str, &str, &str)] = &[
    (
        "okta-organization",
        "settings.op4wEnabled",
        "org metadata, until spring 2025",
    ),
    (
        "users",
        "credentials.emails",
        "users of free developer orgs",
    ),
];

/// Places where another edition or release answered another kind of value: place, recorded kind, emulated kind, why.
const OTHER_KIND: &[(&str, &str, &str, &str, &str)] = &[
    (
        "api-tokens",
        "tokenWindow",
        "null",
        "string",
        "some lists of API tokens leave it open, others of the same org do not",
    ),
    (
        "apps",
        "universalLogout",
        "null",
        "object",
        "apps of orgs without Universal Logout",
    ),
    (
        "apps",
        "settings.signOn.defaultRelayState",
        "string",
        "null",
        "a blank stayed a blank until spring 2026",
    ),
];

/// What the recorded org was, as far as its answers tell.
#[derive(Debug, Default)]
pub(super) struct Edition {
    seen: BTreeSet<(&'static str, &'static str)>,
}

impl Edition {
    /// Reads it from the recorded answers and the paths they were given to.
    pub(super) fn of<'v>(answers: impl Iterator<Item = (&'v str, &'v Value)>) -> Self {
        let mut edition = Self::default();
        for (path, answer) in answers {
            let items = answer
                .as_array()
                .map_or(std::slice::from_ref(answer), Vec::as_slice);
            for (word, place, _) in LATER {
                if concerns(path, word) && items.iter().any(|item| has(item, place)) {
                    edition.seen.insert((word, place));
                }
            }
        }
        edition
    }

    /// Whether a member the emulator has too many is one the recorded org could not have had.
    pub(super) fn lacks(&self, path: &str, place: &str) -> bool {
        let place = place.trim_start_matches("[].");
        let known = LATER
            .iter()
            .filter(|(word, known, _)| *known == place && concerns(path, word));
        let mut unseen = known.map(|(word, known, _)| !self.seen.contains(&(*word, *known)));
        unseen.any(|unseen| unseen)
    }

    /// Whether the recorded org could answer the one kind where an org of today answers the other.
    pub(super) fn answered(path: &str, place: &str, recorded: &str, emulated: &str) -> bool {
        let place = place.trim_start_matches("[].");
        OTHER_KIND.iter().any(|(word, known, mine, theirs, _)| {
            concerns(path, word) && (*known, *mine, *theirs) == (place, recorded, emulated)
        })
    }

    /// Whether a member the emulator misses is one that orgs of today do not have.
    pub(super) fn had(path: &str, place: &str) -> bool {
        let place = place.trim_start_matches("[].");
        FORMER
            .iter()
            .any(|(word, known, _)| *known == place && concerns(path, word))
    }
}

fn concerns(path: &str, word: &str) -> bool {
    path.split('/').any(|segment| segment == word)
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

    const APPS: &str = "/api/v1/apps";

    #[test]
    fn a_member_the_recording_shows_once_is_expected_everywhere() {
        let shown = json!([{"id": "0oa1"}, {"id": "0oa2", "universalLogout": null}]);
        assert!(!Edition::of([(APPS, &shown)].into_iter()).lacks(APPS, "universalLogout"));
        assert!(
            Edition::of([(APPS, &json!([{"id": "0oa1"}]))].into_iter())
                .lacks(APPS, "[].universalLogout")
        );
    }

    #[test]
    fn members_outside_the_tables_are_never_excused() {
        assert!(!Edition::default().lacks(APPS, "label"));
        assert!(!Edition::had(APPS, "label"));
    }

    #[test]
    fn a_member_is_excused_on_its_own_paths_only() {
        assert!(!Edition::default().lacks("/api/v1/zones", "universalLogout"));
        assert!(!Edition::had("/api/v1/zones", "credentials.emails"));
    }
}
