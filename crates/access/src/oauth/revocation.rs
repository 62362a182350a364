//! Revocation (RFC 7009): a client gives a token of its own back before it expires. In effect here when the call returns, and in
//! every other process within [`STALENESS_MS_MAX`](crate::STALENESS_MS_MAX); tokens in a cache included, because revocation is
//! looked up at every use.

use std::collections::HashSet;

use jiff::Timestamp;
use store::rusqlite::{Transaction, params};

use crate::limits::{CLOCK_SKEW_S, REVOKED_TOKENS_PER_CLIENT_MAX, TOKEN_MINUTES_MAX};
use crate::oauth::token::{TOKEN_ID_CHARS, TOKEN_ID_PREFIX};
use crate::oauth::{Asked, Fault, OauthRefusal};
use crate::{AccessError, ClientId, CredentialId, Keyring, OrgName};

/// What became of a token that was to be revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The client that asked.
    pub client: ClientId,
    /// The token, if it was one of this client's that still counted. Any other is answered alike and left alone (RFC 7009 section
    /// 2.2), so that nobody learns whether a token is good.
    pub token: Option<CredentialId>,
}

impl Keyring {
    /// Revokes the token in the form, if it is the asking client's own. Asking again changes nothing.
    ///
    /// # Errors
    /// [`OauthRefusal`]: a form without a token, a client that is not authenticated, a state that cannot be changed.
    pub fn revoke_token(
        &self,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Revocation, OauthRefusal> {
        let snapshot = self.current(now)?;
        let text = asked.form.value("token");
        let text = text.ok_or(OauthRefusal::new(Fault::InvalidRequest, "no_token"))?;
        let client = self.authenticate(&snapshot, asked, org, now)?;
        let id = client.id().clone();
        let issuer = asked.presented.issuer();
        let token = self.access_token(&snapshot, text, org, issuer, now).ok();
        let own = token
            .filter(|token| token.client == id && token.client_at(&snapshot, org, now).is_ok());
        let Some(token) = own else {
            return Ok(Revocation {
                client: id,
                token: None,
            });
        };
        let kept = self.change(now, |tx| keep(tx, &token.id, &id, token.expires, now))?;
        if !kept {
            return Err(OauthRefusal::new(Fault::TooMany, "too_many_revoked_tokens").of(&id));
        }
        Ok(Revocation {
            client: id,
            token: Some(token.id.clone()),
        })
    }
}

impl Keyring {
    /// Revokes a token by its `jti`, which the audit trail tells: for an operator, who has not the token itself. Whether there is such a
    /// token nobody knows but its holder, so it is refused for as long as any token lives.
    ///
    /// # Errors
    /// [`AccessError::NoKey`], when this is not the form of a `jti`; or the state cannot be changed.
    pub fn revoke_token_named(&self, id: &CredentialId, now: Timestamp) -> Result<(), AccessError> {
        if !is_token_id(id) {
            return Err(AccessError::NoKey(id.clone()));
        }
        let until = now.as_second() + 60 * i64::from(TOKEN_MINUTES_MAX) + CLOCK_SKEW_S;
        self.change(now, |tx| {
            tx.execute(INSERT, params![id.as_str(), OPERATOR, until])?;
            Ok(())
        })
    }
}

/// Whether the id is in the form of a token's.
pub fn is_token_id(id: &CredentialId) -> bool {
    let random = id.as_str().strip_prefix(TOKEN_ID_PREFIX);
    random.is_some_and(|random| {
        random.len() == TOKEN_ID_CHARS && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Writes the token down as revoked; false when its client has revoked too many that still live. Those that expired are forgotten.
fn keep(
    tx: &Transaction<'_>,
    token: &CredentialId,
    client: &ClientId,
    expires: i64,
    now: Timestamp,
) -> Result<bool, AccessError> {
    tx.execute(
        "DELETE FROM access_revoked_token WHERE expires <= ?1",
        [now.as_second()],
    )?;
    let sql = "SELECT count(*) FROM access_revoked_token WHERE client = ?1";
    let revoked: u32 = tx.query_row(sql, [client.as_str()], |row| row.get(0))?;
    if revoked >= REVOKED_TOKENS_PER_CLIENT_MAX {
        return Ok(false);
    }
    tx.execute(INSERT, params![token.as_str(), client.as_str(), expires])?;
    Ok(true)
}

/// The tokens that are revoked and would not have expired yet.
pub(crate) fn revoked(
    tx: &Transaction<'_>,
    now: Timestamp,
) -> Result<HashSet<CredentialId>, AccessError> {
    let mut statement = tx.prepare("SELECT jti FROM access_revoked_token WHERE expires > ?1")?;
    let mut rows = statement.query([now.as_second()])?;
    let mut tokens = HashSet::new();
    while let Some(row) = rows.next()? {
        tokens.insert(CredentialId::new(&row.get::<_, String>(0)?));
    }
    Ok(tokens)
}

const INSERT: &str = "INSERT INTO access_revoked_token (jti, client, expires) VALUES (?1, ?2, ?3) ON CONFLICT (jti) DO NOTHING";
/// Stands where the client would: no client has this id.
const OPERATOR: &str = "";

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use store::{Database, SealKey};

    #[test]
    fn revoked_tokens_of_one_client_are_bounded_until_they_expire() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let database = Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), now).unwrap();
        let (client, other) = (ClientId::new("cli1"), ClientId::new("cli2"));
        let expires = now.as_second() + 600;
        let late = Timestamp::from_second(expires).unwrap();
        let told = keyring.change(now, |tx| {
            let revoke = |client, token: String, now| {
                let token = CredentialId::new(&token);
                keep(tx, &token, client, expires, now)
            };
            for number in 0..REVOKED_TOKENS_PER_CLIENT_MAX {
                assert!(revoke(&client, format!("AT.{number}"), now)?, "{number}");
            }
            Ok([
                revoke(&client, "AT.more".to_owned(), now)?,
                revoke(&other, "AT.other".to_owned(), now)?,
                revoke(&client, "AT.more".to_owned(), late)?,
            ])
        });
        assert_eq!(told.unwrap(), [false, true, true]);
    }

    #[test]
    fn what_an_operator_revoked_is_forgotten_when_no_token_of_then_can_live() {
        let now = Timestamp::constant(1_800_000_000, 0);
        let database = Arc::new(Database::open_in_memory().unwrap());
        let keyring = Keyring::open(database, &SealKey::from_bytes([7; 32]), now).unwrap();
        let id = CredentialId::new("AT.0123456789abcdefghijkl");
        keyring.revoke_token_named(&id, now).unwrap();
        let longest = 60 * i64::from(TOKEN_MINUTES_MAX) + CLOCK_SKEW_S;
        let at = |seconds| Timestamp::from_second(now.as_second() + seconds).unwrap();
        for (seconds, told) in [(longest - 1, true), (longest, false)] {
            let known = keyring.change(now, |tx| revoked(tx, at(seconds))).unwrap();
            assert_eq!(known.contains(&id), told, "{seconds}");
        }
    }
}
