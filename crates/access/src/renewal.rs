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
        if caller
            .expires()
            .is_some_and(|expires| now.as_second() >= expires)
        {
            return Err(Why::Expired);
        }
        let lost = |kid| {
            let signing = &current.signing;
            signing.verifier(caller.org(), kid, now).is_none()
        };
        if caller.signer().is_some_and(lost) {
            return Err(Why::Revoked);
        }
        let credential = caller.credential();
        // The credential of an outside issuer's token is the registration's id and a subject.
        let outside = credential.as_str().split_once(':');
        let dropped = outside.is_some_and(|(id, _)| !current.issuers.has(caller.org(), id));
        if dropped || current.revoked.contains(credential) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Succession;
    use crate::{Client, CredentialId, Grant, NewClient, OrgName};
    use store::{Database, SealKey};

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);
    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn keyring() -> (Keyring, Client) {
        let database = Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap();
        let new = NewClient {
            scopes: vec!["okta.users.read".to_owned()],
            ..NewClient::new(OrgName::parse("production").unwrap(), "script")
        };
        let client = keyring.register(new, NOW).unwrap();
        (keyring, client)
    }

    /// Who shows a token with this id that is good for ten minutes.
    fn bearer(keyring: &Keyring, client: &Client, id: &str) -> Caller {
        let current = keyring.current(NOW).unwrap();
        let standing = Arc::clone(&current.clients[&client.id].standing);
        let narrowed = Some(Arc::new(Grant::default()));
        let caller = Caller::new(standing, CredentialId::new(id), narrowed);
        caller.expiring(NOW.as_second() + 600)
    }

    #[test]
    fn a_token_goes_on_as_narrow_as_it_was_until_it_expires_or_is_revoked() {
        let (keyring, client) = keyring();
        let caller = bearer(&keyring, &client, "AT.1");
        let renewed = keyring.renew(&caller, HERE, NOW).unwrap();
        assert_eq!(renewed.bounds().count(), 2);
        let late = NOW + jiff::SignedDuration::from_secs(600);
        assert_eq!(
            keyring.renew(&renewed, HERE, late).unwrap_err(),
            Why::Expired
        );
        let revoke =
            "INSERT INTO access_revoked_token (jti, client, expires) VALUES ('AT.1', ?1, ?2)";
        keyring
            .change(NOW, |tx| {
                let expires = NOW.as_second() + 600;
                tx.execute(
                    revoke,
                    store::rusqlite::params![client.id.as_str(), expires],
                )?;
                Ok(())
            })
            .unwrap();
        assert_eq!(keyring.renew(&caller, HERE, NOW).unwrap_err(), Why::Revoked);
    }

    #[test]
    fn a_token_does_not_outlive_the_key_that_signed_it() {
        let (keyring, client) = keyring();
        let org = &client.org;
        let key = keyring
            .rotate_signing_key(org, Succession::Emergency, NOW)
            .unwrap();
        let caller = bearer(&keyring, &client, "AT.3").signed_by(&key.kid);
        assert!(keyring.renew(&caller, HERE, NOW).is_ok());
        keyring
            .rotate_signing_key(org, Succession::Emergency, NOW)
            .unwrap();
        assert_eq!(keyring.renew(&caller, HERE, NOW).unwrap_err(), Why::Revoked);
    }

    #[test]
    fn a_token_from_outside_does_not_outlive_the_trust_in_its_issuer_nor_any_its_client() {
        let (keyring, client) = keyring();
        let outside = bearer(&keyring, &client, "iss1:repo:acme/sync");
        assert_eq!(
            keyring.renew(&outside, HERE, NOW).unwrap_err(),
            Why::Revoked
        );
        let caller = bearer(&keyring, &client, "AT.2");
        keyring.disable(&client.id, NOW).unwrap();
        assert_eq!(
            keyring.renew(&caller, HERE, NOW).unwrap_err(),
            Why::Disabled
        );
    }
}
