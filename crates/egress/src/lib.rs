//! Requests to hosts that are not Okta: the keys of outside issuers, and notices to webhooks. Each goes to a host named in
//! advance, within bounds of size and time, and follows no redirect.
