//! How deep the tree of a text can become, found by one flat walk before any recursive reader sees it: brackets nest on paper,
//! chains of operators and of members nest in the tree.

use crate::limits::{LINKS_MAX, NESTING_MAX};

/// Why a text is too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooDeep {
    /// Brackets, from this byte on.
    Nested(usize),
    /// Links of chains in one statement, from this byte on.
    Chained(usize),
}

/// Finds out whether brackets or chains of a statement exceed [`NESTING_MAX`] and [`LINKS_MAX`], outside strings and comments.
///
/// # Errors
/// The first place where they do.
pub(crate) fn check_depth(text: &str) -> Result<(), TooDeep> {
    let (mut depth, mut links) = (0_usize, 0_usize);
    let mut before = b' ';
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let next = bytes.peek().map_or(b' ', |(_, next)| *next);
        match byte {
            b'"' => skip_string(&mut bytes),
            b'/' if next == b'/' => {
                bytes.by_ref().find(|(_, byte)| *byte == b'\n');
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => links = 0,
            b'&' | b'|' if next == byte => links += 1,
            b'+' | b'-' | b'*' | b'.' | b'!' => links += 1,
            b'i' if next == b'f' && !before.is_ascii_alphanumeric() => links += 1,
            _ => {}
        }
        if depth > NESTING_MAX {
            return Err(TooDeep::Nested(at));
        }
        if links > LINKS_MAX {
            return Err(TooDeep::Chained(at));
        }
        before = byte;
    }
    Ok(())
}

fn skip_string(bytes: &mut impl Iterator<Item = (usize, u8)>) {
    while let Some((_, byte)) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'"' => break,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_and_links_in_strings_and_comments_do_not_count() {
        let many = "(&&.".repeat(LINKS_MAX + NESTING_MAX);
        assert_eq!(
            check_depth(&format!("\"\\\"{many}\" // {many}\n( [ {{ }} ] )")),
            Ok(())
        );
    }

    #[test]
    fn the_place_where_it_becomes_too_deep_is_told() {
        assert_eq!(
            check_depth(&"(".repeat(NESTING_MAX + 5)),
            Err(TooDeep::Nested(NESTING_MAX))
        );
        let chain = |links| "a && ".repeat(links);
        assert_eq!(check_depth(&chain(LINKS_MAX)), Ok(()));
        assert_eq!(
            check_depth(&chain(LINKS_MAX + 1)),
            Err(TooDeep::Chained(5 * LINKS_MAX + 2))
        );
        assert_eq!(
            check_depth(&format!("{};{}", chain(LINKS_MAX), chain(LINKS_MAX))),
            Ok(())
        );
        assert!(check_depth(&"if a then b else ".repeat(LINKS_MAX + 1)).is_err());
    }
}
