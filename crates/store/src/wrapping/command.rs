//! A key wrapped by a command of the operator's, usually a few lines around a key management service: `BLOB PROOF`.
//!
//! The command is run as `WORDS… wrap` with the key on stdin, as one line of base64, and writes any bytes; as `WORDS… unwrap` it
//! gets these bytes and writes the line. It ends with 0, has a time limit and a bound on what it may say, gets no terminal, and its
//! stderr is the operator's. Nothing secret is ever among its arguments or in its environment. The proof is a seal under the key
//! itself, so that another key than was wrapped is noticed before anything is sealed or opened with it.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process_group};

use super::{KeyWrapping, WrappingError, WrappingKind};
use crate::{SealError, SealKey, Zeroizing};

/// A command that wraps and unwraps keys.
#[derive(Debug, Clone)]
pub struct ExternalCommand {
    program: String,
    arguments: Vec<String>,
    withheld: Vec<String>,
    time_limit: Duration,
}

impl ExternalCommand {
    /// The command of these words: a program, by name or path, and its first arguments.
    ///
    /// # Errors
    /// [`WrappingError::NoCommand`], when there is no word.
    pub fn new(words: &[String]) -> Result<Self, WrappingError> {
        let (program, arguments) = words.split_first().ok_or(WrappingError::NoCommand)?;
        Ok(Self {
            program: program.clone(),
            arguments: arguments.to_vec(),
            withheld: Vec::new(),
            time_limit: COMMAND_TIME_MAX,
        })
    }

    /// The same command, which does not get to see these environment variables.
    #[must_use]
    pub fn withholding(mut self, variables: impl IntoIterator<Item = String>) -> Self {
        self.withheld.extend(variables);
        self
    }

    #[cfg(test)]
    fn within(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    fn run(
        &self,
        direction: &'static str,
        input: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, WrappingError> {
        let failed = |reason: String| WrappingError::CommandFailed {
            program: self.program.clone(),
            direction,
            reason,
        };
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .arg(direction)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own, so that whatever it has started ends with it.
            .process_group(0);
        for variable in &self.withheld {
            command.env_remove(variable);
        }
        let child = command
            .spawn()
            .map_err(|error| failed(format!("cannot be started: {error}")))?;
        let group = Pid::from_child(&child);
        let (tell, told) = mpsc::channel();
        let input = Zeroizing::new(input.to_vec());
        thread::spawn(move || {
            // Nobody listens any more once the time is over.
            let _ = tell.send(converse(child, &input));
        });
        match told.recv_timeout(self.time_limit) {
            Ok(result) => result.map_err(failed),
            Err(RecvTimeoutError::Timeout) => {
                // It may have ended at this very moment; then there is nothing to end.
                let _ = kill_process_group(group, Signal::KILL);
                Err(failed(format!(
                    "did not end within {} s",
                    self.time_limit.as_secs_f32()
                )))
            }
            Err(RecvTimeoutError::Disconnected) => Err(failed("could not be spoken to".to_owned())),
        }
    }
}

/// Gives the command its input, takes its output, waits for its end.
fn converse(mut child: Child, input: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    if let Some(mut stdin) = child.stdin.take() {
        // Shorter than a pipe holds, so this does not wait. A command that does not read is judged by what it writes.
        let _ = stdin.write_all(input);
    }
    let mut output = Zeroizing::new(Vec::with_capacity(COMMAND_OUTPUT_BYTES_MAX + 1));
    let read = match child.stdout.take() {
        Some(stdout) => stdout
            .take(COMMAND_OUTPUT_BYTES_MAX as u64 + 1)
            .read_to_end(&mut output),
        None => Ok(0),
    };
    if output.len() > COMMAND_OUTPUT_BYTES_MAX {
        // It may have ended by itself, its output unread.
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let _ = child.wait();
        return Err(format!("wrote more than {COMMAND_OUTPUT_BYTES_MAX} bytes"));
    }
    let status = child
        .wait()
        .map_err(|error| format!("cannot be waited for: {error}"))?;
    read.map_err(|error| format!("cannot be read from: {error}"))?;
    if !status.success() {
        return Err(format!("failed ({status})"));
    }
    if output.is_empty() {
        return Err("wrote nothing".to_owned());
    }
    Ok(output)
}

impl KeyWrapping for ExternalCommand {
    fn kind(&self) -> WrappingKind {
        WrappingKind::Command
    }

    fn wrap(&self, key: &SealKey) -> Result<Zeroizing<String>, WrappingError> {
        let mut line = key.to_text();
        line.push('\n');
        let blob = self.run("wrap", line.as_bytes())?;
        let proof = crate::seal(&proving(key)?, PROOF, &[])?;
        Ok(Zeroizing::new(format!(
            "{} {}",
            STANDARD.encode(&*blob),
            STANDARD.encode(proof)
        )))
    }

    fn open(&self, wrapped: &str) -> Result<SealKey, WrappingError> {
        let (blob, proof) = wrapped
            .split_once(' ')
            .ok_or(WrappingError::Malformed("two words expected"))?;
        let bytes = |text: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| WrappingError::Malformed("it is not base64"))
        };
        let proof = bytes(proof)?;
        let output = self.run("unwrap", &bytes(blob)?)?;
        let key = std::str::from_utf8(&output)
            .ok()
            .and_then(|line| SealKey::from_text(line).ok())
            .ok_or_else(|| WrappingError::CommandFailed {
                program: self.program.clone(),
                direction: "unwrap",
                reason: "did not write the line that was wrapped".to_owned(),
            })?;
        match crate::open(&proving(&key)?, PROOF, &proof) {
            Ok(_) => Ok(key),
            Err(_) => Err(WrappingError::OtherKey {
                program: self.program.clone(),
            }),
        }
    }
}

fn proving(key: &SealKey) -> Result<SealKey, SealError> {
    key.derive(PROOF).map_err(|_| SealError::Unavailable)
}

const PROOF: &str = "portcullis key file proof";
/// Longest the command may take: a key management service with two of its own repeats answers within 10 s.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(30);
/// Most the command may write: blobs of key management services have 200 bytes to 4 KiB; four times that.
const COMMAND_OUTPUT_BYTES_MAX: usize = 16 << 10;

#[cfg(test)]
mod tests;
