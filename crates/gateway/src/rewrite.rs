//! Rewriting: URLs of the org in Okta's answers become URLs of the gateway, so that clients which follow them stay on it; and
//! back, where clients send them.
//!
//! Rewritten are `href` inside `_links`, the ids of schemas (which are URLs), `Link` and `Location`, each only when its value
//! starts with one of the org's own origins and names a path that the gateway serves. Left alone is everything else:
//! - what people wrote (profiles, names, expressions, templates), even if it is such a URL;
//! - links that people follow in a browser (app links, sign-in and activation pages): those stay with Okta;
//! - `issuer`: it is a name, not an address. Tokens carry it, and whoever checks them compares it letter by letter.

mod body;
mod headers;
mod origins;
pub(crate) mod scan;

pub(crate) use body::{link_to_caller, restore_request, rewrite_answer};
pub(crate) use headers::{LeadsElsewhere, rewrite_link, rewrite_location};
pub(crate) use origins::Origins;
