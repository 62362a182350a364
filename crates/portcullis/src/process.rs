//! What this process gives away: no core dump, no memory to other processes of the same user, no file to other users.
//!
//! Done first thing for every verb, since nearly all of them open secrets. A process that cannot hide does not start.

use crate::failure::{Exit, Failure};
use rustix::fs::Mode;
use rustix::process::{Resource, Rlimit, setrlimit, umask};

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

#[cfg(target_os = "linux")]
fn undumpable() -> rustix::io::Result<()> {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}

#[cfg(not(target_os = "linux"))]
fn undumpable() -> rustix::io::Result<()> {
    Ok(())
}
