//! `portcullis state-key …` and `portcullis repository-key …`: how the machine's keys lie in their files.

use crate::arguments::{self, Arguments};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::prompt;
use crate::settings::Settings;
use crate::wiring::{MachineKey, keys};
use serde_json::json;
use store::{KeyWrapping, Passphrase, Plain, WrappingKind};

/// Runs the verb on `key`.
pub(crate) fn run(
    key: MachineKey,
    verb: &arguments::KeyFile,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    match verb {
        arguments::KeyFile::Show => {
            let kind = key.file(&settings).kind()?;
            let value = json!({ "key": key.file_name(), "wrapping": word(kind) });
            printer.result(format!("{key} lies there {kind}"), &value)?;
        }
        arguments::KeyFile::Rewrap(rewrap) => {
            let (to, said) = asked(key, rewrap, &settings)?;
            let from = key.wrapping_found(&settings)?;
            key.file(&settings).rewrap(&*from, &*to)?;
            let table = match key {
                MachineKey::State => "state-key",
                MachineKey::Repository => "repository-key",
            };
            let next = match &said {
                Some(line) => format!("say so in the settings:\n  [{table}]\n  {line}"),
                None => format!("take the table [{table}] out of the settings, if it is there"),
            };
            let text = format!("{key} lies there {} now; {next}", to.kind());
            let value =
                json!({ "key": key.file_name(), "wrapping": word(to.kind()), "settings": said });
            printer.result(text, &value)?;
        }
    }
    Ok(Exit::Done)
}

/// The wrapping that was asked for, and the line that says so in the settings.
fn asked(
    key: MachineKey,
    rewrap: &arguments::Rewrap,
    settings: &Settings,
) -> Result<(Box<dyn KeyWrapping>, Option<String>), Failure> {
    if let Some(path) = &rewrap.passphrase_file {
        let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
        let line = format!("passphrase-file = {:?}", absolute.display().to_string());
        return Ok((Box::new(keys::passphrase_file(path)?), Some(line)));
    }
    if rewrap.passphrase {
        let typed = prompt::ask_twice(&format!("new passphrase of {key}"))?;
        return Ok((Box::new(Passphrase::new(&typed)), None));
    }
    if rewrap.plain {
        return Ok((Box::new(Plain), None));
    }
    let words = from_anywhere(&rewrap.command);
    let line = format!("command = {words:?}");
    let command = keys::command(&words, settings)?;
    Ok((Box::new(command), Some(line)))
}

/// The command with its program by absolute path, if it was named by path: the settings outlive this directory.
fn from_anywhere(command: &[String]) -> Vec<String> {
    let mut words = command.to_vec();
    if let Some(program) = words.first_mut()
        && program.contains('/')
        && let Ok(absolute) = std::path::absolute(&*program)
    {
        *program = absolute.display().to_string();
    }
    words
}

fn word(kind: WrappingKind) -> &'static str {
    match kind {
        WrappingKind::Plain => "plain",
        WrappingKind::Passphrase => "passphrase",
        WrappingKind::Command => "command",
    }
}
