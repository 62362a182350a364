//! From bytes to tokens: RFC 8259, strictly, without recursion.

use std::borrow::Cow;
use std::collections::HashSet;

use super::{Flaw, Kind, Tape, Token, Value};
use crate::limits::{DEPTH_MAX, NUMBER_BYTES_MAX, VALUES_MAX};
use crate::{Check, Fault};

/// What a flaw is told as.
pub(super) fn flaw(check: Check, kind: &'static str, what: impl Into<Cow<'static, str>>) -> Flaw {
    let what = what.into();
    Flaw {
        check,
        fault: Fault { kind, what },
    }
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Tape<'_>, Flaw> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        // A token takes 8 bytes and more in real bodies: `"name":"`.
        tape: Tape {
            text,
            tokens: Vec::with_capacity(text.len().min(64 * 1024) / 8 + 8),
        },
    };
    reader.document()?;
    Ok(reader.tape)
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    tape: Tape<'b>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Flaw> {
        // Objects and lists that are open: token, and whether it is an object.
        let mut open: Vec<(u32, bool)> = Vec::with_capacity(16);
        self.skip_space();
        loop {
            let opened = self.value()?;
            if let Some(is_object) = opened {
                if open.len() >= DEPTH_MAX {
                    let what = format!("is nested more than {DEPTH_MAX} deep");
                    return Err(flaw(Check::Depth, "too_deep", what));
                }
                open.push((self.last(), is_object));
                self.skip_space();
                let end = if is_object { b'}' } else { b']' };
                if self.peek() != Some(end) {
                    if is_object {
                        self.name()?;
                    }
                    continue;
                }
                self.at += 1;
                self.close(&mut open)?;
            }
            loop {
                self.skip_space();
                let Some((_, is_object)) = open.last().copied() else {
                    return if self.at == self.bytes.len() {
                        Ok(())
                    } else {
                        Err(self.broken())
                    };
                };
                match (self.peek(), is_object) {
                    (Some(b','), _) => {
                        self.at += 1;
                        self.skip_space();
                        if is_object {
                            self.name()?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        self.close(&mut open)?;
                    }
                    _ => return Err(self.broken()),
                }
            }
        }
    }

    /// Reads a scalar, or the beginning of an object (`true`) or list (`false`).
    fn value(&mut self) -> Result<Option<bool>, Flaw> {
        let start = self.at;
        match self.peek() {
            Some(b'{') => {
                self.at += 1;
                self.push(Kind::Object, false, start)?;
                return Ok(Some(true));
            }
            Some(b'[') => {
                self.at += 1;
                self.push(Kind::List, false, start)?;
                return Ok(Some(false));
            }
            Some(b'"') => {
                let escaped = self.string()?;
                self.push(Kind::Text, escaped, start)?;
            }
            Some(b'-' | b'0'..=b'9') => {
                let broken = self.number()?;
                self.push(Kind::Number, broken, start)?;
            }
            Some(b't') => self.word(b"true", Kind::True)?,
            Some(b'f') => self.word(b"false", Kind::False)?,
            Some(b'n') => self.word(b"null", Kind::Null)?,
            _ => return Err(self.broken()),
        }
        Ok(None)
    }

    fn name(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.broken());
        }
        let escaped = self.string()?;
        self.push(Kind::Name, escaped, start)?;
        self.skip_space();
        if self.peek() != Some(b':') {
            return Err(self.broken());
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    fn close(&mut self, open: &mut Vec<(u32, bool)>) -> Result<(), Flaw> {
        let Some((token, is_object)) = open.pop() else {
            return Err(self.broken());
        };
        let next = self.last() + 1;
        let end = position(self.at);
        if let Some(token) = self.tape.tokens.get_mut(token as usize) {
            (token.next, token.end) = (next, end);
        }
        if is_object {
            self.refuse_duplicates(token)?;
        }
        Ok(())
    }

    fn refuse_duplicates(&self, object: u32) -> Result<(), Flaw> {
        let object = Value {
            tape: &self.tape,
            at: object,
        };
        let mut few: [&str; PAIRWISE_MAX] = [""; PAIRWISE_MAX];
        let mut is_twice = false;
        for (count, (name, _)) in object.members().enumerate() {
            let (Cow::Borrowed(name), Some(free)) = (name, few.get_mut(count)) else {
                return self.refuse_duplicates_of_many(object);
            };
            *free = name;
            is_twice |= few.iter().take(count).any(|other| *other == name);
        }
        if is_twice { Err(duplicate()) } else { Ok(()) }
    }

    fn refuse_duplicates_of_many(&self, object: Value<'_>) -> Result<(), Flaw> {
        let mut known = HashSet::new();
        let mut members = object.members();
        if members.any(|(name, _)| !known.insert(name)) {
            return Err(duplicate());
        }
        Ok(())
    }

    /// Reads a string and says whether it has escapes.
    fn string(&mut self) -> Result<bool, Flaw> {
        let start = self.at;
        self.at += 1;
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.at += 2;
                }
                Some(0x20..) => self.at += 1,
                _ => return Err(self.broken()),
            }
        }
        self.at += 1;
        let whole = self.tape.text.get(start..self.at);
        if escaped && whole.is_none_or(|whole| serde_json::from_str::<String>(whole).is_err()) {
            self.at = start;
            return Err(self.broken());
        }
        Ok(escaped)
    }

    /// Reads a number and says whether it has a fraction or an exponent.
    fn number(&mut self) -> Result<bool, Flaw> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let mut broken = false;
        if self.peek() == Some(b'.') {
            broken = true;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            broken = true;
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        if self.at - start > NUMBER_BYTES_MAX {
            let what = format!("has a number of more than {NUMBER_BYTES_MAX} characters");
            return Err(flaw(Check::Size, "long_number", what));
        }
        Ok(broken)
    }

    fn digits(&mut self) -> Result<(), Flaw> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            Err(self.broken())
        } else {
            Ok(())
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), Flaw> {
        let start = self.at;
        if !self
            .bytes
            .get(start..)
            .is_some_and(|rest| rest.starts_with(word))
        {
            return Err(self.broken());
        }
        self.at += word.len();
        self.push(kind, false, start)
    }

    fn push(&mut self, kind: Kind, special: bool, start: usize) -> Result<(), Flaw> {
        if self.tape.tokens.len() >= VALUES_MAX {
            let what = format!("has more than {VALUES_MAX} names and values");
            return Err(flaw(Check::Size, "too_many_values", what));
        }
        let next = position(self.tape.tokens.len() + 1);
        self.tape.tokens.push(Token {
            kind,
            special,
            start: position(start),
            end: position(self.at),
            next,
        });
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// The token read last.
    fn last(&self) -> u32 {
        position(self.tape.tokens.len().saturating_sub(1))
    }

    fn broken(&self) -> Flaw {
        let before = self.bytes.get(..self.at).unwrap_or(self.bytes);
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before
            .iter()
            .rev()
            .take_while(|byte| **byte != b'\n')
            .count()
            + 1;
        let what = format!("is not JSON at line {line}, column {column}");
        flaw(Check::Syntax, "not_json", what)
    }
}

fn duplicate() -> Flaw {
    let what = "has an object with two members of one name";
    flaw(Check::DuplicateKey, "duplicate_key", what)
}

/// Bodies are far shorter than 4 GiB; one that is not ends before it is read past.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Up to so many members, comparing each with each is cheaper than hashing: 120 comparisons, mostly of lengths.
const PAIRWISE_MAX: usize = 16;
