//! The chain of an org's manifests: finding them by name, reading them, and putting changes onto the list before.
//!
//! Nothing here decides whether a gap or a damaged link matters: readers refuse, the check reports.

use std::collections::BTreeMap;

use crate::blobs::Extent;
use crate::error::{Damage, Error};
use crate::hex;
use crate::limits::HEAD_READ_BYTES;
use crate::manifest::{Body, Groups, OpenHead, head_bytes, open_body, open_head};
use crate::repository::Repository;
use crate::snapshot::{Snapshot, SnapshotSummary};

/// Sequence → name of the manifests of one folder.
pub(crate) type Chain = BTreeMap<u64, String>;

impl Repository {
    /// Reads a manifest and, as far as it lists only changes, those before it.
    pub(crate) async fn load(&self, chain: &Chain, sequence: u64) -> Result<Snapshot, Error> {
        let mut manifests = vec![self.read_manifest(chain, sequence).await?];
        while let Some((head, _)) = manifests.last().filter(|(head, _)| head.header.deltas > 0) {
            let before = head.header.sequence.saturating_sub(1);
            manifests.push(self.read_manifest(chain, before).await?);
        }
        let mut snapshot = None;
        for (head, body) in manifests.into_iter().rev() {
            snapshot = Some(
                self.follow(snapshot, head, body)
                    .map_err(|damage| damage.of(&described(sequence)))?,
            );
        }
        snapshot.ok_or_else(|| Damage::new("it is missing").of(&described(sequence)))
    }

    /// The snapshot of a manifest, given the one before if the manifest lists only changes.
    pub(crate) fn follow(
        &self,
        before: Option<Snapshot>,
        head: OpenHead,
        body: Body,
    ) -> Result<Snapshot, Damage> {
        let deltas = head.header.deltas;
        let mut groups = match before {
            _ if deltas == 0 => Groups::new(),
            Some(before)
                if head.header.parent == Some(before.summary.id) && deltas == before.deltas + 1 =>
            {
                before.groups
            }
            _ => {
                return Err(Damage::new(
                    "it lists changes to a snapshot that cannot be read or is another one",
                ));
            }
        };
        body.apply(&mut groups);
        let counts: BTreeMap<String, u64> = groups
            .iter()
            .map(|(group, o)| (group.clone(), o.len() as u64))
            .collect();
        if counts != head.header.groups {
            return Err(Damage::new(
                "its lists do not add up to the counts in its head",
            ));
        }
        Ok(Snapshot {
            repository: self.clone(),
            summary: SnapshotSummary::of(head),
            deltas,
            groups,
        })
    }

    pub(crate) async fn read_manifest(
        &self,
        chain: &Chain,
        sequence: u64,
    ) -> Result<(OpenHead, Body), Error> {
        let name = chain
            .get(&sequence)
            .ok_or_else(|| Damage::new("it is missing").of(&described(sequence)))?;
        let bytes = self.blobs().read(name, Extent::Whole).await?;
        let head = open_head(self.keys(), name, &bytes).map_err(|damage| damage.of(name))?;
        let body = open_body(self.keys(), &head, &bytes).map_err(|damage| damage.of(name))?;
        Ok((head, body))
    }

    /// Reads the head only: mostly one read of its beginning.
    pub(crate) async fn read_head(&self, name: &str) -> Result<Result<OpenHead, Damage>, Error> {
        let mut bytes = self
            .blobs()
            .read(name, Extent::First(HEAD_READ_BYTES))
            .await?;
        let length = match head_bytes(&bytes) {
            Ok(length) => length,
            Err(damage) => return Ok(Err(damage)),
        };
        if length > bytes.len() {
            bytes = self
                .blobs()
                .read(name, Extent::First(length as u64))
                .await?;
        }
        Ok(open_head(self.keys(), name, &bytes))
    }

    /// The manifests of one org by number.
    pub(crate) async fn chain(&self, org: &str) -> Result<Chain, Error> {
        let folder = format!("{SNAPSHOTS}{}/", self.keys().org_tag(org));
        let names = self.blobs().list(&folder).await?;
        Ok(names
            .into_iter()
            .filter_map(|name| Some((manifest_place(&name)?.1, name)))
            .collect())
    }

    /// The manifests of every folder.
    pub(crate) async fn chains(&self) -> Result<BTreeMap<String, Chain>, Error> {
        let mut chains: BTreeMap<String, Chain> = BTreeMap::new();
        for name in self.blobs().list(SNAPSHOTS).await? {
            if let Some((tag, sequence)) = manifest_place(&name) {
                chains
                    .entry(tag.to_owned())
                    .or_default()
                    .insert(sequence, name);
            }
        }
        Ok(chains)
    }
}

fn described(sequence: u64) -> String {
    format!("snapshot {sequence}")
}

/// The name of an org's manifest: its folder and ten digits, so that names sort by number.
pub(crate) fn manifest_name(org_tag: &str, sequence: u64) -> String {
    format!("{SNAPSHOTS}{org_tag}/{sequence:010}")
}

/// Folder and number of a manifest's name; none for any other name.
pub(crate) fn manifest_place(name: &str) -> Option<(&str, u64)> {
    let (tag, digits) = name.strip_prefix(SNAPSHOTS)?.split_once('/')?;
    hex::decode::<16>(tag)?;
    let sequence = digits.parse().ok().filter(|sequence| *sequence > 0)?;
    (manifest_name(tag, sequence) == name).then_some((tag, sequence))
}

const SNAPSHOTS: &str = "snapshots/";
