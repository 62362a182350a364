//! `portcullis.toml`: what was typed ([`Written`]) becomes what it means ([`Settings`]) before any port is bound. An unknown key
//! is an error that names the nearest known one's table. Secrets are never in this file: it names files or environment variables.

mod audit;
mod budgets;
mod credential;
mod key;
mod learned;
mod limits;
mod notice;
mod redact;
mod tls;

pub(crate) use audit::Audit;
pub(crate) use credential::Credential;
pub(crate) use key::KeySource;
pub(crate) use learned::learned_file;
pub(crate) use notice::Notice;

use crate::failure::{Exit, Failure};
use access::{Budgets, KEY_DAYS_MAX, Network, OrgName};
use audit::WrittenAudit;
use budgets::WrittenBudgets;
use credential::WrittenCredential;
use key::WrittenKey;
use limits::WrittenLimits;
use notice::WrittenNotice;
use redact::{Redact, WrittenRedact};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tls::WrittenTls;
use upstream::Address;
use url::Url;

/// Settings as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    /// Directory for the state database, the audit trail, keys and the repository; relative to the file. Default `portcullis-state`.
    #[serde(default = "default_state")]
    state: PathBuf,
    /// Address the gateway listens on. Default `127.0.0.1:8800`.
    #[serde(default = "default_listen")]
    listen: SocketAddr,
    /// TLS towards callers. Default: none, which is for this machine alone.
    tls: Option<WrittenTls>,
    /// Take requests in the clear from other machines, because something in front speaks TLS. Default false.
    #[serde(default)]
    insecure_http: bool,
    /// Addresses or ranges of proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    trusted_proxies: Vec<String>,
    /// How much of the gateway one address or client may have. Default: `docs/limits.md`.
    #[serde(default)]
    limits: WrittenLimits,
    /// The orgs guarded here, by name.
    org: BTreeMap<String, WrittenOrg>,
    /// Where snapshots live. Default: `repository` in the state directory.
    repository: Option<PathBuf>,
    /// Who is shown the trail's checkpoints, and where its entries are shipped to.
    #[serde(default)]
    audit: WrittenAudit,
    /// The webhook that is told of elevations and of what is done behind the glass. Default: none.
    notice: Option<WrittenNotice>,
    /// What opens `state.key`. Default: nothing, the key lies there in the clear, or a passphrase that is asked for on the terminal.
    #[serde(default)]
    state_key: WrittenKey,
    /// What opens `repository.key`, likewise.
    #[serde(default)]
    repository_key: WrittenKey,
}

/// One org as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenOrg {
    /// The org's own URL, e.g. `https://acme.okta.com`.
    okta: String,
    /// The URL callers use instead; its host chooses the org. Default: the listen address, with `https://` if there is TLS.
    public: Option<String>,
    /// How the product signs in to Okta.
    credential: WrittenCredential,
    /// Let people's sign-in traffic (authorize, sessions, device flow) pass too. Default false: it stays with Okta.
    #[serde(default)]
    sign_in: bool,
    /// Percent of each of Okta's rate limits the product's own jobs may use. Default 50.
    #[serde(default = "default_share")]
    share: u8,
    /// Longest life of an API key or client secret, in days: 1 to 365. Default 365.
    #[serde(default = "default_key_days_max")]
    key_days_max: u32,
    /// Ids a restore never touches, besides the owner of its own credential: break-glass people, their zone, their policy.
    #[serde(default)]
    lifeline: BTreeSet<String>,
    /// What calls may not look like, by check and field. Default: see docs/inspection.md.
    #[serde(default)]
    inspect: inspection::Settings,
    /// What of answers callers do not get to see, besides secrets.
    #[serde(default)]
    redact: WrittenRedact,
    /// How much may be taken away within an hour and a day.
    #[serde(default)]
    budgets: WrittenBudgets,
}

/// Settings as meant.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Directory for everything the product keeps.
    pub state: PathBuf,
    /// Gateway address.
    pub listen: SocketAddr,
    /// Files of TLS towards callers.
    pub tls: Option<gateway::TlsFiles>,
    /// Proxies believed.
    pub trusted_proxies: Vec<Network>,
    /// How much of the gateway one address or client may have.
    pub limits: gateway::Limits,
    /// Orgs by name.
    pub orgs: BTreeMap<OrgName, OrgSettings>,
    /// Directory of the snapshot repository.
    pub repository: PathBuf,
    /// Who is shown the trail's checkpoints, and where its entries are shipped to.
    pub audit: Audit,
    /// Who is told of elevations and of what is done behind the glass.
    pub notice: Option<Notice>,
    /// What opens the key that seals the state.
    pub state_key: KeySource,
    /// What opens the key of the repository.
    pub repository_key: KeySource,
}

