//! Random worlds: an org's objects, callers, policies of every scope with well-typed conditions, and questions. Small pools, so
//! that policies and questions meet. Everything follows from one seed.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use catalog::{Operation, operations};
use fastrand::Rng;
use jiff::Timestamp;
use policy::{
    Attribute, AttributeType, Basis, Object, PolicyText, Principal, action_groups, entity_type,
    objects_of,
};

use crate::expressions::Writer;

/// Operations that questions are mostly about: no object, one, two and three, of types with and without attributes.
const OPERATIONS: [&str; 16] = [
    "listUsers",
    "getUser",
    "updateUser",
    "deleteUser",
    "getGroup",
    "deleteGroup",
    "assignUserToGroup",
    "getApplication",
    "getPolicyRule",
    "assignLinkedObjectValueForPrimary",
    "getFactor",
    "getNetworkZone",
    "assignGroupTargetRoleForClient",
    "assignGroupTargetToUserRole",
    "getUserAssignedRole",
    "createGroupPushMapping",
];
pub(crate) const TEAMS: [&str; 3] = ["ops", "dev", "audit"];
pub(crate) const CLIENTS: [&str; 2] = ["bot", "cron"];
pub(crate) const ORGS: [&str; 2] = ["acme", "other"];
pub(crate) const TEXTS: [&str; 6] = ["", "ACTIVE", "ada@example.com", "Sales", "a*b", "Ünïcode"];
pub(crate) const FIELDS: [&str; 4] = [
    "profile",
    "profile.email",
    "profile.login",
    "credentials.password",
];

/// One seed's randomness with the choices made often.
pub(crate) struct Dice(pub(crate) Rng, Vec<&'static Operation>);

impl Dice {
    /// The dice of a seed; the world they make is mostly about four operations.
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self(Rng::with_seed(seed), Vec::new());
        dice.1 = (0..4).map(|_| dice.any_operation()).collect();
        dice
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.0.usize(..n) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.0.usize(..of.len())].clone()
    }

    pub(crate) fn some<T: Clone>(&mut self, of: &[T]) -> Vec<T> {
        let chosen = of.iter().filter(|_| self.0.bool());
        chosen.cloned().collect()
    }

    pub(crate) fn operation(&mut self) -> &'static Operation {
        if self.one_in(8) {
            return self.any_operation();
        }
        let at = self.0.usize(..self.1.len());
        self.1[at]
    }

    fn any_operation(&mut self) -> &'static Operation {
        if self.one_in(8) {
            let all: Vec<&'static Operation> = operations().iter().collect();
            return self.pick(&all);
        }
        let found = OPERATIONS.iter().filter_map(|id| operations().by_id(id));
        self.pick(&found.collect::<Vec<_>>())
    }

    /// An id out of three of each type.
    pub(crate) fn id(&mut self, entity: &str) -> String {
        let prefix: String = entity.chars().take(3).collect();
        format!("{prefix}{}", self.0.u8(1..4))
    }
}

/// A policy with what its annotations mean, said apart from the code under test.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) text: PolicyText,
    pub(crate) objects_per_hour: Option<u32>,
    pub(crate) shadow: bool,
}

/// A random policy.
pub(crate) fn policy(dice: &mut Dice, name: usize) -> Written {
    let permit = !dice.one_in(3);
    let shadow = !permit && dice.one_in(3);
    let objects_per_hour =
        (permit && dice.one_in(3)).then(|| dice.pick(&[1_u32, 100, 4_000_000_000]));
    let home = dice.operation();
    let scope = action_scope(dice, home);
    let mut text = String::new();
    if shadow {
        text.push_str("@shadow(\"trial\")\n");
    }
    if let Some(limit) = objects_per_hour {
        text.push_str(&format!("@objects_per_hour(\"{limit}\")\n"));
    }
    let effect = if permit { "permit" } else { "forbid" };
    let principal = principal_scope(dice);
    let resource = resource_scope(dice, home);
    text.push_str(&format!("{effect} ({principal}, {scope}, {resource})"));
    for _ in 0..dice.pick(&[0, 1, 1, 1, 2]) {
        let keyword = dice.pick(&["when", "when", "unless"]);
        let condition = Writer::new(dice, home, !scope.contains("==")).flag(4);
        text.push_str(&format!("\n  {keyword} {{ {condition} }}"));
    }
    text.push(';');
    let name = format!("policy-{name}");
    Written {
        text: PolicyText { name, text },
        objects_per_hour,
        shadow,
    }
}

fn principal_scope(dice: &mut Dice) -> String {
    let (client, team) = (dice.pick(&CLIENTS), dice.pick(&TEAMS));
    match dice.0.u8(..7) {
        0 | 1 => "principal".to_owned(),
        2 => format!("principal == Client::\"{client}\""),
        3 => format!("principal in Team::\"{team}\""),
        4 => format!("principal in Client::\"{client}\""),
        5 => "principal is Client".to_owned(),
        _ => format!("principal is Client in Team::\"{team}\""),
    }
}

