//! JSON objects of tokens and keys, read so that no two readers can disagree about them: a member named twice, at
//! any depth and however its name is escaped, is refused (RFC 7515 section 4, RFC 8725 section 2.4).
//!
//! It never repairs, and gives no position: who sent it gets no help.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::Malformed;
use crate::limits::DEPTH;

/// Reads one JSON object and nothing after it.
///
/// # Errors
/// Not JSON, not an object, a member named twice, or nested deeper than [`DEPTH`].
pub fn read_object(text: &[u8]) -> Result<Map<String, Value>, Malformed> {
    let fault = Cell::new(Malformed::Json);
    let mut reader = serde_json::Deserializer::from_slice(text);
    let seed = Strict {
        depth_left: DEPTH,
        fault: &fault,
    };
    let value = seed.deserialize(&mut reader).map_err(|_| fault.take())?;
    reader.end().map_err(|_| Malformed::Json)?;
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Malformed::Json),
    }
}

/// Builds a value while counting depth and refusing repeated names; says in `fault` what it refused.
#[derive(Clone, Copy)]
struct Strict<'f> {
    depth_left: usize,
    fault: &'f Cell<Malformed>,
}

impl Strict<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => {
                self.fault.set(Malformed::Depth);
                Err(E::custom("nested too deep"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                self.fault.set(Malformed::RepeatedMember);
                return Err(A::Error::custom("member named twice"));
            }
            let value = members.next_value_seed(inner)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth_however_escaped() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"{"x":[{"a":1},{"b":{"c":1,"c":1}}]}"#,
        ] {
            assert_eq!(
                read_object(text.as_bytes()),
                Err(Malformed::RepeatedMember),
                "{text}"
            );
        }
        assert!(read_object(br#"{"a":{"a":{"a":1}},"A":1}"#).is_ok());
    }

    #[test]
    fn only_one_object_and_nothing_after_it() {
        for text in [
            "",
            "[]",
            "1",
            "null",
            r#""a""#,
            "{",
            "{}{}",
            "{} x",
            "{'a':1}",
            "{\"a\":1,}",
            "{\"a\":NaN}",
            "{\"a\":1e999}",
            r#"{"a":"\ud800"}"#,
            "\u{feff}{}",
        ] {
            assert_eq!(
                read_object(text.as_bytes()),
                Err(Malformed::Json),
                "{text:?}"
            );
        }
        assert_eq!(read_object(b"{\"a\":\"\xff\"}"), Err(Malformed::Json));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| {
            let inner = depth - 1;
            format!(r#"{{"a":{}{}}}"#, "[".repeat(inner), "]".repeat(inner))
        };
        assert!(read_object(nested(DEPTH).as_bytes()).is_ok());
        assert_eq!(
            read_object(nested(DEPTH + 1).as_bytes()),
            Err(Malformed::Depth)
        );
    }
}
