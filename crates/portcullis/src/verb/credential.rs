//! `portcullis credential …`: what Okta is shown, sealed in the state. Nothing here ever prints it.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::prompt;
use crate::settings::{Credential, OrgSettings, Settings};
use crate::wiring::State;
use access::{Call, Caller, Grant, Operations, OrgName};
use serde_json::{Value, json};
use std::sync::Arc;
use store::read_private;
use upstream::{CredentialText, Kept, Line};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Credential,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    match verb {
        arguments::Credential::Put(handed) => {
            let text = taken(handed)?;
            let old = state.vault.kept(org)?;
            let ledger = Ledger::open(&state, org).await?;
            let kept = replace(&state, org, &text, &ledger).await?;
            let place = old
                .filter(|old| old.id != kept.id)
                .map(|old| format!(", untried, in the place of {}", old.id));
            printer.result(
                format!(
                    "sealed {} of org {org}{}{}",
                    described(&kept),
                    place.unwrap_or_default(),
                    next(org_settings)
                ),
                &value(org, &kept),
            )?;
        }
        arguments::Credential::Show => {
            let kept = state.vault.kept(org)?.ok_or_else(|| none(org))?;
            let text = format!("org {org}: {}, put {}", described(&kept), kept.put);
            printer.result(text, &value(org, &kept))?;
        }
        arguments::Credential::Rotate(handed) => {
            if !matches!(org_settings.credential, Credential::Sealed) {
                return Err(not_sealed(org));
            }
            let old = state.vault.kept(org)?.ok_or_else(|| none(org))?;
            let text = taken(handed)?;
            let ledger = Ledger::open(&state, org).await?;
            attempt(&state, org, org_settings, &text, &ledger).await?;
            let kept = replace(&state, org, &text, &ledger).await?;
            let text = match kept.id == old.id {
                true => format!(
                    "{} is what org {org} had already; there is no old one to revoke",
                    described(&kept)
                ),
                false => format!(
                    "org {org} takes {}, in the place of {}; a running gateway uses it within a second\nRevoke the old one in Okta now.",
                    described(&kept),
                    old.id
                ),
            };
            printer.result(text, &value(org, &kept))?;
        }
    }
    Ok(Exit::Done)
}

/// The credential as it was handed in.
fn taken(handed: &arguments::Handed) -> Result<CredentialText, Failure> {
    if let (Some(client_id), Some(key_file)) = (&handed.client_id, &handed.key_file) {
        return Ok(CredentialText::ServiceApp {
            client_id: client_id.clone(),
            key: read_private(key_file)?,
            key_id: handed.key_id.clone(),
            scopes: handed.scopes.clone(),
        });
    }
    let token = match &handed.token_file {
        Some(path) => read_private(path)?,
        None => prompt::take("API token")?,
    };
    Ok(CredentialText::ApiToken(token))
}

/// Makes one cheap call with the credential, permitted and recorded like every other.
async fn attempt(
    state: &State,
    org: &OrgName,
    settings: &OrgSettings,
    text: &CredentialText,
    ledger: &Ledger,
) -> Result<(), Failure> {
    let call = cheapest(text)?;
    let only = Operations::Only(vec![call.operation.id.to_owned()]);
    let grant = Grant::scoped(call.operation.scopes.iter().copied(), only);
    let okta = state.okta_as(text.read()?.into(), settings)?;
    let line = Line::new(
        Arc::new(okta),
        ledger.trail(),
        Caller::internal("credential", org.clone(), grant),
        Arc::clone(&state.clock),
    );
    let answer = line.call(call).await?;
    if answer.is_success() {
        return Ok(());
    }
    let hint = "Nothing was replaced. Give the new credential the admin role of the old one, then run the command again.";
    let message = format!(
        "Okta knows the new credential and lets it read nothing: status {}",
        answer.status.as_u16()
    );
    Err(Failure::new(Exit::Upstream, message, hint))
}

/// A read that the credential should be allowed: a token's owner may always read itself, an app what its scopes name.
fn cheapest(text: &CredentialText) -> Result<Call, Failure> {
    let CredentialText::ServiceApp { scopes, .. } = text else {
        return Call::new("getUser", &[("id", "me")]).map_err(Failure::broken);
    };
    let known = READS
        .iter()
        .find(|(scope, _)| scopes.iter().any(|named| named == scope));
    let Some((_, operation)) = known else {
        let scopes: Vec<&str> = READS.iter().map(|(scope, _)| *scope).collect();
        let hint = format!(
            "Grant the app one of {} and name it with --scope.",
            scopes.join(", ")
        );
        return Err(Failure::new(
            Exit::Usage,
            "none of the scopes lets the new credential be tried",
            hint,
        ));
    };
    let call = Call::new(operation, &[]).map_err(Failure::broken)?;
    Ok(call.with_query("limit", "1"))
}

/// Seals the credential and writes down that it was done.
async fn replace(
    state: &State,
    org: &OrgName,
    text: &CredentialText,
    ledger: &Ledger,
) -> Result<Kept, Failure> {
    let kept = state.vault.put(org, text, state.clock.now())?;
    let generation = kept.generation.to_string();
    let details = [
        ("credential_kind", kept.kind),
        ("credential_id", kept.id.as_str()),
        ("generation", &generation),
    ];
    ledger.write("credential_replaced", None, details).await?;
    Ok(kept)
}

fn described(kept: &Kept) -> String {
    match &kept.client_id {
        Some(client) => format!("the key of service app {client} (id {})", kept.id),
        None => format!("an API token (id {})", kept.id),
    }
}

/// What is left to do after a credential was sealed.
fn next(settings: &OrgSettings) -> String {
    let place = match &settings.credential {
        Credential::Sealed => return String::new(),
        Credential::TokenFile(path) => format!("delete {}", path.display()),
        Credential::PrivateKey { key_file, .. } => format!("delete {}", key_file.display()),
        Credential::TokenEnv(name) => format!("unset {name}"),
    };
    format!("\nNext: say `credential = {{ sealed = true }}` in the settings, then {place}.")
}

fn none(org: &OrgName) -> Failure {
    let hint = "Seal one with `portcullis credential put`.";
    Failure::new(
        Exit::Settings,
        format!("no credential of org {org} is sealed"),
        hint,
    )
}

fn not_sealed(org: &OrgName) -> Failure {
    let hint = "Seal the present one with `portcullis credential put` and say `credential = { sealed = true }` first.";
    let message = format!("the settings name the credential of org {org} by file or variable");
    Failure::new(Exit::Settings, message, hint)
}

fn value(org: &OrgName, kept: &Kept) -> Value {
    json!({
        "org": org.as_str(),
        "kind": kept.kind,
        "client_id": kept.client_id,
        "id": kept.id,
        "put": kept.put.to_string(),
        "generation": kept.generation,
    })
}

/// Reads by the scope they take; each answers one object at most.
const READS: [(&str, &str); 4] = [
    ("okta.users.read", "listUsers"),
    ("okta.groups.read", "listGroups"),
    ("okta.apps.read", "listApplications"),
    ("okta.logs.read", "listLogEvents"),
];
