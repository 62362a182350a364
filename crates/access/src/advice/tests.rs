//! Records of calls, the advice drawn from them, and the proof on those very calls.

use super::*;
use crate::{ClientId, Objects, OrgName};
use policy::{Attribute, Object, PolicyText};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn client(scopes: &[&str]) -> Client {
    Client {
        id: ClientId::new("cli1"),
        org: OrgName::parse("production").unwrap(),
        name: "hr-sync".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        operations: Vec::new(),
        teams: Vec::new(),
        basis: Basis::Registration,
        networks: Vec::new(),
        eligible: Vec::new(),
        shadow_until: Some(Timestamp::MAX),
        oauth: None,
        share: crate::Share::default(),
        budgets: crate::Overrides::default(),
        sight: crate::Sight::default(),
        created: NOW,
        disabled: None,
    }
}

fn policies(texts: &[&str]) -> Arc<Policies> {
    let text = |(at, text): (usize, &&str)| PolicyText {
        name: format!("policy-{at}"),
        text: (*text).to_owned(),
    };
    let texts: Vec<PolicyText> = texts.iter().enumerate().map(text).collect();
    Arc::new(Policies::read(&texts).unwrap())
}

fn user(number: usize, group: &str) -> Object {
    Object::bare("User", format!("00u{number}"))
        .with("admin", Attribute::Flag(false))
        .with(
            "login",
            Attribute::Text(format!("{number}@example.com").into()),
        )
        .with(
            "email",
            Attribute::Text(format!("{number}@example.com").into()),
        )
        .with("status", Attribute::Text("ACTIVE".into()))
        .inside("Group", "00gEveryone")
        .inside("Group", group)
}

fn group(_: &'static str, id: &str) -> Option<Object> {
    let kind = if id == "00gEveryone" {
        "BUILT_IN"
    } else {
        "OKTA_GROUP"
    };
    Some(Object::bare("Group", id).with("kind", Attribute::Text(kind.into())))
}

