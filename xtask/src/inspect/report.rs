//! What was found, printed as tables; with `--json`, a last line of JSON.

use std::collections::BTreeMap;

use inspection::{Check, Finding, Inspector};
use serde_json::{Map, Value, json};

use super::Sample;

/// What was printed so far.
pub(super) struct Printed {
    /// Whether what only warns is printed, too.
    warnings: bool,
    said: Map<String, Value>,
}

impl Printed {
    /// Nothing printed yet.
    pub(super) fn new(warnings: bool) -> Self {
        Self {
            warnings,
            said: Map::new(),
        }
    }

    /// Inspects samples that must pass.
    pub(super) fn samples(&mut self, title: &str, inspector: &Inspector, samples: &[Sample]) {
        let mut reasons: BTreeMap<(String, String), (usize, String)> = BTreeMap::new();
        let (mut refused, mut warned, mut bodies, mut no_json) = (0, 0, 0, 0);
        for sample in samples {
            let report = sample.inspect(inspector);
            bodies += usize::from(sample.body.is_some());
            if report
                .refused()
                .any(|finding| finding.check == Check::Syntax)
            {
                no_json += 1;
                continue;
            }
            refused += usize::from(report.refuses());
            warned += usize::from(!report.refuses() && report.warned().next().is_some());
            let shown: Vec<&Finding> = report
                .findings
                .iter()
                .filter(|finding| self.warnings || finding.severity == inspection::Mode::Refuse)
                .collect();
            for finding in shown {
                let key = (
                    finding.check.setting().to_owned(),
                    format!(
                        "{} · {} · {} {}",
                        sample.operation.id,
                        finding.field,
                        unnumbered(&finding.place),
                        finding.what
                    ),
                );
                let counts = reasons
                    .entry(key)
                    .or_insert_with(|| (0, sample.origin.clone()));
                counts.0 += 1;
            }
        }
        println!(
            "{title}: {} requests, {bodies} with a body, {refused} falsely refused, {warned} passed with a warning",
            samples.len()
        );
        let mut rows: Vec<_> = reasons.into_iter().collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.1.0));
        for ((check, reason), (count, origin)) in rows {
            println!("{count:>6}  {check:<14} {reason}  ({origin})");
        }
        self.said.insert(
            title.to_owned(),
            json!({"requests": samples.len(), "refused": refused, "warned": warned, "no_json": no_json}),
        );
    }

    /// Says that something was not there.
    pub(super) fn skip(&mut self, title: &str) {
        println!("{title}: skipped, not there");
        self.said.insert(title.to_owned(), json!({"skipped": true}));
    }

    /// A row of the differential: how many bent requests were refused, and how many places take such a value.
    pub(super) fn bent(&mut self, title: &str, tried: usize, refused: usize, taken: usize) {
        let share = 100.0 * refused as f64 / tried.max(1) as f64;
        println!("{share:>7.2} %  {refused} of {tried} refused, {taken} places take it: {title}");
        self.said.insert(
            title.to_owned(),
            json!({"tried": tried, "refused": refused, "taken": taken}),
        );
    }

    /// How many examples of what passed are printed.
    pub(super) fn shown(&self) -> usize {
        if self.warnings { 20 } else { 0 }
    }

    /// Ends.
    pub(super) fn finish(self, json: bool) {
        if json {
            println!("{}", Value::Object(self.said));
        }
    }
}

/// A place without positions in lists: findings at each item are one row.
fn unnumbered(place: &str) -> String {
    place
        .split('[')
        .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
        .collect::<Vec<_>>()
        .join("[]")
}
