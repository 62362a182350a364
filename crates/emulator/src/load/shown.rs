//! What an answer shows: which operations show objects of which kind, and how. Follows from the verbs of the resource files.
//! Never looks at an answer's body; see `gather`.

use catalog::{Method, operations};
use org::Kind;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How an operation's answer shows objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// The items of a collection.
    Items,
    /// One object, whose id the body tells (or the path, if the body does not).
    One,
    /// One object whose creation names it in the path (a relation's other end); the answer may be empty.
    Link,
    /// Objects of another kind that the object in the path is related to: the groups of a user.
    OtherEnds,
}

/// What the answers of `operation` show.
pub(super) fn shown(operation: &str) -> Option<(Kind, Show)> {
    static ALL: LazyLock<HashMap<&'static str, (Kind, Show)>> = LazyLock::new(plan);
    ALL.get(operation).copied()
}

fn plan() -> HashMap<&'static str, (Kind, Show)> {
    let mut all = HashMap::new();
    for kind in Kind::all() {
        let facts = kind.facts();
        let item = shape(&facts.item_path());
        for operation in operations().iter().filter(|o| shape(o.template) == item) {
            let writes_or_reads = matches!(
                operation.method,
                Method::Get | Method::Put | Method::Post | Method::Patch
            );
            if writes_or_reads {
                all.entry(operation.id).or_insert((kind, Show::One));
            }
        }
        let verbs = &facts.verbs;
        let shows = [
            (&verbs.list, Show::Items),
            (&verbs.get, Show::One),
            (&verbs.replace, Show::One),
            (&verbs.activate, Show::One),
            (&verbs.deactivate, Show::One),
            (&verbs.create, Show::One),
        ];
        for (verb, show) in shows {
            let Some(operation) = verb.as_deref().and_then(|id| operations().by_id(id)) else {
                continue;
            };
            let is_create = verbs.create.as_deref() == Some(operation.id);
            let links = is_create && !facts.singleton && shape(operation.template) == item;
            all.insert(operation.id, (kind, if links { Show::Link } else { show }));
        }
    }
    for (operation, relation) in OTHER_ENDS {
        if let Some((operation, kind)) = operations().by_id(operation).zip(Kind::named(relation)) {
            all.insert(operation.id, (kind, Show::OtherEnds));
        }
    }
    all
}

/// A path template with its parameters' names left out.
fn shape(template: &str) -> String {
    let segments = template
        .split('/')
        .map(|s| if s.starts_with('{') { "{}" } else { s });
    segments.collect::<Vec<_>>().join("/")
}

/// Lists that show a relation from its other end: the operation and the relation, whose owners are the items.
const OTHER_ENDS: &[(&str, &str)] = &[("listUserGroups", "group-membership")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_tell_what_an_answer_shows() {
        let told = |operation| shown(operation).map(|(kind, show)| (kind.name(), show));
        assert_eq!(told("listGroups"), Some(("group", Show::Items)));
        assert_eq!(told("updateUser"), Some(("user", Show::One)));
        assert_eq!(
            told("assignUserToGroup"),
            Some(("group-membership", Show::Link))
        );
        assert_eq!(
            told("listUserGroups"),
            Some(("group-membership", Show::OtherEnds))
        );
        assert_eq!(told("deleteGroup"), None);
    }
}
