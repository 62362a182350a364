//! Secrets as people hand them in: typed without echo, or on stdin. Never from the command line.

mod terminal;

use crate::failure::{Exit, Failure};
use std::io::{IsTerminal, Read};
use store::{PRIVATE_FILE_BYTES_MAX, Secret, Zeroizing};
use terminal::Silenced;

/// Asks for a secret on the terminal, without echo.
pub(crate) fn ask(what: &str) -> Result<Secret<String>, Failure> {
    if !std::io::stdin().is_terminal() {
        let hint = "Name a file that holds it, or run the command on a terminal.";
        return Err(Failure::new(
            Exit::Settings,
            format!("nobody is there to type the {what}"),
            hint,
        ));
    }
    Silenced::open()
        .and_then(|mut terminal| terminal.ask(what, PRIVATE_FILE_BYTES_MAX))
        .map(|mut typed| Secret::new(std::mem::take(&mut *typed)))
        .map_err(|error| {
            let hint = "Name a file that holds it instead.";
            Failure::new(
                Exit::Usage,
                format!("cannot ask for the {what}: {error}"),
                hint,
            )
        })
}

/// Asks twice, for what nobody could correct later.
pub(crate) fn ask_twice(what: &str) -> Result<Secret<String>, Failure> {
    let (first, second) = (ask(what)?, ask(&format!("{what} again"))?);
    if first.expose() == second.expose() {
        return Ok(first);
    }
    let hint = "Run the command again.";
    Err(Failure::new(
        Exit::Usage,
        format!("the {what} was typed in two ways"),
        hint,
    ))
}

/// Takes a secret from stdin, or asks for it where stdin is a terminal.
pub(crate) fn take(what: &str) -> Result<Secret<String>, Failure> {
    if std::io::stdin().is_terminal() {
        return ask(what);
    }
    let hint = "Send it on stdin, or name a file that holds it.";
    let mut text = Zeroizing::new(String::with_capacity(PRIVATE_FILE_BYTES_MAX + 1));
    std::io::stdin()
        .lock()
        .take(PRIVATE_FILE_BYTES_MAX as u64 + 1)
        .read_to_string(&mut text)
        .map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("cannot read the {what} from stdin: {error}"),
                hint,
            )
        })?;
    if text.trim().is_empty() || text.len() > PRIVATE_FILE_BYTES_MAX {
        let message = format!("stdin holds no {what}");
        return Err(Failure::new(Exit::Usage, message, hint));
    }
    Ok(Secret::new(std::mem::take(&mut *text)))
}
