//! One pass over JSON text that knows where it is, copies every byte as it came and lets a rule replace strings. Nothing is
//! parsed into anything, so number formats, member order, repeated members and escapes stay.
//!
//! Cost: one pass over the bytes and one copy of them; a stack of one small frame per level of nesting.

use std::borrow::Cow;

use crate::limits::ANSWER_DEPTH_MAX;

/// Where a string stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    /// The member whose value it is, or in whose array it stands.
    pub(crate) member: Member,
    /// Inside `_links`.
    pub(crate) links: bool,
    /// Inside what people wrote.
    pub(crate) content: bool,
}

/// What a member's name says about its value.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Member {
    #[default]
    Other,
    /// `_links`: in it, `href` is Okta's.
    Links,
    /// `profile`: in it, everything is the customer's.
    Profile,
    /// `href`.
    Href,
    /// `id`, `$schema`: of a schema, a URL.
    Id,
    /// `resources`, `additions`, `members`, `resourceOrnOrUrl`: objects named by URL, in administration roles.
    Objects,
}

impl Member {
    fn named(name: &str) -> Self {
        match name {
            "href" => Self::Href,
            "_links" => Self::Links,
            "id" | "$schema" => Self::Id,
            "profile" => Self::Profile,
            "resources" | "additions" | "members" | "resourceOrnOrUrl" => Self::Objects,
            _ => Self::Other,
        }
    }
}

/// Which strings to replace, and with what.
pub(crate) trait Rule {
    /// The two halves of what to put in the string's place; `None` leaves it.
    fn replace<'t>(&'t self, place: Place, string: &'t str) -> Option<(&'t str, &'t str)>;
}

/// The text with strings replaced by `rule`; `None` when nothing was replaced or the text is not JSON this can follow.
pub(crate) fn replace(text: &str, rule: &impl Rule) -> Option<String> {
    let scanner = Scanner {
        text,
        rule,
        at: 0,
        copied: 0,
        written: String::with_capacity(text.len() + 64),
        frames: vec![Frame::default()],
    };
    scanner.run()
}

/// One level of nesting.
#[derive(Clone, Copy, Default)]
struct Frame {
    object: bool,
    /// The next string is a member's name.
    names: bool,
    place: Place,
}

struct Scanner<'a, R> {
    text: &'a str,
    rule: &'a R,
    at: usize,
    copied: usize,
    written: String,
    frames: Vec<Frame>,
}

impl<'a, R: Rule> Scanner<'a, R> {
    fn run(mut self) -> Option<String> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => self.descend(*byte == b'{')?,
                b'}' | b']' => {
                    self.frames.pop()?;
                }
                b',' => {
                    let frame = self.frames.last_mut()?;
                    frame.names = frame.object;
                }
                b':' => self.frames.last_mut()?.names = false,
                _ => {}
            }
        }
        if self.copied == 0 || self.frames.len() != 1 {
            return None;
        }
        self.written.push_str(self.text.get(self.copied..)?);
        Some(self.written)
    }

    fn descend(&mut self, object: bool) -> Option<()> {
        if self.frames.len() > ANSWER_DEPTH_MAX {
            return None;
        }
        let above = self.frames.last()?.place;
        let listed = !object && above.member == Member::Objects;
        let place = Place {
            member: if listed {
                Member::Objects
            } else {
                Member::Other
            },
            links: above.links || above.member == Member::Links,
            content: above.content || above.member == Member::Profile,
        };
        self.frames.push(Frame {
            object,
            names: object,
            place,
        });
        Some(())
    }

    /// Reads a string, whose opening quote has just been passed.
    fn string(&mut self) -> Option<()> {
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let step = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            self.at += step + 1;
            if rest.get(step) == Some(&b'"') {
                break;
            }
            escaped = true;
            self.at += 1;
        }
        let raw = self.text.get(start..self.at - 1)?;
        let frame = self.frames.last_mut()?;
        if frame.names {
            frame.place.member = Member::named(raw);
            return Some(());
        }
        let place = frame.place;
        if place.member == Member::Other {
            return Some(());
        }
        let decoded = if escaped {
            decode(raw)?
        } else {
            Cow::Borrowed(raw)
        };
        let Some((front, back)) = self.rule.replace(place, &decoded) else {
            return Some(());
        };
        self.written.push_str(self.text.get(self.copied..start)?);
        if escaped {
            self.written.push_str(&encode(&format!("{front}{back}"))?);
        } else {
            self.written.push_str(front);
            self.written.push_str(back);
        }
        self.copied = self.at - 1;
        Some(())
    }
}

/// What the inside of a JSON string says.
fn decode(raw: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str(&format!("\"{raw}\""))
        .ok()
        .map(Cow::Owned)
}

/// The inside of a JSON string that says `text`.
fn encode(text: &str) -> Option<String> {
    let quoted = serde_json::to_string(text).ok()?;
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}
