//! What the parameters of paths name where the resource types of the catalog do not say: things nobody keeps a copy of, second
//! paths to kept things, and parameters that name no object at all.
//!
//! Plain tables, by the path up to the parameter with `{}` for every parameter. A test demands that every parameter of every
//! operation is found here or in the catalog, and that nothing here is unused.

/// Path up to the parameter → entity type.
pub(super) const OBJECTS: &[(&str, &str)] = &[
    ("/api/v1/agentPools/{}/updates/{}", "AgentPoolUpdate"),
    (
        "/api/v1/apps/{}/credentials/csrs/{}",
        "AppCertificateRequest",
    ),
    ("/api/v1/apps/{}/credentials/jwks/{}", "AppKey"),
    ("/api/v1/apps/{}/credentials/keys/{}", "AppKey"),
    ("/api/v1/apps/{}/credentials/secrets/{}", "ClientSecret"),
    ("/api/v1/apps/{}/cwo/connections/{}", "CrossAppConnection"),
    ("/api/v1/apps/{}/features/{}", "AppFeature"),
    ("/api/v1/apps/{}/interclient-allowed-apps/{}", "App"),
    ("/api/v1/apps/{}/tokens/{}", "RefreshToken"),
    ("/api/v1/apps/{}/{}", "App"),
    ("/api/v1/authenticators/{}/aaguids/{}", "CustomAaguid"),
    (
        "/api/v1/authorizationServers/{}/associatedServers/{}",
        "AuthorizationServer",
    ),
    ("/api/v1/authorizationServers/{}/clients/{}", "App"),
    (
        "/api/v1/authorizationServers/{}/clients/{}/tokens/{}",
        "RefreshToken",
    ),
    (
        "/api/v1/authorizationServers/{}/credentials/keys/{}",
        "AuthorizationServerKey",
    ),
    ("/api/v1/brands/{}/well-known-uris/{}", "WellKnownUri"),
    ("/api/v1/device-integrations/{}", "DeviceIntegration"),
    ("/api/v1/directories/{}", "App"),
    ("/api/v1/directories/{}/groups/{}", "Group"),
    (
        "/api/v1/directories/{}/groups/{}/query/{}",
        "GroupAttributeQuery",
    ),
    ("/api/v1/dr/status/{}", "CustomDomain"),
    ("/api/v1/first-party-app-settings/{}", "FirstPartyApp"),
    ("/api/v1/groups/{}/owners/{}", "GroupOwner"),
    (
        "/api/v1/groups/{}/roles/{}/targets/catalog/apps/{}/{}",
        "App",
    ),
    ("/api/v1/groups/{}/roles/{}/targets/groups/{}", "Group"),
    ("/api/v1/hook-keys/public/{}", "HookPublicKey"),
    ("/api/v1/iam/governance/bundles/{}", "GovernanceBundle"),
    (
        "/api/v1/iam/governance/bundles/{}/entitlements/{}",
        "Entitlement",
    ),
    ("/api/v1/iam/resource-sets/{}/bindings/{}", "CustomRole"),
    (
        "/api/v1/iam/resource-sets/{}/bindings/{}/members/{}",
        "BindingMember",
    ),
    ("/api/v1/identity-sources/{}", "IdentitySource"),
    (
        "/api/v1/identity-sources/{}/groups/{}",
        "IdentitySourceGroup",
    ),
    (
        "/api/v1/identity-sources/{}/groups/{}/membership/{}",
        "IdentitySourceUser",
    ),
    (
        "/api/v1/identity-sources/{}/sessions/{}",
        "IdentitySourceSession",
    ),
    ("/api/v1/identity-sources/{}/users/{}", "IdentitySourceUser"),
    ("/api/v1/idps/tx/{}", "IdentityProviderTransaction"),
    (
        "/api/v1/idps/{}/credentials/csrs/{}",
        "IdentityProviderCertificateRequest",
    ),
    ("/api/v1/idps/{}/credentials/keys/{}", "IdentityProviderKey"),
    ("/api/v1/idps/{}/users/{}", "User"),
    ("/api/v1/internal/apps/{}", "App"),
    ("/api/v1/meta/schemas/apps/{}", "App"),
    ("/api/v1/meta/schemas/user/{}", "UserSchema"),
    ("/api/v1/org/email/sender/{}", "EmailSender"),
    ("/api/v1/org/factors/hotp/profiles/{}", "HotpProfile"),
    (
        "/api/v1/org/factors/yubikey_token/tokens/{}",
        "YubikeyToken",
    ),
    ("/api/v1/org/factors/{}", "OrgFactor"),
    ("/api/v1/org/privacy/oktaSupport/cases/{}", "SupportCase"),
    ("/api/v1/policies/{}/mappings/{}", "PolicyMapping"),
    ("/api/v1/roles/{}", "AdminRole"),
    ("/api/v1/sessions/{}", "Session"),
    ("/api/v1/telephony-providers/{}", "TelephonyProvider"),
    ("/api/v1/templates/emails/{}", "OrgEmailTemplate"),
    (
        "/api/v1/users/{}/authenticator-enrollments/{}",
        "AuthenticatorEnrollment",
    ),
    ("/api/v1/users/{}/clients/{}", "App"),
    ("/api/v1/users/{}/clients/{}/tokens/{}", "RefreshToken"),
    ("/api/v1/users/{}/factors/{}", "Factor"),
    ("/api/v1/users/{}/grants/{}", "UserGrant"),
    ("/api/v1/users/{}/linkedObjects/{}", "LinkedObject"),
    ("/api/v1/users/{}/linkedObjects/{}/{}", "User"),
    ("/api/v1/users/{}/roles/{}/governance/{}", "GovernanceGrant"),
    (
        "/api/v1/users/{}/roles/{}/targets/catalog/apps/{}/{}",
        "App",
    ),
    ("/api/v1/users/{}/roles/{}/targets/groups/{}", "Group"),
    ("/governance/api/v1/collections/{}", "Collection"),
    (
        "/governance/api/v1/collections/{}/assignments/{}",
        "CollectionAssignment",
    ),
    (
        "/governance/api/v1/collections/{}/resources/{}",
        "CollectionResource",
    ),
    (
        "/governance/api/v1/entitlements/{}/values/{}",
        "EntitlementValue",
    ),
    ("/governance/api/v1/grants/{}", "GovernanceGrant"),
    ("/governance/api/v1/labels/{}", "GovernanceLabel"),
    ("/governance/api/v1/my/campaigns/{}", "Campaign"),
    ("/governance/api/v1/my/campaigns/{}/reviews/{}", "Review"),
    (
        "/governance/api/v1/my/campaigns/{}/reviews/{}/agent-resource-connections/{}",
        "Agent",
    ),
    (
        "/governance/api/v1/principal-settings/{}",
        "GovernancePrincipal",
    ),
    ("/governance/api/v1/request-types/{}", "RequestType"),
    ("/governance/api/v1/requests/{}", "AccessRequest"),
    ("/governance/api/v1/reviews/{}", "Review"),
    ("/governance/api/v1/risk-rules/{}", "RiskRule"),
    (
        "/governance/api/v1/settings/integrations/{}",
        "GovernanceIntegration",
    ),
    (
        "/governance/api/v2/catalogs/default/entries/{}",
        "CatalogEntry",
    ),
    (
        "/governance/api/v2/catalogs/default/entries/{}/users/{}",
        "User",
    ),
    ("/governance/api/v2/catalogs/default/user/{}", "User"),
    (
        "/governance/api/v2/my/catalogs/default/entries/{}",
        "CatalogEntry",
    ),
    (
        "/governance/api/v2/my/catalogs/default/entries/{}/requests/{}",
        "AccessRequest",
    ),
    (
        "/governance/api/v2/my/catalogs/default/entries/{}/users/{}",
        "User",
    ),
    (
        "/governance/api/v2/my/security-access-reviews/{}",
        "SecurityAccessReview",
    ),
    (
        "/governance/api/v2/my/security-access-reviews/{}/accesses/{}",
        "SecurityAccessReviewAccess",
    ),
    ("/governance/api/v2/my/tasks/{}", "AccessRequestTask"),
    ("/governance/api/v2/request-sequences/{}", "RequestSequence"),
    ("/governance/api/v2/requests/{}", "AccessRequest"),
    ("/governance/api/v2/resources/{}", "GovernanceResource"),
    (
        "/governance/api/v2/resources/{}/request-sequences/{}",
        "RequestSequence",
    ),
    (
        "/governance/api/v2/security-access-reviews/{}",
        "SecurityAccessReview",
    ),
    (
        "/governance/api/v2/security-access-reviews/{}/accesses/{}",
        "SecurityAccessReviewAccess",
    ),
    ("/governance/api/v2/tasks/{}", "AccessRequestTask"),
    ("/idp/myaccount/app-authenticators/{}", "AppAuthenticator"),
    ("/idp/myaccount/authenticators/{}", "Authenticator"),
    (
        "/idp/myaccount/authenticators/{}/enrollments/{}",
        "AuthenticatorEnrollment",
    ),
    ("/idp/myaccount/emails/{}", "MyEmail"),
    ("/idp/myaccount/phones/{}", "MyPhone"),
    ("/idp/myaccount/webauthn/{}", "MyWebAuthn"),
    (
        "/integrations/api/v1/api-services/{}/credentials/secrets/{}",
        "ClientSecret",
    ),
    ("/oauth2/v1/clients/{}", "App"),
    (
        "/oauth2/v1/clients/{}/roles/{}/targets/catalog/apps/{}/{}",
        "App",
    ),
    ("/oauth2/v1/clients/{}/roles/{}/targets/groups/{}", "Group"),
    ("/oauth2/{}", "AuthorizationServer"),
    (
        "/privileged-access/api/v1/okta-service-accounts/{}",
        "ServiceAccount",
    ),
    (
        "/privileged-access/api/v1/service-accounts/{}",
        "ServiceAccount",
    ),
    ("/webauthn-registration/api/v1/users/{}", "User"),
    (
        "/webauthn-registration/api/v1/users/{}/enrollments/{}",
        "AuthenticatorEnrollment",
    ),
];

