//! Members that are hidden by the customer's own rules, recognised by the names that lead to them, wherever those begin.
//!
//! Cost: for each member of an answer one comparison of lengths per name in the rules, and nothing where there are no rules.

use access::Hidden;
use catalog::Operation;

/// The rules that concern one answer. At most 128 names; the bounds on rules see to it.
#[derive(Debug, Default)]
pub(super) struct Hides {
    names: Vec<Name>,
    /// What each rule that ends at a name hides, by the name's number: `hidden profile.salary`.
    rules: Vec<String>,
}

#[derive(Debug)]
struct Name {
    text: String,
    first: bool,
    /// Number of the rule that ends here.
    rule: Option<usize>,
}

/// Which names of the rules the names so far have come to: one bit each.
pub(super) type Progress = u128;

impl Hides {
    /// The rules that concern answers to the operation.
    pub(super) fn of<'h>(hidden: impl Iterator<Item = &'h Hidden>, operation: &Operation) -> Self {
        Self::all(hidden.filter(|one| one.operation.is_none_or(|id| id == operation.id)))
    }

    /// All of the rules, whatever operation they concern: what was read from one comes back to another.
    pub(super) fn all<'h>(hidden: impl Iterator<Item = &'h Hidden>) -> Self {
        let mut hides = Self::default();
        for one in hidden {
            let last = one.path.len().saturating_sub(1);
            for (at, text) in one.path.iter().enumerate() {
                hides.names.push(Name {
                    text: text.clone(),
                    first: at == 0,
                    rule: (at == last).then_some(hides.rules.len()),
                });
            }
            hides.rules.push(format!("hidden {}", one.path.join(".")));
        }
        hides
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How far the rules have come with one more name.
    pub(super) fn step(&self, from: Progress, name: &str) -> Progress {
        let mut to = 0;
        for (at, one) in self.names.iter().enumerate().take(128) {
            let begun = one.first || at > 0 && from >> (at - 1) & 1 == 1;
            if begun && one.text == name {
                to |= 1 << at;
            }
        }
        to
    }

    /// The rule that hides what has come so far.
    pub(super) fn hidden(&self, progress: Progress) -> Option<&str> {
        if progress == 0 {
            return None;
        }
        let mut reached = self.names.iter().enumerate().take(128);
        let rule = reached.find_map(|(at, one)| one.rule.filter(|_| progress >> at & 1 == 1))?;
        self.rules.get(rule).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(rules: &[&str], operation: &str, path: &str) -> Option<String> {
        let rules: Vec<Hidden> = rules
            .iter()
            .map(|rule| Hidden::read(rule).unwrap())
            .collect();
        let operation = catalog::operations().by_id(operation).unwrap();
        let hides = Hides::of(rules.iter(), operation);
        let progress = path
            .split('.')
            .fold(0, |so_far, name| hides.step(so_far, name));
        hides.hidden(progress).map(str::to_owned)
    }

    #[test]
    fn a_member_is_hidden_wherever_its_path_begins() {
        let rules = ["profile.salary", "getUser:profile.ssn", "a.a.b"];
        for path in [
            "profile.salary",
            "_embedded.user.profile.salary",
            "profile.profile.salary",
        ] {
            assert_eq!(
                hidden(&rules, "listUsers", path).as_deref(),
                Some("hidden profile.salary"),
                "{path}"
            );
        }
        for path in ["salary", "profile", "profile.x.salary", "profile.salary.x"] {
            assert_eq!(hidden(&rules, "listUsers", path), None, "{path}");
        }
        assert!(hidden(&rules, "getUser", "profile.ssn").is_some());
        assert!(hidden(&rules, "listUsers", "profile.ssn").is_none());
        assert!(hidden(&rules, "listUsers", "a.a.a.b").is_some());
    }
}
