//! A verification as people read it: the verdict first, then counts, then what remains.

use super::{KindReport, Remaining, Report};
use crate::limits::NAMED_MAX;
use std::collections::BTreeMap;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted: usize = self.kinds.iter().map(|kind| kind.wanted).sum();
        let equal: usize = self.kinds.iter().map(|kind| kind.equal).sum();
        let verdict = if self.is_clean() {
            "the org is what the snapshot says"
        } else {
            "the org is not what the snapshot says"
        };
        writeln!(
            f,
            "{verdict}: {wanted} objects, {equal} equal, {} differences explained, {} unexplained",
            self.explained.len(),
            self.unexplained.len()
        )?;
        writeln!(
            f,
            "doubled: {}, ids that lead nowhere: {}",
            self.doubled.len(),
            self.dangling.len()
        )?;
        let differing = |kind: &&KindReport| kind.explained + kind.unexplained > 0;
        let equal_kinds = self.kinds.len() - self.kinds.iter().filter(differing).count();
        writeln!(f, "kinds without any difference: {equal_kinds}")?;
        for kind in self.kinds.iter().filter(differing) {
            writeln!(
                f,
                "  {:<28} {:>6} wanted {:>6} equal {:>5} explained {:>5} unexplained",
                kind.kind, kind.wanted, kind.equal, kind.explained, kind.unexplained
            )?;
        }
        for (why, count) in reasons(&self.explained) {
            writeln!(f, "explained {count:>6}: {why}")?;
        }
        for remaining in self.unexplained.iter().take(NAMED_MAX) {
            write!(
                f,
                "unexplained: {}{}",
                remaining.change.object.kind(),
                remaining.change
            )?;
        }
        more(f, self.unexplained.len())?;
        for doubled in self.doubled.iter().take(NAMED_MAX) {
            writeln!(
                f,
                "doubled: {} ({} times)",
                doubled.title,
                doubled.objects.len()
            )?;
        }
        for dangling in self.dangling.iter().take(NAMED_MAX) {
            writeln!(
                f,
                "leads nowhere: {} of {} named {}",
                dangling.place, dangling.object, dangling.named
            )?;
        }
        for unknown in &self.unknown {
            writeln!(
                f,
                "unknown: {} {}, because {}",
                unknown.objects, unknown.kind, unknown.reason
            )?;
        }
        for (loss, count) in &self.unrecoverable {
            writeln!(f, "cannot come back: {count:>6} {loss}")?;
        }
        Ok(())
    }
}

fn more(f: &mut fmt::Formatter<'_>, count: usize) -> fmt::Result {
    match count.checked_sub(NAMED_MAX) {
        Some(rest) if rest > 0 => writeln!(f, "and {rest} more"),
        _ => Ok(()),
    }
}

fn reasons(list: &[Remaining]) -> BTreeMap<&str, usize> {
    let mut reasons = BTreeMap::new();
    for why in list.iter().flat_map(|remaining| &remaining.why) {
        *reasons.entry(why.as_str()).or_default() += 1;
    }
    reasons
}
