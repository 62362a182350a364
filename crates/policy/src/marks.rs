//! Annotations: what a policy says of itself beside its rule. An annotation nobody reads is refused, so that a misspelt limit is
//! not taken for none.

use cedar_policy::{Effect, Policy};

use crate::problem::{Problem, nearest};

/// What the annotations of a statement say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Of a permit: objects per hour.
    pub(crate) objects_per_hour: Option<u32>,
    /// Of a forbid: it is told, but has no effect.
    pub(crate) shadow: bool,
}

/// Annotations with a meaning; the last two are for people.
const KNOWN: [&str; 4] = ["objects_per_hour", "shadow", "description", "id"];

/// An annotation that cannot stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadMark {
    annotation: String,
    what: String,
    hint: String,
}

impl BadMark {
    /// The problem, at the annotation in its text.
    pub(crate) fn in_text(&self, policy: &str, text: &str) -> Problem {
        let written = format!("@{}", self.annotation);
        let byte = text.find(&written).unwrap_or_default();
        Problem::at(policy, text, byte, &self.what, &self.hint)
    }
}

/// Reads the annotations of a statement.
pub(crate) fn read_marks(policy: &Policy) -> Result<Marks, BadMark> {
    let mut marks = Marks::default();
    let permits = policy.effect() == Effect::Permit;
    for (annotation, value) in policy.annotations() {
        let bad = |what: String, hint: &str| BadMark {
            annotation: annotation.to_owned(),
            what,
            hint: hint.to_owned(),
        };
        match (annotation, permits) {
            ("objects_per_hour", true) => {
                let limit = value.parse().ok().filter(|limit| *limit > 0);
                let told = format!("`{value}` is no number of objects per hour");
                marks.objects_per_hour = Some(limit.ok_or_else(|| {
                    bad(
                        told,
                        "Write a whole number from 1, as in `@objects_per_hour(\"100\")`.",
                    )
                })?);
            }
            ("shadow", false) => marks.shadow = true,
            ("objects_per_hour", false) => {
                let what = "a forbid has no objects per hour".to_owned();
                return Err(bad(
                    what,
                    "Put `@objects_per_hour` on the permit it is to limit.",
                ));
            }
            ("shadow", true) => {
                let what = "a permit in shadow would change nothing".to_owned();
                return Err(bad(what, "Remove `@shadow`, or try out a forbid instead."));
            }
            _ if KNOWN.contains(&annotation) => {}
            _ => {
                let hint = match nearest(annotation, KNOWN) {
                    Some(name) => format!("Did you mean `@{name}`?"),
                    None => "Write notes for people as `@description(\"…\")`.".to_owned(),
                };
                return Err(bad(format!("unknown annotation `@{annotation}`"), &hint));
            }
        }
    }
    Ok(marks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Result<Marks, BadMark> {
        read_marks(&Policy::parse(None, text).unwrap())
    }

    #[test]
    fn limits_and_shadows_are_read() {
        let limited = marks(
            "@objects_per_hour(\"250\") @description(\"x\") permit (principal, action, resource);",
        );
        assert_eq!(limited.unwrap().objects_per_hour, Some(250));
        let shadow = marks("@shadow(\"trial\") forbid (principal, action, resource);");
        assert!(shadow.unwrap().shadow);
    }

    #[test]
    fn a_limit_that_is_none_and_a_misspelt_one_are_refused() {
        for text in [
            "@objects_per_hour(\"0\")",
            "@objects_per_hour(\"many\")",
            "@objects_per_hour",
            "@shadow(\"x\")",
        ] {
            assert!(
                marks(&format!("{text} permit (principal, action, resource);")).is_err(),
                "{text}"
            );
        }
        assert!(marks("@objects_per_hour(\"5\") forbid (principal, action, resource);").is_err());
        let misspelt =
            marks("@object_per_hour(\"5\") permit (principal, action, resource);").unwrap_err();
        let problem = misspelt.in_text(
            "p",
            "\n @object_per_hour(\"5\") permit (principal, action, resource);",
        );
        assert_eq!((problem.line, problem.column), (2, 2));
        assert_eq!(problem.hint, "Did you mean `@objects_per_hour`?");
    }
}
