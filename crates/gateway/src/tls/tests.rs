//! Certificates made for the occasion: who is served, what a caller's certificate is worth, and files that change.

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair,
};
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::{Tls, TlsError, TlsFiles};
use crate::peer::ShownCertificate;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec!["gate.example".to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Example");
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params
}

/// A gateway with a certificate of an authority of its own, which also vouches for clients.
struct Gate {
    dir: TempDir,
    authority: Authority,
    tls: Tls,
}

impl Gate {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let authority = authority("authority");
        write_certificate(dir.path(), &authority);
        std::fs::write(dir.path().join("authorities.pem"), authority.pem()).unwrap();
        let tls = Tls::open(files(dir.path())).unwrap();
        Self {
            dir,
            authority,
            tls,
        }
    }

    /// Shakes hands with a client; says what each side sees: the gate's certificate and protocol, and what the client showed.
    async fn meet(
        &self,
        client: Arc<dyn ResolvesClientCert>,
    ) -> Option<(Seen, Option<ShownCertificate>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.der().clone()).unwrap();
        let mut config =
            ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(roots)
                .with_client_cert_resolver(client);
        config.alpn_protocols = vec![b"h2".to_vec()];
        let connector = TlsConnector::from(Arc::new(config));
        let dial = async {
            let stream = TcpStream::connect(address).await.unwrap();
            let name = ServerName::try_from("gate.example").unwrap();
            connector.connect(name, stream).await
        };
        let answer = async {
            let (stream, _) = listener.accept().await.unwrap();
            self.tls.accept(stream).await
        };
        let (dialled, accepted) = tokio::join!(dial, answer);
        let (_, shown) = accepted?;
        let dialled = dialled.unwrap();
        let (_, session) = dialled.get_ref();
        let certificate = session.peer_certificates().unwrap()[0].clone().into_owned();
        let protocol = session.alpn_protocol().map(<[u8]>::to_vec);
        Some(((certificate, protocol), shown))
    }
}

type Seen = (CertificateDer<'static>, Option<Vec<u8>>);

fn files(dir: &Path) -> TlsFiles {
    TlsFiles {
        certificate: dir.join("gate.pem"),
        key: dir.join("gate.key"),
        client_authorities: Some(dir.join("authorities.pem")),
    }
}

/// Writes a new certificate for the gate and its key.
fn write_certificate(dir: &Path, authority: &Authority) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let certificate = named("gate").signed_by(&key, authority).unwrap();
    std::fs::write(dir.join("gate.pem"), certificate.pem()).unwrap();
    std::fs::write(dir.join("gate.key"), key.serialize_pem()).unwrap();
    certificate.der().clone()
}

/// A client that shows this certificate and signs with this key, whether they belong together or not.
#[derive(Debug)]
struct Shows(Option<Arc<CertifiedKey>>);

impl Shows {
    fn nothing() -> Arc<Self> {
        Arc::new(Self(None))
    }

    fn this(certificate: &CertificateDer<'static>, key: &KeyPair) -> Arc<Self> {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let key = aws_lc_rs::sign::any_supported_type(&key).unwrap();
        Arc::new(Self(Some(Arc::new(CertifiedKey::new(
            vec![certificate.clone()],
            key,
        )))))
    }
}

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_is_served_over_http_2() {
    let gate = Gate::new();
    let ((_, protocol), shown) = gate.meet(Shows::nothing()).await.unwrap();
    assert_eq!(protocol.as_deref(), Some(&b"h2"[..]));
    assert_eq!(shown, None);
}

#[tokio::test]
async fn a_vouched_certificate_tells_its_subject_and_another_only_its_thumbprint() {
    let gate = Gate::new();
    let key = KeyPair::generate().unwrap();
    let vouched = named("nightly").signed_by(&key, &gate.authority).unwrap();
    let (_, shown) = gate.meet(Shows::this(vouched.der(), &key)).await.unwrap();
    let vouched = shown.unwrap();
    assert_eq!(vouched.subject.as_deref(), Some("CN=nightly,O=Example"));

    let own = named("nightly").self_signed(&key).unwrap();
    let (_, shown) = gate.meet(Shows::this(own.der(), &key)).await.unwrap();
    let own = shown.unwrap();
    assert_eq!(
        own.subject, None,
        "the same name, but nobody vouches for it"
    );
    assert_eq!(own.thumbprint.len(), 43);
    assert_ne!(own.thumbprint, vouched.thumbprint);

    let stranger = named("nightly")
        .signed_by(&key, &authority("authority"))
        .unwrap();
    let (_, shown) = gate.meet(Shows::this(stranger.der(), &key)).await.unwrap();
    assert_eq!(
        shown.unwrap().subject,
        None,
        "an authority of the same name is another"
    );
}

#[tokio::test]
async fn nobody_gets_in_with_a_certificate_whose_key_it_does_not_hold() {
    let gate = Gate::new();
    let owner = KeyPair::generate().unwrap();
    let certificate = named("nightly").signed_by(&owner, &gate.authority).unwrap();
    let thief = KeyPair::generate().unwrap();
    assert!(
        gate.meet(Shows::this(certificate.der(), &thief))
            .await
            .is_none()
    );
}

#[tokio::test]
async fn a_new_certificate_is_shown_once_its_files_fit() {
    let gate = Gate::new();
    assert!(!gate.tls.refresh().unwrap(), "nothing changed");
    let ((first, _), _) = gate.meet(Shows::nothing()).await.unwrap();
    let key = std::fs::read(gate.dir.path().join("gate.key")).unwrap();
    let second = write_certificate(gate.dir.path(), &gate.authority);
    let fitting = std::fs::read(gate.dir.path().join("gate.key")).unwrap();
    std::fs::write(gate.dir.path().join("gate.key"), [&key[..], b"\n"].concat()).unwrap();
    assert!(matches!(gate.tls.refresh(), Err(TlsError::Unfit { .. })));
    let ((still, _), _) = gate.meet(Shows::nothing()).await.unwrap();
    assert_eq!(still, first);
    std::fs::write(gate.dir.path().join("gate.key"), fitting).unwrap();
    assert!(gate.tls.refresh().unwrap());
    let ((now, _), _) = gate.meet(Shows::nothing()).await.unwrap();
    assert_eq!(now, second);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_shake_hands_is_not_waited_for() {
    let gate = Gate::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let _silent = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    assert!(gate.tls.accept(stream).await.is_none());
}

#[test]
fn files_that_cannot_work_are_named() {
    let gate = Gate::new();
    let dir = gate.dir.path();
    let refused = |change: &dyn Fn(&mut TlsFiles)| {
        let mut files = files(dir);
        change(&mut files);
        Tls::open(files).unwrap_err()
    };
    let missing = refused(&|files| files.key = dir.join("none"));
    assert!(missing.to_string().contains("none"), "{missing}");
    let swapped = refused(&|files| std::mem::swap(&mut files.certificate, &mut files.key));
    assert!(matches!(
        swapped,
        TlsError::Empty {
            what: "certificate",
            ..
        }
    ));
    let keyless = refused(&|files| files.key.clone_from(&files.certificate));
    assert!(matches!(
        keyless,
        TlsError::Empty {
            what: "private key",
            ..
        }
    ));
}
