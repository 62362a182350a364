//! JSON as RFC 8259 writes it, read strictly into a flat list of tokens: no tree, one allocation, every value's end known, so that
//! whoever reads can look ahead and skip. Refuses what two parsers could read differently. Knows no schema.
//!
//! Cost: one pass, about 1 ns per byte. Own code because a discriminator may stand after the members it decides about, and because
//! duplicate names must be seen; `serde_json` decodes the few strings with escapes, and a test holds both to the same language.

mod reader;

use std::borrow::Cow;

use crate::{Check, Fault};
use reader::flaw;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    List,
    /// Name of the member whose value is the next token.
    Name,
    Text,
    Number,
    True,
    False,
    Null,
}

/// One token; positions are bytes.
#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    /// A string with escapes, a number with a fraction or an exponent.
    special: bool,
    start: u32,
    end: u32,
    /// Token after this value with all that is in it.
    next: u32,
}

/// A well-formed document.
#[derive(Debug)]
pub(crate) struct Tape<'b> {
    text: &'b str,
    tokens: Vec<Token>,
}

/// A value in a document.
#[derive(Clone, Copy)]
pub(crate) struct Value<'t> {
    tape: &'t Tape<'t>,
    at: u32,
}

/// Why a body is no document, and the check that says so.
pub(crate) struct Flaw {
    pub(crate) check: Check,
    pub(crate) fault: Fault,
}

impl<'b> Tape<'b> {
    /// Reads a document.
    pub(crate) fn read(bytes: &'b [u8]) -> Result<Self, Flaw> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let from = error.valid_up_to();
            flaw(
                Check::Syntax,
                "not_utf8",
                format!("is not UTF-8 from byte {from} on"),
            )
        })?;
        reader::read(text)
    }

    /// The document's value.
    pub(crate) fn root(&self) -> Value<'_> {
        Value { tape: self, at: 0 }
    }

    fn raw(&self, token: &Token) -> &str {
        let range = token.start as usize..token.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    fn string(&self, token: &Token) -> Cow<'_, str> {
        let raw = self.raw(token);
        if token.special {
            return serde_json::from_str(raw).map_or(Cow::Borrowed(""), Cow::Owned);
        }
        Cow::Borrowed(raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default())
    }
}

