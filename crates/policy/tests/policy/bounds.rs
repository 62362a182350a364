//! Bounds: what is too much is refused with a reason, what is allowed works, and no text makes the reader fall over.

use catalog::operations;
use jiff::Timestamp;
use policy::{POLICIES_MAX, POLICY_BYTES_MAX, Policies, PolicyText, Principal, Question, Verdict};

fn text(name: usize, text: impl Into<String>) -> PolicyText {
    PolicyText {
        name: format!("policy-{name}"),
        text: text.into(),
    }
}

#[test]
fn an_org_may_have_as_many_policies_as_the_bound_says_and_no_more() {
    let group = |name| {
        text(
            name,
            format!(
                "permit (principal in Team::\"t\", action == Action::\"getGroup\", resource == Group::\"00g{name}\");"
            ),
        )
    };
    let mut texts: Vec<PolicyText> = (0..POLICIES_MAX).map(group).collect();
    assert_eq!(Policies::read(&texts).unwrap().len(), POLICIES_MAX);
    texts.push(group(POLICIES_MAX));
    let problems = Policies::read(&texts).unwrap_err();
    assert!(problems.to_string().contains("5001 policies"), "{problems}");
}

/// Chains nest in Cedar's tree though they do not nest on paper.
#[test]
fn the_longest_text_of_any_form_is_answered_and_not_fallen_over() {
    for (link, last) in [
        ("true && ", "true"),
        ("false || ", "true"),
        ("if true then true else ", "true"),
        ("1 + ", "1 == 1"),
        ("context has source && ", "true"),
        ("!", "true"),
        ("-", "1 == 1"),
        ("true == ", "true"),
    ] {
        let head = "permit (principal, action == Action::\"listUsers\", resource) when { ";
        let room = POLICY_BYTES_MAX - head.len() - last.len() - 4;
        let chain = link.repeat(room / link.len());
        let long = text(0, format!("{head}{chain}{last} }};"));
        match Policies::read(&[long]) {
            Ok(policies) => assert_eq!(policies.len(), 1),
            Err(problems) => assert!(
                problems.iter().all(|problem| problem.line == 1),
                "{link}: {problems}"
            ),
        }
    }
}

/// The longest chains that are accepted are decided on an ordinary stack, compiled or left to Cedar.
#[test]
fn the_longest_chains_are_decided() {
    for (link, last) in [
        ("context has source || ", "true"),
        ("if context has source then true else ", "true"),
        ("0 + ", "(if context has source then 1 else 0) < 1"),
        ("decimal(\"1.0\").lessThan(decimal(\"0.5\")) || ", "true"),
        (
            "if decimal(\"1.0\").lessThan(decimal(\"0.5\")) then true else ",
            "true",
        ),
    ] {
        let condition = |links| {
            let chain = link.repeat(links);
            let text = format!(
                "permit (principal, action == Action::\"listUsers\", resource) when {{ {chain}{last} }};"
            );
            Policies::read(&[self::text(0, text)])
        };
        let longest = (1..400)
            .rev()
            .find_map(|links| condition(links).ok())
            .unwrap();
        let verdict = longest
            .slice("acme", &Principal::default())
            .decide(&Question {
                operation: operations().by_id("listUsers").unwrap(),
                objects: &[],
                source: None,
                fields: &[],
                now: Timestamp::UNIX_EPOCH,
            });
        assert!(
            matches!(verdict, Verdict::Permitted { .. }),
            "{link}: {verdict:?}"
        );
    }
}