/// One org's settings as meant.
#[derive(Debug, Clone)]
pub(crate) struct OrgSettings {
    /// Okta's URL.
    pub okta: Url,
    /// URL callers use.
    pub public: Url,
    /// Credential by reference; the secret is read when it is needed.
    pub credential: Credential,
    /// Whether protocol routes pass.
    pub sign_in: bool,
    /// Percent of each rate limit for the product's own jobs.
    pub share: u8,
    /// Longest life of an API key or client secret, in days.
    pub key_days_max: u32,
    /// Ids a restore never touches.
    pub lifeline: BTreeSet<String>,
    /// What calls may not look like, with what was learned.
    pub inspect: inspection::Settings,
    /// What of answers callers do not get to see, besides secrets.
    pub redact: Redact,
    /// How much may be taken away within an hour and a day.
    pub budgets: Budgets,
}

impl Settings {
    /// Reads and checks the file at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let hint = "Write one with `portcullis init`, or name another with --config FILE.";
            Failure::new(
                Exit::Settings,
                format!("cannot read settings {}: {error}", path.display()),
                hint,
            )
        })?;
        Self::parse(&text, path)
    }

    /// Checks `text` as if it stood in the file at `path`.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, Failure> {
        let wrong = |message: String| {
            let hint = format!(
                "Correct {} and run the command again; `portcullis init --print` shows every key.",
                path.display()
            );
            Failure::new(
                Exit::Settings,
                format!("settings {}: {message}", path.display()),
                hint,
            )
        };
        let written: Written =
            toml::from_str(text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        let base = path.parent().unwrap_or(Path::new("."));
        if written.org.is_empty() {
            return Err(wrong(
                "no org: at least one table [org.NAME] is needed".to_owned(),
            ));
        }
        tls::refuse_clear_text(written.listen, written.tls.is_some(), written.insecure_http)
            .map_err(wrong)?;
        let mut orgs = BTreeMap::new();
        for (name, org) in written.org {
            let name =
                OrgName::parse(&name).map_err(|error| wrong(format!("[org.{name}]: {error}")))?;
            let scheme = if written.tls.is_some() {
                "https"
            } else {
                "http"
            };
            let dialled = format!("{scheme}://{}", written.listen);
            let meant = org.meant(&name, base, dialled).map_err(wrong)?;
            orgs.insert(name, meant);
        }
        let state = base.join(written.state);
        let proxies = written
            .trusted_proxies
            .iter()
            .map(|text| text.parse::<Network>());
        let trusted_proxies = proxies
            .collect::<Result<_, _>>()
            .map_err(|error| wrong(format!("trusted-proxies: {error}")))?;
        let repository = written
            .repository
            .map_or_else(|| state.join("repository"), |path| base.join(path));
        let notice = written.notice.map(|notice| notice.meant(base));
        let notice = notice.transpose().map_err(wrong)?;
        let audit = written.audit.meant(base, notice.is_some()).map_err(wrong)?;
        let key = |table: &str, written: WrittenKey| {
            let meant = written.meant(base);
            meant.map_err(|why| wrong(format!("[{table}] {why}")))
        };
        Ok(Self {
            state,
            listen: written.listen,
            tls: written.tls.map(|tls| tls.meant(base)),
            trusted_proxies,
            limits: written.limits.meant().map_err(wrong)?,
            orgs,
            repository,
            audit,
            notice,
            state_key: key("state-key", written.state_key)?,
            repository_key: key("repository-key", written.repository_key)?,
        })
    }

    /// Environment variables that hold secrets: no child process gets to see them.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let tokens = self
            .orgs
            .values()
            .filter_map(|org| org.credential.variable());
        let keys = [&self.state_key, &self.repository_key];
        tokens
            .chain(keys.into_iter().filter_map(KeySource::variable))
            .chain([APPROVER_KEY])
            .map(str::to_owned)
            .collect()
    }

    /// The org called `name`, or the only one there is.
    pub(crate) fn org(&self, name: Option<&str>) -> Result<(&OrgName, &OrgSettings), Failure> {
        let known = || {
            self.orgs
                .keys()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        match name {
            Some(name) => self
                .orgs
                .iter()
                .find(|(known, _)| known.as_str() == name)
                .ok_or_else(|| {
                    Failure::new(
                        Exit::Settings,
                        format!("no org `{name}` in the settings"),
                        format!("Use one of: {}.", known()),
                    )
                }),
            None => {
                let mut orgs = self.orgs.iter();
                match (orgs.next(), orgs.next()) {
                    (Some(only), None) => Ok(only),
                    _ => Err(Failure::new(
                        Exit::Settings,
                        "the settings name several orgs",
                        format!("Say which with --org: {}.", known()),
                    )),
                }
            }
        }
    }
}

