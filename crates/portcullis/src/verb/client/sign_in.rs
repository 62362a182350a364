//! How a client signs in, from what was typed: reads the files it names, and refuses what says two things at once.

use crate::arguments::{SignIn, Way};
use crate::failure::{Exit, Failure};
use access::oauth::Authentication;
use access::{OauthRegistration, TOKEN_MINUTES_DEFAULT};
use jose::VerifyingKey;
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
            Way::PrivateKeyJwt,
            Authentication::PrivateKeyJwt { jwks: read(file)? },
        )),
        (_, Some(file), _) => Some((
            Way::SelfSignedTlsClientAuth,
            Authentication::SelfSignedTlsClientAuth {
                thumbprint: thumbprint(file)?,
            },
        )),
        (.., Some(subject)) if !subject.contains('=') => {
            return Err(Failure::new(
                Exit::Usage,
                format!("`{subject}` is no subject of a certificate"),
                "Write it as RFC 4514 has it, like `CN=nightly,O=Example`.",
            ));
        }
        (.., Some(subject)) => Some((
            Way::TlsClientAuth,
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
        (Some(Way::ClientSecretBasic), None) => Ok(Some(Authentication::ClientSecretBasic)),
        (Some(Way::ClientSecretPost), None) => Ok(Some(Authentication::ClientSecretPost)),
        (Some(Way::PrivateKeyJwt), _) => Err(wrong("private-key-jwt needs --jwks alone")),
        (Some(Way::TlsClientAuth), _) => Err(wrong("tls-client-auth needs --subject alone")),
        (Some(Way::SelfSignedTlsClientAuth), _) => Err(wrong(
            "self-signed-tls-client-auth needs --certificate alone",
        )),
        (Some(Way::ClientSecretBasic | Way::ClientSecretPost), Some(_)) => Err(wrong(
            "a client that signs in with a secret has no key or certificate",
        )),
    }
}

/// The public keys in a file, as a JWK set or JWK: so they are in it, or as one key in PEM.
pub(crate) fn read(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("cannot read {}: {error}", file.display()),
            "Name a file with public keys as a JWK set, with one JWK, or with one key in PEM.",
        )
    })?;
    if !text.trim_start().starts_with("-----BEGIN ") {
        return Ok(text);
    }
    let key = VerifyingKey::from_pem(&text, None, None).map_err(|fault| {
        let message = format!("no public key in {}: {fault}", file.display());
        Failure::new(Exit::Usage, message, fault.hint())
    })?;
    Ok(serde_json::Value::Object(key.jwk()).to_string())
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
    if pem.label != "CERTIFICATE" {
        return Err(no_certificate(&format!("it begins with a {}", pem.label)));
    }
    pem.parse_x509().map_err(|error| no_certificate(&error))?;
    Ok(jose::sha256_base64url(&pem.contents))
}

