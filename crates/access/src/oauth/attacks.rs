//! Every class of attack on client assertions, DPoP proofs and access tokens, as tables: each forgery is refused, and each goes through a verifier
//! that has exactly the flaw it is made for. So a check that went missing would be noticed, and no check hides behind another.
//!
//! Flaws are planted by taking a check out of its list, by putting a careless one in its place, or by a careless reader in front.

mod access_token_flaws;
mod access_token_forgeries;
mod access_tokens;
mod assertion_claims;
mod assertion_flaws;
mod assertion_signatures;
mod assertions;
mod careless;
mod forger;
mod listener;
mod numbers;
mod proof_flaws;
mod proof_forgeries;
mod proofs;
mod races;
