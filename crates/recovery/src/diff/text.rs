//! Differences as people read them: one line per object, one per member that differs. Long lists are counted, never cut
//! silently.

use super::fields::side;
use super::{Change, Changes, Standing, What};
use std::fmt;

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut kind = "";
        for change in &self.list {
            if change.object.kind().name() != kind {
                kind = change.object.kind().name();
                writeln!(f, "{}", heading(self, kind))?;
            }
            write!(f, "{change}")?;
        }
        for unknown in &self.unknown {
            writeln!(
                f,
                "? {} {}: unknown, because {}",
                unknown.objects, unknown.kind, unknown.reason
            )?;
        }
        for ambiguity in &self.ambiguous {
            let (wanted, live) = (ambiguity.wanted.len(), ambiguity.live.len());
            writeln!(
                f,
                "? {}: {wanted} on one side, {live} on the other; which is which?",
                ambiguity.title
            )?;
        }
        if self.is_empty() {
            writeln!(f, "no difference")
        } else {
            Ok(())
        }
    }
}

fn heading(changes: &Changes, kind: &str) -> String {
    let of_kind = changes
        .list
        .iter()
        .filter(|change| change.object.kind().name() == kind);
    let (mut created, mut removed, mut changed) = (0, 0, 0);
    for change in of_kind {
        match change.what {
            What::Created => created += 1,
            What::Removed => removed += 1,
            What::Changed(_) => changed += 1,
        }
    }
    format!("{kind}: {removed} removed, {changed} changed, {created} created")
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.what {
            What::Created => '+',
            What::Removed => '-',
            What::Changed(_) => '~',
        };
        let standing = match self.standing {
            Standing::Made => "",
            Standing::System => " (system)",
            Standing::Derived => " (follows from others)",
        };
        writeln!(
            f,
            "  {sign} {} [{}]{standing}",
            self.title,
            self.object.path()
        )?;
        let What::Changed(fields) = &self.what else {
            return Ok(());
        };
        for field in fields {
            writeln!(
                f,
                "      {}: {} -> {}",
                field.place,
                side(field.before.as_ref()),
                side(field.after.as_ref())
            )?;
        }
        Ok(())
    }
}
