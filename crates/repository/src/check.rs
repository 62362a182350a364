//! The check: is everything there, unchanged, and in its place?
//!
//! Finds changed, cut, swapped, foreign and missing files by itself. That the newest snapshots were taken away, or the whole
//! directory put back to an older state, shows only beside a witness from outside ([`Head`]); hand in those last
//! seen. The check reads; it repairs nothing.

mod report;

use std::collections::{BTreeMap, BTreeSet, HashSet};

pub use report::{Finding, Report};

use crate::blobs::Extent;
use crate::error::{Damage, Error};
use crate::limits::MISSING_NAMED_MAX;
use crate::object::ObjectId;
use crate::pack::{self, Pack, name_of, objects};
use crate::repository::{CONFIG, Chain, Repository, manifest_place};
use crate::snapshot::{Head, SnapshotId, SnapshotSummary};

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
        for (&sequence, name) in chain {
            let snapshot = match self.load(chain, sequence).await {
                Ok(snapshot) => snapshot,
                Err(error) if error.is_damage() => {
                    let reason = match error {
                        Error::Damaged { name: at, reason } if at == *name => reason,
                        other => format!("it cannot be read: {other}"),
                    };
                    report.findings.push(Finding::Damaged {
                        name: name.clone(),
                        reason,
                    });
                    continue;
                }
                Err(error) => return Err(error),
            };
            report.snapshots += 1;
            let summary = snapshot.summary().clone();
            let before = summaries
                .last()
                .filter(|before| before.sequence + 1 == sequence);
            if summary.parent != before.map(|before| before.id)
                && (sequence == 1 || before.is_some())
            {
                report.findings.push(Finding::ChainBroken {
                    org: summary.org.clone(),
                    sequence,
                });
            }
            self.check_objects(&summary, &snapshot.groups, needed, report);
            summaries.push(summary);
        }
        Ok(summaries)
    }

    fn check_objects(
        &self,
        summary: &SnapshotSummary,
        groups: &crate::manifest::Groups,
        needed: &mut HashSet<ObjectId>,
        report: &mut Report,
    ) {
        let index = self.index();
        for (group, objects) in groups {
            needed.extend(objects.values());
            let mut missing = objects
                .iter()
                .filter(|(_, id)| !index.contains(**id))
                .map(|(key, _)| key)
                .peekable();
            if missing.peek().is_some() {
                let keys: Vec<String> = missing.by_ref().take(MISSING_NAMED_MAX).cloned().collect();
                let (org, sequence, group) = (summary.org.clone(), summary.sequence, group.clone());
                let count = (keys.len() + missing.count()) as u64;
                report.findings.push(Finding::ObjectsMissing {
                    org,
                    sequence,
                    group,
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
            let ids: BTreeSet<ObjectId> = pack
                .blocks
                .iter()
                .flat_map(|block| block.objects.iter().map(|(id, _)| *id))
                .collect();
            report.objects += ids.len() as u64;
            if !ids.iter().any(|id| needed.contains(id)) {
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
