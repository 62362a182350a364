//! Text that people read in lists and on terminals: names and reasons. One line, bounded, and nothing in it that shows as something else.

/// The text without spaces around it, if it has something to read, at most `chars_max` characters, and no character that moves the
/// cursor, turns the direction of writing or cannot be seen: a reason must not look like another one to whoever approves it.
pub fn one_line(text: &str, chars_max: usize) -> Option<&str> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= chars_max;
    (fits && !text.chars().any(deceives)).then_some(text)
}

fn deceives(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Soft hyphen, zero-width and direction marks, line and paragraph separators, embeddings, isolates, byte order mark, tags.
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_is_read_is_what_was_written() {
        assert_eq!(
            one_line("  Łucja left, 退職 ", 20),
            Some("Łucja left, 退職")
        );
        assert_eq!(one_line("ab", 2), Some("ab"));
        let deceiving = [
            "",
            "  ",
            "abc",
            "a\nb",
            "a\u{1b}[2K",
            "a\u{202e}b",
            "a\u{200b}",
            "a\u{2028}b",
            "\u{feff}a",
        ];
        for text in deceiving {
            assert_eq!(one_line(text, 2), None, "{text:?}");
            assert_eq!(one_line(text, 6).is_some(), text == "abc", "{text:?}");
        }
    }
}
