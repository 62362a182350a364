//! Client authentication: exactly one way, and the registered one; whatever is wrong with it, the answer is the same.

use access::oauth::{Asked, Authentication, Fault};
use access::{Client, CredentialKind, Rotation};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jose::sha256_base64url;

use super::world::{ASSERTION_TYPE, Head, NOW, Pair, TOKEN_URL, World, form, later};

const SCOPE: [(&str, &str); 2] = [
    ("grant_type", "client_credentials"),
    ("scope", "okta.users.read"),
];

fn basic(id: &str, secret: &str) -> Head {
    Head::authorized(format!(
        "Basic {}",
        STANDARD.encode(format!("{id}:{secret}"))
    ))
}

/// Asks for a token; the reason if it is refused.
fn ask(world: &World, head: &Head, fields: &[(&str, &str)]) -> Result<(), (Fault, String)> {
    let fields = [&SCOPE, fields].concat();
    let asked = world.ask(head, &fields, NOW);
    asked.map(drop).map_err(|refused| {
        let told = refused.to_json().to_string();
        assert!(
            !told.contains(refused.why()) || refused.why() == refused.fault().code(),
            "{told}"
        );
        (refused.fault(), refused.why().to_owned())
    })
}

fn nobody(why: &str) -> Result<(), (Fault, String)> {
    Err((Fault::InvalidClient, why.to_owned()))
}

#[test]
fn a_secret_is_good_in_the_registered_place_only() {
    let world = World::new();
    let by_header = world.client("header", Authentication::ClientSecretBasic);
    let by_form = world.client("form", Authentication::ClientSecretPost);
    let secret_of = |client: &Client| world.secret(client, CredentialKind::Secret);
    let (header_secret, form_secret) = (secret_of(&by_header), secret_of(&by_form));
    let header =
        |client: &Client, secret: &str| ask(&world, &basic(client.id.as_str(), secret), &[]);
    let form = |client: &Client, secret: &str| {
        let fields = [("client_id", client.id.as_str()), ("client_secret", secret)];
        ask(&world, &Head::default(), &fields)
    };
    assert_eq!(header(&by_header, &header_secret), Ok(()));
    assert_eq!(form(&by_form, &form_secret), Ok(()));
    assert_eq!(
        form(&by_header, &header_secret),
        nobody("other_client_authentication")
    );
    assert_eq!(
        header(&by_form, &form_secret),
        nobody("other_client_authentication")
    );
    assert_eq!(
        header(&by_header, &form_secret),
        nobody("secret_of_other_client")
    );
    assert_eq!(
        header(&by_header, "pcl_guess"),
        nobody("unknown_credential")
    );
    let key = world.secret(&by_header, CredentialKind::Key);
    assert_eq!(
        header(&by_header, &key),
        nobody("unknown_credential"),
        "an API key is no client secret"
    );
    let bearer = Head::authorized(format!("Bearer {header_secret}"));
    assert!(
        world.call(&bearer, NOW).is_err(),
        "nor a client secret an API key"
    );
}

#[test]
fn the_header_is_form_encoded_within_and_every_broken_one_is_refused() {
    let world = World::new();
    let client = world.client("header", Authentication::ClientSecretBasic);
    let secret = world.secret(&client, CredentialKind::Secret);
    let escaped: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(
        ask(&world, &basic(client.id.as_str(), &escaped), &[]),
        Ok(())
    );
    // The secret under a name so long that what follows `Basic` has this many bytes at least.
    let padded = |bytes: usize| {
        let name = "a".repeat(bytes.div_ceil(4) * 3 - 1 - secret.len());
        format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))
    };
    for broken in [
        "".to_owned(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", STANDARD.encode("noseparator")),
        format!("Basic {}", STANDARD.encode(b"\xff:\xff")),
        format!("Basic {}", STANDARD.encode("a:%zz")),
        format!("Basic {}", STANDARD.encode("a".repeat(2_000))),
        format!("Bearer {secret}"),
        format!(
            "Bearer {}",
            STANDARD.encode(format!("{}:{secret}", client.id))
        ),
        padded(1_025),
    ] {
        let refused = ask(&world, &Head::authorized(broken.as_str()), &[]);
        assert_eq!(refused, nobody("malformed_client_credentials"), "{broken}");
    }
    assert_eq!(
        ask(&world, &Head::authorized(padded(1_024)), &[]),
        nobody("secret_of_other_client"),
        "read, and the client's name is another"
    );
}

