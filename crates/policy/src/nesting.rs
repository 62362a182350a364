//! How deeply a text nests, found before any recursive reader sees it.

use crate::limits::NESTING_MAX;

/// The deepest nesting of brackets outside strings and comments.
///
/// # Errors
/// The byte at which the nesting exceeds [`NESTING_MAX`].
pub(crate) fn nesting_of(text: &str) -> Result<usize, usize> {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
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
            b'/' if bytes.peek().is_some_and(|(_, next)| *next == b'/') => {
                bytes.by_ref().find(|(_, byte)| *byte == b'\n');
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
                if depth > NESTING_MAX {
                    return Err(at);
                }
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(deepest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        assert_eq!(
            nesting_of(
                r#"( "((\"((" // ((((
            [ { } ] )"#
            ),
            Ok(3)
        );
    }

    #[test]
    fn the_place_where_it_becomes_too_deep_is_told() {
        let text = "(".repeat(NESTING_MAX + 5);
        assert_eq!(nesting_of(&text), Err(NESTING_MAX));
    }
}
