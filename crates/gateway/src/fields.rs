//! The members of a request's body as dotted paths (`profile.department`), for policies that look at which of them a call sets.
//!
//! Every member is named, inner ones too, with array indexes left out: `{"profile": {"tags": [{"a": 1}]}}` names `profile`,
//! `profile.tags` and `profile.tags.a`. A member that occurs twice is named like any other, so that none hides behind its namesake.
//! Values are never kept.
//! Cost: one pass over the body, only where a policy looks at members.

use std::collections::BTreeSet;
use std::fmt;

use access::Body;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use crate::inspect::is_json;
use crate::limits::{FIELD_BYTES_MAX, FIELDS_MAX};
use crate::refusal::Refusal;
use crate::table::Kind;

/// The members of a JSON body, each once; none of a body of another type, which has no members.
pub(crate) fn of(body: Option<&Body>) -> Result<Vec<String>, Refusal> {
    let Some(body) = body.filter(|body| is_json(&body.content_type)) else {
        return Ok(Vec::new());
    };
    let mut found = Found::default();
    let mut json = serde_json::Deserializer::from_slice(&body.bytes);
    let read = Below(&mut found)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    match read {
        Ok(()) => Ok(found.paths.into_iter().collect()),
        Err(_) if found.overflown => Err(Refusal::new(Kind::TooLarge, "too_many_members").because(
            format!("Policies look at the members of this body, and it has more than {FIELDS_MAX}, or one below too many others."),
        )),
        Err(error) => Err(Refusal::new(Kind::Malformed, "malformed_json").because(format!(
            "Not JSON at line {}, column {}.",
            error.line(),
            error.column()
        ))),
    }
}

#[derive(Default)]
struct Found {
    paths: BTreeSet<String>,
    /// The path of the value being read.
    at: String,
    overflown: bool,
}

/// One value, whose members are to be named below the path so far.
struct Below<'f>(&'f mut Found);

impl<'de> DeserializeSeed<'de> for Below<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Below<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let above = self.0.at.len();
        while let Some(name) = members.next_key::<String>()? {
            if above > 0 {
                self.0.at.push('.');
            }
            self.0.at.push_str(&name);
            if self.0.at.len() > FIELD_BYTES_MAX || self.0.paths.len() >= FIELDS_MAX {
                self.0.overflown = true;
                return Err(A::Error::custom("too many members"));
            }
            if !self.0.paths.contains(&self.0.at) {
                self.0.paths.insert(self.0.at.clone());
            }
            members.next_value_seed(Below(&mut *self.0))?;
            self.0.at.truncate(above);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while elements.next_element_seed(Below(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn read(json: &str) -> Result<Vec<String>, Refusal> {
        of(Some(&Body {
            content_type: "application/json".to_owned(),
            bytes: Bytes::copy_from_slice(json.as_bytes()),
        }))
    }

    #[test]
    fn every_member_is_named_whatever_its_value() {
        let json =
            r#"{"profile":{"tags":[{"a":1},[{"b":null}]],"x":true},"n":-1.5,"s":"{\"q\":1}"}"#;
        let named = [
            "n",
            "profile",
            "profile.tags",
            "profile.tags.a",
            "profile.tags.b",
            "profile.x",
            "s",
        ];
        assert_eq!(read(json).unwrap(), named);
        assert!(read("[1,2]").unwrap().is_empty());
        assert!(read("\"text\"").unwrap().is_empty());
    }

    #[test]
    fn none_hides_behind_a_namesake_or_an_escape() {
        let json = r#"{"profile":{"admin":1},"profile":{"x":1},"cred\u0065ntials":{}}"#;
        let named = ["credentials", "profile", "profile.admin", "profile.x"];
        assert_eq!(read(json).unwrap(), named);
    }

    #[test]
    fn a_body_that_cannot_be_read_whole_is_refused() {
        for (json, reason) in [("{\"a\":", "malformed_json"), ("{} {}", "malformed_json")] {
            assert_eq!(read(json).unwrap_err().reason, reason);
        }
        let many: Vec<String> = (0..=FIELDS_MAX).map(|at| format!("\"m{at}\":0")).collect();
        let refused = read(&format!("{{{}}}", many.join(","))).unwrap_err();
        assert_eq!(refused.reason, "too_many_members");
        let long = read(&format!("{{\"{}\":0}}", "m".repeat(FIELD_BYTES_MAX + 1)));
        assert_eq!(long.unwrap_err().reason, "too_many_members");
    }

    #[test]
    fn a_body_of_another_type_has_no_members() {
        let form = Body {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            bytes: Bytes::from_static(b"a=1"),
        };
        assert!(of(Some(&form)).unwrap().is_empty() && of(None).unwrap().is_empty());
    }
}
