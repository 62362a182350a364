//! `portcullis signing-key …`: the keys that sign access tokens. Private keys are never shown.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::oauth::{SigningKeyRecord, Succession};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::SigningKey,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    match verb {
        arguments::SigningKey::List => {
            let keys = state.keyring.signing_keys(org)?;
            let text = keys
                .iter()
                .map(|key| described(key, now))
                .collect::<Vec<_>>();
            let none =
                format!("no signing keys in org {org}; the first is made with the first token");
            let values: Vec<Value> = keys.iter().map(value).collect();
            printer.result(
                if keys.is_empty() {
                    none
                } else {
                    text.join("\n")
                },
                &values,
            )?;
        }
        arguments::SigningKey::Rotate { emergency } => {
            let succession = if *emergency {
                Succession::Emergency
            } else {
                Succession::Planned
            };
            let ledger = Ledger::open(&state, org).await?;
            let key = state.keyring.rotate_signing_key(org, succession, now)?;
            let how = if *emergency { "emergency" } else { "planned" };
            let details = [("kid", key.kid.as_str()), ("succession", how)];
            ledger.write("signing_key_rotated", None, details).await?;
            let text = if *emergency {
                format!(
                    "{} signs from now on; every token signed by another key is refused",
                    key.kid
                )
            } else {
                format!(
                    "{} is shown at /oauth2/v1/keys and signs from {}; tokens signed until then stay good",
                    key.kid, key.signs
                )
            };
            printer.result(text, &value(&key))?;
        }
    }
    Ok(Exit::Done)
}

fn described(key: &SigningKeyRecord, now: Timestamp) -> String {
    let state = match key.retired {
        Some(retired) if retired <= now => "retired".to_owned(),
        Some(retired) => format!("verifies until {retired}"),
        None if key.signs > now => format!("signs from {}", key.signs),
        None => "signs".to_owned(),
    };
    format!(
        "{}  {}  made {}  {state}",
        key.kid, key.algorithm, key.created
    )
}

fn value(key: &SigningKeyRecord) -> Value {
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm,
        "created": key.created.to_string(),
        "signs": key.signs.to_string(),
        "retired": key.retired.map(|at| at.to_string()),
    })
}
