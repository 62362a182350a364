//! What the replay found, counted and printed: a table of reasons, most frequent first; with `--json`, a last line of JSON.

use super::replay::Outcome;
use super::rules::Rule;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Counts over all conversations.
#[derive(Debug, Default)]
pub(super) struct Report {
    invented: usize,
    dependent: usize,
    equal: usize,
    equal_with_rebuilt_body: usize,
    /// Equal when the emulated org is told nothing but the day of the recording.
    equal_strict: usize,
    /// Equal when the emulated org is told nothing at all.
    equal_today: usize,
    nothing_compared: usize,
    deviating: usize,
    compared: usize,
    differing: usize,
    /// Reason → conversations it is the first of, steps it occurs in.
    reasons: BTreeMap<String, (usize, usize)>,
    /// Leniency → conversations, uses.
    rules: BTreeMap<Rule, (usize, usize)>,
}

impl Report {
    /// Counts a conversation with invented interactions.
    pub(super) fn leave_out_invented(&mut self) {
        self.invented += 1;
    }

    /// Counts a conversation that needs an object it never saw.
    pub(super) fn leave_out_dependent(&mut self) {
        self.dependent += 1;
    }

    /// Counts a conversation replayed against an org of the edition its answers show, against one of its day, and against
    /// one of today.
    pub(super) fn add(&mut self, outcome: &Outcome, by_day: &Outcome, today: &Outcome) {
        self.compared += outcome.compared;
        self.differing += outcome.deviations.len();
        for rule in Rule::ALL {
            let uses = outcome.rules.iter().filter(|used| **used == rule).count();
            if uses > 0 {
                let counts = self.rules.entry(rule).or_default();
                *counts = (counts.0 + 1, counts.1 + uses);
            }
        }
        for (at, deviation) in outcome.deviations.iter().enumerate() {
            for (position, difference) in deviation.differences.iter().enumerate() {
                let counts = self
                    .reasons
                    .entry(format!("{}: {difference}", deviation.operation))
                    .or_default();
                counts.1 += 1;
                counts.0 += usize::from(at == 0 && position == 0);
            }
        }
        self.equal_strict += usize::from(by_day.is_equal());
        self.equal_today += usize::from(today.is_equal());
        if !outcome.deviations.is_empty() {
            self.deviating += 1;
        } else if outcome.compared == 0 {
            self.nothing_compared += 1;
        } else {
            self.equal += 1;
            self.equal_with_rebuilt_body += usize::from(outcome.rules.contains(&Rule::LostBody));
        }
    }

    /// Prints everything to stdout.
    pub(super) fn print(&self, json: bool) {
        let self_contained = self.equal + self.deviating + self.nothing_compared;
        println!("first in   steps   reason (operation: place, recorded → emulated)");
        for (reason, (first, steps)) in self.sorted() {
            println!("{first:8} {steps:7}   {reason}");
        }
        println!("\nleniencies   conversations    uses");
        for (rule, (conversations, uses)) in &self.rules {
            println!(
                "  {:20} {conversations:4} {uses:7}   {}",
                rule.name(),
                rule.reason()
            );
        }
        println!(
            "\nconversations {}",
            self_contained + self.invented + self.dependent
        );
        println!(
            "  invented interactions {}   not self-contained {}",
            self.invented, self.dependent
        );
        println!("  self-contained {self_contained}");
        self.print_equal(self_contained);
        println!(
            "    deviating {}   nothing left to compare {}",
            self.deviating, self.nothing_compared
        );
        println!(
            "  steps compared {}, equal {}",
            self.compared,
            percent(self.compared - self.differing, self.compared)
        );
        if json {
            println!("{}", self.json(self_contained));
        }
    }

    fn print_equal(&self, self_contained: usize) {
        let share = |equal| percent(equal, self_contained);
        println!(
            "    equal          {} ({}): the emulated org is of the edition the recording shows first (see choice.rs); no member \
             is excused; {} of them with a request body rebuilt from its answer",
            self.equal,
            share(self.equal),
            self.equal_with_rebuilt_body
        );
        println!(
            "    equal_strict   {} ({}): the emulated org is told nothing but the day of the recording",
            self.equal_strict,
            share(self.equal_strict)
        );
        println!(
            "    equal_today    {} ({}): the emulated org is one of today, whatever the recording",
            self.equal_today,
            share(self.equal_today)
        );
    }

    fn json(&self, self_contained: usize) -> serde_json::Value {
        let deviating: serde_json::Map<String, serde_json::Value> = self
            .sorted()
            .into_iter()
            .filter(|(_, (first, _))| *first > 0)
            .map(|(reason, (first, _))| (reason.to_owned(), json!(first)))
            .collect();
        let rules: serde_json::Map<String, serde_json::Value> = self
            .rules
            .iter()
            .map(|(rule, (conversations, _))| (rule.name().to_owned(), json!(conversations)))
            .collect();
        json!({
            "conversations": self_contained + self.invented + self.dependent,
            "self_contained": self_contained,
            "equal": self.equal,
            "equal_with_rebuilt_body": self.equal_with_rebuilt_body,
            "equal_strict": self.equal_strict,
            "equal_today": self.equal_today,
            "nothing_compared": self.nothing_compared,
            "deviating_conversations": self.deviating,
            "deviating": deviating,
            "leniencies": rules,
            "steps": self.compared,
            "steps_equal": self.compared - self.differing,
        })
    }

    fn sorted(&self) -> Vec<(&str, (usize, usize))> {
        let mut reasons: Vec<_> = self
            .reasons
            .iter()
            .map(|(reason, counts)| (reason.as_str(), *counts))
            .collect();
        reasons.sort_by_key(|(_, counts)| std::cmp::Reverse(*counts));
        reasons
    }
}

/// Says that there is nothing to replay.
pub(super) fn say_skipped(corpus: &Path, json: bool) {
    println!(
        "conformance skipped: there are no recorded conversations at {}",
        corpus.display()
    );
    if json {
        let line = json!({"skipped": true, "conversations": 0, "self_contained": 0, "equal": 0, "deviating": {}});
        println!("{line}");
    }
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}
