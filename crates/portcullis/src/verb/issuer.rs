//! `portcullis issuer …`: outside issuers whose tokens stand for clients.

use super::client::named;
use crate::arguments::{self, AddIssuer, Arguments};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::{OrgSettings, Settings};
use crate::wiring::State;
use access::Client;
use access::workload::{BadSubject, Issuer, IssuerId, KeyPlace, KeySource, NewIssuer};
use egress::{Destination, Egress, Reach, keys};
use jose::KeySet;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Issuer,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let (keyring, now) = (&state.keyring, state.clock.now());
    match verb {
        arguments::Issuer::Add(add) => {
            let client = named(keyring, org, &add.client)?;
            refuse_ourselves(&add.issuer, org_settings)?;
            let new = new(add, &client).await?;
            let ledger = Ledger::open(&state, org).await?;
            let issuer = keyring.trust_issuer(new, now)?;
            let subject = issuer.subject.to_string();
            let details = [
                ("issuer_id", issuer.id.as_str()),
                ("issuer", &issuer.issuer),
                ("subject", &subject),
            ];
            ledger
                .write("issuer_trusted", Some(&client.id), details)
                .await?;
            let use_it = match issuer.direct {
                true => "Its tokens are accepted at the API as they are.",
                false => "Its tokens are exchanged for access tokens at /oauth2/v1/token.",
            };
            let text = format!("trusted {}\n{use_it}", described(&issuer, &client.name));
            printer.result(text, &value(&issuer))?;
        }
        arguments::Issuer::List => {
            let issuers = keyring.issuers(org)?;
            let names = keyring.clients(org)?;
            let described = |issuer: &Issuer| {
                let known = names.iter().find(|client| client.id == issuer.client);
                let client = known.map_or(issuer.client.as_str(), |client| &client.name);
                described(issuer, client)
            };
            let text = issuers.iter().map(described).collect::<Vec<_>>().join("\n");
            let none = format!("no outside issuers in org {org}");
            let values: Vec<Value> = issuers.iter().map(value).collect();
            printer.result(if issuers.is_empty() { none } else { text }, &values)?;
        }
        arguments::Issuer::Remove { id } => {
            let ledger = Ledger::open(&state, org).await?;
            let issuer = keyring.distrust_issuer(&IssuerId::new(id), now)?;
            let details = [("issuer_id", id.as_str())];
            ledger
                .write("issuer_removed", Some(&issuer.client), details)
                .await?;
            let text =
                format!("removed {id}; every gateway refuses its tokens within half a second");
            printer.result(text, &value(&issuer))?;
        }
    }
    Ok(Exit::Done)
}

/// Our own tokens are known by our own keys; an issuer of that URL would never be asked.
fn refuse_ourselves(issuer: &str, settings: &OrgSettings) -> Result<(), Failure> {
    if issuer.trim_end_matches('/') != settings.public.as_str().trim_end_matches('/') {
        return Ok(());
    }
    let hint = "Name the issuer of the job's tokens; ours need no registration.";
    Err(Failure::new(
        Exit::Usage,
        format!("{issuer} is this gateway itself"),
        hint,
    ))
}

async fn new(add: &AddIssuer, client: &Client) -> Result<NewIssuer, Failure> {
    let bad_subject = |error: BadSubject| {
        let hint = "Write it like `repo:acme/infra:ref:refs/heads/main`; `*` is one whole segment, `**` at the end all the rest.";
        Failure::new(Exit::Usage, error, hint)
    };
    Ok(NewIssuer {
        client: client.id.clone(),
        issuer: add.issuer.clone(),
        audience: add.audience.clone(),
        subject: add.subject.parse().map_err(bad_subject)?,
        keys: source(add).await?,
        direct: add.direct,
        minutes_max: add.minutes_max,
    })
}

/// Where the keys come from, as typed; asks the issuer itself when told to.
async fn source(add: &AddIssuer) -> Result<KeySource, Failure> {
    if let Some(file) = &add.keys.jwks {
        return Ok(KeySource::Fixed(Arc::new(read(file)?)));
    }
    let reach = match add.private {
        true => Reach::Private,
        false => Reach::Public,
    };
    let place = match &add.keys.jwks_uri {
        Some(uri) => Destination::parse(uri, reach)?,
        None => keys::discover(&Egress::new()?, &add.issuer, reach).await?,
    };
    Ok(KeySource::Published(KeyPlace {
        uri: place.as_str().into(),
        private: add.private,
    }))
}

fn read(file: &Path) -> Result<KeySet, Failure> {
    let unusable = |error: &dyn std::fmt::Display, hint: &str| {
        let message = format!("no key set in {}: {error}", file.display());
        Failure::new(Exit::Usage, message, hint)
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| unusable(&error, "Name a file with the issuer's public keys."))?;
    KeySet::read_registration(&text).map_err(|error| unusable(&error, error.hint()))
}

fn described(issuer: &Issuer, client: &str) -> String {
    let keys = match &issuer.keys {
        KeySource::Published(place) => place.uri.to_string(),
        KeySource::Fixed(keys) => format!("{} registered", keys.keys().len()),
    };
    let state = match (issuer.removed, issuer.direct) {
        (Some(at), _) => format!(" (removed {at})"),
        (None, true) => " (direct)".to_owned(),
        (None, false) => String::new(),
    };
    format!(
        "{}{state}  {}  for {client}  audience: {}  subject: {}  keys: {keys}",
        issuer.id, issuer.issuer, issuer.audience, issuer.subject
    )
}

fn value(issuer: &Issuer) -> Value {
    let (uri, private) = match &issuer.keys {
        KeySource::Published(place) => (Some(&*place.uri), place.private),
        KeySource::Fixed(_) => (None, false),
    };
    json!({
        "id": issuer.id.as_str(),
        "org": issuer.org.as_str(),
        "client": issuer.client.as_str(),
        "issuer": issuer.issuer,
        "audience": issuer.audience,
        "subject": issuer.subject.to_string(),
        "jwks_uri": uri,
        "private": private,
        "direct": issuer.direct,
        "minutes_max": issuer.minutes_max,
        "created": issuer.created.to_string(),
        "removed": issuer.removed.map(|at| at.to_string()),
    })
}
