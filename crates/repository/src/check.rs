//! The check: is everything there, unchanged, and in its place?
//!
//! Finds changed, cut, swapped, foreign and missing files by itself. That the newest snapshots were taken away, or the whole
//! directory put back to an older state, shows only beside a witness from outside ([`Head`]); hand in those last
//! seen. The check reads; it repairs nothing.

mod report;

use std::collections::{BTreeMap, HashSet};

pub use report::{Finding, Report};

use crate::blobs::Extent;
use crate::chain::{Chain, manifest_place};
use crate::error::{Damage, Error};
use crate::limits::MISSING_NAMED_MAX;
use crate::object::ObjectId;
use crate::pack::{self, Pack, name_of, objects};
use crate::repository::{CONFIG, Repository};
use crate::snapshot::{Head, Snapshot, SnapshotId, SnapshotSummary};

/// How deep a check goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every manifest and every pack's index; objects are looked up, not read.
    Lists,
    /// Also every byte of every pack.
    Data,
}

impl Repository {
    /// Checks the repository, against the witnesses if any are given.
    pub async fn check(&self, depth: Depth, witnesses: &[Head]) -> Result<Report, Error> {
        // What this process remembers of the packs must not vouch for them.
        self.afresh().check_all(depth, witnesses).await
    }

    async fn check_all(&self, depth: Depth, witnesses: &[Head]) -> Result<Report, Error> {
        let mut report = Report::default();
        self.check_names(&mut report).await?;
        self.refresh().await?;
        let mut ids: BTreeMap<String, BTreeMap<u64, SnapshotId>> = BTreeMap::new();
        let mut needed = HashSet::new();
        for (folder, chain) in self.chains().await? {
            for summary in self
                .check_chain(&folder, &chain, &mut needed, &mut report)
                .await?
            {
                ids.entry(summary.org)
                    .or_default()
                    .insert(summary.sequence, summary.id);
            }
        }
        check_witnesses(&ids, witnesses, &mut report);
        self.check_packs(depth, &needed, &mut report).await?;
        Ok(report)
    }

    async fn check_names(&self, report: &mut Report) -> Result<(), Error> {
        for name in self.blobs().list("").await? {
            if name != CONFIG && !name.starts_with(pack::PREFIX) && manifest_place(&name).is_none()
            {
                report.findings.push(Finding::Foreign { name });
            }
        }
        Ok(())
    }

    async fn check_chain(
        &self,
        folder: &str,
        chain: &Chain,
        needed: &mut HashSet<ObjectId>,
        report: &mut Report,
    ) -> Result<Vec<SnapshotSummary>, Error> {
        let newest = chain.keys().next_back().copied().unwrap_or(0);
        let missing = (1..=newest).filter(|sequence| !chain.contains_key(sequence));
        report
            .findings
            .extend(missing.map(|sequence| Finding::SnapshotMissing {
                folder: folder.to_owned(),
                sequence,
            }));
        let mut summaries: Vec<SnapshotSummary> = Vec::new();
        let mut before: Option<Snapshot> = None;
        let mut lacking = false;
        for (&sequence, name) in chain {
            let (head, body) = match self.read_manifest(chain, sequence).await {
                Ok(read) => read,
                Err(Error::Damaged { name, reason }) => {
                    report.findings.push(Finding::Damaged { name, reason });
                    before = None;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let new: Vec<ObjectId> = body
                .groups
                .values()
                .flat_map(|change| change.put.values().copied())
                .collect();
            let parent = summaries
                .last()
                .filter(|last| last.sequence + 1 == sequence)
                .map(|last| last.id);
            let broken = head.header.parent != parent && (sequence == 1 || parent.is_some());
            let snapshot = match self.follow(before.take(), head, body) {
                Ok(snapshot) => snapshot,
                Err(Damage(reason)) => {
                    report.findings.push(Finding::Damaged {
                        name: name.clone(),
                        reason,
                    });
                    continue;
                }
            };
            let summary = snapshot.summary().clone();
            report.snapshots += 1;
            if broken {
                report.findings.push(Finding::ChainBroken {
                    org: summary.org.clone(),
                    sequence,
                });
            }
            // Objects of earlier snapshots were looked up with those; all are named again once any is missing.
            lacking = lacking || !new.iter().all(|id| self.index().contains(*id));
            needed.extend(new);
            if lacking {
                self.name_missing(&snapshot, report);
            }
            summaries.push(summary);
            before = Some(snapshot);
        }
        Ok(summaries)
    }

    fn name_missing(&self, snapshot: &Snapshot, report: &mut Report) {
        let index = self.index();
        for (group, objects) in &snapshot.groups {
            let mut missing = objects
                .iter()
                .filter(|(_, id)| !index.contains(**id))
                .map(|(key, _)| key);
            let keys: Vec<String> = missing.by_ref().take(MISSING_NAMED_MAX).cloned().collect();
            let count = (keys.len() + missing.count()) as u64;
            if count > 0 {
                let (org, sequence) = (snapshot.summary.org.clone(), snapshot.summary.sequence);
                report.findings.push(Finding::ObjectsMissing {
                    org,
                    sequence,
                    group: group.clone(),
                    count,
                    keys,
                });
            }
        }
    }

    async fn check_packs(
        &self,
        depth: Depth,
        needed: &HashSet<ObjectId>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let (packs, damaged) = {
            let index = self.index();
            (index.packs().to_vec(), index.damaged().clone())
        };
        report.findings.extend(
            damaged
                .into_iter()
                .map(|(name, Damage(reason))| Finding::Damaged { name, reason }),
        );
        report.packs = packs.len() as u64;
        for pack in packs {
            let mut ids = pack
                .blocks
                .iter()
                .flat_map(|block| &block.objects)
                .map(|(id, _)| id);
            report.objects += ids.clone().count() as u64;
            if !ids.any(|id| needed.contains(id)) {
                report.leftovers.push(pack.name.clone());
            }
            if depth == Depth::Data {
                let bytes = self.blobs().read(&pack.name, Extent::Whole).await?;
                report.read_bytes += bytes.len() as u64;
                if let Err(Damage(reason)) = self.check_pack(&pack, &bytes) {
                    report.findings.push(Finding::Damaged {
                        name: pack.name.clone(),
                        reason,
                    });
                }
            }
        }
        Ok(())
    }

    fn check_pack(&self, pack: &Pack, bytes: &[u8]) -> Result<(), Damage> {
        if name_of(bytes) != pack.name {
            return Err(Damage::new("its bytes do not hash to its name"));
        }
        for (number, block) in pack.blocks.iter().enumerate() {
            let (begin, end) = (
                block.offset as usize,
                (block.offset + u64::from(block.length)) as usize,
            );
            let decoded = pack.decode(
                self.keys(),
                number,
                bytes.get(begin..end).unwrap_or_default(),
            )?;
            for object in objects(self.keys(), block, &decoded) {
                object?;
            }
        }
        Ok(())
    }
}

fn check_witnesses(
    ids: &BTreeMap<String, BTreeMap<u64, SnapshotId>>,
    witnesses: &[Head],
    report: &mut Report,
) {
    for witness in witnesses {
        let chain = ids.get(&witness.org);
        if chain.and_then(|chain| chain.get(&witness.sequence)) != Some(&witness.id) {
            let newest = chain.and_then(|chain| chain.keys().next_back().copied());
            report.findings.push(Finding::RolledBack {
                org: witness.org.clone(),
                witnessed: witness.sequence,
                newest,
            });
        }
    }
}
