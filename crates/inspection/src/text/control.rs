//! Characters that no slot takes: controls, overrides of the writing direction, invisible tags. Knows no language.

use super::fault;
use crate::Fault;

/// Text of any number of lines: tab and line breaks are fine.
pub(super) fn judge_text(value: &str) -> Option<Fault> {
    value.chars().find_map(|read| match read {
        '\t' | '\n' | '\r' => None,
        other => odd(other),
    })
}

/// Text of one line.
pub(super) fn judge_line(value: &str) -> Option<Fault> {
    value.chars().find_map(odd)
}

/// A secret: any character is meant so, but NUL ends strings elsewhere.
pub(super) fn judge_secret(value: &str) -> Option<Fault> {
    value
        .contains('\0')
        .then(|| fault("control", "has a NUL character"))
}

/// What is wrong with one character.
fn odd(read: char) -> Option<Fault> {
    match read {
        ' '..='~' => None,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Some(fault("control", "has a control character")),
        // Unicode Standard Annex 9: embeddings, overrides and isolates make text read other than it is.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(fault(
            "direction",
            "has a character that overrides the writing direction",
        )),
        // Tags, interlinear annotation, noncharacters: never seen, but read by programs.
        '\u{e0000}'..='\u{e001f}' | '\u{fff9}'..='\u{fffb}' | '\u{fdd0}'..='\u{fdef}' => {
            Some(fault("invisible", "has an invisible character"))
        }
        other if u32::from(other) & 0xfffe == 0xfffe => Some(fault(
            "invisible",
            "has a character that Unicode does not assign",
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_controls_and_tags_are_found() {
        for (text, kind) in [
            ("a\u{202e}b", "direction"),
            ("a\0b", "control"),
            ("a\u{e0001}b", "invisible"),
            ("a\u{ffff}", "invisible"),
        ] {
            assert_eq!(judge_text(text).unwrap().kind, kind, "{text:?}");
        }
    }

    #[test]
    fn scripts_written_from_right_to_left_and_emoji_pass() {
        for text in [
            "שלום \u{200f}עולם",
            "می\u{200c}خواهم",
            "👩\u{200d}💻 team",
            "two\nlines",
        ] {
            assert_eq!(judge_text(text), None, "{text:?}");
        }
        assert!(judge_line("two\nlines").is_some());
    }
}
