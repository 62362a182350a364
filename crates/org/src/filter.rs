//! Okta's `filter` and `search` expressions (a subset of SCIM filters, RFC 7644 section 3.4.2.2).
