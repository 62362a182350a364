//! `*` for any run of characters, everything else for itself: how the data files name many members at once.

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

#[cfg(test)]
mod tests {
    use super::fits;

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
}
