//! Which subjects of an outside issuer stand for a client: a text, or a pattern whose wildcards stand for whole segments.
//!
//! Segments end at `:` and `/`, as in `repo:acme/app:ref:refs/heads/main` (GitHub), `project_path:acme/app:ref_type:branch:ref:main`
//! (GitLab) and `system:serviceaccount:ci:deployer` (Kubernetes).
//!
//! - `*` stands for exactly one segment, whole and not empty.
//! - `**` stands for the rest, not empty; only at the end.
//! - Everything else stands for itself, from the first character to the last. Case matters.
//! - A pattern with a wildcard names at least two segments before it.
//!
//! So `repo:acme/**` is every repository of `acme` and none of `acme-evil`, and `repo:acme*` or `repo:**` cannot be written: names are
//! no hierarchy, anybody can register one that begins like another, and the issuer's first segment is the same for the whole world.

use std::fmt;
use std::str::FromStr;

use crate::limits::SUBJECT_BYTES_MAX;

/// A checked pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectPattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Segment,
    Rest,
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a subject pattern: {fault}")]
pub struct BadSubject {
    text: String,
    fault: &'static str,
}

impl SubjectPattern {
    /// Whether this subject is meant.
    pub fn matches(&self, subject: &str) -> bool {
        let mut rest = subject;
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => match rest.strip_prefix(text.as_str()) {
                    Some(after) => rest = after,
                    None => return false,
                },
                Piece::Segment => match rest.split_at(segment_bytes(rest)) {
                    ("", _) => return false,
                    (_, after) => rest = after,
                },
                Piece::Rest => return !rest.is_empty(),
            }
        }
        rest.is_empty()
    }
}

impl FromStr for SubjectPattern {
    type Err = BadSubject;

    fn from_str(text: &str) -> Result<Self, BadSubject> {
        let bad = |fault| BadSubject {
            text: text.chars().take(100).collect(),
            fault,
        };
        if !is_subject(text) {
            return Err(bad(
                "it is empty, too long, or has line breaks or control characters",
            ));
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut named = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let (segment, after) = rest.split_at(segment_bytes(rest));
            let wildcard = match segment {
                "*" => Some(Piece::Segment),
                "**" if after.is_empty() => Some(Piece::Rest),
                "**" => return Err(bad("`**` stands at the end only")),
                other if other.contains('*') => {
                    return Err(bad("`*` stands for a whole segment, between `:` or `/`"));
                }
                _ => None,
            };
            match wildcard {
                Some(_) if named < 2 => {
                    return Err(bad("at least two segments come before the first wildcard"));
                }
                Some(wildcard) => {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                    pieces.push(wildcard);
                }
                None => {
                    named += usize::from(!segment.is_empty());
                    literal.push_str(segment);
                }
            }
            let mut after = after.chars();
            literal.extend(after.next());
            rest = after.as_str();
        }
        pieces.push(Piece::Literal(literal));
        Ok(Self {
            text: text.to_owned(),
            pieces,
        })
    }
}

impl fmt::Display for SubjectPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

/// Whether a text can be a subject at all: short, and such that it stands in an entry of the trail as it is.
pub(crate) fn is_subject(text: &str) -> bool {
    let odd = |one: char| one.is_control() || (one.is_whitespace() && one != ' ');
    !text.is_empty() && text.len() <= SUBJECT_BYTES_MAX && !text.contains(odd)
}

