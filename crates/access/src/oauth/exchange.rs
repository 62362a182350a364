//! Token exchange (RFC 8693), only ever for something narrower: an outside issuer's token for one of ours with scopes of the client it
//! stands for, or an access token of ours for one with fewer scopes that does not outlive it. Nobody acts for anybody else here.

use jiff::Timestamp;
use jose::Jws;

use crate::oauth::token::{ACCESS_TOKEN, Exchanged, Recipient};
use crate::oauth::{Asked, Fault, IssuedToken, OauthRefusal};
use crate::workload::{Purpose, is_foreign};
use crate::{Keyring, OrgName, Why};

impl Keyring {
    /// Issues a token for the one in the form.
    pub(crate) fn exchange(
        &self,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let form = asked.form;
        let (subject, kind) = (
            form.value("subject_token"),
            form.value("subject_token_type"),
        );
        let wanted = form.value("requested_token_type");
        if wanted.is_some_and(|wanted| wanted != ACCESS_TOKEN && wanted != JWT) {
            return Err(OauthRefusal::new(
                Fault::InvalidRequest,
                "unsupported_token_type",
            ));
        }
        match (subject, kind) {
            (Some(subject), Some(ACCESS_TOKEN))
                if is_foreign(subject, asked.presented.issuer()) =>
            {
                self.admit(subject, asked, org, now)
            }
            (Some(subject), Some(ACCESS_TOKEN)) => self.narrow(subject, asked, org, now),
            (Some(subject), Some(JWT | ID_TOKEN)) => self.admit(subject, asked, org, now),
            (Some(_), Some(_)) => Err(OauthRefusal::new(
                Fault::InvalidRequest,
                "unsupported_token_type",
            )),
            _ => Err(OauthRefusal::new(Fault::InvalidRequest, "no_subject_token")),
        }
    }

    /// One of our own access tokens, exchanged by the client it was issued to.
    fn narrow(
        &self,
        subject: &str,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let snapshot = self.current(now)?;
        let client = self.authenticate(&snapshot, asked, org, now)?;
        let refuse = |why| OauthRefusal::new(Fault::InvalidGrant, why).of(client.id());
        let token = self
            .access_token(&snapshot, subject, org, asked.presented.issuer(), now)
            .map_err(|why| refuse(why.code()))?;
        token
            .client_at(&snapshot, org, now)
            .map_err(|why| refuse(why.code()))?;
        if token.client != *client.id() {
            return Err(refuse("token_of_other_client"));
        }
        let exchanged = Exchanged {
            subject: token.client.to_string(),
            scopes: Some(token.scopes.clone()),
            expires: Some(token.expires),
        };
        let recipient = Recipient {
            registered: &client.registered,
            certificate: client.certificate.clone(),
            exchanged: Some(exchanged),
        };
        self.grant(recipient, asked, org, now)
    }

    /// A token of an outside issuer: it is itself what the client shows, and no other authentication may stand beside it.
    fn admit(
        &self,
        subject: &str,
        asked: &Asked<'_>,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<IssuedToken, OauthRefusal> {
        let form = asked.form;
        let another = CLIENT_PARAMETERS
            .iter()
            .any(|name| form.value(name).is_some());
        if another || asked.presented.authorization.is_some() {
            let why = "two_client_authentications";
            return Err(OauthRefusal::new(Fault::InvalidRequest, why));
        }
        let snapshot = self.current(now)?;
        let malformed = |_| OauthRefusal::new(Fault::InvalidGrant, Why::Malformed.code());
        let jws = Jws::read(subject).map_err(malformed)?;
        let purpose = Purpose::Exchange {
            client: form.value("client_id"),
        };
        let token = self.outside_token(&snapshot, &jws, org, purpose, now)?;
        if !token
            .registered
            .standing
            .is_welcome_from(asked.presented.source)
        {
            return Err(token.refused(Why::OtherNetwork).into());
        }
        let exchanged = Exchanged {
            subject: token.credential.to_string(),
            scopes: None,
            expires: Some(token.expires),
        };
        let recipient = Recipient {
            registered: &token.registered,
            certificate: None,
            exchanged: Some(exchanged),
        };
        self.grant(recipient, asked, org, now)
    }
}

/// By these a client would authenticate itself.
const CLIENT_PARAMETERS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];
/// RFC 8693 section 3.
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
/// The same section.
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
