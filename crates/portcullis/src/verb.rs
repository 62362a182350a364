//! One file per verb of the command line. A verb reads its arguments, calls the rooms, and says what came of it.

pub(crate) mod advise;
pub(crate) mod approver;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod break_glass;
pub(crate) mod client;
pub(crate) mod credential;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod elevation;
pub(crate) mod freeze;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod issuer;
pub(crate) mod key;
pub(crate) mod key_file;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod restore;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod signing_key;
pub(crate) mod snapshots;
pub(crate) mod verify;
pub(crate) mod what_can;
pub(crate) mod who_can;
