//! What surrounds a value in the text being gone through: its path in words, and the id of the object it belongs to.

use super::{Mark, decode};
use crate::limits::ID_BYTES_AHEAD_MAX;

/// The levels open around a value.
pub(crate) struct Around<'a> {
    pub(super) text: &'a str,
    pub(super) marks: &'a [Mark],
}

impl<'a> Around<'a> {
    /// The members that lead to the value, with dots between.
    pub(crate) fn path(&self) -> String {
        let objects = self.marks.iter().filter(|mark| mark.object);
        let names = objects.filter_map(|mark| self.text.get(mark.name.0..mark.name.1));
        names.collect::<Vec<_>>().join(".")
    }

    /// The `id` of the outermost object around the value, wherever in it that stands within the bound.
    pub(crate) fn object_id(&self) -> Option<String> {
        let outermost = self.marks.iter().find(|mark| mark.object)?;
        let text = self.text.get(outermost.begins + 1..)?;
        id_in(text)
    }
}

/// The value of the member `id` of an object of which `text` is what follows the opening brace, if that is a string.
fn id_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..ID_BYTES_AHEAD_MAX).unwrap_or(bytes);
    let (mut at, mut depth, mut name, mut named) = (0, 1_usize, true, false);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let begun = at;
                at = end_of_string(bytes, at)?;
                let raw = text.get(begun..at - 1)?;
                if depth == 1 && name {
                    named = raw == "id";
                } else if depth == 1 && named {
                    return decode(raw).map(std::borrow::Cow::into_owned);
                }
            }
            b'{' | b'[' => {
                depth += 1;
                name = false;
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return None;
                }
            }
            b',' => name = true,
            b':' => name = false,
            _ => {}
        }
    }
    None
}

fn end_of_string(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_object_is_found_wherever_it_stands() {
        for text in [
            r#""id":"0oa1","x":1}"#,
            r#""a":{"id":"inner"},"b":["id"],"n":"id", "id" : "0oa1"}"#,
            r#""a\"":"\\","id":"0oa\u0031"}"#,
        ] {
            assert_eq!(id_in(text).as_deref(), Some("0oa1"), "{text}");
        }
        for text in [
            r#""a":{"id":"inner"}}"#,
            r#""a":"id"},{"id":"next"}"#,
            r#""id":7}"#,
            r#""id":"#,
            "",
        ] {
            assert_eq!(id_in(text), None, "{text}");
        }
        let far = format!(
            "\"a\":\"{}\",\"id\":\"0oa1\"}}",
            "x".repeat(ID_BYTES_AHEAD_MAX)
        );
        assert_eq!(
            id_in(&far),
            None,
            "so that many secrets cost no more than a look ahead each"
        );
    }
}