impl<'t> Value<'t> {
    fn token(self) -> &'t Token {
        const NOTHING: Token = Token {
            kind: Kind::Null,
            special: false,
            start: 0,
            end: 0,
            next: u32::MAX,
        };
        self.tape.tokens.get(self.at as usize).unwrap_or(&NOTHING)
    }

    /// What it is; never [`Kind::Name`].
    pub(crate) fn kind(self) -> Kind {
        self.token().kind
    }

    /// The text of a string, decoded; of anything else, nothing.
    pub(crate) fn text(self) -> Cow<'t, str> {
        let token = self.token();
        match token.kind {
            Kind::Text => self.tape.string(token),
            _ => Cow::Borrowed(""),
        }
    }

    /// Whether it is a number without fraction and exponent.
    pub(crate) fn is_integer(self) -> bool {
        self.kind() == Kind::Number && !self.token().special
    }

    /// Members of an object, in order; of anything else, none.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'t, str>, Self)> {
        let last = if self.kind() == Kind::Object {
            self.token().next
        } else {
            0
        };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            if at >= last {
                return None;
            }
            let name = Value { at, ..self }.token();
            let value = Value { at: at + 1, ..self };
            at = value.token().next;
            Some((self.tape.string(name), value))
        })
    }

    /// Items of a list, in order; of anything else, none.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        let last = if self.kind() == Kind::List {
            self.token().next
        } else {
            0
        };
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            if at >= last {
                return None;
            }
            let value = Value { at, ..self };
            at = value.token().next;
            Some(value)
        })
    }

    /// The member of this name.
    pub(crate) fn member(self, name: &str) -> Option<Self> {
        self.members()
            .find_map(|(known, value)| (known == name).then_some(value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Tree;

    use super::{Kind, Tape, Value};
    use crate::Check;
    use crate::limits::{DEPTH_MAX, NUMBER_BYTES_MAX, VALUES_MAX};

    fn tree(value: Value<'_>) -> Tree {
        match value.kind() {
            Kind::Object => Tree::Object(
                value
                    .members()
                    .map(|(name, value)| (name.into_owned(), tree(value)))
                    .collect(),
            ),
            Kind::List => value.items().map(tree).collect(),
            Kind::Text => Tree::String(value.text().into_owned()),
            Kind::Number => serde_json::from_str(value.tape.raw(value.token())).unwrap(),
            Kind::True => true.into(),
            Kind::False => false.into(),
            Kind::Null | Kind::Name => Tree::Null,
        }
    }

    fn refused(text: &str) -> Check {
        Tape::read(text.as_bytes())
            .err()
            .map(|flaw| flaw.check)
            .unwrap()
    }

    fn any_tree() -> impl Strategy<Value = Tree> {
        let leaf = prop_oneof![
            Just(Tree::Null),
            any::<bool>().prop_map(Tree::from),
            any::<i64>().prop_map(Tree::from),
            any::<u32>().prop_map(|whole| Tree::from(f64::from(whole) / 8.0)),
            any::<String>().prop_map(Tree::from),
        ];
        leaf.prop_recursive(5, 64, 24, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..24).prop_map(Tree::from),
                prop::collection::btree_map("[a-z\\\\\"é]{0,3}", inner, 0..24)
                    .prop_map(|members| Tree::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(written in any_tree(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&written) } else { serde_json::to_string(&written) }.unwrap();
            let tape = Tape::read(text.as_bytes()).ok().unwrap();
            prop_assert_eq!(tree(tape.root()), written);
        }

        #[test]
        fn nothing_is_read_that_serde_json_refuses_and_the_other_way_round(text in "[\\[\\]{}:,\"\\\\u0d8a1eE.+ntrfalsu -]{0,12}") {
            let ours = Tape::read(text.as_bytes());
            if ours.as_ref().err().is_none_or(|flaw| flaw.check == Check::Syntax) {
                prop_assert_eq!(ours.is_ok(), serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "{}", text);
            }
        }
    }

    #[test]
    fn a_name_given_twice_is_refused_however_it_is_written() {
        assert_eq!(
            refused(r#"{"role":1,"x":{"y":2},"role":3}"#),
            Check::DuplicateKey
        );
        assert_eq!(
            refused(r#"[{"role":1,"r\u006fle":3}]"#),
            Check::DuplicateKey
        );
        let many: Vec<String> = (0..40).map(|number| format!("\"m{number}\":0")).collect();
        assert!(Tape::read(format!("{{{}}}", many.join(",")).as_bytes()).is_ok());
        assert_eq!(
            refused(&format!("{{{},\"m3\":1}}", many.join(","))),
            Check::DuplicateKey
        );
        assert!(Tape::read(br#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#).is_ok());
    }

    #[test]
    fn bounds_hold() {
        assert_eq!(refused(&"[".repeat(DEPTH_MAX + 1)), Check::Depth);
        let deep = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
        assert!(Tape::read(deep.as_bytes()).is_ok());
        assert_eq!(refused(&"1".repeat(NUMBER_BYTES_MAX + 1)), Check::Size);
        assert_eq!(
            refused(&format!("[{}0]", "0,".repeat(VALUES_MAX))),
            Check::Size
        );
    }

    #[test]
    fn a_flaw_is_named_with_its_place() {
        let flaw = Tape::read(b"{\n \"a\": 01}").err().unwrap();
        assert_eq!(flaw.fault.what, "is not JSON at line 2, column 8");
        assert_eq!(refused("\u{feff}{}"), Check::Syntax);
        let flaw = Tape::read(b"{\"a\":\"\xff\"}").err().unwrap();
        assert_eq!(flaw.fault.kind, "not_utf8");
    }
}
