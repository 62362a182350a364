//! What an operation can do besides its obvious effect: rules over kind, method and path. Exceptions are in
//! `okta/risk.toml`, not here. A class only: whether a caller may is decided elsewhere.

/// Verbs that take something away although no DELETE is sent.
const TAKING_VERBS: [&str; 13] = [
    "deactivate",
    "suspend",
    "stop",
    "revoke",
    "expire_password",
    "expire_password_with_temp_password",
    "reset_factors",
    "reset_password",
    "bulk-delete",
    "bulk-groups-delete",
    "bulk-group-memberships-delete",
    "unassign",
    "revoke-principal-access",
];

/// Where trust and permission live: keys and credentials, roles, policies and what they ask for, identity providers, hooks
/// and other places Okta sends data to, and what people sign in with. `{}` stands for a parameter.
const TRUST: &[&str] = &[
    "/api/v1/api-tokens",
    "/api/v1/apps/{}/credentials",
    "/api/v1/apps/{}/cwo",
    "/api/v1/apps/{}/federated-claims",
    "/api/v1/apps/{}/grants",
    "/api/v1/apps/{}/interclient-allowed-apps",
    "/api/v1/apps/{}/policies",
    "/api/v1/authenticators",
    "/api/v1/authorizationServers",
    "/api/v1/behaviors",
    "/api/v1/bot-protection",
    "/api/v1/brands/{}/pages/sign-in",
    "/api/v1/device-assurances",
    "/api/v1/device-posture-checks",
    "/api/v1/directories",
    "/api/v1/domains",
    "/api/v1/dr",
    "/api/v1/email-servers",
    "/api/v1/eventHooks",
    "/api/v1/hook-keys",
    "/api/v1/iam",
    "/api/v1/idps",
    "/api/v1/inlineHooks",
    "/api/v1/logStreams",
    "/api/v1/meta/schemas/user/linkedObjects",
    "/api/v1/org/factors",
    "/api/v1/org/orgSettings/thirdPartyAdminSetting",
    "/api/v1/org/privacy/aerial",
    "/api/v1/org/privacy/oktaSupport",
    "/api/v1/org/settings/clientPrivilegesSetting",
    "/api/v1/policies",
    "/api/v1/roles",
    "/api/v1/security-events-providers",
    "/api/v1/ssf",
    "/api/v1/telephony-providers",
    "/api/v1/threats",
    "/api/v1/trustedOrigins",
    "/api/v1/zones",
    "/attack-protection/api/v1",
    "/governance/api/v1/grants",
    "/idp/myaccount/app-authenticators",
    "/idp/myaccount/authenticators",
    "/idp/myaccount/webauthn",
    "/integrations/api/v1/api-services",
    "/privileged-access/api/v1",
    "/security/api/v1/security-events",
    "/webauthn-registration/api/v1",
];

/// Parts of a path that are about trust wherever they stand.
const TRUST_PARTS: [&str; 11] = [
    "roles",
    "grants",
    "credentials",
    "linkedObjects",
    "classification",
    "factors",
    "authenticator-enrollments",
    "expire_password",
    "expire_password_with_temp_password",
    "reset_factors",
    "reset_password",
];

/// Exactly these paths answer reads and writes (not deletes) with a secret in clear: client secrets, tokens, temporary
/// passwords, one-time links. Okta documents some; that apps come with `client_secret` is seen in recorded traffic.
const SECRETS: &[&str] = &[
    "/api/v1/apps",
    "/api/v1/apps/{}",
    "/api/v1/apps/{}/credentials/secrets",
    "/api/v1/apps/{}/credentials/secrets/{}",
    "/api/v1/apps/{}/credentials/secrets/{}/lifecycle/activate",
    "/api/v1/idps",
    "/api/v1/idps/{}",
    "/api/v1/idps/{}/users/{}/credentials/tokens",
    "/api/v1/orgs",
    "/api/v1/users/{}/idps",
    "/api/v1/users/{}/lifecycle/activate",
    "/api/v1/users/{}/lifecycle/reactivate",
    "/api/v1/users/{}/lifecycle/expire_password_with_temp_password",
    "/api/v1/users/{}/lifecycle/reset_password",
    "/oauth2/v1/token",
    "/oauth2/{}/v1/token",
];

/// The same for writes only: what was secret once is hashed or left out when read later.
const SECRETS_ONCE: &[&str] = &[
    "/api/v1/users/{}/factors",
    "/api/v1/users/{}/authenticator-enrollments/tac",
    "/api/v1/users/{}/credentials/forgot_password",
    "/integrations/api/v1/api-services",
    "/integrations/api/v1/api-services/{}/credentials/secrets",
    "/oauth2/v1/clients",
    "/oauth2/v1/clients/{}",
    "/oauth2/v1/clients/{}/lifecycle/newSecret",
];

/// The risk flags of an operation, as the index names them.
pub(crate) fn flags_of(kind: &str, method: &str, path: &str) -> Vec<&'static str> {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let last = segments.last().copied().unwrap_or_default();
    let reads = kind == "read" || kind == "protocol" && method != "POST";
    let mut flags = Vec::new();
    if method == "DELETE" || method == "POST" && TAKING_VERBS.contains(&last) {
        flags.push("destructive");
    }
    let trusted = TRUST.iter().any(|place| begins(path, place))
        || TRUST_PARTS.iter().any(|part| segments.contains(part));
    if !reads && kind != "protocol" && trusted {
        flags.push("privilege");
    }
    let at_any = |places: &[&str]| places.iter().any(|place| is_at(path, place));
    let once = matches!(method, "POST" | "PUT") && at_any(SECRETS_ONCE);
    if once || matches!(method, "GET" | "POST" | "PUT") && at_any(SECRETS) {
        flags.push("secret");
    }
    flags
}

/// Whether `path` lies at or below `place`, in which `{}` stands for a parameter.
fn begins(path: &str, place: &str) -> bool {
    let mut segments = path.split('/');
    place.split('/').all(|wanted| {
        let segment = segments.next();
        segment == Some(wanted)
            || wanted == "{}" && segment.is_some_and(|segment| segment.starts_with('{'))
    })
}

/// Whether `path` is exactly `place`.
fn is_at(path: &str, place: &str) -> bool {
    begins(path, place) && path.split('/').count() == place.split('/').count()
}

#[cfg(test)]
mod tests {
    use super::flags_of;

    #[test]
    fn what_takes_away_is_destructive_and_what_grants_is_privileged() {
        let taken = flags_of("delete", "DELETE", "/api/v1/zones/{zoneId}");
        assert_eq!(taken, ["destructive", "privilege"]);
        let suspended = flags_of("lifecycle", "POST", "/api/v1/users/{id}/lifecycle/suspend");
        assert_eq!(suspended, ["destructive"]);
        let granted = flags_of("membership", "POST", "/api/v1/users/{userId}/roles");
        assert_eq!(granted, ["privilege"]);
        assert!(flags_of("read", "GET", "/api/v1/zones").is_empty());
        assert_eq!(
            flags_of("read", "GET", "/api/v1/apps/{appId}/credentials/secrets"),
            ["secret"]
        );
    }
}
