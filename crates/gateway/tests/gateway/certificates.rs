//! Clients that sign in by a certificate (RFC 8705), over real TLS: tokens are bound to it, and of no use to whoever else has them.

use std::sync::Arc;

use access::oauth::Authentication;
use access::{NewClient, OauthRegistration};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::{Tls, TlsFiles};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::world::{Got, HOST, NOW, Wish, World, production};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A certificate with its key.
struct Shown(CertificateDer<'static>, KeyPair);

struct Stage {
    world: World,
    authority: Authority,
    /// Names of clients so far.
    clients: std::cell::Cell<u32>,
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params
}

impl Stage {
    async fn new() -> Self {
        let mut params = named("authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = Authority::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let gate = named("gate").signed_by(&key, &authority).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let files = TlsFiles {
            certificate: file("gate.pem", gate.pem()),
            key: file("gate.key", key.serialize_pem()),
            client_authorities: Some(file("clients.pem", authority.pem())),
        };
        let wish = Wish {
            tls: Some(Arc::new(Tls::open(files).unwrap())),
            ..Wish::default()
        };
        Self {
            world: World::with(wish).await,
            authority,
            clients: std::cell::Cell::new(0),
        }
    }

    fn vouched(&self, name: &str) -> Shown {
        let key = KeyPair::generate().unwrap();
        let certificate = named(name).signed_by(&key, &self.authority).unwrap();
        Shown(certificate.der().clone(), key)
    }

    /// A client that signs in this way.
    fn client(&self, authentication: Authentication) -> String {
        self.clients.set(self.clients.get() + 1);
        let new = NewClient {
            scopes: vec!["okta.users.read".to_owned()],
            oauth: Some(OauthRegistration {
                authentication,
                dpop_bound: false,
                token_minutes: 10,
            }),
            ..NewClient::new(production(), format!("client {}", self.clients.get()))
        };
        self.world
            .keyring
            .register(new, NOW)
            .unwrap()
            .id
            .to_string()
    }

    /// Sends one request over a connection on which this certificate is shown.
    async fn send(&self, shown: Option<&Shown>, line: &str, headers: &str, body: &str) -> Got {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(Shown(certificate, key)) => {
                let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
                config
                    .with_client_auth_cert(vec![certificate.clone()], key)
                    .unwrap()
            }
        };
        let stream = TcpStream::connect(self.world.address).await.unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from(HOST).unwrap();
        let mut stream = connector.connect(name, stream).await.unwrap();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        Got::read(&answer)
    }

    async fn ask_token(&self, shown: Option<&Shown>, client: &str) -> Got {
        let body =
            format!("grant_type=client_credentials&scope=okta.users.read&client_id={client}");
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.send(shown, "POST /oauth2/v1/token", form, &body).await
    }

    async fn list_users(&self, shown: Option<&Shown>, token: &str) -> u16 {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        self.send(shown, "GET /api/v1/users", &bearer, "")
            .await
            .status
    }
}

fn thumbprint(shown: &Shown) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, &shown.0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_a_client_with_a_certificate_is_good_on_its_connections_only() {
    let stage = Stage::new().await;
    let key = KeyPair::generate().unwrap();
    let own = named("nightly").self_signed(&key).unwrap().der().clone();
    let (own, other) = (Shown(own, key), stage.vouched("nightly"));
    let client = stage.client(Authentication::SelfSignedTlsClientAuth {
        thumbprint: thumbprint(&own),
    });
    for stranger in [None, Some(&other)] {
        assert_eq!(stage.ask_token(stranger, &client).await.status, 401);
    }
    let got = stage.ask_token(Some(&own), &client).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let token = got.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(stage.list_users(Some(&own), &token).await, 200);
    assert_eq!(stage.list_users(Some(&other), &token).await, 401);
    assert_eq!(stage.list_users(None, &token).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_counts_only_where_an_authority_vouches_for_it() {
    let stage = Stage::new().await;
    let client = stage.client(Authentication::TlsClientAuth {
        subject: "CN=nightly".to_owned(),
    });
    let key = KeyPair::generate().unwrap();
    let forged = named("nightly").self_signed(&key).unwrap().der().clone();
    let forged = Shown(forged, key);
    assert_eq!(stage.ask_token(Some(&forged), &client).await.status, 401);
    assert_eq!(
        stage
            .ask_token(Some(&stage.vouched("weekly")), &client)
            .await
            .status,
        401
    );
    let good = stage.vouched("nightly");
    assert_eq!(stage.ask_token(Some(&good), &client).await.status, 200);
}
