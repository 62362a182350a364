//! Equality with plain Cedar: for random policies, callers and questions, the verdict and the outlook of a slice are what Cedar
//! answers over the whole set.
//!
//! A long run: `PORTCULLIS_POLICY_WORLDS=1000 PORTCULLIS_POLICY_CALLERS=100 cargo test --release -p policy --test policy -- verdict`.

use std::collections::BTreeSet;
use std::sync::Arc;

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use policy::{
    Outlook, POLICIES_NAMED_MAX, Policies, PolicyText, Principal, Question, Slice, Verdict,
};

use crate::oracle::{Answer, Oracle};
use crate::world::{Asked, Dice, ORGS, Written, policy, principal, question};

const WORLDS: u64 = 40;
const CALLERS: u64 = 6;
const QUESTIONS_PER_CALLER: u64 = 25;

#[test]
fn verdict_and_outlook_are_those_of_plain_cedar_over_the_whole_set() {
    let told = |name: &str, usual: u64| {
        let told = std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok());
        told.unwrap_or(usual)
    };
    let worlds = told("PORTCULLIS_POLICY_WORLDS", WORLDS);
    let callers = told("PORTCULLIS_POLICY_CALLERS", CALLERS);
    let first = told("PORTCULLIS_POLICY_SEED", 0);
    let mut seen = Seen::default();
    for seed in first..first + worlds {
        try_world(seed, callers, &mut seen);
    }
    println!("{seen:#?}");
    seen.assert_wide(worlds * callers * QUESTIONS_PER_CALLER);
}

/// How often what occurred: a generator that asks nothing of interest proves nothing.
#[derive(Debug, Default)]
struct Seen {
    policies: u64,
    dropped: u64,
    questions: u64,
    permitted: u64,
    forbidden: u64,
    not_permitted: u64,
    limited: u64,
    would_forbid: u64,
    settled: u64,
}

impl Seen {
    fn assert_wide(&self, questions: u64) {
        assert_eq!(self.questions, questions);
        let share = |of: u64| of as f64 / self.questions as f64;
        assert!(
            self.policies > self.dropped,
            "most policies must be valid: {self:?}"
        );
        for part in [
            self.permitted,
            self.forbidden,
            self.not_permitted,
            self.settled,
        ] {
            assert!(share(part) > 0.1, "{self:?}");
        }
        assert!(
            share(self.limited) > 0.01 && share(self.would_forbid) > 0.01,
            "{self:?}"
        );
    }
}

fn try_world(seed: u64, callers: u64, seen: &mut Seen) {
    let mut dice = Dice::new(seed);
    let count = dice.0.usize(1..24);
    let written: Vec<Written> = (0..count).map(|name| policy(&mut dice, name)).collect();
    let (policies, written) = read(written, seen);
    let oracle = Oracle::new(&written);
    for _ in 0..callers {
        let principal = principal(&mut dice);
        let org = dice.pick(&ORGS);
        let slice = policies.slice(org, &principal);
        for _ in 0..QUESTIONS_PER_CALLER {
            let asked = question(&mut dice);
            let answer = oracle.answer(org, &principal, &asked);
            let case = Case {
                seed,
                written: &written,
                principal: &principal,
                asked: &asked,
                answer: &answer,
            };
            case.check(&slice, seen);
        }
    }
}

/// A text is accepted exactly when Cedar accepts it under the whole schema, though it is compared with a part of it.
#[test]
fn what_is_valid_is_what_cedar_finds_valid_under_the_whole_schema() {
    let (schema, _) = Schema::from_cedarschema_str(policy::schema()).unwrap();
    let validator = Validator::new(schema);
    let mistakes = [
        ("", ""),
        ("context has source && ", ""),
        ("status", "stat"),
        ("Team::", "Group::"),
        (".contains(", ".containsAll("),
        ("resource is ", "resource is Spaceship && resource is "),
        ("Action::\"", "Action::\"x"),
    ];
    let (mut valid, mut invalid) = (0, 0);
    for seed in 0..280 {
        let Written { mut text, .. } = policy(&mut Dice::new(seed), 0);
        let (right, wrong) = mistakes[seed as usize % mistakes.len()];
        text.text = text.text.replace(right, wrong);
        let Ok(set) = text.text.parse::<PolicySet>() else {
            continue;
        };
        let cedar = validator.validate_with_level(&set, ValidationMode::Strict, 1);
        let ours = Policies::read(std::slice::from_ref(&text));
        assert_eq!(
            ours.is_ok(),
            cedar.validation_passed(),
            "seed {seed}: {}\n{cedar}",
            text.text
        );
        valid += usize::from(ours.is_ok());
        invalid += usize::from(ours.is_err());
    }
    assert!(
        valid > 50 && invalid > 50,
        "{valid} valid, {invalid} invalid"
    );
}

