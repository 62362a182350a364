//! The one table that turns refusals into Okta's statuses, codes and sentences.
//!
//! Codes and sentences are Okta's own wherever it has one for the case (its published list of error codes), because SDKs and
//! scripts branch on them. Where Okta has none (a wrong host, an unreachable org) the nearest is taken.

use http::StatusCode;

/// A kind of refusal: one row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No valid credential, whatever was asked for.
    Stranger,
    /// The caller's grant does not reach the operation.
    Denied,
    /// No such path.
    UnknownRoute,
    /// The path exists, without this method.
    UnknownMethod,
    /// The request can be read in more than one way.
    Ambiguous,
    /// The `Host` is none of ours.
    WrongHost,
    /// The body is not what it says it is.
    Malformed,
    /// The body can be read, but what it says cannot be done.
    Invalid,
    /// The body's type is not one the operation takes.
    WrongType,
    /// The body is larger than the bound.
    TooLarge,
    /// The body did not arrive in time.
    TooSlow,
    /// The head of the request is larger than the bound.
    HeadTooLarge,
    /// The request target is longer than the bound.
    TargetTooLong,
    /// More at once than there is room for.
    Crowded,
    /// More per second than one may ask for.
    Hurried,
    /// The gateway has more to do than it can hold.
    Overloaded,
    /// The caller's share of Okta's rate limit is used up.
    Exhausted,
    /// More objects per hour than a policy lets the caller touch.
    Restrained,
    /// The org can only be read.
    Frozen,
    /// Nothing can be recorded, so nothing may happen.
    Unrecorded,
    /// The org cannot be reached, or what answers is not it.
    Unreachable,
    /// The org did not answer in time.
    Unanswered,
}

/// How a kind of refusal is told.
pub(crate) struct Row {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) summary: &'static str,
}

impl Kind {
    /// Whether it is the amount that is refused: told by number, not one by one.
    pub(crate) const fn is_excess(self) -> bool {
        matches!(self, Self::Crowded | Self::Hurried | Self::Overloaded)
    }

    /// The row of this kind.
    pub(crate) const fn row(self) -> Row {
        let (status, code, summary) = match self {
            Self::Stranger => (
                StatusCode::UNAUTHORIZED,
                "E0000011",
                "Invalid token provided",
            ),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                "E0000006",
                "You do not have permission to perform the requested action",
            ),
            Self::UnknownRoute => (
                StatusCode::NOT_FOUND,
                "E0000007",
                "Not found: Resource not found: the requested path (Endpoint)",
            ),
            Self::UnknownMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "E0000022",
                "The endpoint does not support the provided HTTP method",
            ),
            Self::Ambiguous => (StatusCode::BAD_REQUEST, "E0000020", "Bad request."),
            Self::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "E0000020",
                "Bad request.",
            ),
            Self::TargetTooLong => (StatusCode::URI_TOO_LONG, "E0000020", "Bad request."),
            Self::WrongHost => (StatusCode::MISDIRECTED_REQUEST, "E0000020", "Bad request."),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "E0000003",
                "The request body was not well-formed.",
            ),
            Self::Invalid => (StatusCode::BAD_REQUEST, "E0000001", "Api validation failed"),
            Self::WrongType => (
                StatusCode::BAD_REQUEST,
                "E0000021",
                "Bad request. Accept and/or Content-Type headers likely do not match supported values.",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "E0000003",
                "The request body was not well-formed.",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "E0000003",
                "The request body was not well-formed.",
            ),
            Self::Crowded | Self::Hurried | Self::Exhausted | Self::Restrained => (
                StatusCode::TOO_MANY_REQUESTS,
                "E0000047",
                "API call exceeded rate limit due to too many requests.",
            ),
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "E0000010",
                "Service is not available: the gateway has more to do than it can hold",
            ),
            Self::Frozen => (
                StatusCode::SERVICE_UNAVAILABLE,
                "E0000010",
                "Service is in read only mode",
            ),
            Self::Unrecorded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "E0000010",
                "Service is not available: calls cannot be recorded at the moment, so none is made",
            ),
            Self::Unreachable => (StatusCode::BAD_GATEWAY, "E0000009", "Internal Server Error"),
            Self::Unanswered => (
                StatusCode::GATEWAY_TIMEOUT,
                "E0000009",
                "Internal Server Error",
            ),
        };
        Row {
            status,
            code,
            summary,
        }
    }
}
