//! `*` for any run of characters, everything else for itself: how the data files name many members at once.

use std::collections::HashMap;

/// Whether `text` fits `pattern`. Cost: linear in `text` per star; patterns are compiled away before any call is judged.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    true
}

/// Many patterns, each with what it stands for, found fast: all but a few end in a name that is one table look-up.
#[derive(Debug)]
pub(crate) struct Patterns<T> {
    /// By what stands after the last dot, where there is no star in it.
    by_end: HashMap<String, Vec<(String, T)>>,
    others: Vec<(String, T)>,
}

impl<T> Default for Patterns<T> {
    fn default() -> Self {
        Self {
            by_end: HashMap::new(),
            others: Vec::new(),
        }
    }
}

impl<T: Copy> Patterns<T> {
    /// Adds a pattern.
    pub(crate) fn add(&mut self, pattern: &str, what: T) {
        let end = end_of(pattern);
        let all = match end.contains('*') {
            true => &mut self.others,
            false => self.by_end.entry(end.to_owned()).or_default(),
        };
        all.push((pattern.to_owned(), what));
    }

    /// What the patterns stand for that `text` fits, in no particular order.
    pub(crate) fn fitting<'t>(&'t self, text: &'t str) -> impl Iterator<Item = T> + 't {
        let near = self.by_end.get(end_of(text)).into_iter().flatten();
        near.chain(&self.others)
            .filter(move |(pattern, _)| fits(pattern, text))
            .map(|(_, what)| *what)
    }
}

fn end_of(text: &str) -> &str {
    text.rsplit('.').next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Patterns, fits};

    #[test]
    fn a_star_stands_for_anything_and_nothing_else_does() {
        for (pattern, text) in [
            ("id", "id"),
            ("*Url", "logoUrl"),
            ("*Url", "Url"),
            ("*Hook*Config*.uri", "EventHookChannelConfig.uri"),
            ("User.*", "User.a.b"),
            ("*", ""),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("id", "ids"),
            ("*Url", "logoUrls"),
            ("*a*a", "a"),
            ("User.*", "Users.a"),
            ("", "a"),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn what_fits_is_found_among_many() {
        let mut patterns = Patterns::default();
        for (pattern, number) in [
            ("*Role*.type", 1),
            ("*.scopes", 2),
            ("Hook.*", 3),
            ("id", 4),
            ("*Id", 5),
        ] {
            patterns.add(pattern, number);
        }
        let found = |text| patterns.fitting(text).collect::<Vec<i32>>();
        assert_eq!(found("StandardRole.type"), [1]);
        assert_eq!(found("Hook.scopes"), [2, 3]);
        assert_eq!(found("userId"), [5]);
        assert!(found("User.type").is_empty());
    }
}
