//! Identification: who calls, by the `Authorization` header alone. Whatever is wrong, the answer is the same.

use access::{Caller, Keyring, Why};
use http::header::AUTHORIZATION;
use http::request::Parts;
use jiff::Timestamp;

use crate::record::Facts;
use crate::refusal::Refusal;
use crate::settings::Front;
use crate::table::Kind;

/// Finds out who calls; notes what is known of a refused credential.
pub(crate) fn caller(
    keyring: &Keyring,
    front: &Front,
    head: &Parts,
    now: Timestamp,
    facts: &mut Facts,
) -> Result<Caller, Refusal> {
    let mut values = head.headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => None,
        (Some(value), None) => Some(value.to_str().unwrap_or_default()),
        // Two credentials are none: whoever stands in front may have checked the other one.
        (Some(_), Some(_)) => Some(""),
    };
    match keyring.identify(value, &front.name, now) {
        Ok(caller) => {
            facts.know(caller.client(), caller.credential());
            Ok(caller.under(front.rules))
        }
        Err(refused) => {
            if let Some((client, credential)) = refused.whose() {
                facts.know(client, credential);
            }
            let kind = match refused.why() {
                Why::Unavailable => Kind::Unrecorded,
                _ => Kind::Stranger,
            };
            Err(Refusal::new(kind, refused.why().code()))
        }
    }
}