/// The policies that pass validation; the others are dropped, which is what their authors would have to do.
fn read(mut written: Vec<Written>, seen: &mut Seen) -> (Policies, Vec<Written>) {
    seen.policies += written.len() as u64;
    loop {
        let texts: Vec<PolicyText> = written.iter().map(|written| written.text.clone()).collect();
        match Policies::read(&texts) {
            Ok(policies) => return (policies, written),
            Err(problems) => {
                let wrong: BTreeSet<&str> = problems
                    .iter()
                    .map(|problem| problem.policy.as_str())
                    .collect();
                seen.dropped += wrong.len() as u64;
                written.retain(|written| !wrong.contains(written.text.name.as_str()));
            }
        }
    }
}

struct Case<'a> {
    seed: u64,
    written: &'a [Written],
    principal: &'a Principal,
    asked: &'a Asked,
    answer: &'a Answer,
}

impl Case<'_> {
    fn check(&self, slice: &Slice, seen: &mut Seen) {
        let full = Question {
            operation: self.asked.operation,
            objects: &self.asked.objects,
            source: self.asked.source,
            fields: &self.asked.fields,
            now: self.asked.now,
        };
        let verdict = slice.decide(&full);
        self.check_verdict(&verdict, seen);
        let outlook = slice.outlook(full.operation);
        let kept = match outlook {
            Outlook::Allowed => matches!(verdict, Verdict::Permitted { .. }),
            Outlook::Forbidden => matches!(verdict, Verdict::Forbidden { .. }),
            Outlook::NotPermitted => {
                matches!(verdict, Verdict::Forbidden { .. } | Verdict::NotPermitted)
            }
            Outlook::Depends { .. } => true,
        };
        self.hold(
            kept,
            &format!("the outlook was {outlook:?}, the verdict {verdict:?}"),
        );
        seen.settled += u64::from(!matches!(outlook, Outlook::Depends { .. }));
        let needs = slice.needs(full.operation);
        let least = Question {
            objects: if needs.objects { full.objects } else { &[] },
            fields: if needs.fields { full.fields } else { &[] },
            ..full
        };
        let again = slice.decide(&least);
        self.hold(
            again == verdict,
            &format!("with only what is needed ({needs:?}) the verdict was {again:?}"),
        );
    }

    fn check_verdict(&self, verdict: &Verdict, seen: &mut Seen) {
        seen.questions += 1;
        let Answer {
            allowed,
            reasons,
            would_forbid,
        } = self.answer;
        match verdict {
            Verdict::Permitted {
                policies,
                objects_per_hour,
                would_forbid: shadows,
            } => {
                seen.permitted += 1;
                seen.limited += u64::from(objects_per_hour.is_some());
                seen.would_forbid += u64::from(!shadows.is_empty());
                self.hold(*allowed, "Cedar denies");
                self.hold(
                    !policies.is_empty() && names(policies).is_subset(reasons),
                    "other policies permit",
                );
                self.hold(*objects_per_hour == self.limit(), "another limit");
                self.hold(names(shadows) == *would_forbid, "other policies in shadow");
            }
            Verdict::Forbidden { policies } => {
                seen.forbidden += 1;
                self.hold(!allowed && !reasons.is_empty(), "Cedar does not forbid");
                let same = names(policies) == *reasons;
                let some = names(policies).is_subset(reasons);
                self.hold(
                    same || (policies.len() == POLICIES_NAMED_MAX && some)
                        || self.is_settled(policies),
                    "other policies forbid",
                );
            }
            Verdict::NotPermitted => {
                seen.not_permitted += 1;
                self.hold(!allowed && reasons.is_empty(), "Cedar permits or forbids");
            }
            Verdict::Unknown { entity } => self.hold(false, &format!("{entity} is not known")),
        }
    }

    /// Once a policy forbids whatever the question, those that forbid only sometimes are not asked.
    fn is_settled(&self, policies: &[Arc<str>]) -> bool {
        !policies.is_empty() && names(policies).is_subset(&self.answer.reasons)
    }

    /// The most generous limit among the permits that decided.
    fn limit(&self) -> Option<u32> {
        let of = |name: &String| {
            let written = self
                .written
                .iter()
                .find(|written| written.text.name == *name);
            written.and_then(|written| written.objects_per_hour)
        };
        let limits: Vec<Option<u32>> = self.answer.reasons.iter().map(of).collect();
        if limits.contains(&None) {
            None
        } else {
            limits.into_iter().flatten().max()
        }
    }

    fn hold(&self, fact: bool, otherwise: &str) {
        if !fact {
            let texts: Vec<&str> = self
                .written
                .iter()
                .map(|written| written.text.text.as_str())
                .collect();
            panic!(
                "seed {}: {otherwise}\n{:?}\n{:#?}\n{:#?}\n{}",
                self.seed,
                self.answer,
                self.principal,
                self.asked,
                texts.join("\n")
            );
        }
    }
}

fn names(policies: &[Arc<str>]) -> BTreeSet<String> {
    policies.iter().map(ToString::to_string).collect()
}
