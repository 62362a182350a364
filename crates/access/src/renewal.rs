//! A caller that has waited: who it is as of now. A call that was held may go on minutes after its credential was checked, and much can
//! have happened since.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{Caller, Keyring, Why};

impl Keyring {
    /// The same caller with what its client may do by now.
    ///
    /// The credential itself is not shown again: a proof of possession (RFC 9449) could not be, it is good for one request.
    ///
    /// # Errors
    /// Why it would not be let in any more.
    pub fn renew(&self, caller: &Caller, source: IpAddr, now: Timestamp) -> Result<Caller, Why> {
        let current = self.current(now).map_err(|_| Why::Unavailable)?;
        let mut keys = current.keys.values();
        if let Some(known) = keys.find(|known| known.caller.credential() == caller.credential()) {
            return match known.objection_at(caller.org(), source, now) {
                Some(why) => Err(why),
                None => Ok(known.caller.clone().under(caller.rules())),
            };
        }
        if caller.until().is_some_and(|until| now >= until) {
            return Err(Why::Expired);
        }
        if current.revoked.contains(caller.credential()) {
            return Err(Why::Revoked);
        }
        let registered = current.clients.get(caller.client()).ok_or(Why::Unknown)?;
        let standing = &registered.standing;
        if standing.disabled {
            Err(Why::Disabled)
        } else if !standing.is_welcome_from(source) {
            Err(Why::OtherNetwork)
        } else {
            Ok(caller.standing_as(Arc::clone(standing)))
        }
    }
}
