//! `[audit]`: who is shown the trail's checkpoints, and where its entries are shipped to.

use crate::export::{Form, Target};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The table as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenAudit {
    /// File that checkpoints are appended to, on a volume that whoever can write the state cannot rewrite. Default: none.
    witness: Option<PathBuf>,
    /// Whether the webhook of [notice] is shown the gateway's checkpoints. Default false.
    #[serde(default)]
    notice: bool,
    /// Where `serve` ships entries to. Default: nowhere.
    export: Option<WrittenExport>,
}

/// `[audit.export]` as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenExport {
    /// `jsonl`, `ocsf` or `syslog`.
    format: Form,
    /// `file:PATH`, `udp://HOST:PORT` or `tcp://HOST:PORT`.
    to: String,
}

/// The table as meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Audit {
    /// File that checkpoints are appended to.
    pub witness: Option<PathBuf>,
    /// Whether the webhook is shown the gateway's checkpoints.
    pub notice: bool,
    /// Where entries are shipped to, and how written.
    pub export: Option<(Form, Target)>,
}

impl WrittenAudit {
    pub(super) fn meant(self, base: &Path, has_notice: bool) -> Result<Audit, String> {
        if self.notice && !has_notice {
            return Err("[audit] notice needs a webhook: there is no table [notice]".to_owned());
        }
        let export = self.export.map(|written| {
            let target = Target::parse(&written.to, base);
            let target = target.map_err(|why| format!("[audit.export] to: {why}"))?;
            Ok::<_, String>((written.format, target))
        });
        Ok(Audit {
            witness: self.witness.map(|path| base.join(path)),
            notice: self.notice,
            export: export.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_file_or_a_collector_and_nothing_else() {
        let meant = |text: &str| {
            let written: WrittenAudit = toml::from_str(text).unwrap();
            written.meant(Path::new("/etc/portcullis"), false)
        };
        let audit =
            meant("witness = \"w\"\n[export]\nformat = \"ocsf\"\nto = \"tcp://10.0.0.9:601\"")
                .unwrap();
        assert_eq!(audit.witness.unwrap(), Path::new("/etc/portcullis/w"));
        assert_eq!(
            audit.export.unwrap().1,
            Target::Tcp("10.0.0.9:601".to_owned())
        );
        assert!(meant("notice = true").unwrap_err().contains("[notice]"));
        for bad in [
            "10.0.0.9:601",
            "tcp://10.0.0.9",
            "https://collector/",
            "file:",
        ] {
            let text = format!("[export]\nformat = \"jsonl\"\nto = \"{bad}\"");
            assert!(
                meant(&text).unwrap_err().contains("[audit.export] to"),
                "{bad}"
            );
        }
    }
}
