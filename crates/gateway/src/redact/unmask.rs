//! Placeholders in requests become the values they stand for, where they belong; anywhere else they stop the call.
//!
//! A placeholder of a secret belongs to the object that the path names first, so that nobody can have a secret sent to where it was not
//! from: a new object has secrets of its own. One of a hidden member belongs to the object it was read in, which the path must name.

use access::{Body, Call, Sight};
use bytes::Bytes;

use super::hides::Hides;
use super::mask::Step;
use super::placeholder::{Bond, PREFIX, Sealed};
use super::plan::plans;
use super::secrets::secrets;
use super::{MaskKey, Redaction};
use crate::inspect::is_json;
use crate::refusal::Refusal;
use crate::rewrite::scan::{Around, Place, Put, Rule, Unfinished, Want, encode, replace};
use crate::table::Kind;

/// Puts values back into a call's body.
pub(super) fn restore(
    redaction: &Redaction,
    sight: &Sight,
    call: &mut Call,
) -> Result<(), Refusal> {
    if let Some((name, _)) = call.query.iter().find(|(_, value)| value.contains(PREFIX)) {
        return Err(misplaced(&format!("query.{name}")));
    }
    let Some(body) = &call.body else {
        return Ok(());
    };
    let Some(text) = std::str::from_utf8(&body.bytes)
        .ok()
        .filter(|text| text.contains(PREFIX))
    else {
        return Ok(());
    };
    if !is_json(&body.content_type) {
        return Err(misplaced("body"));
    }
    let hidden = redaction.hidden.iter().chain(&sight.hidden);
    let rule = Unmasking {
        key: &redaction.key,
        root: Step {
            node: plans().request(call.operation),
            ..Step::default()
        },
        hides: Hides::all(hidden),
        objects: &call.params,
    };
    match replace(text, &rule) {
        // What cannot be gone through is no JSON, and inspection says so.
        Ok(None) | Err(Unfinished::Unreadable) => Ok(()),
        Err(Unfinished::Stopped(Misplaced(path))) => Err(misplaced(&format!("body.{path}"))),
        Ok(Some(restored)) => {
            call.body = Some(Body {
                content_type: body.content_type.clone(),
                bytes: Bytes::from(restored),
            });
            Ok(())
        }
    }
}

fn misplaced(place: &str) -> Refusal {
    let place: String = place.chars().take(PLACE_CHARS_MAX).collect();
    Refusal::new(Kind::Invalid, "misplaced_placeholder").because(format!(
        "{place}: a placeholder of a masked value stands here, and it is not this object's, not this member's, or was changed. Send \
         it where it was read, leave the member out, or send a value."
    ))
}

struct Unmasking<'r> {
    key: &'r MaskKey,
    root: Step,
    hides: Hides,
    /// What the path names.
    objects: &'r [(String, String)],
}

/// Where a placeholder stands that does not belong there.
struct Misplaced(String);

impl Rule for Unmasking<'_> {
    type Step = Step;
    type Stop = Misplaced;

    fn root(&self) -> Step {
        self.root
    }

    fn member(&self, at: Step, name: &str, content: bool) -> Step {
        at.into_member(name, content, &self.hides)
    }

    fn wants(&self, _: Place, _: Step) -> Want {
        Want::String
    }

    fn string<'t>(
        &'t self,
        _: Place,
        at: Step,
        said: &'t str,
        around: &Around<'_>,
    ) -> Result<Put<'t>, Misplaced> {
        if !said.starts_with(PREFIX) {
            return Ok(Put::Nothing);
        }
        let value = self.hidden(at, said).or_else(|| self.secret(at, said));
        value.map(Put::Json).ok_or_else(|| Misplaced(around.path()))
    }
}

impl Unmasking<'_> {
    fn hidden(&self, at: Step, said: &str) -> Option<String> {
        let what = self.hides.hidden(at.progress)?;
        let mut objects = self.objects.iter().map(|(_, object)| object.as_str());
        let opened = objects.find_map(|object| {
            let bond = Bond { what, object };
            self.key.open(bond, Sealed::Json, said)
        });
        opened.map(|json| json.to_string())
    }

    fn secret(&self, at: Step, said: &str) -> Option<String> {
        let bond = Bond {
            what: &secrets().get(at.secret?)?.name,
            object: self.objects.first().map(|(_, object)| object.as_str())?,
        };
        if let Some(text) = self.key.open(bond, Sealed::Text, said) {
            return Some(format!("\"{}\"", encode(&text)?));
        }
        let json = self.key.open(bond, Sealed::Json, said)?;
        Some(json.to_string())
    }
}

/// Longest place told, in characters: names of members are the caller's.
const PLACE_CHARS_MAX: usize = 200;
