//! `portcullis break-glass …`: sealed and loud. The passphrase is shown by `seal`, the key by `open`, each once and nowhere else.

use crate::arguments::{self, Arguments};
use crate::desk::Desk;
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::prompt;
use crate::settings::Settings;
use crate::wiring::State;
use access::{AccessError, ApiKey, GlassPassphrase, Opening, OrgName};
use gateway::{GlassStep, tell_glass};
use jiff::{Timestamp, Unit};
use serde_json::json;
use store::read_private;

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::BreakGlass,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    if let arguments::BreakGlass::Show = verb {
        show(&state, org, printer)?;
        return Ok(Exit::Done);
    }
    let desk = Desk::open(&settings, &state, org).await?;
    let url = org_settings.public.as_str().trim_end_matches('/');
    let done = act(verb, &state, &desk, org, url, printer).await;
    // A wrong passphrase is a failure that others must hear of, too.
    desk.leave(printer).await;
    done.map(|()| Exit::Done)
}

async fn act(
    verb: &arguments::BreakGlass,
    state: &State,
    desk: &Desk,
    org: &OrgName,
    url: &str,
    printer: Printer,
) -> Result<(), Failure> {
    let (trail, notices, name) = (&desk.trail, &desk.notices, org.as_str());
    let now = state.clock.now();
    match verb {
        arguments::BreakGlass::Show => {}
        arguments::BreakGlass::Seal => {
            tell_glass(trail, notices, GlassStep::Sealed, name, None, None, now).await?;
            let (passphrase, glass) = state.keyring.seal_glass(org, now)?;
            let text = format!(
                "{}\n\nThis is the only time it is shown: put it into the safe, on paper. It opens org {org} once.",
                passphrase.expose()
            );
            let value =
                json!({ "passphrase": passphrase.expose(), "sealed": glass.sealed.to_string() });
            printer.result(text, &value)?;
        }
        arguments::BreakGlass::Open(open) => {
            let (key, opening) = opened(open, state, desk, org).await?;
            let text = format!(
                "{}\n\nThis is the only time it is shown. It does everything at {url} until {}, and every call is heard.\nNext: \
                 `portcullis break-glass close` when it is repaired, and `portcullis break-glass seal`.",
                key.expose(),
                seconds(opening.ends)
            );
            let value = json!({
                "key": key.expose(),
                "url": url,
                "opening": &*opening.id,
                "ends": opening.ends.to_string(),
            });
            printer.result(text, &value)?;
        }
        arguments::BreakGlass::Close => {
            let closed = state.keyring.close_glass(org, now)?;
            for opening in &closed {
                let step = GlassStep::Closed;
                tell_glass(trail, notices, step, name, Some(opening), None, now).await?;
            }
            let text = match closed.len() {
                0 => "nothing was open",
                _ => "closed; seal it again with `portcullis break-glass seal`",
            };
            printer.result(text, &json!({ "closed": closed.len() }))?;
        }
    }
    Ok(())
}

/// Opens, and closes again at once if that cannot be written down.
async fn opened(
    open: &arguments::Open,
    state: &State,
    desk: &Desk,
    org: &OrgName,
) -> Result<(ApiKey, Opening), Failure> {
    let typed = match &open.passphrase_file {
        Some(path) => read_private(path)?,
        None => prompt::take("passphrase")?,
    };
    let passphrase = GlassPassphrase::read(typed.expose());
    let (trail, notices, name) = (&desk.trail, &desk.notices, org.as_str());
    let now = state.clock.now();
    let opened = state
        .keyring
        .open_glass(org, &passphrase, &open.reason, open.minutes, now);
    let (key, opening) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            if let AccessError::Glass(_) = error {
                let (step, reason) = (GlassStep::Refused, error.to_string());
                tell_glass(trail, notices, step, name, None, Some(&reason), now).await?;
            }
            return Err(error.into());
        }
    };
    let step = GlassStep::Opened;
    if let Err(error) = tell_glass(trail, notices, step, name, Some(&opening), None, now).await {
        state.keyring.close_glass(org, now)?;
        return Err(error.into());
    }
    Ok((key, opening))
}

/// To the second: people read it.
fn seconds(at: Timestamp) -> Timestamp {
    at.round(Unit::Second).unwrap_or(at)
}

fn show(state: &State, org: &OrgName, printer: Printer) -> Result<(), Failure> {
    let glass = state.keyring.glass(org)?;
    let text = match &glass {
        None => "never sealed; nobody can open it".to_owned(),
        Some(glass) => match glass.broken {
            None => format!("sealed since {}", glass.sealed),
            Some(at) => format!("opened {at}; seal it again with `portcullis break-glass seal`"),
        },
    };
    let value = json!({
        "sealed": glass.as_ref().map(|glass| glass.sealed.to_string()),
        "opened": glass.as_ref().and_then(|glass| glass.broken).map(|at| at.to_string()),
        "failures": glass.as_ref().map(|glass| glass.failures),
    });
    printer.result(text, &value)
}
