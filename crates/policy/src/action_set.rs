//! A set of operations, one bit each, by position in the catalog.

use std::collections::HashMap;
use std::sync::LazyLock;

use catalog::{Operation, operations};

use crate::schema::{all_groups, is_in_group};

/// Every name an action can have, group or operation, with the operations it stands for.
static NAMED: LazyLock<HashMap<&'static str, ActionSet>> = LazyLock::new(|| {
    let groups = all_groups().iter().map(|group| {
        (
            *group,
            ActionSet::of(|operation| is_in_group(operation, group)),
        )
    });
    let ids = operations().iter().map(|operation| {
        (
            operation.id,
            ActionSet::of(|known| known.id == operation.id),
        )
    });
    groups.chain(ids).collect()
});

/// A set of operations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ActionSet {
    words: Box<[u64]>,
}

impl Default for ActionSet {
    /// No operation.
    fn default() -> Self {
        Self {
            words: vec![0_u64; operations().len().div_ceil(64)].into_boxed_slice(),
        }
    }
}

impl ActionSet {
    /// The operations for which `chosen` holds.
    pub(crate) fn of(chosen: impl Fn(&'static Operation) -> bool) -> Self {
        let mut set = Self::default();
        for (at, operation) in operations().iter().enumerate() {
            if chosen(operation)
                && let Some(word) = set.words.get_mut(at / 64)
            {
                *word |= 1 << (at % 64);
            }
        }
        set
    }

    /// The operations in any of these groups, or of these ids.
    pub(crate) fn named<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut set = Self::default();
        for other in names.into_iter().filter_map(|name| NAMED.get(name)) {
            set.join(other);
        }
        set
    }

    /// Takes in the operations of another set.
    pub(crate) fn join(&mut self, other: &Self) {
        for (word, more) in self.words.iter_mut().zip(&other.words) {
            *word |= more;
        }
    }

    /// How many operations there are in it.
    pub(crate) fn len(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// The operations in it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'static Operation> {
        let all = operations().iter().enumerate();
        all.filter(|(at, _)| self.contains(*at))
            .map(|(_, operation)| operation)
    }

    /// Whether the operation at this position is in it.
    pub(crate) fn contains(&self, position: usize) -> bool {
        let word = self.words.get(position / 64).copied().unwrap_or_default();
        word >> (position % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::ActionSet;
    use crate::slot::position_of;
    use catalog::operations;

    #[test]
    fn a_group_stands_for_its_operations_and_an_id_for_itself() {
        let set = ActionSet::named(["okta.users.read", "deleteGroup", "nonsense"]);
        for operation in set.iter() {
            assert!(operation.id == "deleteGroup" || operation.scopes.contains(&"okta.users.read"));
        }
        let reads = operations()
            .iter()
            .filter(|operation| operation.scopes.contains(&"okta.users.read"));
        assert_eq!(set.iter().count(), reads.count() + 1);
    }

    #[test]
    fn it_holds_what_was_chosen_and_nothing_else() {
        let reads = ActionSet::of(|operation| operation.is_read());
        for operation in operations().iter() {
            let position = position_of(operation).unwrap();
            assert_eq!(
                reads.contains(position),
                operation.is_read(),
                "{}",
                operation.id
            );
        }
        assert!(!reads.contains(operations().len() + 64));
    }
}
