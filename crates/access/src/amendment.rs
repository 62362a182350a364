//! Changing what a registered client may do and how it signs in: never its identity, its name, its org or its credentials. In force
//! when the call returns.

use jiff::Timestamp;

use crate::client::{check, write};
use crate::{AccessError, Client, Keyring, NewClient};

impl Keyring {
    /// Gives the client of `amended`'s id all that `amended` has, but for name, org and whether it is disabled.
    ///
    /// # Errors
    /// [`AccessError`], when there is no such client, or when it could not be registered so; nothing is changed then.
    pub fn amend(&self, amended: &Client, now: Timestamp) -> Result<Client, AccessError> {
        let new = as_new(amended);
        check(&new)?;
        self.change(now, |tx| {
            write(tx, &amended.id, &new)?;
            Client::find(tx, &amended.id)
        })
    }
}

fn as_new(client: &Client) -> NewClient {
    let client = client.clone();
    NewClient {
        org: client.org,
        name: client.name,
        scopes: client.scopes,
        operations: client.operations,
        teams: client.teams,
        basis: client.basis,
        networks: client.networks,
        eligible: client.eligible,
        shadow_until: client.shadow_until,
        oauth: client.oauth,
        share: client.share,
        budgets: client.budgets,
        sight: client.sight,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Basis, OrgName, Priority, Share, Sight};
    use store::{Database, SealKey};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn keyring(dir: &tempfile::TempDir) -> Keyring {
        let database = Arc::new(Database::open(&dir.path().join("state.db")).unwrap());
        Keyring::open(database, &SealKey::from_bytes([7; 32]), NOW).unwrap()
    }

    #[test]
    fn a_client_is_what_it_was_amended_to_and_keeps_its_identity() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring(&dir);
        let org = OrgName::parse("production").unwrap();
        let new = NewClient {
            scopes: vec!["okta.users.read".to_owned(), "okta.apps.read".to_owned()],
            shadow_until: Some(Timestamp::MAX),
            ..NewClient::new(org.clone(), "hr-sync")
        };
        let before = keyring.register(new, NOW).unwrap();
        let amended = Client {
            scopes: vec!["okta.users.read".to_owned()],
            operations: vec!["getUser".to_owned()],
            teams: vec!["hr".to_owned()],
            basis: Basis::Policies,
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            eligible: vec!["okta.users.manage".to_owned()],
            shadow_until: None,
            sight: Sight {
                reveal: true,
                hidden: vec![crate::Hidden::read("getUser:profile.ssn").unwrap()],
            },
            share: Share {
                priority: Priority::Bulk,
                weight: 7,
            },
            ..before.clone()
        };
        let elsewhere = Client {
            name: "other".to_owned(),
            disabled: Some(NOW),
            ..amended.clone()
        };
        assert_eq!(keyring.amend(&elsewhere, NOW).unwrap(), amended);
        assert_eq!(keyring.clients(&org).unwrap(), [amended]);
    }

    #[test]
    fn what_could_not_be_registered_is_no_amendment() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = keyring(&dir);
        let org = OrgName::parse("production").unwrap();
        let client = keyring
            .register(NewClient::new(org.clone(), "hr-sync"), NOW)
            .unwrap();
        for wrong in [
            Client {
                scopes: vec!["okta.users.reed".to_owned()],
                ..client.clone()
            },
            Client {
                share: Share {
                    priority: Priority::Recovery,
                    weight: 1,
                },
                ..client.clone()
            },
            Client {
                share: Share {
                    weight: 101,
                    ..Share::default()
                },
                ..client.clone()
            },
            Client {
                operations: vec!["getUsr".to_owned()],
                ..client.clone()
            },
            Client {
                teams: vec!["h r".to_owned()],
                ..client.clone()
            },
            Client {
                id: crate::ClientId::new("cliNobody"),
                ..client.clone()
            },
        ] {
            assert!(keyring.amend(&wrong, NOW).is_err(), "{wrong:?}");
        }
        assert_eq!(keyring.clients(&org).unwrap(), [client]);
    }
}