fn action_scope(dice: &mut Dice, home: &'static Operation) -> String {
    let id = home.id;
    let groups = action_groups(home);
    match dice.0.u8(..20) {
        0 => "action".to_owned(),
        1..=3 => format!("action in Action::\"{}\"", dice.pick(&groups)),
        4..=6 => format!(
            "action in [Action::\"{}\", Action::\"{}\"]",
            dice.pick(&groups),
            dice.operation().id
        ),
        7..=8 => format!(
            "action in [Action::\"{id}\", Action::\"{}\"]",
            dice.operation().id
        ),
        9 => format!("action in Action::\"{id}\""),
        _ => format!("action == Action::\"{id}\""),
    }
}

/// The type of the resource of an operation.
pub(crate) fn resource_of(operation: &'static Operation) -> &'static str {
    objects_of(operation)
        .first()
        .map_or("Org", |slot| slot.entity)
}

/// An entity of a type, or something objects of it may be in.
pub(crate) fn entity(dice: &mut Dice, of: &str) -> String {
    let parents = entity_type(of).map_or(&[][..], |entity| &entity.parents);
    if of == "Org" || dice.one_in(6) {
        return format!("Org::\"{}\"", dice.pick(&ORGS));
    }
    let chosen = if parents.is_empty() || dice.0.bool() {
        of
    } else {
        dice.pick(parents)
    };
    format!("{chosen}::\"{}\"", dice.id(chosen))
}

fn resource_scope(dice: &mut Dice, home: &'static Operation) -> String {
    let of = resource_of(home);
    let above = entity(dice, of);
    match dice.0.u8(..8) {
        0..=3 => "resource".to_owned(),
        4 => format!("resource is {of}"),
        5 if of == "Org" => format!("resource == Org::\"{}\"", dice.pick(&ORGS)),
        5 => format!("resource == {of}::\"{}\"", dice.id(of)),
        6 => format!("resource in {above}"),
        _ => format!("resource is {of} in {above}"),
    }
}

/// A random caller.
pub(crate) fn principal(dice: &mut Dice) -> Principal {
    let teams = dice.some(&TEAMS);
    let mut basis = Vec::new();
    if dice.one_in(4) {
        let ids = (0..3).map(|_| dice.operation().id.to_owned());
        basis.push(Basis::Operations(ids.collect()));
    }
    if dice.one_in(4) {
        let scopes = (0..3).flat_map(|_| dice.operation().scopes.clone());
        basis.push(Basis::Scopes(scopes.map(str::to_owned).collect()));
    }
    Principal {
        client: dice.pick(&CLIENTS).to_owned(),
        teams: teams.into_iter().map(str::to_owned).collect(),
        basis,
    }
}

/// One question, owning what [`policy::Question`] borrows.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) operation: &'static Operation,
    pub(crate) objects: Vec<Object>,
    pub(crate) source: Option<IpAddr>,
    pub(crate) fields: Vec<String>,
    pub(crate) now: Timestamp,
}

/// A random question over the operations that the pools favour.
pub(crate) fn question(dice: &mut Dice) -> Asked {
    let operation = dice.operation();
    let mut known: BTreeMap<(&str, String), Object> = BTreeMap::new();
    let mut objects = Vec::new();
    for slot in objects_of(operation) {
        let id = dice.id(slot.entity);
        let object = known
            .entry((slot.entity, id.clone()))
            .or_insert_with(|| object(dice, slot.entity, &id));
        objects.push(object.clone());
    }
    let source = [
        "10.0.0.1",
        "192.168.7.7",
        "::1",
        "::ffff:10.0.0.1",
        "2001:db8::10.0.0.1",
        "224.0.0.9",
    ];
    let source = (!dice.one_in(4)).then(|| dice.pick(&source).parse().unwrap());
    let now = [
        "1970-01-01T00:00:00Z",
        "2026-11-24T08:30:00.125Z",
        "2026-11-24T23:59:59.999999Z",
    ];
    Asked {
        operation,
        objects,
        source,
        fields: dice.some(&FIELDS).into_iter().map(str::to_owned).collect(),
        now: dice.pick(&now).parse().unwrap(),
    }
}

fn object(dice: &mut Dice, entity: &'static str, id: &str) -> Object {
    let mut object = Object::bare(entity, id);
    let kind = entity_type(entity).unwrap();
    for attribute in &kind.attributes {
        if attribute.required || dice.0.bool() {
            let value = match attribute.value {
                AttributeType::Text => Attribute::Text(dice.pick(&TEXTS).into()),
                AttributeType::Flag => Attribute::Flag(dice.0.bool()),
                AttributeType::Number => Attribute::Number(dice.0.i64(..)),
                AttributeType::Texts => {
                    Attribute::Texts(dice.some(&TEXTS).into_iter().map(Arc::from).collect())
                }
            };
            object = object.with(attribute.name, value);
        }
    }
    for parent in &kind.parents {
        for _ in 0..dice.0.u8(..3) {
            object = object.inside(parent, dice.id(parent));
        }
    }
    object
}
