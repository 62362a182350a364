//! What an operation does, by meaning: rules over method and path. Exceptions are in `okta/risk.toml`, not here.

/// Relations: a segment after which a parameter names the other end (`/groups/{groupId}/users/{userId}`). With the parent
/// that makes it a relation, as these words also name collections.
const RELATIONS: [(&str, &str); 19] = [
    ("apps", "users"),
    ("apps", "groups"),
    ("apps", "grants"),
    ("apps", "policies"),
    ("apps", "interclient-allowed-apps"),
    ("apps", "mappings"),
    ("groups", "users"),
    ("groups", "owners"),
    ("groups", "roles"),
    ("groups", "membership"),
    ("users", "roles"),
    ("users", "linkedObjects"),
    ("clients", "roles"),
    ("idps", "users"),
    ("policies", "mappings"),
    ("authorizationServers", "associatedServers"),
    ("resource-sets", "bindings"),
    ("resource-sets", "members"),
    ("resource-sets", "resources"),
];

/// Relations of Identity Governance, whose collections hold resources and are assigned to people.
const GOVERNANCE_RELATIONS: [&str; 2] = ["assignments", "resources"];

/// Last words of paths that move an object to another state without a `lifecycle` segment in front.
const STATE_VERBS: [&str; 22] = [
    "activate",
    "deactivate",
    "pause",
    "resume",
    "retry",
    "stop",
    "subscribe",
    "unsubscribe",
    "publish",
    "un-publish",
    "launch",
    "end",
    "grant",
    "revoke",
    "extend",
    "optIn",
    "optOut",
    "hideEndUserFooter",
    "showEndUserFooter",
    "{lifecycle}",
    "newSecret",
    "keyRotate",
];

/// Last words of paths that act rather than create.
const ACTION_VERBS: [&str; 34] = [
    "actions",
    "callback",
    "challenge",
    "change_password",
    "change_recovery_question",
    "clone",
    "csrs",
    "execute",
    "failback",
    "failover",
    "forgot_password",
    "forgot_password_recovery_question",
    "generate",
    "initiate-fulfillment-request",
    "mark-error",
    "modify",
    "operations",
    "query",
    "reassign",
    "remove-list",
    "resend",
    "resolve",
    "revoke-principal-access",
    "risk-rule-assessments",
    "security-events",
    "send-pin",
    "setAsPrimary",
    "simulate",
    "start-import",
    "summary",
    "test",
    "verification",
    "verify",
    "verify-rp-id-domain",
];

/// Last words of POST paths that write part of a thing which is always there.
const SETTINGS: [&str; 7] = [
    "settings",
    "configuration",
    "default",
    "thirdPartyAdminSetting",
    "autoAssignAdminAppSetting",
    "change-password",
    "org",
];

/// The kind of an operation, as the index writes it.
pub(crate) fn kind_of(spec: &str, method: &str, path: &str) -> &'static str {
    let segments: Vec<&str> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let last = segments.last().copied().unwrap_or_default();
    let of_item = last.starts_with('{');
    if spec == "oauth" && is_protocol(method, path, last) {
        return "protocol";
    }
    if method == "GET" {
        return "read";
    }
    if segments.contains(&"lifecycle") || STATE_VERBS.contains(&last) && method == "POST" {
        return "lifecycle";
    }
    if ties(&segments, method) {
        return "membership";
    }
    match method {
        "DELETE" => "delete",
        "PUT" => "replace",
        "PATCH" => "update",
        _ if ACTION_VERBS.contains(&last) || last.starts_with("bulk-") => "action",
        _ if of_item || SETTINGS.contains(&last) => "update",
        _ => "create",
    }
}

/// Whether an operation of the OAuth document is part of a sign-in or token exchange, rather than of client management or
/// discovery.
fn is_protocol(method: &str, path: &str, last: &str) -> bool {
    let managed = ["/.well-known/", "/v1/clients"]
        .iter()
        .any(|part| path.contains(part))
        || last == "keys";
    !managed && (method != "GET" || matches!(last, "authorize" | "logout" | "userinfo"))
}

/// Whether the path ties two objects together: the relation must be the last collection of the path, or have targets below.
fn ties(segments: &[&str], method: &str) -> bool {
    let Some(at) = segments
        .iter()
        .rposition(|segment| !segment.starts_with('{'))
    else {
        return false;
    };
    let (above, below) = segments.split_at_checked(at).unwrap_or_default();
    let word = below.first().copied().unwrap_or_default();
    let of_item = below.len() > 1;
    // Writing to an existing tie changes its attributes, not the tie.
    let writes_tie = of_item && matches!(method, "POST" | "PATCH");
    if above.contains(&"governance") {
        let relation = above.contains(&"collections") && GOVERNANCE_RELATIONS.contains(&word);
        let writes_tie = writes_tie || of_item && method == "PUT";
        return relation && !writes_tie || matches!(word, "assign" | "unassign");
    }
    if matches!(word, "members" | "bindings")
        || above.contains(&"roles") && above.contains(&"targets")
    {
        return true;
    }
    !writes_tie
        && RELATIONS
            .iter()
            .any(|(parent, relation)| word == *relation && above.contains(parent))
}

#[cfg(test)]
mod tests {
    use super::kind_of;

    #[test]
    fn the_method_alone_does_not_decide() {
        for (method, path, kind) in [
            ("GET", "/api/v1/users", "read"),
            ("POST", "/api/v1/users", "create"),
            ("POST", "/api/v1/users/{id}", "update"),
            ("PUT", "/api/v1/users/{id}", "replace"),
            ("DELETE", "/api/v1/users/{id}", "delete"),
            ("POST", "/api/v1/users/{id}/lifecycle/suspend", "lifecycle"),
            (
                "PUT",
                "/api/v1/groups/{groupId}/users/{userId}",
                "membership",
            ),
            (
                "DELETE",
                "/api/v1/groups/{groupId}/users/{userId}",
                "membership",
            ),
            ("POST", "/api/v1/apps/{appId}/users/{userId}", "update"),
            (
                "PUT",
                "/api/v1/users/{userId}/roles/{roleAssignmentId}/targets/groups/{groupId}",
                "membership",
            ),
            ("POST", "/api/v1/policies/simulate", "action"),
            ("POST", "/api/v1/policies", "create"),
        ] {
            assert_eq!(kind_of("management", method, path), kind, "{method} {path}");
        }
        assert_eq!(kind_of("oauth", "POST", "/oauth2/v1/token"), "protocol");
        assert_eq!(kind_of("oauth", "GET", "/oauth2/v1/keys"), "read");
    }
}
