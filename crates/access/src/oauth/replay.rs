//! Tokens that count once: client assertions, for good and across processes; DPoP proofs, in the memory of this process.
//!
//! Neither ever forgets a token that could still be shown: when there is no more room, new ones are refused.

mod assertions;
mod proofs;

pub use assertions::UsedAssertions;
pub(crate) use proofs::SeenProofs;

/// What came of showing a token that counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It was not shown before, and now it was. Of several who show it at once, exactly one is told this.
    First,
    /// It was shown before, or lies so far back that it may have been.
    Again,
    /// There is no room to remember it, so it must not count.
    Full,
}
