//! From texts to statements: names, bounds, Cedar's reader, annotations. Nothing is compared with the schema here.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Policy, PolicyId, PolicySet};

use crate::limits::POLICY_BYTES_MAX;
use crate::marks::{Marks, read_marks};
use crate::nesting::{TooDeep, check_depth};
use crate::policies::PolicyText;
use crate::principal::REGISTRATION;
use crate::problem::{Problem, unreadable};

/// One statement as it was read. Its id is the policy's name, with `#2` for the second statement of a text.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) policy: Policy,
    pub(crate) marks: Marks,
}

/// What is wrong with the names of the texts.
pub(crate) fn check_names(texts: &[PolicyText]) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let mut problems = Vec::new();
    for PolicyText { name, text } in texts {
        let wrong = if name.is_empty() {
            Some(("has no name", "Give every policy a name."))
        } else if name == REGISTRATION {
            Some((
                "`registration` is what a client's registration itself permits",
                "Give the policy another name.",
            ))
        } else if name.contains('#') {
            Some((
                "`#` in a name stands for the number of a statement",
                "Give the policy another name.",
            ))
        } else if !seen.insert(name) {
            Some((
                "there are two policies of this name",
                "Give one of them another name.",
            ))
        } else {
            None
        };
        problems.extend(wrong.map(|(what, hint)| Problem::at(name, text, 0, what, hint)));
    }
    problems
}

/// The statements of one text, with ids that say where they come from.
pub(crate) fn read_statements(text: &PolicyText) -> Result<Vec<Read>, Vec<Problem>> {
    let PolicyText { name, text } = text;
    let refuse =
        |byte, what: String, hint: &str| Err(vec![Problem::at(name, text, byte, what, hint)]);
    if text.len() > POLICY_BYTES_MAX {
        let what = format!("{} bytes; a policy may have {POLICY_BYTES_MAX}", text.len());
        return refuse(0, what, "Divide it into several policies.");
    }
    match check_depth(text) {
        Err(TooDeep::Nested(byte)) => {
            let hint = "Write the condition flatter, or divide the policy.";
            return refuse(byte, "nested too deeply".to_owned(), hint);
        }
        Err(TooDeep::Chained(byte)) => {
            let hint = "Ask for one of a set (`[…].contains(…)`, `resource in […]`), or divide the statement.";
            return refuse(byte, "a statement of too many links".to_owned(), hint);
        }
        Ok(()) => {}
    }
    let set = PolicySet::from_str(text).map_err(|errors| unreadable(name, text, &errors))?;
    if set.templates().next().is_some() {
        return refuse(
            0,
            "slots (`?principal`, `?resource`) stand for nothing here".to_owned(),
            "Name the client, team or object.",
        );
    }
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_key(|policy| number_of(policy.id()));
    if policies.is_empty() {
        return refuse(
            0,
            "holds no statement".to_owned(),
            "Write `permit (…);` or `forbid (…);`, or remove the policy.",
        );
    }
    let alone = policies.len() == 1;
    let mut read = Vec::with_capacity(policies.len());
    let mut problems = Vec::new();
    for (at, policy) in policies.into_iter().enumerate() {
        let id = if alone {
            name.clone()
        } else {
            format!("{name}#{}", at + 1)
        };
        match read_marks(policy) {
            Ok(marks) => read.push(Read {
                policy: policy.new_id(PolicyId::new(id)),
                marks,
            }),
            Err(wrong) => problems.push(wrong.in_text(name, text)),
        }
    }
    if problems.is_empty() {
        Ok(read)
    } else {
        Err(problems)
    }
}

/// Cedar numbers the statements of a text: `policy0`, `policy1`.
fn number_of(id: &PolicyId) -> usize {
    let id: &str = id.as_ref();
    id.strip_prefix("policy")
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
