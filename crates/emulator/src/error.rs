//! Okta's errors: code, HTTP status and text. One table for all codes; behaviours name a code and add the details.
//!
//! Codes, statuses and texts as recorded from Okta and as listed in its published table of error codes.

use http::StatusCode;
use serde_json::{Value, json};

/// An error as Okta reports it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {summary}")]
pub(crate) struct Error {
    /// HTTP status.
    pub status: StatusCode,
    /// Okta's error code (`E0000007`), the only part its documentation calls contractual.
    pub code: &'static str,
    /// One line of text.
    pub summary: String,
    /// Details, one line each.
    pub causes: Vec<String>,
    /// Value of `WWW-Authenticate`, where one belongs.
    pub challenge: Option<String>,
}

impl Error {
    /// The error `code` with its usual status and text.
    pub(crate) fn new(code: &'static str) -> Self {
        let (status, summary) = CODES
            .iter()
            .find(|(known, _, _)| *known == code)
            .map_or((500, "Internal Server Error"), |(_, status, summary)| {
                (*status, *summary)
            });
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            summary: summary.to_owned(),
            causes: Vec::new(),
            challenge: None,
        }
    }

    /// `Not found: Resource not found: <id> (<class>)`.
    pub(crate) fn not_found(id: &str, class: &str) -> Self {
        let class = if class.is_empty() { "Resource" } else { class };
        Self::new("E0000007").with_summary(format!("Not found: Resource not found: {id} ({class})"))
    }

    /// `Api validation failed: <what>`, with causes such as `name: The field cannot be left blank`.
    pub(crate) fn invalid<C: Into<String>>(
        what: &str,
        causes: impl IntoIterator<Item = C>,
    ) -> Self {
        let mut error =
            Self::new("E0000001").with_summary(format!("Api validation failed: {what}"));
        error.causes.extend(causes.into_iter().map(Into::into));
        error
    }

    /// A required member is absent, null or blank.
    pub(crate) fn blank(member: &str) -> Self {
        Self::invalid(
            member,
            [format!("{member}: The field cannot be left blank")],
        )
    }

    /// The same error with another text.
    #[must_use]
    pub(crate) fn with_summary(mut self, summary: impl Into<String>) -> Self {
        self.summary = summary.into();
        self
    }

    /// The same error with one more detail.
    #[must_use]
    pub(crate) fn with_cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// The same error with a challenge for the client.
    #[must_use]
    pub(crate) fn with_challenge(mut self, challenge: impl Into<String>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// The body Okta sends for it; `error_id` is `oae` and 22 characters.
    pub(crate) fn body(&self, error_id: &str) -> Value {
        let causes: Vec<Value> = self
            .causes
            .iter()
            .map(|c| json!({"errorSummary": c}))
            .collect();
        json!({
            "errorCode": self.code,
            "errorSummary": self.summary,
            "errorLink": self.code,
            "errorId": error_id,
            "errorCauses": causes,
        })
    }
}

