//! What this process gives away: no core dump, no memory to other processes of the same user, no file to other users.
//!
//! Done first thing for every verb, since nearly all of them open secrets. A process that cannot hide does not start.

use crate::failure::{Exit, Failure};
use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit, umask};

/// Makes the process keep to itself.
pub(crate) fn seclude() -> Result<(), Failure> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    umask(Mode::RWXG | Mode::RWXO);
    setrlimit(Resource::Core, none)
        .and_then(|()| undumpable())
        .map_err(|error| {
            let hint = "Run it where a process may turn off its own core dumps; a dump would hold every secret.";
            Failure::new(
                Exit::Broken,
                format!("cannot turn off core dumps: {error}"),
                hint,
            )
        })
}

/// Makes room for so many connections among the files this process may have open, besides its own; says how many there can be.
pub(crate) fn room_for(connections: u32) -> u32 {
    let wanted = u64::from(connections) + OWN_FILES;
    let limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(u64::MAX);
    let mut granted = limit.current.unwrap_or(u64::MAX);
    if granted < wanted {
        let raised = Rlimit {
            current: Some(wanted.min(most)),
            ..limit
        };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            granted = wanted.min(most);
        }
    }
    let room = granted.saturating_sub(OWN_FILES);
    u32::try_from(room).unwrap_or(u32::MAX).min(connections)
}

/// Files besides connections of callers: some 256 connections to Okta, a database and a trail per org, certificates.
const OWN_FILES: u64 = 512;

#[cfg(target_os = "linux")]
fn undumpable() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn undumpable() -> rustix::io::Result<()> {
    Ok(())
}
