//! Plans as people read them before they agree: what it costs, what cannot come back, what stays, then every step.

use super::{Action, ObjectLoss, Plan, Step};
use std::collections::BTreeMap;
use std::fmt;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary())?;
        writeln!(f, "\nSteps")?;
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

impl Plan {
    /// Everything but the steps one by one.
    pub fn summary(&self) -> String {
        let mut text = format!(
            "Plan {} ({} steps)\n",
            self.digest().as_str().get(..16).unwrap_or_default(),
            self.steps.len()
        );
        for ((kind, action), count) in count(
            self.steps
                .iter()
                .map(|step| (step.object.kind(), step.action)),
        ) {
            text += &format!("  {action:<10} {count:>6} {}\n", kind.name());
        }
        text += &people(self);
        text += &cost(self);
        text += &losses(&self.losses);
        text += &self.notes_text();
        text
    }

    fn notes_text(&self) -> String {
        if self.notes.is_empty() {
            return String::new();
        }
        let mut text = "Left as it is\n".to_owned();
        let mut groups: BTreeMap<(super::Why, &str), Vec<&str>> = BTreeMap::new();
        for note in &self.notes {
            groups
                .entry((note.why, &note.text))
                .or_default()
                .push(&note.title);
        }
        for ((_, reason), titles) in groups {
            text += &format!("  {:>6} {}: {reason}\n", titles.len(), some(&titles));
        }
        text
    }
}

fn people(plan: &Plan) -> String {
    let impact = plan.impact();
    format!(
        "People: {} made again, {} brought back in place, {} changed, {} switched off; access: {} restored, {} removed\n",
        impact.people_recreated,
        impact.people_reactivated,
        impact.people_changed,
        impact.people_deactivated,
        impact.access_restored,
        impact.access_removed,
    )
}

fn cost(plan: &Plan) -> String {
    let cost = plan.cost();
    let mut text = format!(
        "Cost: at most {} calls; at {} % of Okta's published limits at least {:.1} min (Workforce), {:.1} min (Integrator)\n",
        cost.calls, cost.share_percent, cost.minutes_workforce, cost.minutes_integrator
    );
    for bucket in &cost.buckets {
        let minutes = bucket.minutes_workforce.map_or_else(
            || "no published limit".to_owned(),
            |m| format!("{m:.1} min"),
        );
        text += &format!("  {:>6} {} ({minutes})\n", bucket.calls, bucket.bucket);
    }
    text
}

fn losses(losses: &[ObjectLoss]) -> String {
    if losses.is_empty() {
        return String::new();
    }
    let mut text = "Cannot come back as it was\n".to_owned();
    let mut groups: BTreeMap<(&str, &str, &str), Vec<&str>> = BTreeMap::new();
    for loss in losses {
        groups
            .entry((&loss.fate, &loss.loss, &loss.why))
            .or_default()
            .push(&loss.title);
    }
    for ((fate, loss, why), titles) in groups {
        text += &format!(
            "  {:>6} {loss} ({fate}) of {}: {why}\n",
            titles.len(),
            some(&titles)
        );
    }
    text
}

/// The first titles of a list, and how many more there are.
fn some(titles: &[&str]) -> String {
    let shown: Vec<&str> = titles.iter().take(TITLES_SHOWN_MAX).copied().collect();
    let more = titles.len().saturating_sub(TITLES_SHOWN_MAX);
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", shown.join(", "))
}

fn count<K: Ord>(items: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.object.kind().facts();
        write!(
            f,
            "{:>4}. {:<10} {} {}",
            self.number, self.action, kind.title, self.title
        )?;
        write!(f, " · {} · {}", self.operation, self.reason)?;
        if !self.needs.is_empty() {
            let needs: Vec<String> = self.needs.iter().map(u32::to_string).collect();
            write!(f, " · needs {}", needs.join(", "))?;
        }
        if self.action == Action::Delete || self.action == Action::Unlink {
            write!(f, " · undo: {}", self.undo)?;
        }
        Ok(())
    }
}

/// Names shown per line of the summary; the JSON rendering has all.
const TITLES_SHOWN_MAX: usize = 5;
