//! What calls search, filter and sort by. Members hidden from a caller are nothing it may ask by: which objects match, or in what order
//! they come, tells the value a guess at a time. Judges no syntax: inspection does.
//!
//! Cost: nothing without rules or such a query; else one pass over the query's value per rule.

use access::{Call, Hidden};

use crate::refusal::Refusal;
use crate::table::Kind;

/// Refuses a call that asks by a member that is hidden in its answers.
pub(super) fn refuse<'h>(
    hidden: impl Iterator<Item = &'h Hidden>,
    call: &Call,
) -> Result<(), Refusal> {
    for rule in hidden.filter(|one| one.operation.is_none_or(|id| id == call.operation.id)) {
        let told = |(name, value): &&(String, String)| asks(name) && named(value, &rule.path);
        if let Some((name, _)) = call.query.iter().find(told) {
            return Err(
                Refusal::new(Kind::Invalid, "asks_by_hidden_member").because(format!(
                    "query.{name}: {} is hidden from this client, so it cannot ask by it.",
                    rule.path.join(".")
                )),
            );
        }
    }
    Ok(())
}

/// Whether a parameter says what is looked for or in which order: `search`, `filter`, `sortBy`, `orderBy` and their like.
fn asks(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["search", "filter", "sort", "order"]
        .iter()
        .any(|piece| name.contains(piece))
}

/// Whether an expression names the member outside of quoted texts, whatever its case (RFC 7644 section 3.4.2.2 has attributes so),
/// also as `profile[salary gt 1]`.
fn named(expression: &str, path: &[String]) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    let mut segments: Vec<String> = vec![String::new()];
    let mut within: Vec<usize> = Vec::new();
    for sign in expression.chars().chain([' ']) {
        if quoted {
            quoted = escaped || sign != '"';
            escaped = sign == '\\' && !escaped;
            continue;
        }
        let part = sign.is_alphanumeric() || "_-$".contains(sign);
        if part {
            if let Some(last) = segments.last_mut() {
                last.push(sign);
            }
            continue;
        }
        if holds(&segments, path) {
            return true;
        }
        match sign {
            '.' | ':' => segments.push(String::new()),
            '[' => {
                within.push(segments.len());
                segments.push(String::new());
            }
            _ => {
                if sign == ']' {
                    within.pop();
                }
                segments.truncate(within.last().copied().unwrap_or_default());
                segments.push(String::new());
            }
        }
        quoted = sign == '"';
    }
    false
}

fn holds(segments: &[String], path: &[String]) -> bool {
    let alike = |(one, other): (&String, &String)| one.eq_ignore_ascii_case(other);
    let mut windows = segments.windows(path.len().max(1));
    windows.any(|window| window.iter().zip(path).all(alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_named(expression: &str, rule: &str) -> bool {
        named(expression, &Hidden::read(rule).unwrap().path)
    }

    #[test]
    fn a_member_is_found_however_an_expression_names_it() {
        for expression in [
            "profile.salary",
            "profile.salary gt 100",
            "status eq \"ACTIVE\" and (Profile.Salary pr)",
            "not(profile.salary lt 5)",
            "profile[title eq \"x\" and salary gt 5]",
            "urn:okta:profile.salary eq 1",
            "profile.title eq \"a\\\"b\" or profile.salary eq 1",
            "profile.salary.amount gt 1",
        ] {
            assert!(is_named(expression, "profile.salary"), "{expression}");
        }
        assert!(is_named("profile.salary gt 1", "salary"));
        assert!(is_named("profile.salary gt 1", "profile"));
    }

    #[test]
    fn what_only_looks_like_it_is_let_through() {
        for expression in [
            "profile.title eq \"profile.salary\"",
            "profile.salaryBand eq 1",
            "salary gt 1",
            "profile.title eq \"\\\"profile.salary\"",
            "(profile[title pr]) and salary eq 1",
            "",
        ] {
            assert!(!is_named(expression, "profile.salary"), "{expression}");
        }
    }
}