fn segment_bytes(text: &str) -> usize {
    text.find([':', '/']).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> SubjectPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_pattern_means_its_owner_and_nobody_whose_name_begins_alike() {
        let acme = pattern("repo:acme/**");
        assert!(acme.matches("repo:acme/app:ref:refs/heads/main"));
        for other in [
            "repo:acme-evil/app:ref:refs/heads/main",
            "repo:acme",
            "repo:acme/",
            "repo:ACME/app:ref:refs/heads/main",
            "xrepo:acme/app",
            "repo:evil/repo:acme/app",
        ] {
            assert!(!acme.matches(other), "{other}");
        }
    }

    #[test]
    fn a_star_is_one_whole_segment() {
        let main = pattern("repo:acme/*:ref:refs/heads/main");
        assert!(main.matches("repo:acme/app:ref:refs/heads/main"));
        for other in [
            "repo:acme/:ref:refs/heads/main",
            "repo:acme/app:ref:refs/heads/main2",
            "repo:acme/app:ref:refs/heads/main:x",
            "repo:acme/app:environment:x:ref:refs/heads/main",
            "repo:acme/app/b:ref:refs/heads/main",
        ] {
            assert!(!main.matches(other), "{other}");
        }
        assert!(
            pattern("repo:acme/hr:environment:*").matches("repo:acme/hr:environment:prod east")
        );
        let account = pattern("system:serviceaccount:*:deployer");
        assert!(account.matches("system:serviceaccount:ci:deployer"));
        assert!(!account.matches("system:serviceaccount:ci:x:deployer"));
    }

    #[test]
    fn patterns_that_mean_the_world_cannot_be_written() {
        for bad in [
            "",
            "*",
            "**",
            "repo:*",
            "repo:**",
            "repo:*/app",
            "repo:acme*",
            "repo:acme/app*",
            "repo:acme/**:ref:x",
            "repo:acme/***",
            "repo:acme/a\tb",
            "repo:acme/a\u{a0}b",
            "repo:acme/\u{0}",
            "::*",
            "/:/**",
        ] {
            assert!(bad.parse::<SubjectPattern>().is_err(), "{bad:?}");
        }
        let bad = "repo:acme/**:ref:x".parse::<SubjectPattern>().unwrap_err();
        assert_eq!(
            bad.to_string(),
            "`repo:acme/**:ref:x` is not a subject pattern: `**` stands at the end only"
        );
        assert!(
            "a".repeat(SUBJECT_BYTES_MAX)
                .parse::<SubjectPattern>()
                .is_ok()
        );
        assert!(
            "a".repeat(SUBJECT_BYTES_MAX + 1)
                .parse::<SubjectPattern>()
                .is_err()
        );
    }

    /// The same meaning, by way of a regular expression.
    fn expression(text: &str) -> regex::Regex {
        let escaped = regex::escape(text);
        let meant = escaped.replace(r"\*\*", "(?s:.+)").replace(r"\*", "[^:/]+");
        regex::Regex::new(&format!("^(?:{meant})$")).unwrap()
    }

    proptest! {
        #[test]
        fn a_pattern_means_what_its_regular_expression_does(
            head in "[ab]{1,2}[:/][ab]{1,2}",
            middle in proptest::collection::vec(("[:/]", "[ab]{0,2}|\\*"), 0..4),
            end in "([:/]\\*\\*)?",
            subject in "[ab:/]{1,14}",
        ) {
            let middle: String = middle.into_iter().flat_map(|(mark, segment)| [mark, segment]).collect();
            let text = format!("{head}{middle}{end}");
            let pattern: SubjectPattern = text.parse().unwrap();
            let expression = expression(&text);
            prop_assert_eq!(pattern.matches(&subject), expression.is_match(&subject), "{} {}", text, subject);
            // A subject made to fit, and one that is longer by a segment.
            let fitting = text.replace("**", "a/b:a").replace('*', "ab");
            prop_assert!(pattern.matches(&fitting), "{} {}", text, fitting);
            let longer = format!("{fitting}:x");
            prop_assert_eq!(pattern.matches(&longer), expression.is_match(&longer));
        }

        #[test]
        fn without_a_wildcard_only_the_very_text_is_meant(text in "[a-c:/]{1,10}", other in "[a-c:/]{1,10}") {
            let pattern: SubjectPattern = text.parse().unwrap();
            prop_assert!(pattern.matches(&text));
            prop_assert_eq!(pattern.matches(&other), text == other);
            prop_assert_eq!(pattern.to_string(), text);
        }

        #[test]
        fn no_text_is_a_surprise(text in "\\PC{0,40}", subject in "\\PC{0,40}") {
            if let Ok(pattern) = text.parse::<SubjectPattern>() {
                let _ = pattern.matches(&subject);
            }
        }
    }
}
