//! Every bound of this crate, with its arithmetic.

/// Collections read at the same time. At 0.4 s a call (what management calls take) eight make 1,200 calls a minute, which
/// is more than half of any bucket Okta publishes; Okta allows 35 concurrent calls on the smallest org.
pub(crate) const COLLECTIONS_AT_ONCE: usize = 8;

/// Calls of a restore under way at the same time. At 0.4 s a call eight make 1,200 a minute, four times the share of the
/// busiest bucket a restore has (users, 600 a minute); more would only wait for the budget.
pub(crate) const STEPS_AT_ONCE: usize = 8;

/// Length of an explanation taken over from an answer of Okta's, in bytes; its sentences are below 300.
pub(crate) const REASON_BYTES_MAX: usize = 500;

/// Items looked through when one object is sought by its natural key: 50 pages of 200. Beyond that the collection is not one
/// whose objects can be told apart by looking.
pub(crate) const SOUGHT_PAGES_MAX: usize = 50;

/// Unexplained differences and doubled objects named one by one in a report's text; its JSON names all.
pub(crate) const NAMED_MAX: usize = 20;