#[test]
fn two_secrets_are_live_while_one_takes_the_place_of_the_other() {
    let world = World::new();
    let client = world.client("form", Authentication::ClientSecretPost);
    let old = world.secret(&client, CredentialKind::Secret);
    let known = world.keyring.secrets(&client.id).unwrap().remove(0);
    let rotation = Rotation {
        kind: CredentialKind::Secret,
        overlap_hours: 1,
        ..Rotation::default()
    };
    let (new, ..) = world.keyring.rotate(&known.id, rotation, NOW).unwrap();
    let at = |secret: &str, now| {
        let fields = [
            &SCOPE[..],
            &[("client_id", client.id.as_str()), ("client_secret", secret)],
        ]
        .concat();
        world.ask(&Head::default(), &fields, now).is_ok()
    };
    assert!(at(&old, NOW) && at(new.expose(), NOW));
    assert!(!at(&old, later(3_600)) && at(new.expose(), later(3_600)));
}

#[test]
fn a_request_that_shows_two_ways_is_refused_before_either_is_looked_at() {
    let (world, pair) = (World::new(), Pair::new());
    let client = world.client("reader", pair.registration());
    let assertion = pair.assertion(&client, "1", NOW);
    let by_key = [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.as_str()),
    ];
    let header = basic(client.id.as_str(), "x");
    let secret = [("client_id", client.id.as_str()), ("client_secret", "x")];
    let refused = Err((
        Fault::InvalidRequest,
        "two_client_authentications".to_owned(),
    ));
    assert_eq!(ask(&world, &header, &by_key), refused);
    assert_eq!(ask(&world, &header, &by_key[..1]), refused);
    assert_eq!(ask(&world, &header, &by_key[1..]), refused);
    assert_eq!(ask(&world, &header, &secret), refused);
    assert_eq!(
        ask(&world, &Head::default(), &[&by_key[..], &secret].concat()),
        refused
    );
    let incomplete = Err((
        Fault::InvalidRequest,
        "incomplete_client_assertion".to_owned(),
    ));
    assert_eq!(ask(&world, &Head::default(), &by_key[..1]), incomplete);
    assert_eq!(ask(&world, &Head::default(), &by_key[1..]), incomplete);
    let saml = [
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        ),
        by_key[1],
    ];
    assert_eq!(ask(&world, &Head::default(), &saml), incomplete);
    let other = [("client_id", "cliother")];
    assert_eq!(
        ask(&world, &header, &other),
        Err((Fault::InvalidRequest, "two_client_ids".to_owned()))
    );
    assert_eq!(
        ask(&world, &Head::default(), &by_key),
        Ok(()),
        "none of them used the assertion up"
    );
}

