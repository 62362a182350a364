//! The authorization server's logic, at Okta's own paths: who gets an access token, what it says, and whether it still counts. Its
//! HTTP routes live in `gateway`; nothing here reads or writes a request.

mod registration;

pub use registration::{Authentication, OauthRegistration};
