//! `portcullis init`: writes a settings file, the state directory and fresh keys. Never overwrites anything, never contacts Okta,
//! and says of a credential that cannot be read yet why not.

use crate::arguments::{Arguments, Init};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::{self, MachineKey};
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use store::{KeyError, Plain};

/// Runs the verb.
pub(crate) fn run(init: &Init, arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    if init.print {
        printer.line(EXAMPLE.trim_end())?;
        return Ok(Exit::Done);
    }
    let text = settings_text(init)?;
    let settings = Settings::parse(&text, &arguments.config).map_err(|failure| Failure {
        hint: "Nothing was written; correct the arguments and run the command again.".to_owned(),
        ..failure
    })?;
    write_new(&arguments.config, &text)?;
    wiring::make_private(&settings.state)
        .map_err(|error| wiring::cannot_make(&settings.state, &error))?;
    let made = keys(&settings)?;
    let next = if init.sealed {
        "Next: `portcullis credential put`, which seals the org's credential."
    } else {
        "Next: `portcullis client add NAME --scope okta.users.read`, then `portcullis serve`."
    };
    let text = format!(
        "wrote {}\nstate in {}\nkeys: {}\nKeep a copy of {} apart from the snapshots: without it they cannot be read.\n{next}",
        arguments.config.display(),
        settings.state.display(),
        if made.is_empty() {
            "those that were there".to_owned()
        } else {
            made.join(", ") + " (new)"
        },
        settings
            .state
            .join(MachineKey::Repository.file_name())
            .display(),
    );
    let value = json!({ "config": arguments.config, "state": settings.state, "keys": made });
    printer.result(text, &value)?;
    for file in [&init.token_file, &init.key_file].into_iter().flatten() {
        if let Err(error) = store::read_private(file) {
            let failure = Failure::from(error);
            printer.note(format!(
                "Not in order yet: {}\n  {}",
                failure.message, failure.hint
            ));
        }
    }
    Ok(Exit::Done)
}

fn settings_text(init: &Init) -> Result<String, Failure> {
    let mut text =
        String::from("# Settings of Portcullis; `portcullis init --print` shows every key.\n");
    let credential = match (
        &init.token_file,
        &init.token_env,
        &init.client_id,
        &init.key_file,
    ) {
        (None, None, None, None) if init.sealed => "{ sealed = true }".to_owned(),
        (Some(file), None, None, None) => format!("{{ token-file = {} }}", quoted(file)),
        (None, Some(name), None, None) => format!("{{ token-env = {name:?} }}"),
        (None, None, Some(id), Some(file)) => {
            format!("{{ client-id = {id:?}, key-file = {} }}", quoted(file))
        }
        _ => {
            let hint = "Name the credential for Okta: --sealed, --token-file FILE, --token-env NAME, or --client-id ID --key-file FILE.";
            return Err(Failure::new(
                Exit::Usage,
                "no credential for Okta given",
                hint,
            ));
        }
    };
    let okta = init
        .okta
        .as_deref()
        .unwrap_or_default()
        .trim_end_matches('/');
    let _ = writeln!(
        text,
        "listen = \"{}\"\n\n[org.{}]\nokta = {okta:?}",
        init.listen, init.name
    );
    if let Some(public) = &init.public {
        let _ = writeln!(text, "public = {:?}", public.trim_end_matches('/'));
    }
    let _ = writeln!(text, "credential = {credential}");
    Ok(text)
}

fn quoted(path: &Path) -> String {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    format!("{:?}", absolute.display().to_string())
}

/// Writes a file that must not be there yet; a full disk leaves none behind.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let made = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    let written = made.and_then(|mut file| {
        let written = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all());
        if written.is_err() {
            // What cannot be removed either is named by the error below.
            let _ = fs::remove_file(path);
        }
        written
    });
    written.map_err(|error| {
        let hint = if error.kind() == std::io::ErrorKind::AlreadyExists {
            "Edit that file, or name another with --config FILE.".to_owned()
        } else {
            format!("Make sure {} can be written.", path.display())
        };
        let message = format!("cannot write {}: {error}", path.display());
        Failure::new(Exit::Settings, message, hint)
    })
}