#[test]
fn a_client_that_signs_is_known_by_its_key_only() {
    let (world, pair, stolen) = (World::new(), Pair::new(), Pair::new());
    let client = world.client("reader", pair.registration());
    let by = |assertion: &str| {
        let fields = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion),
        ];
        ask(&world, &Head::default(), &fields)
    };
    assert_eq!(
        by(&stolen.assertion(&client, "1", NOW)),
        nobody("assertion_of_no_key")
    );
    let good = pair.assertion(&client, "1", NOW);
    assert_eq!(by(&good), Ok(()));
    assert_eq!(by(&good), nobody("assertion_replayed"));
    assert_eq!(by("a.b.c"), nobody("malformed_assertion"));
    let secret = world.secret(&client, CredentialKind::Secret);
    let fields = [
        ("client_id", client.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    assert_eq!(
        ask(&world, &Head::default(), &fields),
        nobody("other_client_authentication")
    );
    assert_eq!(
        ask(&world, &Head::default(), &fields[..1]),
        nobody("no_client_authentication")
    );
    world.keyring.disable(&client.id, NOW).unwrap();
    assert_eq!(
        by(&pair.assertion(&client, "2", NOW)),
        nobody("disabled_client")
    );
}

#[test]
fn a_certificate_is_compared_with_the_registered_subject_or_with_itself() {
    let world = World::new();
    let thumbprint = sha256_base64url(b"certificate");
    let itself = world.client(
        "itself",
        Authentication::SelfSignedTlsClientAuth {
            thumbprint: thumbprint.clone(),
        },
    );
    let subject = "CN=reader,O=Example".to_owned();
    let vouched = world.client(
        "vouched",
        Authentication::TlsClientAuth {
            subject: subject.clone(),
        },
    );
    let shown = |certificate: &str, subject: Option<&str>| Head {
        certificate: Some(certificate.to_owned()),
        subject: subject.map(str::to_owned),
        ..Head::default()
    };
    let by = |client: &Client, head: &Head| ask(&world, head, &[("client_id", client.id.as_str())]);
    let other = sha256_base64url(b"another");
    let wrong = nobody("other_client_authentication");
    assert_eq!(by(&itself, &shown(&thumbprint, None)), Ok(()));
    assert_eq!(by(&itself, &shown(&other, Some(&subject))), wrong);
    assert_eq!(by(&vouched, &shown(&other, Some(&subject))), Ok(()));
    assert_eq!(
        by(&vouched, &shown(&other, None)),
        wrong,
        "nobody vouches for it"
    );
    assert_eq!(
        by(&vouched, &shown(&other, Some("CN=reader,O=Example,C=XX"))),
        wrong
    );
    assert_eq!(
        by(&itself, &Head::default()),
        nobody("no_client_authentication")
    );
    assert_eq!(
        ask(&world, &shown(&thumbprint, None), &[]),
        nobody("no_client_authentication"),
        "a certificate alone names no client"
    );
}

#[test]
fn a_client_may_ask_only_from_where_it_may_call() {
    let world = World::new();
    let client = world.client_with("form", Authentication::ClientSecretPost, |new| {
        new.networks = vec!["10.0.0.0/8".parse().unwrap()];
    });
    let secret = world.secret(&client, CredentialKind::Secret);
    let fields = [
        ("client_id", client.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    let from = |address: &str| Head {
        source: Some(address.parse().unwrap()),
        ..Head::default()
    };
    assert_eq!(ask(&world, &from("10.1.1.1"), &fields), Ok(()));
    assert_eq!(
        ask(&world, &from("192.0.2.1"), &fields),
        nobody("credential_of_other_network")
    );
}

#[test]
fn a_secret_in_the_form_is_read_up_to_its_bound_and_no_further() {
    let world = World::new();
    let client = world.client("form", Authentication::ClientSecretPost);
    let by = |bytes: usize| {
        let secret = "a".repeat(bytes);
        let fields = [
            ("client_id", client.id.as_str()),
            ("client_secret", secret.as_str()),
        ];
        ask(&world, &Head::default(), &fields)
    };
    assert_eq!(by(1_024), nobody("unknown_credential"));
    assert_eq!(by(1_025), nobody("malformed_client_credentials"));
}

#[test]
fn a_claimant_is_known_again_by_its_whole_secret_or_by_whom_its_token_names() {
    let (world, pair) = (World::new(), Pair::new());
    let client = world.client("reader", pair.registration());
    let other = world.client("other", pair.registration());
    let claimant = |head: &Head, fields: &[(&str, &str)]| {
        let form = form(fields);
        let presented = head.presented("POST", TOKEN_URL);
        world.keyring.claimant(&Asked {
            form: &form,
            presented: &presented,
        })
    };
    let nothing = Head::default();
    let by_token = |name: &str, client: &Client, jti: &str| {
        claimant(&nothing, &[(name, &pair.assertion(client, jti, NOW))])
    };
    let named = by_token("client_assertion", &client, "1");
    assert!(named.is_some());
    assert_eq!(by_token("client_assertion", &client, "2"), named);
    assert_eq!(by_token("subject_token", &client, "3"), named);
    assert_ne!(by_token("client_assertion", &other, "4"), named);
    let by_form = |id: &str, secret: &str| {
        claimant(&nothing, &[("client_id", id), ("client_secret", secret)])
    };
    assert_eq!(
        claimant(&basic("reader", "right"), &[]),
        by_form("reader", "right")
    );
    assert_ne!(by_form("reader", "right"), by_form("reader", "guess"));
    assert_ne!(by_form("reader", "right"), by_form("other", "right"));
    let certified = |certificate: &str| Head {
        certificate: Some(certificate.to_owned()),
        ..Head::default()
    };
    let id = [("client_id", "reader")];
    assert_ne!(
        claimant(&certified("one"), &id),
        claimant(&certified("two"), &id)
    );
    for unnamed in [&[("client_assertion", "a.b.c")][..], &id, &[]] {
        assert_eq!(claimant(&nothing, unnamed), None, "{unnamed:?}");
    }
}
