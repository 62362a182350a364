//! Images at rest: every object's bytes as Okta sent them, one group per kind, with the gaps beside them. What comes back is
//! the image that was kept, byte for byte; damage is an error, never a missing object.

use crate::image::{Gap, Image};
use jiff::Timestamp;
use org::{Key, Kind, Object, Org};
use repository::{Repository, Saved, Snapshot};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a snapshot remembers of how it was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Version of this form.
    pub format: u32,
    /// Collections that were not read to their end.
    pub gaps: Vec<Gap>,
    /// Calls to Okta that were made.
    pub calls_used: usize,
    /// Fewest calls that could have read the same.
    pub calls_minimum: usize,
}

/// Why a snapshot cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The repository refuses or is damaged.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// Bytes that were kept are no JSON.
    #[error("the snapshot's {group} {key} is not JSON: {source}")]
    NotJson {
        /// The group.
        group: String,
        /// The key within it.
        key: String,
        /// The parser's error.
        source: serde_json::Error,
    },
    /// The snapshot says nothing of how it was taken, or in a form of a later version.
    #[error("the snapshot does not say how it was taken: {0}")]
    NoFacts(serde_json::Error),
}

impl SnapshotError {
    /// What to do next.
    pub fn hint(&self) -> &str {
        match self {
            Self::Repository(error) => error.hint(),
            Self::NotJson { .. } => "Check the repository, and use an earlier snapshot.",
            Self::NoFacts(_) => {
                "Use the version of Portcullis that took it, or an earlier snapshot."
            }
        }
    }
}

/// Keeps `image` as the newest snapshot of `org`.
///
/// # Errors
/// [`SnapshotError`], when the repository refuses; earlier snapshots stay as they are.
pub async fn save(
    image: &Image,
    facts: &Facts,
    repository: &Repository,
    org: &str,
    started: Timestamp,
    now: Timestamp,
) -> Result<Saved, SnapshotError> {
    let mut writer = repository.writer(org, started).await?;
    for kind in image.walked() {
        writer.note_group(kind.name())?;
        for object in image.org.of(kind) {
            writer
                .put(kind.name(), object.key().path(), object.text().as_bytes())
                .await?;
        }
    }
    let facts = serde_json::to_value(facts).map_err(SnapshotError::NoFacts)?;
    Ok(writer.finish(facts, now).await?)
}

/// Reads the image that a snapshot keeps. Kinds this version does not know are left out; kinds the snapshot does not know
/// count as unread.
///
/// # Errors
/// [`SnapshotError`], when anything in it cannot be read.
pub async fn load(snapshot: &Snapshot) -> Result<Image, SnapshotError> {
    let facts = facts(snapshot)?;
    let mut org = Org::new();
    let mut walked = BTreeSet::new();
    let kinds: Vec<Kind> = snapshot.groups().filter_map(Kind::named).collect();
    for kind in kinds {
        walked.insert(kind);
        snapshot
            .for_each(kind.name(), |key, bytes| {
                org.insert(object(kind, key, bytes)?);
                Ok::<_, SnapshotError>(())
            })
            .await?;
    }
    Ok(Image::new(org, walked, facts.gaps))
}

/// What a snapshot remembers of how it was taken.
///
/// # Errors
/// [`SnapshotError::NoFacts`], when it says nothing this version understands.
pub fn facts(snapshot: &Snapshot) -> Result<Facts, SnapshotError> {
    serde_json::from_value(snapshot.summary().facts.clone()).map_err(SnapshotError::NoFacts)
}

fn object(kind: Kind, path: &str, bytes: &[u8]) -> Result<Object, SnapshotError> {
    let wrong = |source| SnapshotError::NotJson {
        group: kind.name().to_owned(),
        key: path.to_owned(),
        source,
    };
    let text =
        std::str::from_utf8(bytes).map_err(|error| wrong(serde::de::Error::custom(error)))?;
    Object::read(Key::at(kind, path), text).map_err(wrong)
}

/// Version of [`Facts`].
pub const FACTS_FORMAT: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{company, key};
    use crate::{Cause, IdMap, Selection, diff};
    use repository::Memory;
    use std::sync::Arc;

    #[tokio::test]
    async fn an_image_comes_back_byte_for_byte_with_its_gaps() {
        let repository = Repository::create(
            Arc::new(Memory::new()),
            &repository::Key::Passphrase(store::Secret::new("correct horse".to_owned())),
        )
        .await
        .unwrap();
        let mut org = company();
        let raw = "{ \"id\":\"nzo1\",\"name\" : \"caf\\u00e9\", \"n\": 1.0 }";
        org.insert(Object::read(key("zone", &["nzo1"]), raw).unwrap());
        let gap = Gap {
            kind: "policy".to_owned(),
            parent: None,
            part: Some(("type".to_owned(), "ENTITY_RISK".to_owned())),
            cause: Cause::Refuse,
            reason: "401 E0000015".to_owned(),
        };
        let walked: BTreeSet<Kind> = Kind::all()
            .filter(|kind| kind.name() != "behavior")
            .collect();
        let image = Image::new(org, walked, vec![gap.clone()]);
        let facts = Facts {
            format: FACTS_FORMAT,
            gaps: vec![gap],
            calls_used: 9,
            calls_minimum: 8,
        };
        let now = Timestamp::UNIX_EPOCH;
        save(&image, &facts, &repository, "production", now, now)
            .await
            .unwrap();
        let snapshot = repository.snapshot("production", "latest").await.unwrap();
        let back = load(&snapshot).await.unwrap();
        assert_eq!(
            back.org
                .get(&key("zone", &["nzo1"]))
                .unwrap()
                .text()
                .as_ref(),
            raw
        );
        assert!(
            diff(&image, &back, &Selection::All, &IdMap::default())
                .list
                .is_empty()
        );
        assert_eq!(back.gaps(), image.gaps());
        assert_eq!(back.walked().count(), Kind::all().count() - 1);
    }
}
