//! `portcullis audit verify`: checks the chains offline. With `--dir`, `--key` and `--witness` it needs neither settings nor state.

use crate::arguments::{Arguments, VerifyTrail};
use crate::failure::{Exit, Failure};
use crate::printer::{Printer, counted};
use crate::settings::Settings;
use crate::wiring::{Writer, signer};
use audit::{AuditError, Broken, Evidence, PublicKey, PublicKeys, Verified, Witnessed};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Runs the verb.
pub(super) fn run(
    what: &VerifyTrail,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let (directory, orgs) = match &what.dir {
        Some(directory) => {
            let orgs = match &arguments.org {
                Some(org) => BTreeSet::from([org.clone()]),
                None => orgs_in(directory),
            };
            (directory.clone(), orgs)
        }
        None => {
            let settings = Settings::read(&arguments.config)?;
            let (org, _) = settings.org(arguments.org.as_deref())?;
            let org = org.as_str().to_owned();
            (settings.state.join("audit"), BTreeSet::from([org]))
        }
    };
    let believed = what.key.as_deref().map(PublicKey::parse).transpose()?;
    let checked = match keys_of(&directory, believed.as_ref())? {
        None => Vec::new(),
        Some(keys) => Examination::new(&directory, keys, &what.witnesses)?.chains(&orgs)?,
    };
    if believed.is_none() && !checked.is_empty() {
        printer.note("the keys are those beside the chains; give --key to believe one you wrote down elsewhere");
    }
    told(&checked, printer)
}

fn told(checked: &[Chain], printer: Printer) -> Result<Exit, Failure> {
    let sound = checked.iter().all(Chain::is_sound);
    let text: Vec<String> = checked.iter().map(Chain::to_text).collect();
    let text = match text.is_empty() {
        true => "no chain was ever begun".to_owned(),
        false => text.join("\n"),
    };
    let chains: Vec<Value> = checked.iter().map(Chain::to_value).collect();
    printer.result(text, &json!({ "verified": sound, "chains": chains }))?;
    Ok(if sound { Exit::Done } else { Exit::Audit })
}

/// Checks every chain of the org in a state directory, with the keys beside them; a chain that was never begun is left out.
pub(crate) fn check(state: &Path, org: &str) -> Result<Vec<Chain>, Failure> {
    let directory = state.join("audit");
    match keys_of(&directory, None)? {
        None => Ok(Vec::new()),
        Some(keys) => {
            let orgs = BTreeSet::from([org.to_owned()]);
            Examination::new(&directory, keys, &[])?.chains(&orgs)
        }
    }
}

/// The public keys to go by; `None` when there is nothing to check. Chains without a list of keys are not taken for unsigned ones.
fn keys_of(directory: &Path, believed: Option<&PublicKey>) -> Result<Option<PublicKeys>, Failure> {
    let list = signer::list_in(directory);
    match (list.exists(), believed) {
        (true, _) => signer::read_list(&list, believed).map(Some),
        (false, Some(key)) => Ok(Some(PublicKeys::of(key.clone()))),
        (false, None) if orgs_in(directory).is_empty() => Ok(None),
        (false, None) => Err(Failure::new(
            Exit::Audit,
            format!("the list of keys {} is missing", list.display()),
            "Restore it from a copy, or give the key you wrote down with --key.",
        )),
    }
}

fn orgs_in(directory: &Path) -> BTreeSet<String> {
    let chains = Writer::ALL.into_iter().flat_map(|writer| {
        std::fs::read_dir(directory.join(writer.name()))
            .into_iter()
            .flatten()
    });
    chains
        .filter_map(|item| item.ok()?.file_name().into_string().ok())
        .collect()
}

/// What chains are held against.
struct Examination<'d> {
    directory: &'d Path,
    keys: PublicKeys,
    witnesses: Vec<Witnessed>,
}

impl<'d> Examination<'d> {
    fn new(
        directory: &'d Path,
        keys: PublicKeys,
        witnesses: &[std::path::PathBuf],
    ) -> Result<Self, Failure> {
        let read = witnesses
            .iter()
            .map(|path| Witnessed::read(path, Some(&keys)));
        let witnesses = read.collect::<Result<_, _>>()?;
        Ok(Self {
            directory,
            keys,
            witnesses,
        })
    }

