//! Introspection (RFC 7662): whether a token still counts, told to the client it was issued to and to nobody else. The only other
//! party these tokens are for is the gateway itself, which does not ask. To every other client each token looks inactive, so the
//! endpoint cannot be used to try tokens out (section 4).

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::oauth::access_token::Confirmation;
use crate::oauth::{Asked, Fault, OauthRefusal};
use crate::{Keyring, OrgName};

impl Keyring {
    /// What the token in the form says, if it counts and is the asking client's own; else `{"active": false}`.
    ///
    /// # Errors
    /// [`OauthRefusal`]: a form without a token, a client that is not authenticated.
    pub fn introspect(
        &self,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Value, OauthRefusal> {
        let snapshot = self.current(now)?;
        let text = asked.form.value("token");
        let text = text.ok_or(OauthRefusal::new(Fault::InvalidRequest, "no_token"))?;
        let client = self.authenticate(&snapshot, asked, org, now)?;
        let issuer = asked.presented.issuer();
        let inactive = json!({ "active": false });
        let Ok(token) = self.access_token(&snapshot, text, org, issuer, now) else {
            return Ok(inactive);
        };
        if token.client != *client.id() || token.client_at(&snapshot, org, now).is_err() {
            return Ok(inactive);
        }
        let held = &client.registered.client.scopes;
        let scopes: Vec<&str> = token
            .scopes
            .iter()
            .filter(|scope| held.contains(scope))
            .map(String::as_str)
            .collect();
        let mut answer = json!({
            "active": true,
            "scope": scopes.join(" "),
            "client_id": token.client.as_str(),
            "sub": token.client.as_str(),
            "iss": issuer,
            "aud": issuer,
            "jti": token.id.as_str(),
            "iat": token.issued,
            "exp": token.expires,
            "token_type": match token.bound_to {
                Some(Confirmation::Key(_)) => "DPoP",
                _ => "Bearer",
            },
        });
        if let (Some(members), Some(bound_to)) = (answer.as_object_mut(), &token.bound_to) {
            members.insert("cnf".to_owned(), bound_to.to_json());
        }
        Ok(answer)
    }
}