fn wrong(message: &str) -> Failure {
    let hint = "Name one way to sign in: --auth client-secret-basic, --auth client-secret-post, --jwks, --certificate or --subject.";
    Failure::new(Exit::Usage, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Arguments, Client, Verb};
    use clap::Parser;
    use std::path::PathBuf;

    fn typed(flags: &[&str]) -> Result<SignIn, String> {
        let words = [
            "portcullis",
            "client",
            "add",
            "x",
            "--scope",
            "okta.users.read",
        ];
        let read = Arguments::try_parse_from(words.iter().chain(flags));
        match read.map_err(|error| error.to_string())?.verb {
            Verb::Client(Client::Add(add)) => Ok(add.sign_in),
            verb => Err(format!("{verb:?}")),
        }
    }

    fn registered_as(flags: &[&str]) -> Result<Option<OauthRegistration>, String> {
        registered(&typed(flags)?, None).map_err(|failure| failure.message)
    }

    fn file(directory: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn a_client_signs_in_one_way_or_with_api_keys() {
        assert_eq!(registered_as(&[]), Ok(None));
        let basic = registered_as(&["--auth", "client-secret-basic", "--token-minutes", "5"]);
        let basic = basic.unwrap().unwrap();
        assert_eq!(basic.authentication, Authentication::ClientSecretBasic);
        assert_eq!((basic.dpop_bound, basic.token_minutes), (false, 5));
        let subject = registered_as(&["--subject", "CN=hr", "--dpop"])
            .unwrap()
            .unwrap();
        let subject_is = |subject: &str| Authentication::TlsClientAuth {
            subject: subject.to_owned(),
        };
        assert_eq!(
            (subject.authentication, subject.dpop_bound),
            (subject_is("CN=hr"), true)
        );
        for two in [
            &["--auth", "client-secret-post", "--subject", "CN=hr"][..],
            &["--auth", "private-key-jwt"],
            &["--auth", "tls-client-auth"],
            &[
                "--auth",
                "self-signed-tls-client-auth",
                "--subject",
                "CN=hr",
            ],
            &["--jwks", "x", "--certificate", "y"],
            &["--dpop"],
            &["--subject", "nightly"],
            &["--token-minutes", "5"],
            &["--auth", "client-secret-basic", "--token-minutes", "61"],
        ] {
            assert!(registered_as(two).is_err(), "{two:?}");
        }
    }

    #[test]
    fn a_certificate_is_known_by_its_thumbprint_and_nothing_else_is_one() {
        let directory = tempfile::tempdir().unwrap();
        let pem = file(&directory, "client.pem", CERTIFICATE);
        let known = registered_as(&["--certificate", pem.to_str().unwrap()])
            .unwrap()
            .unwrap();
        let thumbprint = THUMBPRINT.to_owned();
        assert_eq!(
            known.authentication,
            Authentication::SelfSignedTlsClientAuth { thumbprint }
        );
        let key = CERTIFICATE.replace("CERTIFICATE", "PUBLIC KEY");
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            &key,
        ] {
            let path = file(&directory, "other.pem", text);
            assert!(
                registered_as(&["--certificate", path.to_str().unwrap()]).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_in_pem_is_as_good_as_a_jwk_unless_it_is_private() {
        let directory = tempfile::tempdir().unwrap();
        let public = file(&directory, "key.pub", PUBLIC_KEY);
        let jwk: serde_json::Value = serde_json::from_str(&read(&public).unwrap()).unwrap();
        assert_eq!(
            (
                jwk["kty"].as_str(),
                jwk["crv"].as_str(),
                jwk["alg"].as_str()
            ),
            (Some("EC"), Some("P-256"), Some("ES256"))
        );
        let private = PUBLIC_KEY.replace("PUBLIC", "PRIVATE");
        let private = file(&directory, "key.pem", &private);
        assert!(read(&private).unwrap_err().message.contains("private"));
    }

    #[test]
    fn what_is_not_typed_again_stays() {
        let before = registered_as(&[
            "--auth",
            "client-secret-basic",
            "--dpop",
            "--token-minutes",
            "7",
        ])
        .unwrap();
        let moved = registered(
            &typed(&["--auth", "client-secret-post"]).unwrap(),
            before.clone(),
        )
        .unwrap()
        .unwrap();
        assert_eq!(moved.authentication, Authentication::ClientSecretPost);
        assert_eq!((moved.dpop_bound, moved.token_minutes), (true, 7));
        assert_eq!(
            registered(&typed(&[]).unwrap(), before.clone()).unwrap(),
            before
        );
    }

    /// Made by openssl for this test; its private key is nowhere.
    const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUKrOBFm9gScWdtAPDhTmsOhOw5HIwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHaHItc3luYzAgFw0yNjExMjQxMjI3MDVaGA8yMTI2MTAzMTEy
MjcwNVowEjEQMA4GA1UEAwwHaHItc3luYzBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABDV+6Va/XW61pWFyXXucnC/eFktHkNAyP5gXLctcErXnHffmuValhVmJoAkt
v/yVbBssLKNACjwI5yt9VmfDCYGjUzBRMB0GA1UdDgQWBBTL1X5/NK7ldSdd2l4G
f/4O3kGTejAfBgNVHSMEGDAWgBTL1X5/NK7ldSdd2l4Gf/4O3kGTejAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIEUlk4EXx/a+Psj1baDpv5R6PtWh
1Z9d7w47B5oE5OgeAiEA/GepcY49rUr5nAodIKjhywd/mdQwkke9Ikv3Zw0gTD4=
-----END CERTIFICATE-----
";
    /// The key of that certificate.
    const PUBLIC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAENX7pVr9dbrWlYXJde5ycL94WS0eQ
0DI/mBcty1wStecd9+a5VqWFWYmgCS2//JVsGywso0AKPAjnK31WZ8MJgQ==
-----END PUBLIC KEY-----
";
    const THUMBPRINT: &str = "9zSb_nV2ptOTS5q3DBXQObLpPDeqvNMi6Pn6oy_vWcc";
}
