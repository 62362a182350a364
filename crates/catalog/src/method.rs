//! HTTP methods that occur in Okta's API. Anything else is no method here, so no request can carry one past recognition.

use std::fmt;

use serde::Deserialize;

/// The request method of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads; never changes anything at Okta.
    Get,
    /// Creates, updates in part, or acts.
    Post,
    /// Replaces, or assigns.
    Put,
    /// Updates in part.
    Patch,
    /// Deletes, revokes or unassigns.
    Delete,
    /// Cross-origin preflight of four protocol routes.
    Options,
}

impl Method {
    /// Every method, in the order of the variants.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Post,
        Self::Put,
        Self::Patch,
        Self::Delete,
        Self::Options,
    ];

    /// Reads a method as written in a request line. Methods are case-sensitive (RFC 9110, 9.1); `None` for any other.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// The method as written in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// Whether the method promises not to change anything (RFC 9110, 9.2.1).
    pub const fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Options)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Method;

    #[test]
    fn methods_read_back_and_are_case_sensitive() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        assert_eq!(Method::parse("get"), None);
        assert_eq!(Method::parse("TRACE"), None);
    }
}
