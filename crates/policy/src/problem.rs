//! What is wrong with a policy: which one, where in its text, what, and what to do next.

use std::fmt;

use cedar_policy::ParseErrors;
use miette::Diagnostic;

use crate::limits::PROBLEMS_MAX;

/// One thing wrong with one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name of the policy.
    pub policy: String,
    /// Line in its text, from 1.
    pub line: usize,
    /// Column in that line in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do next.
    pub hint: String,
}

/// All that is wrong with a set of policies; nothing of the set is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyProblems {
    problems: Vec<Problem>,
    unnamed: usize,
}

impl PolicyProblems {
    pub(crate) fn of(mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| {
            (&a.policy, a.line, a.column, &a.what).cmp(&(&b.policy, b.line, b.column, &b.what))
        });
        problems.dedup();
        let unnamed = problems.len().saturating_sub(PROBLEMS_MAX);
        problems.truncate(PROBLEMS_MAX);
        Self { problems, unnamed }
    }

    /// The first problems, by policy and place.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter()
    }

    /// How many more there are.
    pub const fn unnamed(&self) -> usize {
        self.unnamed
    }

    /// What to do next about the first.
    pub fn hint(&self) -> &str {
        self.problems
            .first()
            .map_or("Read the policies again.", |problem| &problem.hint)
    }
}

impl fmt::Display for PolicyProblems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{problem}")?;
        }
        if self.unnamed > 0 {
            write!(out, "\nand {} more", self.unnamed)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            line,
            column,
            what,
            ..
        } = self;
        write!(out, "policy `{policy}` {line}:{column}: {what}")
    }
}

impl Problem {
    /// A problem at a byte of the policy's text.
    pub(crate) fn at(
        policy: &str,
        text: &str,
        byte: usize,
        what: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let before = text.get(..byte).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            policy: policy.to_owned(),
            line: before.matches('\n').count() + 1,
            column: in_line.chars().count() + 1,
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// What Cedar found wrong.
    pub(crate) fn of_cedar(policy: &str, text: &str, found: &dyn Diagnostic, hint: &str) -> Self {
        let byte = found
            .labels()
            .and_then(|mut labels| labels.next())
            .map_or(0, |label| label.offset());
        let told = found.to_string();
        // Cedar begins with its own id of the statement; the policy's name is told already.
        let what = match told.strip_prefix("for policy `") {
            Some(rest) => rest.split_once("`, ").map_or(rest, |(_, what)| what),
            None => &told,
        };
        let hint = found
            .help()
            .map_or_else(|| hint.to_owned(), |help| sentence(&help.to_string()));
        Self::at(policy, text, byte, what, hint)
    }
}

/// What Cedar's reader found wrong with a text.
pub(crate) fn unreadable(policy: &str, text: &str, errors: &ParseErrors) -> Vec<Problem> {
    let hint = "Correct the text; the form is `permit (principal == Client::\"…\", action in [Action::\"…\"], resource) when { … };`.";
    errors
        .iter()
        .map(|error| Problem::of_cedar(policy, text, error, hint))
        .collect()
}

/// Cedar's fragment of help as a sentence.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string())
        .unwrap_or_default();
    let rest = letters.as_str();
    let end = if rest.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{first}{rest}{end}")
}

/// The name nearest to `typed`, when one is near enough to be meant.
pub fn nearest<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .min()?;
    (near.0 <= typed.len() / 3 + 1).then_some(near.1)
}

/// How many letters must be put in, left out or replaced.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, a) in one.chars().enumerate() {
        let mut diagonal = at;
        let mut left = at + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let replaced = diagonal + usize::from(a != b);
            diagonal = *cell;
            *cell = replaced.min(*cell + 1).min(left + 1);
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = at + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_by_line_and_column_in_characters() {
        let problem = Problem::at("p", "eins\nzwei ä x", 13, "what", "hint");
        assert_eq!((problem.line, problem.column), (2, 8));
    }

    #[test]
    fn the_nearest_name_is_told_only_when_it_can_be_meant() {
        assert_eq!(
            nearest("objects_per_hr", ["shadow", "objects_per_hour"]),
            Some("objects_per_hour")
        );
        assert_eq!(nearest("colour", ["shadow", "objects_per_hour"]), None);
    }

    #[test]
    fn letters_put_in_left_out_and_replaced_count_one_each() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
