//! Bounds: what is too much is refused with a reason, what is allowed works, and no text makes the reader fall over.

use policy::{POLICIES_MAX, POLICY_BYTES_MAX, Policies, PolicyText};

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
