//! `cargo xtask bench policy`: what deciding costs as the policies of an org grow, as ratio to one ES256 verification measured in
//! the same run, beside plain Cedar over the whole set.
//!
//! Three orgs of each size: policies spread over callers of ten each; one caller whose every policy names another group; one
//! caller whose every policy has a condition on the object, which nothing can find but asking each.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use policy::{Attribute, Object, Policies, PolicyText, Principal, Question, Slice, Verdict};

use super::cpu::{Verification, median, round_ns};

mod plain;

const SIZES: [usize; 4] = [10, 200, 2_000, 5_000];
/// Policies of one caller in an org of many.
const OWN: usize = 10;
const ROUNDS: usize = 31;
/// A round of 2,000 decisions lasts milliseconds, far above the clock's resolution.
const CALLS_PER_ROUND: u32 = 2_000;
/// Plain Cedar takes milliseconds a call at 5,000 policies.
const PLAIN_CALLS_PER_ROUND: u32 = 20;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    let verification = Verification::new()?;
    let verification = median((0..ROUNDS).map(|_| verification.round_ns()).collect());
    println!(
        "one ES256 verification: {:.1} µs of CPU\n",
        verification / 1e3
    );
    println!(
        "{:>8} {:>9} {:>8} {:>8} {:>11} {:>11}  org and question",
        "policies", "read ms", "ns", "ratio", "plain µs", "plain ratio"
    );
    for shape in [Shape::Many, Shape::Named, Shape::Conditional] {
        for size in SIZES {
            measure(shape, size, verification)?;
        }
    }
    Ok(())
}

/// How the policies of an org are spread.
#[derive(Clone, Copy)]
enum Shape {
    Many,
    Named,
    Conditional,
}

impl Shape {
    const fn title(self) -> &'static str {
        match self {
            Self::Many => "ten policies a caller",
            Self::Named => "one caller, a group each",
            Self::Conditional => "one caller, a condition each",
        }
    }

    /// The policy of this number. Those of one caller: a read without conditions, changes to people under conditions, a ban.
    fn policy(self, number: usize) -> String {
        let caller = number / OWN;
        match (self, number % OWN) {
            (Self::Many, 0) => format!(
                "permit (principal == Client::\"c{caller}\", action in Action::\"okta.users.read\", resource);"
            ),
            (Self::Many, 9) => format!(
                "forbid (principal == Client::\"c{caller}\", action in Action::\"write\", resource is User) when {{ resource.admin }};"
            ),
            (Self::Many, nth) => format!(
                "permit (principal == Client::\"c{caller}\", action == Action::\"updateUser\", resource in Group::\"g{nth}\") \
                 when {{ context has source && context.source.isInRange(ip(\"10.0.0.0/8\")) && resource.status == \"ACTIVE\" \
                 && ![\"credentials.password\", \"profile.login\"].containsAny(context.fields) }};"
            ),
            (Self::Named, _) => format!(
                "permit (principal == Client::\"c0\", action == Action::\"updateUser\", resource in Group::\"g{number}\");"
            ),
            (Self::Conditional, _) => format!(
                "permit (principal == Client::\"c0\", action == Action::\"updateUser\", resource) \
                 when {{ resource.login like \"user-{number}@*\" }};"
            ),
        }
    }
}

fn measure(shape: Shape, size: usize, verification: f64) -> Result<()> {
    let texts: Vec<PolicyText> = (0..size)
        .map(|number| PolicyText {
            name: format!("p{number}"),
            text: shape.policy(number),
        })
        .collect();
    let started = Instant::now();
    let policies = Policies::read(&texts).map_err(|problems| anyhow!("{problems}"))?;
    let read_ms = started.elapsed().as_secs_f64() * 1e3;
    let caller = Principal {
        client: "c0".to_owned(),
        ..Principal::default()
    };
    let slice = policies.slice("acme", &caller);
    let ada = [ada()];
    let fields = ["profile.email".to_owned(), "profile.department".to_owned()];
    let questions: &[(&str, &str, &[Object])] = match shape {
        Shape::Many => &[("static", "listUsers", &[]), ("object", "updateUser", &ada)],
        Shape::Named | Shape::Conditional => &[("object", "updateUser", &ada)],
    };
    for (kind, operation, objects) in questions {
        let question = Question {
            operation: catalog::operations()
                .by_id(operation)
                .context("unknown operation")?,
            objects,
            source: Some([10, 1, 2, 3].into()),
            fields: &fields,
            now: Timestamp::UNIX_EPOCH,
        };
        let plain = plain::Plain::new(&texts, &question)?;
        let permitted = matches!(slice.decide(&question), Verdict::Permitted { .. });
        anyhow::ensure!(permitted == plain.decide(), "the two disagree");
        let ours = decision_ns(&slice, &question);
        let theirs = median_ns(PLAIN_CALLS_PER_ROUND, || {
            black_box(plain.decide());
        });
        println!(
            "{size:>8} {read_ms:>9.0} {ours:>8.0} {:>7.2}% {:>11.1} {:>10.0}%  {}, {kind}",
            100.0 * ours / verification,
            theirs / 1e3,
            100.0 * theirs / verification,
            shape.title(),
        );
    }
    Ok(())
}

/// An active person in three groups.
fn ada() -> Object {
    let text = |text: &str| Attribute::Text(Arc::from(text));
    Object::bare("User", "00u1gjtxk4XLkTQTt1d7")
        .with("login", text("ada@example.com"))
        .with("email", text("ada@example.com"))
        .with("status", text("ACTIVE"))
        .with("admin", Attribute::Flag(false))
        .with("department", text("Research"))
        .inside("Group", "g3")
        .inside("Group", "g5")
        .inside("Group", "everyone")
}

fn decision_ns(slice: &Slice, question: &Question<'_>) -> f64 {
    median_ns(CALLS_PER_ROUND, || {
        black_box(slice.decide(black_box(question)));
    })
}

/// The median over rounds, per call.
fn median_ns(calls: u32, mut call: impl FnMut()) -> f64 {
    let rounds = (0..ROUNDS).map(|_| round_ns(calls, &mut call));
    median(rounds.collect())
}
