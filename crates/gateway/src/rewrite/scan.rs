//! One pass over JSON text that knows where it is, copies every byte as it came and lets a rule put something in the place of values.
//! Nothing is parsed into anything, so number formats, member order, repeated members and escapes stay.
//!
//! Cost: one pass over the bytes and one copy of them; a stack of one small frame per level of nesting.

mod around;

use std::borrow::Cow;

pub(crate) use around::Around;

use crate::limits::ANSWER_DEPTH_MAX;

/// Where a value stands.
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

/// Which values to replace, and with what.
pub(crate) trait Rule {
    /// Where a value stands, as far as this rule goes by the names above it. Lists change nothing.
    type Step: Copy;
    /// Why the rule stops the pass.
    type Stop;

    /// Where the whole text stands.
    fn root(&self) -> Self::Step;

    /// Where the value of the member of this name stands; `content`: inside what people wrote.
    fn member(&self, at: Self::Step, name: &str, content: bool) -> Self::Step;

    /// What the rule wants to see of a value.
    fn wants(&self, place: Place, at: Self::Step) -> Want;

    /// What to put in the place of a string that says `said`.
    fn string<'t>(
        &'t self,
        place: Place,
        at: Self::Step,
        said: &'t str,
        around: &Around<'_>,
    ) -> Result<Put<'t>, Self::Stop>;

    /// What to put in the place of a value of any kind, written as `raw`.
    fn whole(
        &self,
        _at: Self::Step,
        _raw: &str,
        _around: &Around<'_>,
    ) -> Result<Put<'_>, Self::Stop> {
        Ok(Put::Nothing)
    }
}

/// What a rule wants to see of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Nothing of this one; what is in it is asked about.
    Nothing,
    /// What it says, if it is a string.
    String,
    /// All of it, whatever it is.
    Whole,
}

/// What comes in a value's place.
pub(crate) enum Put<'t> {
    /// It stays.
    Nothing,
    /// A string that says these two halves.
    Halves(&'t str, &'t str),
    /// This JSON.
    Json(String),
}

/// Why a text was not gone through to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfinished<S> {
    /// It is not JSON this can follow.
    Unreadable,
    /// The rule stopped.
    Stopped(S),
}

/// The text with values replaced by `rule`; `None` when nothing was replaced.
pub(crate) fn replace<R: Rule>(
    text: &str,
    rule: &R,
) -> Result<Option<String>, Unfinished<R::Stop>> {
    let scanner = Scanner {
        text,
        rule,
        at: 0,
        copied: 0,
        written: String::with_capacity(text.len() + 64),
        frames: vec![Frame {
            object: false,
            names: false,
            place: Place::default(),
            within: rule.root(),
            value: rule.root(),
        }],
        marks: vec![Mark::default()],
    };
    scanner.run()
}

/// One level of nesting.
#[derive(Clone, Copy)]
struct Frame<S> {
    object: bool,
    /// The next string is a member's name.
    names: bool,
    place: Place,
    /// Where the object or list stands, and where its current value does.
    within: S,
    value: S,
}

/// Where in the text a level begins, and the name of its current member.
#[derive(Clone, Copy, Default)]
struct Mark {
    begins: usize,
    object: bool,
    name: (usize, usize),
}

struct Scanner<'a, R: Rule> {
    text: &'a str,
    rule: &'a R,
    at: usize,
    copied: usize,
    written: String,
    frames: Vec<Frame<R::Step>>,
    marks: Vec<Mark>,
}

type Done<S> = Result<(), Unfinished<S>>;

