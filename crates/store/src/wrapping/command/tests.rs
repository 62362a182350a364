//! Commands that wrap and unwrap well, badly, slowly, or not at all.

use super::*;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Instant;

fn key() -> SealKey {
    SealKey::from_bytes([0xA7; 32])
}

/// A command whose script is `body`; `$1` is the direction.
fn command(directory: &Path, body: &str) -> ExternalCommand {
    let script = directory.join("kms");
    fs::write(&script, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&script, Permissions::from_mode(0o700)).unwrap();
    ExternalCommand::new(&["/bin/sh".to_owned(), script.display().to_string()]).unwrap()
}

/// Stands for a key management service: letters moved by thirteen.
const ROTATING: &str = "tr 'A-Za-z' 'N-ZA-Mn-za-m'";

fn refusal(result: Result<impl Sized, WrappingError>) -> String {
    match result {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_the_command_wraps_it_unwraps() {
    let directory = tempfile::tempdir().unwrap();
    let kms = command(directory.path(), ROTATING);
    let wrapped = kms.wrap(&key()).unwrap();
    assert!(!wrapped.contains(&**key().to_text()));
    assert_eq!(kms.open(&wrapped).unwrap().expose(), key().expose());
}

#[test]
fn the_command_sees_the_key_on_stdin_only() {
    let directory = tempfile::tempdir().unwrap();
    let seen = directory.path().join("seen");
    let body = format!("(echo \"$0\" \"$@\"; env) > {}; {ROTATING}", seen.display());
    let kms = command(directory.path(), &body).withholding(["PATH".to_owned()]);
    let kms = ExternalCommand {
        program: "/bin/sh".to_owned(),
        ..kms
    };
    let wrapped = kms.wrap(&key()).unwrap();
    let seen = fs::read_to_string(&seen).unwrap();
    assert!(seen.lines().next().unwrap().ends_with("kms wrap"), "{seen}");
    for part in [&**key().to_text(), &*wrapped] {
        assert!(!seen.contains(part), "{seen}");
    }
    let home = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    assert!(seen.contains(&home), "the rest of the environment is there");
    let inherited = std::env::var("PATH").unwrap();
    assert!(!seen.contains(&format!("PATH={inherited}\n")), "{seen}");
}

#[test]
fn a_command_that_fails_is_believed_whatever_it_wrote() {
    let directory = tempfile::tempdir().unwrap();
    let said = refusal(command(directory.path(), &format!("{ROTATING}; exit 3")).wrap(&key()));
    assert!(said.contains("wrap` failed (exit status: 3)"), "{said}");
    let absent = ExternalCommand::new(&["/nowhere/kms".to_owned()]).unwrap();
    assert!(refusal(absent.wrap(&key())).contains("cannot be started"));
    let silent = command(directory.path(), "cat > /dev/null");
    assert!(refusal(silent.wrap(&key())).contains("wrote nothing"));
    assert!(matches!(
        ExternalCommand::new(&[]),
        Err(WrappingError::NoCommand)
    ));
}

#[test]
fn a_command_that_does_not_end_is_ended_with_all_it_started() {
    let directory = tempfile::tempdir().unwrap();
    let child = directory.path().join("child");
    let body = format!("sleep 600 & echo $! > {}; wait", child.display());
    let kms = command(directory.path(), &body).within(Duration::from_millis(500));
    let started = Instant::now();
    assert!(refusal(kms.wrap(&key())).contains("did not end within 0.5 s"));
    assert!(started.elapsed() < Duration::from_secs(60));
    let child: i32 = fs::read_to_string(&child).unwrap().trim().parse().unwrap();
    let stat = Path::new("/proc").join(child.to_string()).join("stat");
    // Gone, or a zombie that nobody has collected yet.
    let ended = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
    while !ended() {
        assert!(started.elapsed() < Duration::from_secs(60));
        thread::yield_now();
    }
}

#[test]
fn a_command_that_never_stops_talking_is_cut_off() {
    let directory = tempfile::tempdir().unwrap();
    let said = refusal(command(directory.path(), "yes").wrap(&key()));
    assert!(said.contains("wrote more than 16384 bytes"), "{said}");
}

#[test]
fn another_key_or_none_at_all_is_not_taken_for_the_one_that_was_wrapped() {
    let directory = tempfile::tempdir().unwrap();
    let wrapped = command(directory.path(), ROTATING).wrap(&key()).unwrap();
    let other = SealKey::from_bytes([1; 32]).to_text();
    let kms = command(directory.path(), &format!("echo '{}'", *other));
    assert!(matches!(
        kms.open(&wrapped),
        Err(WrappingError::OtherKey { .. })
    ));
    let said = refusal(command(directory.path(), "echo 'no such key'").open(&wrapped));
    assert!(said.contains("did not write the line"), "{said}");
    assert!(!said.contains("no such key"), "{said}");
    for text in ["", "QUJD", "!!! QUJD", "QUJD !!!"] {
        assert!(matches!(kms.open(text), Err(WrappingError::Malformed(_))));
    }
}
