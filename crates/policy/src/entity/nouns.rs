//! What the resource types of the catalog are called in policies, and what the three types people write most about carry.
//!
//! Plain tables. Relations between two types have no noun of their own: a path that names one names its other end.

use super::{AttributeKind, AttributeType};

/// Resource type → entity type.
pub(super) const NOUNS: &[(&str, &str)] = &[
    ("agent-pool", "AgentPool"),
    ("api-service", "ApiServiceIntegration"),
    ("api-token", "ApiToken"),
    ("app-federated-claim", "AppFederatedClaim"),
    ("app-grant", "AppGrant"),
    ("app-group-push", "AppGroupPush"),
    ("app", "App"),
    ("as-claim", "AuthorizationServerClaim"),
    ("as-policy-rule", "AuthorizationServerPolicyRule"),
    ("as-policy", "AuthorizationServerPolicy"),
    ("as-scope", "AuthorizationServerScope"),
    ("authenticator-method", "AuthenticatorMethod"),
    ("authenticator", "Authenticator"),
    ("authorization-server", "AuthorizationServer"),
    ("behavior", "BehaviorRule"),
    ("brand", "Brand"),
    ("campaign", "Campaign"),
    ("captcha", "Captcha"),
    ("client-role", "RoleAssignment"),
    ("custom-role-permission", "CustomRolePermission"),
    ("custom-role", "CustomRole"),
    ("device-assurance", "DeviceAssurance"),
    ("device-posture-check", "DevicePostureCheck"),
    ("device", "Device"),
    ("domain", "CustomDomain"),
    ("email-customization", "EmailCustomization"),
    ("email-domain", "EmailDomain"),
    ("email-server", "EmailServer"),
    ("email-template", "EmailTemplate"),
    ("entitlement-bundle", "EntitlementBundle"),
    ("entitlement", "Entitlement"),
    ("event-hook", "EventHook"),
    ("feature", "Feature"),
    ("group-role", "RoleAssignment"),
    ("group-rule", "GroupRule"),
    ("group", "Group"),
    ("hook-key", "HookKey"),
    ("idp-key", "IdentityProviderKey"),
    ("idp", "IdentityProvider"),
    ("inline-hook", "InlineHook"),
    ("linked-object", "LinkedObject"),
    ("log-stream", "LogStream"),
    ("policy-rule", "PolicyRule"),
    ("policy", "Policy"),
    ("principal-rate-limit", "PrincipalRateLimit"),
    ("profile-mapping", "ProfileMapping"),
    ("push-provider", "PushProvider"),
    ("realm-assignment", "RealmAssignment"),
    ("realm", "Realm"),
    ("request-condition", "RequestCondition"),
    ("resource-server-key", "AuthorizationServerEncryptionKey"),
    ("resource-set-resource", "ResourceSetResource"),
    ("resource-set", "ResourceSet"),
    ("security-events-provider", "SecurityEventsProvider"),
    ("sms-template", "SmsTemplate"),
    ("theme", "Theme"),
    ("trusted-origin", "TrustedOrigin"),
    ("ui-schema", "UiSchema"),
    ("user-role", "RoleAssignment"),
    ("user-type", "UserType"),
    ("user", "User"),
    ("zone", "NetworkZone"),
];

const fn required(name: &'static str, value: AttributeType) -> AttributeKind {
    AttributeKind {
        name,
        value,
        required: true,
    }
}

const fn optional(name: &'static str) -> AttributeKind {
    AttributeKind {
        name,
        value: AttributeType::Text,
        required: false,
    }
}

/// Attributes that the catalog's data cannot derive. Members of a user are Okta's base profile; `admin` says whether any
/// administrator role is assigned to the person, directly or through a group, `grantsRoles` whether one is assigned to the
/// group; a group's `kind` is its `type` (`OKTA_GROUP`, `APP_GROUP`, `BUILT_IN`).
pub(super) const ATTRIBUTES: &[(&str, &[AttributeKind])] = &[
    (
        "App",
        &[
            required("label", AttributeType::Text),
            required("name", AttributeType::Text),
            required("signOnMode", AttributeType::Text),
            required("status", AttributeType::Text),
        ],
    ),
    (
        "Group",
        &[
            required("name", AttributeType::Text),
            required("kind", AttributeType::Text),
            required("grantsRoles", AttributeType::Flag),
        ],
    ),
    (
        "User",
        &[
            required("login", AttributeType::Text),
            required("status", AttributeType::Text),
            required("admin", AttributeType::Flag),
            optional("email"),
            optional("department"),
            optional("division"),
            optional("organization"),
            optional("title"),
            optional("userType"),
            optional("countryCode"),
        ],
    ),
];
