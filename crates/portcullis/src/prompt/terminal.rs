//! The terminal somebody sits at, for what must not be seen on it. Echo is off before anything is asked, so that not even what is typed
//! too early is shown; it is on again however the asking ends.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use store::Zeroizing;

/// A terminal that shows nothing of what is typed.
pub(super) struct Silenced {
    terminal: File,
    before: Termios,
}

impl Silenced {
    /// The terminal of this process; what has been typed ahead is dropped.
    pub(super) fn open() -> io::Result<Self> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }

    /// Asks, and takes one line of at most `bytes_max`.
    pub(super) fn ask(&mut self, what: &str, bytes_max: usize) -> io::Result<Zeroizing<String>> {
        write!(self.terminal, "{what}: ")?;
        self.terminal.flush()?;
        let line = line(&mut self.terminal, bytes_max);
        writeln!(self.terminal)?;
        line
    }
}

impl Drop for Silenced {
    fn drop(&mut self) {
        // A terminal that has gone away needs no echo.
        let _ = tcsetattr(&self.terminal, OptionalActions::Drain, &self.before);
    }
}

/// Reads keys up to the end of a line, with the few that edit it.
fn line(keys: &mut impl Read, bytes_max: usize) -> io::Result<Zeroizing<String>> {
    let mut typed = Zeroizing::new(Vec::with_capacity(bytes_max));
    let mut key = [0_u8; 1];
    loop {
        if keys.read(&mut key)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        match key {
            [b'\n' | b'\r'] => break,
            [INTERRUPT | END] => return Err(ErrorKind::Interrupted.into()),
            [CLEAR] => typed.clear(),
            [DELETE | BACKSPACE] => while typed.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {},
            [_] if typed.len() == bytes_max => return Err(ErrorKind::FileTooLarge.into()),
            [byte] => typed.push(byte),
        }
    }
    let text = String::from_utf8(std::mem::take(&mut *typed));
    text.map(Zeroizing::new)
        .map_err(|_| ErrorKind::InvalidData.into())
}

/// Keys as a terminal sends them: Ctrl-C, Ctrl-D, Ctrl-U, and the two that delete a letter.
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const CLEAR: u8 = 0x15;
const DELETE: u8 = 0x7f;
const BACKSPACE: u8 = 0x08;

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &str) -> io::Result<String> {
        line(&mut keys.as_bytes(), 16).map(|line| line.to_string())
    }

    #[test]
    fn keys_that_edit_a_line_are_understood() {
        assert_eq!(typed("open sesame\nrest").unwrap(), "open sesame");
        assert_eq!(typed("op\u{e9}\u{7f}en\r").unwrap(), "open");
        assert_eq!(typed("wrong\u{15}right\u{8}\u{8}ht\n").unwrap(), "right");
        assert_eq!(typed("\u{7f}\n").unwrap(), "");
    }

    #[test]
    fn a_line_that_is_given_up_or_too_long_is_no_line() {
        for (keys, why) in [
            ("open\u{3}\n", ErrorKind::Interrupted),
            ("open\u{4}\n", ErrorKind::Interrupted),
            ("open", ErrorKind::UnexpectedEof),
            ("seventeen letters\n", ErrorKind::FileTooLarge),
        ] {
            assert_eq!(typed(keys).unwrap_err().kind(), why, "{keys:?}");
        }
    }
}
