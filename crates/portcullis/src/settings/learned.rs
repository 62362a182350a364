//! What `portcullis inspect learn` wrote down of an org: a file beside the settings, read with them. What people wrote in the settings
//! goes before it.

use access::OrgName;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the findings are that an org was seen to accept.
pub(crate) fn learned_file(settings: &Path, org: &OrgName) -> PathBuf {
    file(settings.parent().unwrap_or(Path::new(".")), org)
}

/// The settings as written, and whatever was learned besides.
pub(super) fn with_learned(
    written: inspection::Settings,
    base: &Path,
    org: &OrgName,
) -> Result<inspection::Settings, String> {
    let file = file(base, org);
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(written),
        Err(error) => {
            return Err(format!(
                "[org.{org}] cannot read {}: {error}",
                file.display()
            ));
        }
    };
    let learned = toml::from_str(&text).map_err(|error| {
        format!(
            "[org.{org}] {}: {}",
            file.display(),
            error.to_string().trim_end()
        )
    })?;
    Ok(written.with_learned(learned))
}

fn file(base: &Path, org: &OrgName) -> PathBuf {
    base.join(format!("inspect-{org}.toml"))
}