    fn chains(&self, orgs: &BTreeSet<String>) -> Result<Vec<Chain>, Failure> {
        let mut chains = Vec::new();
        for org in orgs {
            for writer in Writer::ALL {
                chains.extend(self.chain(writer, org)?);
            }
        }
        Ok(chains)
    }

    /// Checks one chain; `None`, when it was never begun and nobody says otherwise.
    fn chain(&self, writer: Writer, org: &str) -> Result<Option<Chain>, Failure> {
        let directory = self.directory.join(writer.name());
        let name = format!("{}/{org}", writer.name());
        let result = if directory.join(org).exists() {
            let evidence = Evidence {
                keys: Some(&self.keys),
                witnessed: &self.witnesses,
            };
            match audit::verify_against(&directory, org, evidence) {
                Ok(sound) => Ok(sound),
                Err(AuditError::Broken(broken)) => Err(broken),
                // What is listed and cannot be opened was removed meanwhile, or is no file.
                Err(other) => return Err(other.into()),
            }
        } else if let Some(witness) = self
            .witnesses
            .iter()
            .find(|w| w.chains().contains(&name.as_str()))
        {
            Err(Broken {
                path: directory.join(org),
                line: None,
                entry: None,
                what: format!(
                    "the whole chain is missing; {} has seen it",
                    witness.path().display()
                ),
                next_step: "Keep what is there as it is, restore the chain from its last copy, and find out who removed it.",
            })
        } else {
            return Ok(None);
        };
        let key = self
            .keys
            .newest()
            .map(PublicKey::to_string)
            .unwrap_or_default();
        Ok(Some(Chain { name, key, result }))
    }
}

/// What checking one chain gave.
pub(crate) struct Chain {
    name: String,
    /// The newest key.
    key: String,
    result: Result<Verified, Broken>,
}

impl Chain {
    /// Whether the chain holds together.
    pub(crate) fn is_sound(&self) -> bool {
        self.result.is_ok()
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> u64 {
        self.result.as_ref().map_or(0, |sound| sound.entries)
    }

    fn to_text(&self) -> String {
        let sound = match &self.result {
            Ok(sound) => sound,
            Err(broken) => return format!("{}: {broken}. {}", self.name, broken.next_step),
        };
        let mut parts = vec![
            format!(
                "{} in {}, unbroken",
                entries(sound.entries),
                counted(sound.files, "file")
            ),
            format!(
                "signed up to entry {} ({})",
                sound.signed.unwrap_or(0),
                counted(sound.checkpoints, "checkpoint")
            ),
        ];
        if sound.witnessed > 0 {
            parts.push(format!(
                "as {} of witnesses have it",
                counted(sound.witnessed as u64, "checkpoint")
            ));
        }
        if sound.unclosed > 0 {
            parts.push(format!(
                "{} without an end",
                counted(sound.unclosed, "call")
            ));
        }
        if sound.clock_set_back > 0 {
            parts.push(format!(
                "the clock was set back {}",
                counted(sound.clock_set_back, "time")
            ));
        }
        if sound.unfinished_bytes > 0 {
            let bytes = counted(sound.unfinished_bytes, "byte");
            parts.push(format!(
                "{bytes} at its end are being written or were left by a crash"
            ));
        }
        if !sound.stopped {
            parts.push("its writer runs, or was killed".to_owned());
        }
        format!(
            "{}: {}; last hash {}",
            self.name,
            parts.join(", "),
            sound.last_hash
        )
    }

    fn to_value(&self) -> Value {
        match &self.result {
            Ok(sound) => json!({
                "chain": self.name,
                "broken": null,
                "entries": sound.entries,
                "files": sound.files,
                "last_hash": sound.last_hash,
                "last_at": sound.last_at,
                "signed_up_to": sound.signed,
                "newest_key": self.key,
                "checkpoints": sound.checkpoints,
                "witnessed": sound.witnessed,
                "unclosed": sound.unclosed,
                "clock_set_back": sound.clock_set_back,
                "unfinished_bytes": sound.unfinished_bytes,
                "stopped": sound.stopped,
            }),
            Err(broken) => json!({
                "chain": self.name,
                "broken": {
                    "file": broken.path,
                    "line": broken.line,
                    "entry": broken.entry,
                    "what": broken.what,
                    "next_step": broken.next_step,
                },
            }),
        }
    }
}

fn entries(count: u64) -> String {
    let ending = if count == 1 { "y" } else { "ies" };
    format!("{count} entr{ending}")
}
