//! `portcullis audit key`: the public key that checkpoints are signed with, and a new one in its place.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use audit::PublicKey;
use serde_json::json;

/// Runs the verb.
pub(super) async fn run(
    rotate: bool,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let state = State::open(&settings)?;
    let mut keys: Vec<String> = state
        .signer()
        .known()
        .iter()
        .map(PublicKey::to_string)
        .collect();
    if rotate {
        let new = state.rotate_checkpoint_key(&settings)?.to_string();
        // Written down where it concerns somebody: in the operator's chain of every org.
        for org in settings.orgs.keys() {
            let ledger = Ledger::open(&state, org).await?;
            let details = [("key", new.as_str())];
            ledger
                .write("checkpoint_key_rotated", None, details)
                .await?;
        }
        keys.push(new);
        printer.note("a running gateway signs with the old key until it is started again");
    }
    let newest = keys.last().cloned().unwrap_or_default();
    printer.result(&newest, &json!({ "key": newest, "keys": keys }))?;
    Ok(Exit::Done)
}