impl WrittenOrg {
    fn meant(self, name: &OrgName, base: &Path, dialled: String) -> Result<OrgSettings, String> {
        if !(1..=100).contains(&self.share) {
            return Err(format!(
                "[org.{name}] share is {}; it is a percentage from 1 to 100",
                self.share
            ));
        }
        if !(1..=KEY_DAYS_MAX).contains(&self.key_days_max) {
            return Err(format!(
                "[org.{name}] key-days-max is {}; it is a number of days from 1 to {KEY_DAYS_MAX}",
                self.key_days_max
            ));
        }
        let credential = self
            .credential
            .meant(base)
            .map_err(|why| format!("[org.{name}.credential] {why}"))?;
        let budgets = self.budgets.meant();
        let budgets = budgets.map_err(|why| format!("[org.{name}.budgets] {why}"))?;
        let redact = self.redact.meant();
        let redact = redact.map_err(|why| format!("[org.{name}.redact] {why}"))?;
        let url = |key: &str, text: &str| {
            Url::parse(text)
                .map_err(|error| format!("[org.{name}] {key} = {text:?} is not a URL: {error}"))
        };
        let okta = url("okta", &self.okta)?;
        Address::parse(okta.as_str())
            .map_err(|error| format!("[org.{name}] {error}. {}", error.hint()))?;
        let tls = dialled.starts_with("https:");
        let public = url("public", &self.public.unwrap_or(dialled))?;
        if tls && public.scheme() != "https" {
            return Err(format!(
                "[org.{name}] public = \"{public}\" cannot be dialled: there is a [tls] table, so write https"
            ));
        }
        Ok(OrgSettings {
            okta,
            public,
            credential,
            sign_in: self.sign_in,
            share: self.share,
            key_days_max: self.key_days_max,
            lifeline: self.lifeline,
            inspect: learned::with_learned(self.inspect, base, name)?,
            redact,
            budgets,
        })
    }
}

/// The environment variable from which an approver's key is taken.
pub(crate) const APPROVER_KEY: &str = "PORTCULLIS_APPROVER_KEY";

