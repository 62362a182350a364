//! How a client signs in, from what was typed: reads the files it names, and refuses what says two things at once.

use crate::arguments::{Auth, SignIn};
use crate::failure::{Exit, Failure};
use access::oauth::Authentication;
use access::{OauthRegistration, TOKEN_MINUTES_DEFAULT};
use std::path::Path;
use x509_parser::pem::parse_x509_pem;

/// The registration that was typed, on top of the one there was; `None`: API keys only.
pub(crate) fn registered(
    typed: &SignIn,
    before: Option<OauthRegistration>,
) -> Result<Option<OauthRegistration>, Failure> {
    let authentication = match (authentication(typed)?, &before) {
        (Some(new), _) => new,
        (None, Some(before)) => before.authentication.clone(),
        (None, None) if typed.dpop || typed.token_minutes.is_some() => {
            return Err(wrong(
                "tokens are for clients that sign in, and this one does not say how",
            ));
        }
        (None, None) => return Ok(None),
    };
    let was = before.as_ref();
    Ok(Some(OauthRegistration {
        authentication,
        dpop_bound: typed.dpop || was.is_some_and(|was| was.dpop_bound),
        token_minutes: typed
            .token_minutes
            .or(was.map(|was| was.token_minutes))
            .unwrap_or(TOKEN_MINUTES_DEFAULT),
    }))
}

fn authentication(typed: &SignIn) -> Result<Option<Authentication>, Failure> {
    let way = match (&typed.jwks, &typed.certificate, &typed.subject) {
        (Some(file), ..) => Some((
            Auth::PrivateKeyJwt,
            Authentication::PrivateKeyJwt { jwks: read(file)? },
        )),
        (_, Some(file), _) => Some((
            Auth::SelfSignedTlsClientAuth,
            Authentication::SelfSignedTlsClientAuth {
                thumbprint: thumbprint(file)?,
            },
        )),
        (.., Some(subject)) => Some((
            Auth::TlsClientAuth,
            Authentication::TlsClientAuth {
                subject: subject.clone(),
            },
        )),
        _ => None,
    };
    match (typed.auth, way) {
        (None, None) => Ok(None),
        (None, Some((_, registered))) => Ok(Some(registered)),
        (Some(auth), Some((meant, registered))) if auth == meant => Ok(Some(registered)),
        (Some(Auth::ClientSecretBasic), None) => Ok(Some(Authentication::ClientSecretBasic)),
        (Some(Auth::ClientSecretPost), None) => Ok(Some(Authentication::ClientSecretPost)),
        (Some(Auth::PrivateKeyJwt), _) => Err(wrong("private-key-jwt needs --jwks alone")),
        (Some(Auth::TlsClientAuth), _) => Err(wrong("tls-client-auth needs --subject alone")),
        (Some(Auth::SelfSignedTlsClientAuth), _) => Err(wrong(
            "self-signed-tls-client-auth needs --certificate alone",
        )),
        (Some(Auth::ClientSecretBasic | Auth::ClientSecretPost), Some(_)) => Err(wrong(
            "a client that signs in with a secret has no key or certificate",
        )),
    }
}

/// The text of a file that holds public keys.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("cannot read {}: {error}", file.display()),
            "Name a file with public keys as a JWK set, or with one JWK.",
        )
    })
}

/// `x5t#S256` of a certificate in PEM.
fn thumbprint(file: &Path) -> Result<String, Failure> {
    let no_certificate = |error: &dyn std::fmt::Display| {
        Failure::new(
            Exit::Usage,
            format!("no certificate in {}: {error}", file.display()),
            "Name a PEM file that begins with the client's own certificate.",
        )
    };
    let bytes = std::fs::read(file).map_err(|error| no_certificate(&error))?;
    let (_, pem) = parse_x509_pem(&bytes).map_err(|error| no_certificate(&error))?;
    pem.parse_x509().map_err(|error| no_certificate(&error))?;
    Ok(jose::sha256_base64url(&pem.contents))
}

fn wrong(message: &str) -> Failure {
    let hint = "Name one way to sign in: --auth client-secret-basic, --auth client-secret-post, --jwks, --certificate or --subject.";
    Failure::new(Exit::Usage, message, hint)
}
