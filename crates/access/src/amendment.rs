//! Changing what a registered client may do: its bounds, never its identity, its name or its credentials. In force when the call returns.

use jiff::Timestamp;

use crate::client::{check, write};
use crate::{AccessError, Client, Keyring, NewClient};

impl Keyring {
    /// Gives the client all that `amended` has but its name and org: scopes, operations, teams, basis, networks, what it is eligible
    /// for, the end of shadow mode, the registration as an OAuth client.
    ///
    /// # Errors
    /// [`AccessError`], when there is no such client, or something in it that no client can have; nothing is changed then.
    pub fn amend(&self, amended: &Client, now: Timestamp) -> Result<Client, AccessError> {
        let bounds = NewClient::from(amended.clone());
        check(&bounds)?;
        self.change(now, |tx| {
            write(tx, &amended.id, &bounds)?;
            Client::find(tx, &amended.id)
        })
    }
}
