//! Patterns of `like`: text with `*` for any characters.

use cedar_policy::pst::PatternElem;

/// A pattern, divided at its wildcards: it matches texts that begin with the first piece, end with the last, and hold the
/// others between them in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob {
    first: String,
    /// Pieces after the first; empty when there is no wildcard.
    rest: Vec<String>,
}

impl Glob {
    pub(crate) fn new(pattern: &[PatternElem]) -> Self {
        let mut pieces = pattern.split(|element| matches!(element, PatternElem::Wildcard));
        let text = |piece: &[PatternElem]| {
            let letters = piece.iter().filter_map(|element| match element {
                PatternElem::Char(letter) => Some(*letter),
                PatternElem::Wildcard => None,
            });
            letters.collect()
        };
        Self {
            first: pieces.next().map(text).unwrap_or_default(),
            rest: pieces.map(text).collect(),
        }
    }

    /// Whether all of `text` matches. Takes the leftmost place for each piece, so that no text makes it try twice.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let Some((last, between)) = self.rest.split_last() else {
            return text == self.first;
        };
        let Some(mut left) = text.strip_prefix(self.first.as_str()) else {
            return false;
        };
        for piece in between {
            match left
                .find(piece.as_str())
                .and_then(|at| left.get(at + piece.len()..))
            {
                Some(after) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str) -> Glob {
        let elements = pattern.chars().map(|letter| match letter {
            '*' => PatternElem::Wildcard,
            other => PatternElem::Char(other),
        });
        Glob::new(&elements.collect::<Vec<_>>())
    }

    #[test]
    fn a_wildcard_stands_for_any_characters_or_none() {
        for (pattern, text) in [
            ("*", ""),
            ("*", "ä"),
            ("a*", "a"),
            ("*a", "ba"),
            ("a*b*c", "aXbXbc"),
            ("a**b", "ab"),
            ("", ""),
        ] {
            assert!(glob(pattern).matches(text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("a", ""),
            ("a*a", "a"),
            ("*ab*ab", "ab"),
            ("a*b", "abc"),
            ("ab", "abab"),
        ] {
            assert!(!glob(pattern).matches(text), "{pattern} {text}");
        }
    }
}