/// A record as the tests write it: operation, the users touched, whether only shadow mode let it through.
struct Record(Vec<(&'static str, BTreeMap<String, String>, Objects, bool)>);

impl Record {
    fn calls(&self) -> impl Iterator<Item = RecordedCall<'_>> {
        self.0
            .iter()
            .enumerate()
            .map(|(second, (id, resources, objects, refused))| RecordedCall {
                operation: catalog::operations().by_id(id).unwrap(),
                at: Timestamp::from_second(second as i64).unwrap(),
                source: Some([10, 0, 0, 7].into()),
                resources,
                objects: objects.clone(),
                would_refuse: *refused,
                elevated: false,
            })
    }

    fn evidence(&self) -> Evidence {
        let mut evidence = Evidence::default();
        self.calls().for_each(|call| evidence.see(&call));
        evidence
    }
}

fn on_user(
    id: &'static str,
    object: Object,
    refused: bool,
) -> (&'static str, BTreeMap<String, String>, Objects, bool) {
    let operation = catalog::operations().by_id(id).unwrap();
    let name = operation.path_parameters().next().unwrap();
    // People are often named by their login; what counts is whose it is.
    let login = format!("{}@example.com", object.id.trim_start_matches("00u"));
    let resources = BTreeMap::from([(name.to_owned(), login)]);
    (id, resources, Objects::Known(vec![object]), refused)
}

fn team_record() -> Record {
    let listing = (
        "listUsers",
        BTreeMap::new(),
        Objects::Known(Vec::new()),
        false,
    );
    let reads = (0..12).map(|number| on_user("getUser", user(number, "00gTeam"), false));
    let write = on_user("updateUser", user(3, "00gTeam"), true);
    Record(
        std::iter::once(listing)
            .chain(reads)
            .chain([write])
            .collect(),
    )
}

#[test]
fn the_smallest_registration_has_exactly_what_was_called_and_refuses_none_of_it() {
    let record = team_record();
    let broad = client(&["okta.users.read", "okta.groups.read", "okta.apps.read"]);
    let (none, rules) = (policies(&[]), OrgRules::default());
    let advice = advise(&broad, &none, rules, &record.evidence(), &group, NOW);
    assert_eq!(advice.scopes, ["okta.users.manage", "okta.users.read"]);
    assert_eq!(advice.operations, ["getUser", "listUsers", "updateUser"]);
    assert_eq!(advice.added, BTreeSet::from(["updateUser"]));
    assert_eq!(advice.scopes_used["okta.apps.read"], None);
    assert_eq!(
        advice.scopes_used["okta.users.manage"],
        Timestamp::from_second(13).ok()
    );
    assert!(advice.unused.contains("listGroups") && !advice.unused.contains("getUser"));

    let narrow = Rehearsal::of(&advice.applied_to(&broad, None, false), &none, rules);
    assert_eq!(narrow.reach(NOW).count(), 3);
    assert!(
        record
            .calls()
            .all(|call| matches!(narrow.replay(&call), Fate::Permitted))
    );
    let today = Rehearsal::of(&broad, &none, rules);
    let refused = record
        .calls()
        .filter(|call| matches!(today.replay(call), Fate::Refused(_)));
    assert_eq!(refused.count(), 1, "what only shadow mode let through");
}

#[test]
fn an_advised_policy_binds_many_people_to_the_group_they_share_and_few_to_themselves() {
    let record = team_record();
    let broad = client(&["okta.users.read", "okta.users.manage"]);
    let rules = OrgRules::default();
    let advice = advise(
        &broad,
        &policies(&[]),
        rules,
        &record.evidence(),
        &group,
        NOW,
    );
    let text = advice.policy.clone().unwrap();
    insta::assert_snapshot!(text);

    let bound = advice.applied_to(&broad, record.evidence().sources().networks(), true);
    let bound = Rehearsal::of(&bound, &policies(&[&text]), rules);
    assert!(
        record
            .calls()
            .all(|call| matches!(bound.replay(&call), Fate::Permitted))
    );
    let outside = Record(vec![
        on_user("getUser", user(1, "00gOther"), false),
        on_user("updateUser", user(4, "00gTeam"), false),
    ]);
    assert!(
        outside
            .calls()
            .all(|call| matches!(bound.replay(&call), Fate::Refused(_)))
    );
    let elsewhere = RecordedCall {
        source: Some([10, 0, 0, 8].into()),
        ..record.calls().next().unwrap()
    };
    assert!(matches!(bound.replay(&elsewhere), Fate::Elsewhere));
}

#[test]
fn objects_that_are_no_longer_known_are_neither_bound_to_nor_counted_as_permitted() {
    let gone = BTreeMap::from([("userId".to_owned(), "00uGone".to_owned())]);
    let record = Record(vec![(
        "getUser",
        gone,
        Objects::Unknown { parameter: "id" },
        false,
    )]);
    let reader = client(&["okta.users.read"]);
    let rules = OrgRules::default();
    let advice = advise(
        &reader,
        &policies(&[]),
        rules,
        &record.evidence(),
        &group,
        NOW,
    );
    assert_eq!(advice.policy, None);
    let guarded =
        policies(&["forbid (principal, action, resource is User) when { resource.admin };"]);
    let rehearsal = Rehearsal::of(&advice.applied_to(&reader, None, false), &guarded, rules);
    assert!(matches!(
        rehearsal.replay(&record.calls().next().unwrap()),
        Fate::Unknown
    ));
}

#[test]
fn what_an_elevation_let_through_stays_with_the_elevation() {
    let record = team_record();
    let mut evidence = Evidence::default();
    for call in record.calls() {
        evidence.see(&RecordedCall {
            elevated: call.would_refuse,
            ..call
        });
    }
    let reader = client(&["okta.users.read"]);
    let advice = advise(
        &reader,
        &policies(&[]),
        OrgRules::default(),
        &evidence,
        &group,
        NOW,
    );
    assert_eq!(advice.operations, ["getUser", "listUsers"]);
    assert_eq!(evidence.elevated()["updateUser"], 1);
}

#[test]
fn a_name_in_an_advised_policy_cannot_break_out_of_its_quotes() {
    let hostile = Client {
        name: "x\"); permit(principal, action, resource); //\\".to_owned(),
        ..client(&["okta.users.read"])
    };
    let record = Record(vec![on_user("getUser", user(1, "00gTeam"), false)]);
    let advice = advise(
        &hostile,
        &policies(&[]),
        OrgRules::default(),
        &record.evidence(),
        &group,
        NOW,
    );
    let text = advice.policy.unwrap();
    assert_eq!(policies(&[&text]).len(), 1, "{text}");
}
