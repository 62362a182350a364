//! One file per verb of the command line. A verb reads its arguments, calls the rooms, and says what came of it.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod init;
pub(crate) mod key;
pub(crate) mod plan;
pub(crate) mod restore;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod snapshots;
pub(crate) mod verify;