impl<'a, R: Rule> Scanner<'a, R> {
    fn run(mut self) -> Result<Option<String>, Unfinished<R::Stop>> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            self.at += 1;
            match byte {
                b'"' => self.string()?,
                b'{' | b'[' => self.descend(*byte == b'{')?,
                b'}' | b']' => {
                    self.frames.pop();
                    self.marks.pop();
                    if self.frames.is_empty() {
                        return Err(Unfinished::Unreadable);
                    }
                }
                b',' => {
                    let frame = self.frame()?;
                    frame.names = frame.object;
                }
                b':' => self.frame()?.names = false,
                b'-' | b'0'..=b'9' | b't' | b'f' => self.scalar()?,
                _ => {}
            }
        }
        if self.frames.len() != 1 {
            return Err(Unfinished::Unreadable);
        }
        if self.copied == 0 {
            return Ok(None);
        }
        let rest = self.text.get(self.copied..).unwrap_or_default();
        self.written.push_str(rest);
        Ok(Some(self.written))
    }

    fn frame(&mut self) -> Result<&mut Frame<R::Step>, Unfinished<R::Stop>> {
        self.frames.last_mut().ok_or(Unfinished::Unreadable)
    }

    fn descend(&mut self, object: bool) -> Done<R::Stop> {
        if self.frames.len() > ANSWER_DEPTH_MAX {
            return Err(Unfinished::Unreadable);
        }
        let above = *self.frame()?;
        if self.rule.wants(above.place, above.value) == Want::Whole {
            return self.whole(self.at - 1);
        }
        let listed = !object && above.place.member == Member::Objects;
        let place = Place {
            member: if listed {
                Member::Objects
            } else {
                Member::Other
            },
            links: above.place.links || above.place.member == Member::Links,
            content: above.place.content || above.place.member == Member::Profile,
        };
        self.frames.push(Frame {
            object,
            names: object,
            place,
            within: above.value,
            value: above.value,
        });
        self.marks.push(Mark {
            begins: self.at - 1,
            object,
            name: (0, 0),
        });
        Ok(())
    }

    /// Passes a number or a literal, whose first byte has just been passed, and offers it to a rule that wants all. `null` stays
    /// `null`: absent, null and empty are told apart by whoever reads them.
    fn scalar(&mut self) -> Done<R::Stop> {
        let begun = self.at - 1;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        let frame = *self.frame()?;
        if self.rule.wants(frame.place, frame.value) != Want::Whole {
            return Ok(());
        }
        self.put_whole(begun)
    }

    /// Reads a string, whose opening quote has just been passed.
    fn string(&mut self) -> Done<R::Stop> {
        let start = self.at;
        let escaped = self.pass_string().ok_or(Unfinished::Unreadable)?;
        let raw = self.text.get(start..self.at - 1);
        let raw = raw.ok_or(Unfinished::Unreadable)?;
        let rule = self.rule;
        let frame = self.frame()?;
        if frame.names {
            let name = if escaped {
                decode(raw).ok_or(Unfinished::Unreadable)?
            } else {
                Cow::Borrowed(raw)
            };
            frame.place.member = Member::named(&name);
            frame.value = rule.member(frame.within, &name, frame.place.content);
            if let Some(mark) = self.marks.last_mut() {
                mark.name = (start, start + raw.len());
            }
            return Ok(());
        }
        let (place, step) = (frame.place, frame.value);
        match rule.wants(place, step) {
            Want::Nothing => return Ok(()),
            Want::Whole => return self.put_whole(start - 1),
            Want::String => {}
        }
        let said = if escaped {
            decode(raw).ok_or(Unfinished::Unreadable)?
        } else {
            Cow::Borrowed(raw)
        };
        let around = Around {
            text: self.text,
            marks: &self.marks,
        };
        let put = rule.string(place, step, &said, &around);
        match put.map_err(Unfinished::Stopped)? {
            Put::Nothing => {}
            Put::Json(json) => self.put(start - 1, self.at, &[&json]),
            Put::Halves(front, back) if escaped => {
                let inside = encode(&format!("{front}{back}")).ok_or(Unfinished::Unreadable)?;
                self.put(start, self.at - 1, &[&inside]);
            }
            Put::Halves(front, back) => self.put(start, self.at - 1, &[front, back]),
        }
        Ok(())
    }

    /// Passes an object or list that begins at `begun`, and offers it whole.
    fn whole(&mut self, begun: usize) -> Done<R::Stop> {
        let mut open = 1_usize;
        while open > 0 {
            let byte = self.text.as_bytes().get(self.at);
            self.at += 1;
            match byte.ok_or(Unfinished::Unreadable)? {
                b'"' => {
                    self.pass_string().ok_or(Unfinished::Unreadable)?;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
        }
        self.put_whole(begun)
    }

    fn put_whole(&mut self, begun: usize) -> Done<R::Stop> {
        let raw = self.text.get(begun..self.at);
        let raw = raw.ok_or(Unfinished::Unreadable)?;
        let step = self.frame()?.value;
        let around = Around {
            text: self.text,
            marks: &self.marks,
        };
        let rule = self.rule;
        let put = rule.whole(step, raw, &around);
        if let Put::Json(json) = put.map_err(Unfinished::Stopped)? {
            self.put(begun, self.at, &[&json]);
        }
        Ok(())
    }

    fn put(&mut self, from: usize, to: usize, parts: &[&str]) {
        let before = self.text.get(self.copied..from).unwrap_or_default();
        self.written.push_str(before);
        for part in parts {
            self.written.push_str(part);
        }
        self.copied = to;
    }

    /// Passes the rest of a string; whether it holds escapes.
    fn pass_string(&mut self) -> Option<bool> {
        let mut escaped = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let step = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            self.at += step + 1;
            if rest.get(step) == Some(&b'"') {
                return Some(escaped);
            }
            escaped = true;
            self.at += 1;
        }
    }
}

/// What the inside of a JSON string says.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str(&format!("\"{raw}\""))
        .ok()
        .map(Cow::Owned)
}

/// The inside of a JSON string that says `text`.
pub(crate) fn encode(text: &str) -> Option<String> {
    let quoted = serde_json::to_string(text).ok()?;
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}
