//! A disk that stops taking bytes at any offset: nothing is let through, nothing that was promised is lost, and it goes on when there
//! is room again. The kernel does the refusing: a limit on the size of files, set and lifted.
//!
//! The limit is for a whole process, so that the test runs itself as a child, where the signal that comes with the limit is ignored.

use std::process::Command;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::world::{World, make_call, opening};

const CHILD: &str = "PORTCULLIS_TEST_OF_A_FULL_DISK";

fn limit(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    let limit = Rlimit {
        current: bytes.or(maximum),
        maximum,
    };
    setrlimit(Resource::Fsize, limit).unwrap();
}

#[test]
fn a_disk_that_is_full_at_any_byte_refuses_everything_and_recovers() {
    if std::env::var_os(CHILD).is_none() {
        let script = "trap '' XFSZ; exec \"$0\" --exact full::a_disk_that_is_full_at_any_byte_refuses_everything_and_recovers --nocapture";
        let mut child = Command::new("sh");
        child
            .args(["-c", script])
            .arg(std::env::current_exe().unwrap());
        assert!(child.env(CHILD, "1").status().unwrap().success());
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    // Below the length of a head nothing can be opened; every offset of the first lines, of the list and of the second file.
    let mut refused = 0;
    for bytes in (400..2_400).step_by(37) {
        refused += runtime.block_on(fill(bytes));
    }
    assert!(refused > 40, "{refused}");
}

/// Writes until the disk refuses, checks what is there, lifts the limit and goes on. Says whether it refused.
async fn fill(bytes: u64) -> u32 {
    let mut world = World::of_files(1_500);
    world.settings.checkpoint_entries = 2;
    let trail = world.open();
    limit(Some(bytes));
    let mut promised = 0;
    let refusal = loop {
        match trail.open_entry((), opening("deleteUser", true)).await {
            Ok(recorded) => promised = recorded.entry().number(),
            Err(error) => break Some(error),
        }
        if promised == 20 {
            break None;
        }
    };
    if let Some(error) = &refusal {
        assert!(error.to_string().contains("cannot write"), "{error}");
        let read = trail.open_entry((), opening("getUser", false)).await;
        assert!(read.is_err(), "reads, too");
    }
    let verified = world.verify().unwrap();
    assert!(verified.entries >= promised, "at {bytes}: {verified:?}");
    limit(None);
    trail.flush().await.unwrap();
    make_call(&trail, "getUser").await;
    drop(trail);
    let verified = world.verify().unwrap();
    assert!(
        verified.stopped && verified.entries >= promised + 2,
        "at {bytes}"
    );
    assert_eq!(verified.unfinished_bytes, 0);
    u32::from(refusal.is_some())
}
