//! Which items of a recorded list and of an emulated list are the same thing.
//!
//! By a mapped id first, then by the names people and Okta know things by. A stranger the conversation is going to name in a
//! path takes the first stranger of the emulated list as its stand-in. Items without any identity pair only when each side
//! has exactly one. An item that finds no partner is the caller's to judge.

use super::mapping::Mapping;
use serde_json::Value;
use std::collections::HashSet;

/// Pairs of positions (recorded, emulated); every position at most once.
pub(super) fn pair(
    mapping: &Mapping,
    recorded: &[Value],
    emulated: &[Value],
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let mut taken = HashSet::new();
    let mut left_over = Vec::new();
    for (left, item) in recorded.iter().enumerate() {
        let known = id(item).and_then(|id| mapping.word(id));
        let partner =
            known.and_then(|known| emulated.iter().position(|other| id(other) == Some(known)));
        match partner {
            Some(right) if taken.insert(right) => pairs.push((left, right)),
            _ if known.is_some() => {}
            _ => left_over.push((left, item)),
        }
    }
    let mut strangers = Vec::new();
    for (left, item) in left_over {
        let same = |(right, other): &(usize, &Value)| {
            !taken.contains(right)
                && !id(other).is_some_and(|id| mapping.stands_for_something(id))
                && is_same_by_name(mapping, item, other)
        };
        if let Some((right, _)) = emulated.iter().enumerate().find(same) {
            taken.insert(right);
            pairs.push((left, right));
        } else if is_wanted(mapping, item) {
            strangers.push((left, item));
        }
    }
    for (left, item) in strangers {
        let stands_in = |(right, other): &(usize, &Value)| {
            !taken.contains(right)
                && !id(other).is_none_or(|id| mapping.stands_for_something(id))
                && agree(item, other)
                && item.get("status") == other.get("status")
        };
        if let Some((right, _)) = emulated.iter().enumerate().find(stands_in) {
            taken.insert(right);
            pairs.push((left, right));
        }
    }
    if let ([only], [other], true) = (recorded, emulated, pairs.is_empty())
        && name(only).is_none()
        && name(other).is_none()
        && id(only).is_none_or(|id| mapping.word(id).is_none())
    {
        pairs.push((0, 0));
    }
    pairs.sort_unstable();
    pairs
}

/// Whether the conversation is going to send the item's id or another id it holds.
fn is_wanted(mapping: &Mapping, item: &Value) -> bool {
    let texts = item
        .as_object()
        .into_iter()
        .flat_map(|members| members.values())
        .filter_map(Value::as_str);
    id(item).is_some() && texts.into_iter().any(|text| mapping.is_wanted(text))
}

/// The id of an item, if it has one.
pub(super) fn id(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

fn is_same_by_name(mapping: &Mapping, recorded: &Value, emulated: &Value) -> bool {
    let (Some((place, mine)), Some(theirs)) = (name(recorded), name(emulated)) else {
        return false;
    };
    place == theirs.0 && mapping.translate(&mine) == theirs.1 && agree(recorded, emulated)
}

/// Whether two items agree in what both say about their nature.
fn agree(recorded: &Value, emulated: &Value) -> bool {
    let alike = |member: &str| match (recorded.get(member), emulated.get(member)) {
        (Some(Value::String(left)), Some(Value::String(right))) => left == right,
        (Some(Value::Bool(left)), Some(Value::Bool(right))) => left == right,
        _ => true,
    };
    QUALIFIERS.iter().all(|member| alike(member))
}

/// The place of the first name an item has, and the name.
fn name(item: &Value) -> Option<(&'static str, String)> {
    NAMES.iter().find_map(|place| {
        let texts: Option<Vec<&str>> = place
            .split('+')
            .map(|pointer| item.pointer(pointer).and_then(Value::as_str))
            .collect();
        Some((*place, texts?.join(" ")))
    })
}

/// Where names stand, most telling first; `+` joins two places.
const NAMES: [&str; 14] = [
    "/source/name+/target/name",
    "/profile/login",
    "/profile/name",
    "/label",
    "/name",
    "/key",
    "/kid",
    "/domain",
    "/origin",
    "/factorType+/provider",
    "/value",
    "/primary/name",
    "/language",
    "/type",
];
/// Members that must agree, where both items have them.
const QUALIFIERS: [&str; 4] = ["type", "system", "signOnMode", "valueType"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sent(path: &str) -> emulator::recording::Interaction {
        let line = json!({"src": "s", "cassette": "c", "seq": 0, "method": "GET", "path": path, "status": 200});
        emulator::recording::read_lines(line.to_string().as_bytes())
            .unwrap()
            .remove(0)
            .interactions
            .remove(0)
    }

    fn mapping() -> Mapping {
        let mut mapping = Mapping::new("https://emulated.example.com", "recorded.example.com");
        mapping.learn(&json!({"id": "r1"}), &json!({"id": "e1"}));
        mapping
    }

    #[test]
    fn known_ids_pair_before_names() {
        let recorded = [
            json!({"id": "r2", "name": "Ops"}),
            json!({"id": "r1", "name": "Ops"}),
        ];
        let emulated = [
            json!({"id": "e1", "name": "Ops"}),
            json!({"id": "e2", "name": "Ops"}),
        ];
        assert_eq!(pair(&mapping(), &recorded, &emulated), [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_known_item_that_is_missing_takes_no_other() {
        let recorded = [json!({"id": "r1", "name": "Ops"})];
        let emulated = [json!({"id": "e9", "name": "Ops"})];
        assert_eq!(pair(&mapping(), &recorded, &emulated), []);
    }

    #[test]
    fn names_pair_within_a_type_only() {
        let recorded = [json!({"id": "r5", "name": "Default Policy", "type": "PASSWORD"})];
        let emulated = [
            json!({"id": "e6", "name": "Default Policy", "type": "MFA_ENROLL"}),
            json!({"id": "e7", "name": "Default Policy", "type": "PASSWORD"}),
        ];
        assert_eq!(pair(&mapping(), &recorded, &emulated), [(0, 1)]);
    }

    #[test]
    fn a_stranger_that_is_used_later_gets_a_stand_in_of_its_nature() {
        let mut mapping = mapping();
        mapping.expect(&sent("/api/v1/groups/00g0000000000000rec8"));
        let recorded = [
            json!({"id": "r7", "name": "one", "type": "A"}),
            json!({"id": "00g0000000000000rec8", "name": "two", "type": "A"}),
        ];
        let emulated = [
            json!({"id": "e3", "name": "x", "type": "B"}),
            json!({"id": "e4", "name": "y", "type": "A"}),
        ];
        assert_eq!(pair(&mapping, &recorded, &emulated), [(1, 1)]);
    }

    #[test]
    fn strangers_stay_alone() {
        let recorded = [
            json!({"id": "r8", "name": "left by another test"}),
            json!({"id": "r9", "name": "Everyone"}),
        ];
        assert_eq!(
            pair(
                &mapping(),
                &recorded,
                &[json!({"id": "e9", "name": "Everyone"})]
            ),
            [(1, 0)]
        );
    }
}