/// Code, HTTP status, usual text.
const CODES: &[(&str, u16, &str)] = &[
    ("E0000001", 400, "Api validation failed"),
    ("E0000003", 400, "The request body was not well-formed."),
    ("E0000004", 401, "Authentication failed"),
    ("E0000005", 403, "Invalid session"),
    (
        "E0000006",
        403,
        "You do not have permission to perform the requested action",
    ),
    ("E0000007", 404, "Not found: Resource not found"),
    ("E0000009", 500, "Internal Server Error"),
    ("E0000011", 401, "Invalid token provided"),
    ("E0000014", 403, "Update of credentials failed"),
    (
        "E0000015",
        401,
        "You do not have permission to access the feature you are requesting",
    ),
    (
        "E0000016",
        403,
        "Activation failed because the user is already active",
    ),
    ("E0000017", 403, "Password reset failed"),
    (
        "E0000018",
        400,
        "Bad request. Accept and/or Content-Type headers are likely not set.",
    ),
    (
        "E0000019",
        400,
        "Bad request. Accept and/or Content-Type headers likely do not match supported values.",
    ),
    ("E0000020", 400, "Bad request."),
    (
        "E0000022",
        405,
        "The endpoint does not support the provided HTTP method",
    ),
    (
        "E0000023",
        400,
        "Operation failed because user profile is mastered under another system.",
    ),
    (
        "E0000024",
        400,
        "Bad request. This operation on app metadata is not yet supported.",
    ),
    ("E0000029", 400, "Invalid paging request."),
    ("E0000031", 400, "Invalid search criteria."),
    ("E0000032", 403, "Unlock is not allowed for this user."),
    (
        "E0000034",
        403,
        "Forgot password not allowed on specified user.",
    ),
    (
        "E0000038",
        403,
        "This operation is not allowed in the user's current status.",
    ),
    ("E0000039", 403, "Operation on application settings failed."),
    (
        "E0000047",
        429,
        "API call exceeded rate limit due to too many requests.",
    ),
    ("E0000053", 400, "Invalid operation."),
    ("E0000055", 409, "Duplicate group."),
    ("E0000056", 403, "Delete application forbidden."),
    ("E0000060", 501, "Unsupported operation."),
    ("E0000067", 400, "Password change failed."),
    ("E0000068", 403, "Invalid Passcode/Answer"),
    ("E0000074", 400, "Factor Service Error."),
    (
        "E0000075",
        403,
        "Cannot modify the {0} attribute because it is read-only.",
    ),
    (
        "E0000077",
        403,
        "Cannot modify the {0} attribute because it is immutable.",
    ),
    (
        "E0000087",
        403,
        "The recovery question answer did not match our records.",
    ),
    ("E0000090", 409, "Duplicate role assignment exception."),
    (
        "E0000112",
        409,
        "Cannot update this user because they are still being activated. Please try again in a few minutes.",
    ),
    (
        "E0000119",
        423,
        "Your account is locked. Please contact your administrator.",
    ),
    (
        "E0000122",
        406,
        "The requested media type is not supported.",
    ),
    (
        "E0000148",
        403,
        "Cannot modify/disable this authenticator because it is enabled in one or more policies. To continue, disable the authenticator in these policies.",
    ),
    (
        "E0000166",
        403,
        "CAPTCHA count limit reached. At most one CAPTCHA instance is allowed per Org. Please remove existing CAPTCHA to create a new one.",
    ),
    (
        "E0000182",
        409,
        "A default customization of this template exists already.",
    ),
    (
        "E0000183",
        409,
        "A customization of this template in that language exists already.",
    ),
    (
        "E0000184",
        409,
        "The default customization of a template cannot be deleted.",
    ),
    (
        "E0000185",
        409,
        "The default customization of a template cannot be made another than the default.",
    ),
    ("E0000192", 400, "Cannot assign roles to this group."),
    (
        "E0000226",
        400,
        "You must have an active telephony inline hook to activate and use the Phone authenticator.",
    ),
    (
        "E0000231",
        412,
        "Preconditions for the request were not met. The resource was changed since it was last read.",
    ),
    (
        "E0000239",
        423,
        "Policy priorities are being reconciled. Please try again later.",
    ),
    ("E0000242", 400, "The If-Match header is not valid."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_carries_what_okta_sends() {
        let error = Error::not_found("00u1", "User");
        assert_eq!(error.status, StatusCode::NOT_FOUND);
        let body = error.body("oae1");
        assert_eq!(
            body["errorSummary"],
            "Not found: Resource not found: 00u1 (User)"
        );
        assert_eq!(body["errorLink"], "E0000007");
        assert_eq!(body["errorCauses"], json!([]));
    }

    #[test]
    fn every_code_is_listed_once() {
        let codes: std::collections::BTreeSet<_> = CODES.iter().map(|(code, _, _)| code).collect();
        assert_eq!(codes.len(), CODES.len());
    }
}
