//! A set of operations, one bit each, by position in the catalog.

use catalog::{Operation, operations};

/// A set of operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActionSet {
    words: Box<[u64]>,
}

impl ActionSet {
    /// The operations for which `chosen` holds.
    pub(crate) fn of(chosen: impl Fn(&'static Operation) -> bool) -> Self {
        let all = operations();
        let mut words = vec![0_u64; all.len().div_ceil(64)].into_boxed_slice();
        for (at, operation) in all.iter().enumerate() {
            if chosen(operation)
                && let Some(word) = words.get_mut(at / 64)
            {
                *word |= 1 << (at % 64);
            }
        }
        Self { words }
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
