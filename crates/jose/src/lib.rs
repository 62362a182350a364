//! Signed tokens as the standards write them: compact JWS, JWT, JWK, thumbprints, DPoP proofs; read strictly.
//!
//! It keeps nothing, fetches nothing, knows no clock and decides nothing about who may do what.