/// Makes the keys that are missing; a key that exists is kept.
fn keys(settings: &Settings) -> Result<Vec<String>, Failure> {
    let mut made = Vec::new();
    for key in MachineKey::ALL {
        match key.file(settings).create(&Plain) {
            Ok(_) => made.push(key.file_name().to_owned()),
            Err(KeyError::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(made)
}

const EXAMPLE: &str = r#"# portcullis.toml: every key, with its default where it has one.
state = "portcullis-state"          # database, audit trail, keys; relative to this file
repository = "portcullis-state/repository"
listen = "127.0.0.1:8800"           # where callers reach the gateway
insecure-http = false               # take requests in the clear from other machines: only behind something that speaks TLS
trusted-proxies = []                # addresses whose X-Forwarded-For is believed

# What opens the keys in the state directory, where they do not lie there in the clear (`portcullis state-key rewrap`): one way each.
[state-key]
# passphrase-file = "state.pass"    # or passphrase-env = "NAME"; without either, a passphrase is asked for on the terminal
# command = ["/etc/portcullis/kms"] # run with `wrap` or `unwrap`: the key on stdin, the blob on stdout, or the way round
[repository-key]

[org.production]
okta = "https://acme.okta.com"      # the org's own URL
public = "https://127.0.0.1:8800"   # the URL callers use instead; its host chooses the org
credential = { token-file = "okta.token" }
# credential = { sealed = true }    # the one that `portcullis credential put` has sealed into the state
# credential = { token-env = "OKTA_API_TOKEN" }
# credential = { client-id = "0oa…", key-file = "okta.pem", key-id = "…", scopes = ["okta.users.manage"] }
sign-in = false                     # let people's sign-in traffic pass too
share = 50                          # percent of each of Okta's rate limits for our own jobs
lifeline = []                       # ids a restore never touches, besides its credential's own
key-days-max = 365                  # days an API key or client secret may live

# How much may be taken away within an hour and a day, by all callers together and by each; see docs/blast-radius.md.
[org.production.budgets]
deletes = "100/hour,400/day"
freeze-at = 3                       # freeze the org when three times its budget is tried within an hour
[org.production.budgets.client]
deletes = "50/hour,200/day"

# How much of the gateway there is, and how much of it one address or client may have; see docs/limits.md.
[limits]
connections = 2048
connections-per-source = 128        # of one IPv4 address or IPv6 /64; trusted proxies are exempt
new-connections-per-second = 200    # of one source; four times as many at once
visits-per-second = 50              # to the token endpoint and the like, of one source; twice as many at once
refusals-per-second = 5             # of strangers, from one source, after which each costs it a connection
calls = 256                         # at once, all clients together
calls-per-client = 64               # at once
calls-per-second = 500              # of one client; twice as many at once
answers-mib = 256                   # of answers that wait for their callers
answer-seconds = 120                # in which a caller must read an answer

# TLS towards callers; files are reread when they change.
[tls]
certificate = "gateway.pem"         # the certificate, then its intermediates
key = "gateway.key"
client-authorities = "clients.pem"  # who vouches for clients' certificates; without it they identify by thumbprint

# Who is shown the trail's checkpoints, and where its entries are shipped to; see docs/audit.md.
[audit]
witness = "/mnt/worm/checkpoints"     # file elsewhere that the trail's checkpoints are appended to
notice = true                         # show them to the webhook, too

[audit.export]
format = "syslog"                     # jsonl, ocsf or syslog
to = "tcp://10.0.0.9:601"             # or udp://HOST:PORT, file:PATH

# Who is told of elevations, and of what is done when the glass is broken; see docs/just-in-time.md.
[notice]
webhook = "https://chat.example.com/hooks/portcullis" # http only to this machine itself
secret-file = "notice.secret"       # what notices are signed with

[org.preview]
okta = "https://acme.oktapreview.com"
public = "https://preview.localhost:8800"
credential = { token-env = "OKTA_PREVIEW_TOKEN" }
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_valid() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("portcullis.toml");
        fs::write(&path, EXAMPLE).unwrap();
        assert_eq!(Settings::read(&path).unwrap().orgs.len(), 2);
    }
}
