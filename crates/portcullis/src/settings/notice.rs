//! `[notice]`: the webhook that is told of elevations and of what is done behind the glass.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The table as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WrittenNotice {
    /// URL that notices are posted to: https, or http to this machine itself.
    webhook: String,
    /// File with the secret that notices are signed with, readable by this user only.
    secret_file: PathBuf,
}

/// The table as meant.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    /// Where notices go.
    pub destination: egress::Destination,
    /// File with what they are signed with.
    pub secret_file: PathBuf,
}

impl WrittenNotice {
    pub(super) fn meant(self, base: &Path) -> Result<Notice, String> {
        // The operator's own word: it may well be on a private network.
        let destination = egress::Destination::parse(&self.webhook, egress::Reach::Private);
        Ok(Notice {
            destination: destination.map_err(|error| format!("[notice] webhook: {error}"))?,
            secret_file: base.join(self.secret_file),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_leave_this_machine_encrypted_or_not_at_all() {
        let meant = |webhook: &str| {
            let written = WrittenNotice {
                webhook: webhook.to_owned(),
                secret_file: "notice.secret".into(),
            };
            written.meant(Path::new("/etc/portcullis"))
        };
        let notice = meant("https://chat.internal/hooks/1").unwrap();
        assert_eq!(
            notice.secret_file,
            Path::new("/etc/portcullis/notice.secret")
        );
        assert!(meant("http://127.0.0.1:9000/hook").is_ok());
        for bad in [
            "http://chat.internal/hook",
            "chat.internal",
            "https://a@chat.internal/",
        ] {
            assert!(
                meant(bad).unwrap_err().starts_with("[notice] webhook"),
                "{bad}"
            );
        }
    }
}
