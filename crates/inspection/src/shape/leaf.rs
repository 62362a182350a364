//! Strings, words, numbers and names at the ends of a walk, and how what is wrong with them is told. Never the value itself.

use std::borrow::Cow;

use super::walk::{Seat, Step, Walk};
use crate::data::data;
use crate::json::{Kind, Value};
use crate::limits::{NAME_BYTES_MAX, PLACE_STEPS_MAX, WORD_BYTES_MAX};
use crate::{Check, Fault, Slot, address, plain, text};

impl Walk<'_, '_> {
    pub(super) fn text(&mut self, told: &str, seat: Seat<'_>) {
        if let Some(fault) = text::judge(seat.slot, told) {
            self.note(Check::HostileText, seat.field, fault);
        }
        let by = self.notes.addresses();
        if let Some(fault) = address::judge(seat.slot, told, by) {
            self.note(Check::Address, seat.field, fault);
        }
        if let Some(fault) = address::imitates(seat.slot, told, by) {
            self.note(Check::LookAlike, seat.field, fault);
        }
    }

    /// A string in a member that the catalog does not know, with more in it than such a string may have.
    pub(super) fn unknown_value(&mut self, seat: Seat<'_>) {
        let what = "is not known here and holds more than a word, a date or an address";
        self.add(Check::UnknownValue, seat.field, "not_plain", what);
    }

    /// A string that Okta documents as one of a list, which it exceeds.
    pub(super) fn word(&mut self, told: &str, words: &[&'static str], seat: Seat<'_>) {
        if told.is_empty() || words.iter().any(|word| word.eq_ignore_ascii_case(told)) {
            return;
        }
        if seat.strict {
            let what = format!("is none of: {}", words.join(", "));
            self.note(
                Check::Sensitive,
                seat.field,
                Fault {
                    kind: "unlisted",
                    what: what.into(),
                },
            );
        } else if !plain::is_word(told) {
            self.add(
                Check::Type,
                seat.field,
                "no_word",
                format!("is no word of at most {WORD_BYTES_MAX} letters"),
            );
        } else {
            self.add(
                Check::Unlisted,
                seat.field,
                "unlisted",
                "is a word that Okta does not document",
            );
        }
    }

    pub(super) fn mismatch(
        &mut self,
        value: Value<'_>,
        wanted: &'static str,
        is_scalar: bool,
        seat: Seat<'_>,
    ) {
        let found = match value.kind() {
            Kind::Object => "an object",
            Kind::List => "a list",
            Kind::Text | Kind::Name => "a string",
            Kind::Number => "a number",
            Kind::True | Kind::False => "true or false",
            Kind::Null => "null",
        };
        let is_convertible = match value.kind() {
            Kind::Text => {
                plain::is_nothing(&value.text()) || is_scalar && plain::is_scalar(&value.text())
            }
            Kind::Number | Kind::True | Kind::False => is_scalar,
            _ => false,
        };
        let check = match (seat.strict, is_convertible) {
            (true, _) => Check::Sensitive,
            (false, true) => Check::Scalar,
            (false, false) => Check::Type,
        };
        self.add(
            check,
            seat.field,
            "wrong_type",
            format!("is {found}, not {wanted}"),
        );
    }

    /// Whether a member's name is one that anybody would write.
    pub(super) fn name(&mut self, name: &str, seat: Seat<'_>) -> bool {
        let is_name = plain::is_name(name) && text::judge(Slot::FreeText, name).is_none();
        if is_name || data().is_slip(name) {
            return true;
        }
        self.add(
            Check::FieldName,
            seat.field,
            "odd_name",
            format!("has a member whose name has other characters than names have, or more than {NAME_BYTES_MAX}"),
        );
        false
    }

    pub(super) fn add(
        &mut self,
        check: Check,
        field: &str,
        kind: &'static str,
        what: impl Into<Cow<'static, str>>,
    ) {
        let what = what.into();
        self.note(check, field, Fault { kind, what });
    }

    pub(super) fn note(&mut self, check: Check, field: &str, fault: Fault) {
        let place = self.place();
        self.notes.add(check, place, field.to_owned(), fault);
    }

    fn place(&self) -> String {
        let mut place = String::from("body");
        for step in self.path.iter().take(PLACE_STEPS_MAX) {
            match step {
                Step::Member(name) => {
                    place.push('.');
                    place.push_str(if plain::is_name(name) { name } else { "?" });
                }
                Step::Item(position) => {
                    place.push_str(&format!("[{position}]"));
                }
            }
        }
        place
    }
}
