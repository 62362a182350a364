//! `portcullis sandbox`: an emulated Okta org over HTTP, until it is told to stop.

use super::serve::stop_asked;
use crate::arguments;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::sandbox::{Sandbox, Start};
use emulator::Loaded;
use serde_json::json;

/// Runs the verb.
pub(crate) async fn run(verb: &arguments::Sandbox, printer: Printer) -> Result<Exit, Failure> {
    let sandbox = Sandbox::open(verb.listen, verb.token.clone(), verb.limits).await?;
    let start = verb
        .load
        .as_deref()
        .map_or(Start::Seed(verb.seed), Start::Recording);
    if let Some(loaded) = sandbox.fill(&start)? {
        printer.note(told(&loaded));
    }
    let stop = stop_asked()?;
    let text = format!(
        "emulated org at {}\nAPI token: {}\nTry: curl -H 'Authorization: SSWS {}' {}/api/v1/users",
        sandbox.url, sandbox.token, sandbox.token, sandbox.url
    );
    printer.result(text, &json!({ "url": sandbox.url, "token": sandbox.token }))?;
    sandbox.run(stop).await;
    Ok(Exit::Done)
}

fn told(loaded: &Loaded) -> String {
    let mut text = format!("{} objects from {} answers", loaded.total(), loaded.answers);
    for (kind, count) in &loaded.objects {
        text.push_str(&format!("\n  {count:>6} {kind}"));
    }
    for omission in &loaded.left_out {
        text.push_str(&format!(
            "\n  left out {:>5} {}: {:?} (such as {})",
            omission.count, omission.kind, omission.reason, omission.example
        ));
    }
    text
}
