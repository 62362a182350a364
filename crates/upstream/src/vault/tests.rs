//! Credentials that are put, read back, moved where they do not belong, and put wrongly.

use super::*;
use store::Secret;

fn token(text: &str) -> CredentialText {
    CredentialText::ApiToken(Secret::new(text.to_owned()))
}

fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A vault, and the database it lies in.
fn vault() -> (Vault, Arc<Database>) {
    let database = Arc::new(Database::open_in_memory().unwrap());
    let state = SealKey::from_bytes([7; 32]);
    let vault = Vault::open(Arc::clone(&database), &state).unwrap();
    (vault, database)
}

fn taken(vault: &Vault, name: &str) -> String {
    let (text, _) = vault.take(&org(name)).unwrap();
    text.secret().expose().clone()
}

#[test]
fn a_credential_that_is_put_is_told_of_and_never_shown() {
    let (vault, database) = vault();
    assert_eq!(vault.kept(&org("production")).unwrap(), None);
    let first = vault
        .put(&org("production"), &token("00one\n"), at(1_000))
        .unwrap();
    assert_eq!(
        (first.kind, first.put, first.generation, first.id.len()),
        ("api_token", at(1_000), 1, 16)
    );
    let second = vault
        .put(&org("production"), &token("00two"), at(2_000))
        .unwrap();
    assert_eq!((second.put, second.generation), (at(2_000), 2));
    assert_ne!(first.id, second.id);
    assert_eq!(vault.kept(&org("production")).unwrap().unwrap(), second);
    let again = vault
        .put(&org("production"), &token("00one"), at(3_000))
        .unwrap();
    assert_eq!(again.id, first.id, "the same secret has the same id");
    assert_eq!(taken(&vault, "production"), "00one");
    let shown = format!("{vault:?} {again:?} {:?}", token("00one"));
    assert!(!shown.contains("00one"), "{shown}");
    let clear: i64 = database
        .read(|tx| -> Result<i64, store::Error> {
            let sql = "SELECT count(*) FROM upstream_credential WHERE instr(sealed, '00one') > 0";
            Ok(tx.query_row(sql, [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(clear, 0);
}

#[test]
fn a_credential_moved_to_another_org_or_put_back_does_not_open() {
    let (vault, database) = vault();
    vault
        .put(&org("production"), &token("00one"), at(1))
        .unwrap();
    let change = |sql: &str| {
        database
            .write(|tx| -> Result<(), store::Error> { Ok(tx.execute_batch(sql)?) })
            .unwrap();
    };
    change(
        "INSERT INTO upstream_credential SELECT 'preview', sealed, put, generation FROM upstream_credential",
    );
    let refused = vault.kept(&org("preview")).unwrap_err();
    assert!(matches!(refused, VaultError::Seal(_)), "{refused}");
    assert_eq!(taken(&vault, "production"), "00one");
    change(
        "CREATE TEMP TABLE old AS SELECT sealed FROM upstream_credential WHERE org = 'production'",
    );
    vault
        .put(&org("production"), &token("00two"), at(2))
        .unwrap();
    change("UPDATE upstream_credential SET sealed = (SELECT sealed FROM old)");
    assert!(vault.take(&org("production")).is_err());
}

#[test]
fn another_state_key_opens_nothing_and_names_otherwise() {
    let (vault, database) = vault();
    let ours = vault
        .put(&org("production"), &token("00one"), at(1))
        .unwrap();
    let other = Vault::open(database, &SealKey::from_bytes([8; 32])).unwrap();
    assert!(matches!(
        other.take(&org("production")),
        Err(VaultError::Seal(_))
    ));
    let theirs = other.put(&org("preview"), &token("00one"), at(1)).unwrap();
    assert_ne!(theirs.id, ours.id);
}

#[test]
fn what_is_no_credential_is_not_put() {
    let (vault, _) = vault();
    for nothing in ["", " \n", "00 one", "00one\u{e9}"] {
        let refused = vault.put(&org("production"), &token(nothing), at(1));
        assert!(matches!(refused, Err(VaultError::Token)), "{nothing:?}");
    }
    let app = CredentialText::ServiceApp {
        client_id: "0oa1".to_owned(),
        key: Secret::new("-----BEGIN PRIVATE KEY-----".to_owned()),
        key_id: None,
        scopes: Vec::new(),
    };
    let refused = vault.put(&org("production"), &app, at(1));
    assert!(matches!(refused, Err(VaultError::Key(_))));
    assert_eq!(vault.kept(&org("production")).unwrap(), None);
}
