//! `portcullis.toml`: what was typed ([`Written`]) becomes what it means ([`Settings`]) before any port is bound. An unknown key
//! is an error that names the nearest known one's table. Secrets are never in this file: it names files or environment variables.

use crate::failure::{Exit, Failure};
use access::{Network, OrgName};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
    /// Addresses or ranges of proxies whose `X-Forwarded-For` is believed.
    #[serde(default)]
    trusted_proxies: Vec<String>,
    /// The orgs guarded here, by name.
    org: BTreeMap<String, WrittenOrg>,
    /// Where snapshots live. Default: `repository` in the state directory.
    repository: Option<PathBuf>,
}

/// One org as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenOrg {
    /// The org's own URL, e.g. `https://acme.okta.com`.
    okta: String,
    /// The URL callers use instead; its host chooses the org. Default: `http://` and the listen address.
    public: Option<String>,
    /// How the product signs in to Okta.
    credential: WrittenCredential,
    /// Let people's sign-in traffic (authorize, sessions, device flow) pass too. Default false: it stays with Okta.
    #[serde(default)]
    sign_in: bool,
    /// Percent of each of Okta's rate limits the product's own jobs may use. Default 50.
    #[serde(default = "default_share")]
    share: u8,
    /// Ids a restore never touches, besides the owner of its own credential: break-glass people, their zone, their policy.
    #[serde(default)]
    lifeline: BTreeSet<String>,
}

/// A credential as typed: exactly one of the three ways.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenCredential {
    /// File that holds an SSWS API token and nothing else.
    token_file: Option<PathBuf>,
    /// Environment variable that holds an SSWS API token.
    token_env: Option<String>,
    /// Client id of a service app (private_key_jwt).
    client_id: Option<String>,
    /// PEM file with the service app's private key.
    key_file: Option<PathBuf>,
    /// Key id, if the app has several keys.
    key_id: Option<String>,
    /// Scopes to ask for.
    #[serde(default)]
    scopes: Vec<String>,
}

/// Settings as meant.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Directory for everything the product keeps.
    pub state: PathBuf,
    /// Gateway address.
    pub listen: SocketAddr,
    /// Proxies believed.
    pub trusted_proxies: Vec<Network>,
    /// Orgs by name.
    pub orgs: BTreeMap<OrgName, OrgSettings>,
    /// Directory of the snapshot repository.
    pub repository: PathBuf,
}

/// One org's settings as meant.
#[derive(Debug)]
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
    /// Ids a restore never touches.
    pub lifeline: BTreeSet<String>,
}

/// Where the credential for Okta comes from.
#[derive(Debug, Clone)]
pub(crate) enum Credential {
    /// An API token in a file.
    TokenFile(PathBuf),
    /// An API token in an environment variable.
    TokenEnv(String),
    /// A service app's private key.
    PrivateKey {
        /// Client id.
        client_id: String,
        /// PEM file.
        key_file: PathBuf,
        /// Key id.
        key_id: Option<String>,
        /// Scopes.
        scopes: Vec<String>,
    },
}

impl Credential {
    /// The service app's client id, if it is one.
    pub(crate) fn client_id(&self) -> Option<&str> {
        match self {
            Self::PrivateKey { client_id, .. } => Some(client_id),
            Self::TokenFile(_) | Self::TokenEnv(_) => None,
        }
    }
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
        let mut orgs = BTreeMap::new();
        for (name, org) in written.org {
            let name =
                OrgName::parse(&name).map_err(|error| wrong(format!("[org.{name}]: {error}")))?;
            let meant = org.meant(&name, base, written.listen).map_err(wrong)?;
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
        Ok(Self {
            state,
            listen: written.listen,
            trusted_proxies,
            orgs,
            repository,
        })
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
    fn meant(self, name: &OrgName, base: &Path, listen: SocketAddr) -> Result<OrgSettings, String> {
        if !(1..=100).contains(&self.share) {
            return Err(format!(
                "[org.{name}] share is {}; it is a percentage from 1 to 100",
                self.share
            ));
        }
        let c = self.credential;
        let credential =
            match (c.token_file, c.token_env, c.client_id) {
                (Some(file), None, None) => Credential::TokenFile(base.join(file)),
                (None, Some(variable), None) => Credential::TokenEnv(variable),
                (None, None, Some(client_id)) => Credential::PrivateKey {
                    client_id,
                    key_file: base.join(c.key_file.ok_or_else(|| {
                        format!("[org.{name}.credential] client-id needs key-file")
                    })?),
                    key_id: c.key_id,
                    scopes: c.scopes,
                },
                _ => {
                    let ways = "token-file, token-env, or client-id with key-file";
                    return Err(format!(
                        "[org.{name}.credential] needs exactly one of: {ways}"
                    ));
                }
            };
        let url = |key: &str, text: &str| {
            Url::parse(text)
                .map_err(|error| format!("[org.{name}] {key} = {text:?} is not a URL: {error}"))
        };
        let okta = url("okta", &self.okta)?;
        Address::parse(okta.as_str())
            .map_err(|error| format!("[org.{name}] {error}. {}", error.hint()))?;
        let public = url(
            "public",
            &self.public.unwrap_or_else(|| format!("http://{listen}")),
        )?;
        Ok(OrgSettings {
            okta,
            public,
            credential,
            sign_in: self.sign_in,
            share: self.share,
            lifeline: self.lifeline,
        })
    }
}

fn default_state() -> PathBuf {
    PathBuf::from("portcullis-state")
}
fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8800))
}
fn default_share() -> u8 {
    50
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, Failure> {
        Settings::parse(text, Path::new("/etc/portcullis/portcullis.toml"))
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
    fn two_credentials_or_none_are_refused() {
        for credential in [
            "{}",
            "{ token-file = \"a\", token-env = \"B\" }",
            "{ client-id = \"0oa\" }",
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
