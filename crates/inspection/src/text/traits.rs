//! Which signs a text has, in one look-up per byte. Knows no language.

/// The signs of a text, one bit per group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traits(u8);

/// Signs that only end or separate words: no dialect starts anything with them alone.
const PLAIN: u8 = 0;
/// Signs of some language: quotes, brackets, operators, slashes, escapes.
const SIGN: u8 = 1;
/// Outside ASCII: may be a look-alike of a sign.
const FOREIGN: u8 = 2;
/// A control character.
const CONTROL: u8 = 4;

const TABLE: [u8; 256] = {
    let mut table = [FOREIGN; 256];
    let mut byte = 0;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[byte] = match byte as u8 {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => PLAIN,
                b' ' | b'.' | b',' | b'-' | b'_' | b'@' | b'!' | b'?' => PLAIN,
                0..=31 | 127 => CONTROL,
                _ => SIGN,
            };
        }
        byte += 1;
    }
    table
};

impl Traits {
    /// The signs of `text`.
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |seen, byte| {
            seen | TABLE.get(usize::from(byte)).copied().unwrap_or(SIGN)
        }))
    }

    /// Whether nothing but letters, digits and marks between words occurs.
    pub(super) const fn is_plain(self) -> bool {
        self.0 == PLAIN
    }
}

/// Which ASCII signs occur, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Signs(u128);

impl Signs {
    /// The signs of `text`.
    pub(super) fn of(text: &str) -> Self {
        Self(
            text.bytes()
                .filter(u8::is_ascii)
                .fold(0, |seen, byte| seen | 1 << byte),
        )
    }

    /// Whether one of these is among `others`.
    pub(super) const fn meet(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_digits_and_marks_are_plain() {
        assert!(Traits::of("Ann-Marie Smith, jr. (no)".split(" (").next().unwrap()).is_plain());
        for text in ["D'or", "a<b", "x%41", "Müller", "a\tb", "/etc"] {
            assert!(!Traits::of(text).is_plain(), "{text}");
        }
    }
}
