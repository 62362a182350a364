//! What a call takes away or gives that is hard to take back, and how much of that may happen within an hour and a day.
//!
//! [`tolls`] says what a call does, from data (`okta/effects.toml`), its body and what was last seen of its objects; pure. [`Budgets`]
//! say how much is everyday work. `Keyring::charge` counts in the state database, before the call is made, so that neither a crash nor
//! a second process forgets; it never makes a call, and reads cost nothing here.

mod account;
mod budget;
mod charge;
mod class;
mod exceeded;
mod raise;
mod reading;
mod stance;
mod toll;

pub use budget::{BadBudget, Budget, Budgets, Overrides};
pub use charge::Charge;
pub use class::Class;
pub use exceeded::{Exceeded, Holder, Period};
pub use raise::{BadRaise, Raise};
pub use reading::Size;
pub use stance::{Stance, is_judged, judged_type};
pub use toll::{Seen, Sought, Toll, groups_named, sought, tolls};