/// Path up to the parameter, its name → why it names no object.
pub(super) const EXEMPT: &[(&str, &str, &str)] = &[
    (
        "/api/v1/apps/{}",
        "appName",
        "the kind of app in Okta's catalog; the instance follows",
    ),
    (
        "/api/v1/features/{}/{}",
        "lifecycle",
        "a verb: ENABLE or DISABLE",
    ),
    (
        "/api/v1/groups/{}/roles/{}/targets/catalog/apps/{}",
        "appName",
        "the kind of app in Okta's catalog",
    ),
    (
        "/api/v1/users/{}/roles/{}/targets/catalog/apps/{}",
        "appName",
        "the kind of app in Okta's catalog",
    ),
    (
        "/oauth2/v1/clients/{}/roles/{}/targets/catalog/apps/{}",
        "appName",
        "the kind of app in Okta's catalog",
    ),
    (
        "/api/v1/meta/schemas/logStream/{}",
        "logStreamType",
        "a kind of log stream",
    ),
    (
        "/api/v1/org/contacts/{}",
        "contactType",
        "BILLING or TECHNICAL",
    ),
    (
        "/api/v1/roles/{}/subscriptions/{}",
        "notificationType",
        "a kind of notification",
    ),
    (
        "/api/v1/users/{}/subscriptions/{}",
        "notificationType",
        "a kind of notification",
    ),
    (
        "/api/v1/users/{}/factors/{}/transactions/{}",
        "transactionId",
        "one attempt, minutes long",
    ),
    (
        "/governance/api/v1/my/campaigns/{}/reviews/bulk-decisions/jobs/{}",
        "jobId",
        "a background job",
    ),
    (
        "/governance/api/v1/operations/{}",
        "operationId",
        "a background job",
    ),
    (
        "/governance/api/v1/principal-entitlements-changes/{}",
        "principalEntitlementsChangeId",
        "a background job",
    ),
    (
        "/idp/myaccount/app-authenticators/challenge/{}",
        "challengeId",
        "one attempt, minutes long",
    ),
    (
        "/idp/myaccount/emails/{}/challenge/{}",
        "challengeId",
        "one attempt, minutes long",
    ),
];
