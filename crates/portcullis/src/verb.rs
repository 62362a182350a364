//! One file per verb of the command line. A verb reads its arguments, calls the rooms, and says what came of it.

pub mod audit;
//WAIT pub mod backup;
pub mod client;
//WAIT pub mod demo;
//WAIT pub mod diff;
pub mod init;
pub mod key;
//WAIT pub mod plan;
//WAIT pub mod restore;
//WAIT pub mod sandbox;
pub mod serve;
pub mod snapshots;
//WAIT pub mod verify;