fn default_state() -> PathBuf {
    PathBuf::from("portcullis-state")
}
fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8800))
}
fn default_share() -> u8 {
    50
}
fn default_key_days_max() -> u32 {
    KEY_DAYS_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, Failure> {
        Settings::parse(text, Path::new("/etc/portcullis/portcullis.toml"))
    }

    #[test]
    fn with_tls_callers_dial_https() {
        let tls = "[tls]\ncertificate = \"gate.pem\"\nkey = \"gate.key\"\n";
        let settings = parse(&format!("listen = \"0.0.0.0:443\"\n{PRODUCTION}{tls}")).unwrap();
        assert_eq!(
            settings.tls.unwrap().key,
            Path::new("/etc/portcullis/gate.key")
        );
        let (_, org) = settings.orgs.first_key_value().unwrap();
        assert_eq!(org.public.as_str(), "https://0.0.0.0/");
        let clear =
            PRODUCTION.replace("credential", "public = \"http://gate.example\"\ncredential");
        assert!(
            parse(&format!("{clear}{tls}"))
                .unwrap_err()
                .message
                .contains("write https")
        );
        let failure = parse(&format!("listen = \"0.0.0.0:80\"\n{PRODUCTION}")).unwrap_err();
        assert!(
            failure.message.contains("insecure-http"),
            "{}",
            failure.message
        );
    }

    const PRODUCTION: &str = "[org.production]\nokta = \"https://acme.okta.com\"\ncredential = { token-file = \"okta.token\" }\n";

    #[test]
    fn paths_are_relative_to_the_file_and_the_only_org_needs_no_name() {
        let settings = parse(PRODUCTION).unwrap();
        assert_eq!(
            settings.repository,
            Path::new("/etc/portcullis/portcullis-state/repository")
        );
        let (name, org) = settings.org(None).unwrap();
        assert_eq!(
            (name.as_str(), org.public.as_str(), org.share),
            ("production", "http://127.0.0.1:8800/", 50)
        );
        assert!(
            matches!(&org.credential, Credential::TokenFile(f) if f == Path::new("/etc/portcullis/okta.token"))
        );
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line() {
        let failure = parse(&format!("{PRODUCTION}tokn = 1\n")).unwrap_err();
        assert_eq!(failure.kind, Exit::Settings);
        assert!(
            failure.message.contains("tokn") && failure.message.contains("line 4"),
            "{}",
            failure.message
        );
    }

    #[test]
    fn limits_are_what_is_said_and_the_defaults_otherwise() {
        let settings = parse(&format!("{PRODUCTION}[limits]\ncalls-per-second = 50\n")).unwrap();
        let usual = gateway::Limits::default();
        assert_eq!(
            settings.limits,
            gateway::Limits {
                calls_per_second: 50,
                ..usual
            }
        );
        assert_eq!(parse(PRODUCTION).unwrap().limits, usual);
        let none = parse(&format!("{PRODUCTION}[limits]\ncalls = 0\n")).unwrap_err();
        assert!(
            none.message.contains("[limits] calls = 0"),
            "{}",
            none.message
        );
    }

    #[test]
    fn two_credentials_or_none_are_refused() {
        for credential in [
            "{}",
            "{ token-file = \"a\", token-env = \"B\" }",
            "{ client-id = \"0oa\" }",
            "{ sealed = true, token-file = \"a\" }",
            "{ sealed = false }",
        ] {
            let text =
                format!("[org.p]\nokta = \"https://a.okta.com\"\ncredential = {credential}\n");
            assert!(
                parse(&text)
                    .unwrap_err()
                    .message
                    .contains("[org.p.credential]")
            );
        }
    }

    #[test]
    fn a_key_is_opened_in_one_way() {
        let passphrase = parse(&format!(
            "{PRODUCTION}[state-key]\npassphrase-file = \"state.pass\"\n"
        ));
        assert!(matches!(
            passphrase.unwrap().state_key,
            KeySource::PassphraseFile(file) if file == Path::new("/etc/portcullis/state.pass")
        ));
        let plain = parse(PRODUCTION).unwrap();
        assert!(matches!(plain.state_key, KeySource::Unsaid));
        for (table, wrong) in [
            ("state-key", "passphrase-file = \"a\"\ncommand = [\"b\"]"),
            ("repository-key", "command = []"),
        ] {
            let failure = parse(&format!("{PRODUCTION}[{table}]\n{wrong}\n")).unwrap_err();
            let named = failure.message.contains(&format!("[{table}]"));
            assert!(named, "{}", failure.message);
        }
    }

    #[test]
    fn variables_that_hold_secrets_are_known() {
        let text = "[state-key]\npassphrase-env = \"PASS\"\n[org.p]\nokta = \"https://a.okta.com\"\ncredential = { token-env = \"TOKEN\" }\n";
        assert_eq!(
            parse(text).unwrap().secret_variables(),
            ["TOKEN", "PASS", APPROVER_KEY]
        );
    }

    #[test]
    fn an_org_caps_the_life_of_keys_within_the_programs_own_cap() {
        let cap = |days: &str| {
            let text = format!("{PRODUCTION}key-days-max = {days}\n");
            parse(&text).map(|settings| settings.org(None).unwrap().1.key_days_max)
        };
        assert_eq!(cap("7").unwrap(), 7);
        assert_eq!(
            parse(PRODUCTION).unwrap().org(None).unwrap().1.key_days_max,
            KEY_DAYS_MAX
        );
        for bad in ["0", "366", "-1"] {
            assert!(
                cap(bad).unwrap_err().message.contains("key-days-max"),
                "{bad}"
            );
        }
    }

    #[test]
    fn several_orgs_must_be_told_apart() {
        let settings = parse(&format!(
            "{PRODUCTION}{}",
            PRODUCTION.replace("production", "preview")
        ))
        .unwrap();
        assert!(
            settings
                .org(None)
                .unwrap_err()
                .hint
                .contains("preview, production")
        );
        assert!(settings.org(Some("preview")).is_ok());
        assert!(settings.org(Some("staging")).is_err());
    }
}
