//! Whether bytes are one JSON text (RFC 8259), no deeper than a bound: one pass, no recursion, nothing kept but a bit per level.
//!
//! Cost: about a nanosecond per byte.

use crate::limits::ANSWER_DEPTH_MAX;

/// Whether `text` is one well-formed JSON text that nests no deeper than the bound.
pub(crate) fn is_well_formed(text: &str) -> bool {
    let mut reader = Reader {
        text: text.as_bytes(),
        at: 0,
        objects: 0,
        depth: 0,
    };
    reader.document().is_some()
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    /// One bit per open level, the innermost last: set for an object.
    objects: u128,
    depth: u32,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value, or the end of the array just begun.
    FirstItem,
    /// A name, or the end of the object just begun.
    FirstName,
    /// A comma or the end of what is open.
    Separator,
}

impl Reader<'_> {
    fn document(&mut self) -> Option<()> {
        let mut next = Next::Value;
        loop {
            next = match (next, self.token()?) {
                (Next::FirstItem, b']') | (Next::FirstName, b'}') => self.ascend()?,
                (Next::FirstName, b'"') => self.name()?,
                (Next::FirstName, _) => return None,
                (Next::Separator, b',') if self.objects & 1 == 1 => {
                    (self.token()? == b'"').then_some(())?;
                    self.name()?
                }
                (Next::Separator, b',') => Next::Value,
                (Next::Separator, end) => {
                    let fits = end == if self.objects & 1 == 1 { b'}' } else { b']' };
                    fits.then(|| self.ascend())??
                }
                (Next::Value | Next::FirstItem, first) => self.value(first)?,
            };
            if next == Next::Separator && self.depth == 0 {
                return self.token().is_none().then_some(());
            }
        }
    }

    /// The next byte that is no space.
    fn token(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.get(self.at)?;
            self.at += 1;
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
        }
    }

    fn value(&mut self, first: u8) -> Option<Next> {
        match first {
            b'{' => return self.descend(1, Next::FirstName),
            b'[' => return self.descend(0, Next::FirstItem),
            b'"' => self.string()?,
            b't' => self.literal(b"rue")?,
            b'f' => self.literal(b"alse")?,
            b'n' => self.literal(b"ull")?,
            b'-' => {
                let digit = self.text.get(self.at).copied()?;
                self.at += 1;
                self.number(digit)?;
            }
            _ => self.number(first)?,
        }
        Some(Next::Separator)
    }

    fn descend(&mut self, object: u128, next: Next) -> Option<Next> {
        self.depth += 1;
        self.objects = self.objects << 1 | object;
        (self.depth <= ANSWER_DEPTH_MAX).then_some(next)
    }

    fn ascend(&mut self) -> Option<Next> {
        self.depth = self.depth.checked_sub(1)?;
        self.objects >>= 1;
        Some(Next::Separator)
    }

    fn name(&mut self) -> Option<Next> {
        self.string()?;
        (self.token()? == b':').then_some(Next::Value)
    }

    /// The rest of a string, its opening quote behind.
    fn string(&mut self) -> Option<()> {
        loop {
            let rest = self.text.get(self.at..)?;
            let step = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
            self.at += step + 1;
            match rest.get(step)? {
                b'"' => return Some(()),
                b'\\' => {
                    let escape = *self.text.get(self.at)?;
                    self.at += 1;
                    match escape {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                        b'u' => {
                            let digits = self.text.get(self.at..self.at + 4)?;
                            digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                            self.at += 4;
                        }
                        _ => return None,
                    }
                }
                _ => return None,
            }
        }
    }

    fn literal(&mut self, rest: &[u8]) -> Option<()> {
        let found = self.text.get(self.at..self.at + rest.len())?;
        self.at += rest.len();
        (found == rest).then_some(())
    }

    /// The rest of a number whose first digit is behind.
    fn number(&mut self, first: u8) -> Option<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if matches!(self.text.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.text.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Some(())
    }

    fn digits(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Option<()> {
        let begun = self.at;
        self.digits();
        (self.at > begun).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    /// The same question to a parser that builds values.
    fn parses(text: &str) -> bool {
        serde_json::from_str::<&RawValue>(text).is_ok()
    }

    #[test]
    fn the_grammar_is_kept_to_the_letter() {
        for fine in [
            "[]",
            "{}",
            " [1, -0, 0.5e-3, 1E+2, true, false, null, \"\"] ",
            "\"\\u00e9\\/\\n\"",
            "7",
            "{\"a\":{\"b\":[[],{}]},\"a\":1}",
        ] {
            assert!(is_well_formed(fine) && parses(fine), "{fine}");
        }
        for bad in [
            "",
            " ",
            "[",
            "]",
            "[1,]",
            "[,1]",
            "{,}",
            "{\"a\":1,}",
            "{\"a\"}",
            "{\"a\" 1}",
            "{a:1}",
            "{1:1}",
            "[1}",
            "{\"a\":1]",
            "01",
            "-",
            "1.",
            ".5",
            "1e",
            "+1",
            "tru",
            "nul",
            "\"",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"\n\"",
            "[] []",
            "{} x",
            "[\"a\"\"b\"]",
            "'a'",
            "\u{feff}[]",
        ] {
            assert!(!is_well_formed(bad) && !parses(bad), "{bad}");
        }
    }

    #[test]
    fn the_bound_on_depth_is_exact() {
        let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        let bound = usize::try_from(ANSWER_DEPTH_MAX).unwrap();
        assert!(is_well_formed(&deep(bound)) && !is_well_formed(&deep(bound + 1)));
        assert!(is_well_formed(&format!("[{0},{0}]", deep(bound - 1))));
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_parser_about_texts_near_json(text in "[\\[\\]{}:,\"\\\\ \nu0-2aeE.+tnl-]{0,14}") {
            prop_assert_eq!(is_well_formed(&text), parses(&text), "{}", text);
        }

        #[test]
        fn it_agrees_with_a_parser_about_what_was_cut_or_changed(cut in 0_usize..60, byte in "\\PC") {
            let text = r#"[{"id":"00u\u0031","n":-1.5e3,"b":[true,null,{}],"s":"a\"b"}]"#;
            let (front, back) = text.split_at(cut.min(text.len()));
            for changed in [front.to_owned(), format!("{front}{byte}{back}")] {
                prop_assert_eq!(is_well_formed(&changed), parses(&changed), "{}", changed);
            }
        }
    }
}
